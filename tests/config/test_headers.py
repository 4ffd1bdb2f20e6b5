"""Security headers: what a page may load and do, which sites may embed it, and which may call the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from accords.models import Token
from config.settings import MIDDLEWARE
from tests.api.addresses import BASE
from tests.clients import Client

PAGES = ("/", "/api/docs/", "/admin/login/", "/admin/")
DATA = (f"{BASE}/", f"{BASE}/agreements", f"{BASE}/nothing", "/api/schema/", f"{BASE}/renewals.ics")
CORS = "corsheaders.middleware.CorsMiddleware"
SITE = "https://app.example"


def directives(answer: Any) -> dict[str, list[str]]:
    """Return the directives of the Content-Security-Policy."""
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_or_loads_what_is_not_ours(path: str, admin_client: Client) -> None:
    client = Client() if path == "/admin/login/" else admin_client
    answer = client.get(path)
    assert answer["Content-Type"].startswith("text/html")
    policy = directives(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["script-src"] == policy["connect-src"] == policy["form-action"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    for inline in ("<style", " style=", "<script>", " onclick=", "javascript:"):
        assert inline not in answer.content.decode(), inline


@pytest.mark.django_db
@pytest.mark.parametrize("path", DATA)
def test_what_is_no_page_may_do_nothing_in_a_browser(path: str, client: Client) -> None:
    answer = client.get(path)
    assert directives(answer) == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


# Other sites


@pytest.fixture
def allowed(settings: Any) -> None:
    """Allow one other site to call the API."""
    settings.CORS_ALLOWED_ORIGINS = [SITE]
    settings.MIDDLEWARE = [*MIDDLEWARE[:2], CORS, *MIDDLEWARE[2:]]


def preflight(path: str, origin: str, method: str = "PATCH") -> Any:
    """Send a CORS preflight request."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return Client().options(path, headers=asked | {"Access-Control-Request-Headers": "authorization,if-match"})


@pytest.mark.django_db
def test_no_other_site_may_call_by_default() -> None:
    assert CORS not in MIDDLEWARE
    for answer in (preflight(f"{BASE}/agreements", SITE), Client().get(f"{BASE}/agreements", headers={"Origin": SITE})):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.django_db
@pytest.mark.usefixtures("allowed")
def test_a_site_that_is_named_may_call_without_cookies() -> None:
    response = preflight(f"{BASE}/agreements", SITE)
    assert response["Access-Control-Allow-Origin"] == SITE
    assert "PATCH" in response["Access-Control-Allow-Methods"]
    assert {"authorization", "if-match", "idempotency-key"} <= set(response["Access-Control-Allow-Headers"].split(", "))
    first = Client().get(f"{BASE}/agreements", headers={"Origin": SITE})
    second = Client().get(f"{BASE}/agreements", headers={"Origin": SITE, "If-None-Match": first["ETag"]})
    assert (first.status_code, second.status_code) == (200, 304)
    for answer in (first, second, Client().get(f"{BASE}/agreements?x=1", headers={"Origin": SITE})):
        assert answer["Access-Control-Allow-Origin"] == SITE
        assert "ETag" in answer["Access-Control-Expose-Headers"]
        assert "origin" in answer["Vary"].lower(), "a shared cache keeps one answer for each site"
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.django_db
@pytest.mark.usefixtures("allowed")
def test_any_other_site_and_any_page_stay_closed() -> None:
    for origin in ("https://evil.example", "http://app.example", "https://app.example.evil.example", "null"):
        answer = Client().get(f"{BASE}/agreements", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer
        assert "origin" in answer["Vary"].lower()
    assert "Access-Control-Allow-Origin" not in Client().get("/admin/login/", headers={"Origin": SITE})


# Caches


@pytest.mark.django_db
def test_only_what_everyone_gets_may_be_shared() -> None:
    reader = User.objects.create_user("reader")
    _, secret = Token.objects.issue(reader, "reader")
    session = Client()
    session.force_login(reader)
    by_token = Client(headers={"Authorization": f"Bearer {secret}"})
    for path in (f"{BASE}/agreements", f"{BASE}/agreements/nothing", f"{BASE}/renewals.ics"):
        kinds = [client.get(path)["Cache-Control"] for client in (Client(), session, by_token)]
        assert ["public" in kind for kind in kinds] == [True, False, False], path
        assert ["private" in kind for kind in kinds] == [False, True, True], path
        for client in (Client(), session, by_token):
            assert {"Authorization", "Cookie"} <= {name.strip() for name in client.get(path)["Vary"].split(",")}
