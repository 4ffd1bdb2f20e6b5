"""What falls due is found by index on both databases: no table is read whole, and no list is sorted for a page of it.

SQLite's plans do not depend on the number of rows, PostgreSQL's do: `AGREEMENTS=100000 pytest tests/api/test_plans.py`
asserts them for more.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accords.db.compiled_query import native_sql
from accords.db.date_bands import BAND_DAYS, DateBand
from accords.models import Clause, Renewal
from tests.clients import Client
from tests.factories.bulk import create_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("many")]

AGREEMENTS = int(os.environ.get("AGREEMENTS") or {"sqlite": 1000, "postgresql": 20_000}[connection.vendor])
ON = "on=2026-11-23"
# Lists in the order of due dates, and the parameters of pages into which they lead.
LISTS = {
    "within 90 days": f"due_within=P90D&{ON}",
    "within a day": f"due_within=P1D&{ON}",
    "within 90 days, the last first": f"due_within=P90D&{ON}&ordering=-due",
    "from today": "due_after=2026-11-23",
    "until the beginning": "due_before=2011-03-01",
    "between two days": "due_after=2026-11-23&due_before=2026-12-23",
    "all": "ordering=due",
    "all, the last first": "ordering=-due",
    "without a date": "due_unknown=true",
    "overdue": f"overdue=true&{ON}",
}
# PostgreSQL may sort a page's worth of rows that an index has found.
BAD = {"sqlite": r"SCAN (?!json_each|band\d)|TEMP B-TREE", "postgresql": r"Seq Scan|Hash|Sort  \(.* rows=\d{4,} "}
BY_BAND = {
    "sqlite": r"INDEX renewal_due_by_band \(<expr>=\? AND due_earliest",
    "postgresql": r"using renewal_due_by_band",
}


@pytest.fixture(scope="module")
def many(module_transaction: None) -> None:
    """Create the agreements and their renewals."""
    create_many(AGREEMENTS)


@contextmanager
def recorded_statements() -> Iterator[list[tuple[str, Any]]]:
    """Record every statement that is executed, with its parameters."""
    found: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield found


def plan(sql: str, params: Any) -> str:
    """Return how the database executes a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def plan_for_all_values(sql: str, params: Any) -> str:
    """Return how PostgreSQL executes a prepared statement, which it plans without looking at the values."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone() == ("force_generic_plan",)
        cursor.execute(f"PREPARE planned AS {native_sql(sql)[1].decode()}")
        values = f"({', '.join(['%s'] * len(params))})" if params else ""
        cursor.execute(f"EXPLAIN EXECUTE planned {values}", params)
        rows = cursor.fetchall()
        cursor.execute("DEALLOCATE planned")
    return "\n".join(str(row[-1]) for row in rows)


def plans(client: Client, path: str) -> tuple[list[str], dict[str, Any]]:
    """Return the plans of all queries of a request, and the body of its response."""
    with recorded_statements() as statements:
        response = client.get(path)
    assert response.status_code == 200, response.content
    return [plan(*statement) for statement in statements], response.json()


def test_what_falls_due_is_found_by_index_in_order_on_every_page(client: Client) -> None:
    for name, query in LISTS.items():
        path: str | None = f"/api/v1/renewals?{query}"
        for page in ("first", "second", "first again"):
            found, answer = plans(client, str(path))
            assert len(found) <= 8, (name, page)
            assert not re.search(BAD[connection.vendor], "\n".join(found)), (name, page, found)
            if "due_within" in query or "overdue" in query:
                assert len(re.findall(BY_BAND[connection.vendor], "\n".join(found))) == len(BAND_DAYS), name
            if (
                "due_within" in query and connection.vendor == "sqlite"
            ):  # whether PostgreSQL reads rows is not in a plan
                assert "\n".join(found).count("USING COVERING INDEX renewal_due_by_band") == len(BAND_DAYS), name
            path = answer["previous"] if page == "second" else answer["next"]
            if path is None:
                break


def test_on_the_way_to_what_falls_due_hardly_any_uncertain_date_is_passed_over() -> None:
    """Else a page costs the more the more agreements there are: an index follows the first day, and not the last."""
    dates = Renewal.objects.alias(band=DateBand("due_earliest", "due_latest"))
    for day in (date(2026, 3, 1), date(2026, 6, 15), date(2026, 11, 23), date(2027, 1, 31)):
        gone = dates.filter(due_latest__lt=day, due_earliest__gte=day - timedelta(366))
        passed = sum(
            gone.filter(band=spread, due_earliest__gte=day - timedelta(days)).count()
            for spread, days in BAND_DAYS.items()
            if days is not None
        )
        assert passed * 8 < gone.exclude(due_latest=F("due_earliest")).count(), day


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans every statement without its values")
@pytest.mark.parametrize("path", ["renewals?due_within=P90D", "renewals", "renewals?ordering=-due"])
def test_what_is_prepared_is_found_by_index_whatever_the_values(client: Client, path: str) -> None:
    second = client.get(f"/api/v1/{path}").json()["next"]
    for address in (f"/api/v1/{path}", second):
        with recorded_statements() as statements:
            client.get(address)
        found = "\n".join(plan_for_all_values(*statement) for statement in statements)
        assert not re.search(BAD["postgresql"], found), (address, found)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads the table as quickly")
@pytest.mark.parametrize("certainty", ["possible", "certain"])
def test_whether_a_clause_is_in_force_is_read_in_an_index_alone(certainty: str) -> None:
    """Whoever asks for a day on which no clause is in force has all of them read: texts would take most of the time."""
    plan = Clause.objects.in_force_on(date(1900, 1, 1), certainty).order_by("pk").explain()
    assert re.search("SCAN accords_clause USING INDEX clause_in_force", plan), plan
