"""What each group may do with an agreement through the API, and what a session needs besides."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accords.models import Agreement, Token
from tests import factories
from tests.api.addresses import BASE
from tests.api.callers import caller, user
from tests.clients import Client

pytestmark = pytest.mark.django_db
MADE = {"slug": "new", "title": "New", "instrument": "contract"}
MAY = {  # role: make a draft, change its title, publish, change the title of what is published, withdraw, delete
    "anonymous": (401, 401, 401, 401, 401, 401),
    "stranger": (403, 403, 403, 403, 403, 403),
    "read_token": (403, 403, 403, 403, 403, 403),
    "editor": (201, 200, 403, 403, 403, 403),
    "service": (201, 200, 403, 403, 403, 403),
    "write_token": (201, 200, 403, 403, 403, 403),
    "publisher": (201, 200, 200, 200, 200, 204),
    "expired_token": (401, 401, 401, 401, 401, 401),
}


@pytest.fixture
def agreement(db: None) -> Callable[[bool], Agreement]:
    """Return a function that creates an agreement with all citations, published or not."""
    press = factories.source()

    def create(published: bool) -> Agreement:
        return factories.cite_claims(factories.agreement(f"it-is-{published}".lower(), is_published=published), press)

    return create


def write_current(client: Client, method: str, row: Agreement, body: Any = None) -> Any:
    """Change the current version of an agreement, whichever it is."""
    path, headers = f"{BASE}/agreements/{row.slug}", {"If-Match": "*"}
    if body is None:
        return client.generic(method, path, headers=headers)
    return client.generic(method, path, json.dumps(body), "application/json", headers=headers)


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_its_group_says(role: str, agreement: Callable[[bool], Agreement]) -> None:
    client, (make, change, publish, correct, withdraw, delete) = caller(role), MAY[role]
    assert client.post(f"{BASE}/agreements", MADE, "application/json").status_code == make
    quotes = [{"source": "press", "exact": "un accord d'un an"}]
    public = MADE | {"slug": "out", "is_published": True, "citations": quotes}
    assert client.post(f"{BASE}/agreements", public, "application/json").status_code == (publish, make)[publish == 200]
    draft, shown = agreement(False), agreement(True)
    for row, body, wanted in (
        (draft, {"title": "Other"}, change),
        (shown, {"title": "Other"}, correct),
        (draft, {"is_published": True}, publish),
        (shown, {"is_published": False}, withdraw),
    ):
        before = Agreement.objects.values("title", "is_published").get(pk=row.pk)
        assert write_current(client, "PATCH", row, body).status_code == wanted, body
        after = Agreement.objects.values("title", "is_published").get(pk=row.pk)
        assert after == (before | body if wanted == 200 else before)
    assert write_current(client, "DELETE", shown).status_code == delete


def test_to_say_again_what_is_so_is_not_to_publish(agreement: Callable[[bool], Agreement]) -> None:
    assert (
        write_current(caller("publisher"), "PATCH", agreement(True), {"is_published": True, "title": "x"}).status_code
        == 200
    )


def test_a_session_writes_only_with_its_csrf_token_and_a_token_needs_none() -> None:
    who = user("someone", "editor")
    client = Client(enforce_csrf_checks=True)
    client.force_login(who)
    refused = client.post(f"{BASE}/agreements", MADE, "application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in refused.json()["detail"]
    client.get("/admin/login/")
    client.cookies["csrftoken"] = "x" * 32
    response = client.post(f"{BASE}/agreements", MADE, "application/json", headers={"X-CSRFToken": "x" * 32})
    assert response.status_code == 201
    _, secret = Token.objects.issue(who, "someone", scope="write")
    service = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})
    assert service.post(f"{BASE}/agreements", MADE | {"slug": "two"}, "application/json").status_code == 201
