"""What bounds the cost of a page: how far rows are counted, and how many long rows it has."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.api import calendar
from accords.api.exports import files
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture
def sources() -> list[str]:
    """Return the slugs of published sources, four or more."""
    agreement = factories.agreement("rare-metals")
    for number in range(4):
        source = factories.source(f"text-{number}", text=f"A text about gallium, number {number}.")
        factories.citation(agreement, "gallium", source)
    rows = Client().get(f"{BASE}/sources?page_size=200").json()["results"]
    return [row["slug"] for row in rows]


def test_counting_stops_at_the_limit_and_says_so(sources: list[str], settings: Any) -> None:
    shown = {}
    for limit in (0, len(sources), len(sources) - 1):
        settings.COUNT_LIMIT = limit
        with CaptureQueriesContext(connection) as queries:
            page = Client().get(f"{BASE}/sources?count=exact").json()
        (counting,) = (query["sql"] for query in queries.captured_queries if "COUNT(*)" in query["sql"])
        assert counting.endswith(f" LIMIT {limit + 1}) counted") == bool(limit)
        shown[limit] = page["count"], page["count_is_exact"]
    total = len(sources)
    assert shown == {0: (total, True), total: (total, True), total - 1: (total - 1, False)}
    assert "count_is_exact" not in Client().get(f"{BASE}/sources").json()


@pytest.mark.parametrize(
    ("query", "rows"), [("expand=text", 2), ("expand=text,citations", 1), ("q=gallium&highlight=true", 1), ("", 200)]
)
def test_a_page_of_long_rows_has_fewer_and_leads_to_the_rest(
    query: str, rows: int, sources: list[str], settings: Any
) -> None:
    settings.PAGE_WEIGHT = 20
    found = pages(f"{BASE}/sources?{query}&page_size=200")
    assert [row["slug"] for page in found for row in page] == sources
    assert {len(page) for page in found[:-1]} <= {rows}
    assert len(found) == -(-len(sources) // rows)
    settings.PAGE_WEIGHT = 0
    assert len(pages(f"{BASE}/sources?{query}&page_size=200")) == 1


def pages(address: str | None) -> list[list[dict[str, Any]]]:
    """Return the rows of a page and of those that follow it."""
    found = []
    while address:
        page = Client().get(address.removeprefix("http://testserver")).json()
        found.append(page["results"])
        address = page["next"]
    return found


def test_a_long_calendar_is_made_among_few(deal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{BASE}/renewals.ics?past=P100Y&future=P100Y"
    monkeypatch.setattr(files, "_free", None)
    assert Client().get(address).status_code == 200
    monkeypatch.setattr(calendar, "LONG", 0)
    refused = Client().get(address)
    assert (refused.status_code, refused.headers["Retry-After"] > "0") == (503, True)
