"""The limit of anonymous reads, and the announcement of deprecated addresses."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from rest_framework.response import Response
from rest_framework.views import APIView

from accords.api import rate_limit
from accords.api.deprecation import deprecated
from accords.api.schema import AutoSchema
from tests.api.world import World
from tests.clients import Client

PATH = "/api/v1/clauses"


@pytest.fixture
def limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow three reads a minute, and stop the clock ten seconds after a minute began."""
    settings.ANONYMOUS_READS_PER_MINUTE = 3
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_000 * 60 + 10.5)
    cache.clear()


def test_reads_beyond_the_limit_are_refused_and_each_response_says_what_is_left(
    limited: None, world: World, client: Client
) -> None:
    remaining = []
    for _ in range(5):
        response = client.get(PATH)
        remaining.append((response.status_code, response.headers["RateLimit"], response.headers["RateLimit-Policy"]))
    policy = '"anonymous";q=3;w=60'
    assert remaining[:3] == [(200, f'"anonymous";r={left};t=50', policy) for left in (2, 1, 0)]
    assert remaining[3:] == [(429, '"anonymous";r=0;t=50', policy)] * 2
    assert response.headers["Retry-After"] == "50"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"].endswith("throttled")


def test_another_address_another_minute_tokens_and_pages_are_not_limited(
    limited: None, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [client.get(PATH).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get(PATH, REMOTE_ADDR="192.0.2.7").status_code == 200
    with_token = client.get(PATH, headers={"authorization": "Bearer unknown"})
    assert (with_token.status_code, "RateLimit" in with_token.headers) == (401, False)
    assert client.get("/api/schema").status_code == 200
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_001 * 60)
    assert client.get(PATH).status_code == 200


def test_a_deprecated_address_says_since_when_and_until_when() -> None:
    @deprecated(since=date(2027, 1, 1), sunset=date(2027, 7, 1), link="https://accords.example/guide/versions")
    class View(APIView):
        schema = AutoSchema()
        authentication_classes = permission_classes = ()

        def get(self, request: Any) -> Response:
            return Response({})

    headers = View.as_view()(RequestFactory().get("/")).headers
    assert (headers["Deprecation"], headers["Sunset"]) == ("@1798761600", "Thu, 01 Jul 2027 00:00:00 GMT")
    assert headers["Link"] == '<https://accords.example/guide/versions>; rel="deprecation"; type="text/html"'
    assert AutoSchema.is_deprecated(type("Schema", (), {"view": View()})())
    assert not AutoSchema.is_deprecated(type("Schema", (), {"view": APIView()})())
