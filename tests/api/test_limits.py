"""Limits on the cost of a page: how far rows are counted, and how many long rows a page has."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.vocabulary import ClauseType
from tests import factories
from tests.bench.plans import notable_steps, statements
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
            page = Client().get(f"{BASE}/sources?count=exact&page_size=1").json()
        (counting,) = (query["sql"] for query in queries.captured_queries if "COUNT(*)" in query["sql"])
        assert counting.endswith(f" LIMIT {limit + 1}) counted") == bool(limit)
        shown[limit] = page["count"], page["count_is_exact"]
    total = len(sources)
    assert shown == {0: (total, True), total: (total, True), total - 1: (total - 1, False)}
    assert "count_is_exact" not in Client().get(f"{BASE}/sources").json()


def test_rows_are_not_counted_again_where_a_page_has_all(sources: list[str]) -> None:
    for query, counted in (("", 0), ("&page_size=1", 1)):
        with CaptureQueriesContext(connection) as queries:
            page = Client().get(f"{BASE}/sources?count=exact{query}").json()
        assert sum("COUNT(*)" in query["sql"] for query in queries.captured_queries) == counted
        assert (page["count"], page["count_is_exact"]) == (len(sources), True)
    following = Client().get(page["next"]).json()
    assert following["count"] == len(sources)


def test_most_words_of_a_vocabulary_are_filtered_by_the_others() -> None:
    words, agreement = [word.value for word in ClauseType], factories.agreement("rare-metals")
    for number, word in enumerate(words[:4]):
        factories.clause(agreement, str(number), type=word)
    few, most = words[:2], [word for word in words if word != words[2]]
    rows = Client().get(f"{BASE}/clauses?page_size=200").json()["results"]
    for chosen in (few, most, words):
        with statements() as executed:
            found = Client().get(f"{BASE}/clauses?page_size=200&type={','.join(chosen)}").json()["results"]
        assert [row["id"] for row in found] == [row["id"] for row in rows if row["type"] in chosen]
        plans = [step for sql, params in executed for step in notable_steps(sql, params) if "ORDER BY" in step[0]]
        assert plans == [] or chosen == few or connection.vendor == "postgresql"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL sorts so few rows.")
def test_an_index_gives_the_rows_of_an_order() -> None:
    orders = ["clauses?ordering=-position", "renewals?ordering=kind", "renewals?ordering=-sequence", "renewals"]
    for query in [*orders, "renewals?overdue=false", "renewals?rests_on=stated"]:
        with statements() as executed:
            assert Client().get(f"{BASE}/{query}").status_code == 200
        steps = [step for sql, params in executed for step, _ in notable_steps(sql, params)]
        assert [step for step in steps if "ORDER BY" in step] == [], query


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


def test_a_calendar_has_the_nearest_events_and_says_so(settings: Any) -> None:
    for sequence, year in enumerate((2020, 2024, 2025, 2027, 2028, 2030), 1):
        factories.renewal(factories.agreement(f"deal-{year}"), sequence=sequence, due=f"{year}-05-01")
    address = f"{BASE}/renewals.ics?on=2026-01-01&past=P9Y&future=P9Y"
    shown = {}
    for limit in (0, 6, 5, 4, 2):
        settings.CALENDAR_EVENTS = limit
        with CaptureQueriesContext(connection) as queries:
            found = Client().get(address).content.decode().replace("\r\n ", "")
        reading = [query["sql"] for query in queries.captured_queries if 'FROM "accords_renewal"' in query["sql"]]
        assert all("LIMIT" in sql for sql in reading) == bool(limit)
        shown[limit] = re.findall(r"DTSTART;VALUE=DATE:(\d{4})", found)
        lacking = re.search(r"\nDESCRIPTION:.* dates of more.* end from (.{10}) to (.{10})", found)
        assert (lacking and lacking.groups()) == {
            5: ("2024-05-01", "2030-05-01"),
            4: ("2025-05-01", "2030-05-01"),
            2: ("2027-05-01", "2028-05-01"),
        }.get(limit)
    every = ["2020", "2024", "2025", "2027", "2028", "2030"]
    assert shown == {0: every, 6: every, 5: every[1:], 4: every[2:], 2: every[3:5]}
