"""Webhooks as a resource: each account sees its own; strict bodies; the secret is shown once."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Verifier

from accords.api import feed, webhook_worker
from accords.db.changes import write_pending_entries
from accords.models import IdempotencyKey, Webhook, WebhookDelivery
from tests import factories
from tests.api import callers
from tests.api.addresses import walk
from tests.api.test_webhooks import Receiver, deliver, retitle
from tests.clients import Client
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db
LIST = "/api/v1/webhooks"
JSON = "application/json"
SENT = {"endpoint": "https://hooks.example/a", "resources": ["clauses"], "agreement": "rare-metals"}


@pytest.fixture(scope="module")
def settled_deal(module_deal: FixtureRows) -> FixtureRows:
    """Enter the deal in the feed of changes, once for this module."""
    write_pending_entries()
    return module_deal


@pytest.fixture(autouse=True)
def rows(settled_deal: FixtureRows, db: None) -> FixtureRows:
    return settled_deal


def owner(name: str = "owner") -> Client:
    return callers.in_session(callers.user(name, "webhooks"))


def post(client: Client, path: str = LIST, body: Any = SENT, **headers: str) -> Any:
    return client.post(path, body, content_type=JSON, headers=headers)


def change(client: Client, method: str, path: str, body: Any = None, tag: str = "") -> Any:
    text = b"" if body is None else json.dumps(body)
    return client.generic(method, path, text, JSON, headers={"If-Match": tag or client.get(path)["ETag"]})


def test_a_webhook_is_made_read_changed_and_deleted() -> None:
    client = owner()
    made = post(client)
    path = f"{LIST}/{made.json()['id']}"
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{path}")
    shown = client.get(path)
    assert shown.json() == made.json() | {"secret": None}
    assert shown["ETag"] == made["ETag"].partition("-")[0] + "-" + shown["ETag"].partition("-")[2]
    assert shown.json()["owner"] == "owner"
    assert shown.json()["position"] == feed.current_cursor(False).position > 0
    assert shown["Cache-Control"] == "no-cache, private"
    assert change(client, "PUT", path, shown.json()).json() | {"next_attempt_at": ""} == shown.json() | {
        "next_attempt_at": ""
    }
    assert change(client, "PATCH", path, {"is_active": False}).json()["is_active"] is False
    assert change(client, "PUT", path, {"endpoint": "https://hooks.example/b"}).json()["resources"] == []
    assert change(client, "DELETE", path).status_code == 204
    assert client.get(path).status_code == 404


def test_the_secret_is_shown_once_and_no_stored_response_has_it() -> None:
    client = owner()
    made = post(client, **{"Idempotency-Key": "one"})
    again = post(client, **{"Idempotency-Key": "one"})
    secret = Webhook.objects.get().secret
    assert made.json()["secret"] == secret
    assert (again.status_code, again.json()) == (201, made.json() | {"secret": None})
    assert secret.encode() not in bytes(IdempotencyKey.objects.get().body)
    for path in (LIST, made["Location"]):
        assert secret not in client.get(path).content.decode()


def test_messages_are_signed_with_the_old_secret_too_for_a_day(settings: Any) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    client, receiver = owner(), Receiver()
    made = post(client, body={"endpoint": receiver.url}).json()
    rotated = post(client, f"{LIST}/{made['id']}/rotate-secret", {}).json()
    assert made["secret"] != rotated["secret"] == Webhook.objects.get().secret
    for secrets in ([made["secret"], rotated["secret"]], [rotated["secret"]]):
        assert post(client, f"{LIST}/{made['id']}/test", {}).json()["status"] == 204
        headers, body, _ = receiver.got[-1]
        assert headers["webhook-signature"].count("v1,") == len(secrets)
        for secret in secrets:
            assert Verifier(secret).verify(body, headers)
        Webhook.objects.update(old_secret_until=timezone.now())
    receiver.server.shutdown()
    receiver.server.server_close()


def test_messages_are_delivered_again_from_a_position(rows: FixtureRows, settings: Any) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    client, receiver = owner(), Receiver()
    path = f"{LIST}/{post(client, body={'endpoint': receiver.url}).json()['id']}"
    before = client.get(path).json()["position"]
    retitle(rows.clause)
    deliver()
    replayed = post(client, f"{path}/replay", {"after": before})
    assert (replayed.status_code, replayed.json()["position"]) == (200, before)
    deliver()
    messages = [headers["webhook-id"] for headers, _, _ in receiver.got]
    assert len(messages) == 2
    assert len({*messages}) == 1
    log = list(walk(client, f"{path}/deliveries?page_size=1"))
    assert [(one["message"], one["status"]) for one in log] == [(messages[0], 204)] * 2
    assert client.get(f"{path}/deliveries?delivered=false&count=exact").json()["count"] == 0
    refused = post(client, f"{path}/replay", {"after": before + 1000})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "not_kept")
    receiver.server.shutdown()
    receiver.server.server_close()


REFUSED: list[tuple[Any, str, str]] = [
    ({}, "/endpoint", "required"),
    ({"endpoint": "http://hooks.example/"}, "/endpoint", "not_https"),
    ({"endpoint": "https://user:pw@hooks.example/"}, "/endpoint", "credentials"),
    ({"endpoint": "https://user@hooks.example/"}, "/endpoint", "credentials"),
    ({"endpoint": "https://hooks.example:65536/"}, "/endpoint", "invalid"),
    ({"endpoint": "https://hooks.example:0/"}, "/endpoint", "invalid"),
    ({"endpoint": "hooks"}, "/endpoint", "invalid"),
    ({"endpoint": "https://[hooks.example/"}, "/endpoint", "invalid"),
    ({"endpoint": 7}, "/endpoint", "wrong_type"),
    (SENT | {"resources": ["hopes"]}, "/resources", "invalid_list"),
    (SENT | {"resources": "clauses"}, "/resources", "wrong_type"),
    (SENT | {"agreement": "secret"}, "/agreement", "does_not_exist"),
    *((SENT | {"is_active": text}, "/is_active", "wrong_type") for text in ("yes", "", " ")),
    (SENT | {"url": "https://hooks.example/"}, "/url", "read_only"),
    (SENT | {"owner": "root"}, "/owner", "read_only"),
    (SENT | {"position": 0}, "/position", "read_only"),
    (SENT | {"hope": 1}, "/hope", "unknown_field"),
]


def test_what_cannot_be_a_webhook_is_refused() -> None:
    factories.agreement("secret", is_published=False)
    client = owner()
    for body, pointer, code in REFUSED:
        response = post(client, body=body)
        assert response.status_code == 400, body
        assert (pointer, code) in {(error["pointer"], error["code"]) for error in response.json()["errors"]}, body
        assert not Webhook.objects.exists(), body


def test_requests_are_read_strictly() -> None:
    client = owner()
    path = f"{LIST}/{post(client).json()['id']}"
    for wrong in (f"{LIST}?hope=1", f"{path}?expand=agreement", f"{path}/deliveries?status=x", f"{LIST}?cursor=x"):
        assert client.get(wrong).status_code == 400, wrong
    for right in (
        f"{LIST}?endpoint=https://hooks.example/a&is_active=true",
        f"{LIST}?agreement=rare-metals&fields=endpoint",
    ):
        assert len(client.get(right).json()["results"]) == 1, right
    assert client.patch(path, {}, content_type=JSON).status_code == 428
    assert change(client, "PATCH", path, {}, tag='"v1r1"').status_code == 412
    for below in ("test", "rotate-secret", "replay"):
        assert post(client, f"{path}/{below}", {"hope": 1}).status_code == 400, below
        assert client.get(f"{path}/{below}").status_code == 405


def test_a_delivery_does_not_change_the_version_and_a_change_does(rows: FixtureRows) -> None:
    client = owner()
    path = f"{LIST}/{post(client).json()['id']}"
    tag = client.get(path)["ETag"]
    Webhook.objects.update(position=1, attempts=2)
    assert client.get(path)["ETag"] != tag
    assert change(client, "PATCH", path, {"resources": []}, tag).status_code == 200
    assert change(client, "PATCH", path, {"resources": ["events"]}, tag).status_code == 412


def test_a_slug_that_the_owner_can_no_longer_see_is_not_shown(rows: FixtureRows) -> None:
    client = owner()
    path = post(client)["Location"]
    type(rows.agreement).objects.filter(pk=rows.agreement.pk).update(is_published=False, slug="hidden")
    assert client.get(path).json()["agreement"] is None
    assert change(client, "PUT", path, client.get(path).json()).status_code == 200
    assert change(client, "PATCH", path, {"agreement": None}).status_code == 200
    assert Webhook.objects.get().agreement_id == rows.agreement.pk, "it does not begin to receive other changes"
    assert "hidden" not in change(client, "PATCH", path, {"is_active": False}).content.decode()


MAY: dict[str, tuple[int, int, int]] = {  # to list, to make, to reach one of another account
    "anonymous": (401, 401, 401),
    "stranger": (403, 403, 403),
    "editor": (403, 403, 403),
    "publisher": (403, 403, 403),
    "service": (403, 403, 403),
    "write_token": (403, 403, 403),
    "expired_token": (401, 401, 401),
    "blind_writer": (403, 201, 404),
    "owner": (200, 201, 404),
    "read_token_of_owner": (200, 403, 403),
    "root": (200, 201, 200),
}
MAKERS: dict[str, Callable[[], Client]] = {
    "owner": lambda: owner("other"),
    "read_token_of_owner": lambda: callers.by_token(callers.user("other", "webhooks")),
    "root": lambda: callers.in_session(User.objects.create_superuser("root")),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_what_its_group_says(role: str, settings: Any) -> None:
    path = post(owner())["Location"]
    client, (listed, created, reached) = MAKERS.get(role, lambda: callers.caller(role))(), MAY[role]
    seen = client.get(LIST)
    assert seen.status_code == listed
    if listed == 200:
        assert len(seen.json()["results"]) == (role == "root")
    for below in ("", "/deliveries"):
        assert client.get(f"{path}{below}").status_code == (listed if role == "root" or listed != 200 else 404)
    assert post(client).status_code == created
    for below in ("rotate-secret", "replay"):
        assert post(client, f"{path}/{below}", {"after": 1} if below == "replay" else {}).status_code in (reached, 409)
    assert client.delete(path, headers={"If-Match": "*"}).status_code == (204 if reached == 200 else reached)


def test_a_webhook_that_fails_for_days_is_turned_off_and_its_owner_is_notified(mailoutbox: Any) -> None:
    user = callers.user("owner", "webhooks")
    user.email = "owner@accords.example"
    user.save()
    client = callers.in_session(user)
    path = post(client)["Location"]
    webhook = Webhook.objects.get()
    now = timezone.now()
    WebhookDelivery.objects.create(webhook=webhook, message="m", kind="k", at=now, error="It hung up.")
    for passed in (0 * webhook_worker.GIVE_UP, webhook_worker.GIVE_UP):
        assert mailoutbox == []
        webhook.refresh_from_db()
        webhook_worker.postpone(webhook, now + passed)
    [mail] = mailoutbox
    assert mail.to == ["owner@accords.example"]
    assert "https://hooks.example/a" in mail.subject
    assert "It hung up." in mail.body
    shown = client.get(path).json()
    assert (shown["is_active"], shown["failing_since"] is None) == (False, False)
    admin = callers.in_session(User.objects.create_superuser("root"))
    assert "turned off after three days" in admin.get("/admin/").content.decode()
    other = {"endpoint": "https://hooks.example/other"}
    assert change(client, "PATCH", path, other).json()["failing_since"] == shown["failing_since"]
    assert change(client, "PATCH", path, {"is_active": True}).json()["failing_since"] is None
    assert "turned off after three days" not in admin.get("/admin/").content.decode()
