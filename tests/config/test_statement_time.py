"""SQLite interrupts statements of requests after a time limit; test_postgresql.py tests that of PostgreSQL."""

import sqlite3
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from accords.db.isolation import low_memory
from accords.db.statement_time import statement_time

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 0.1  # seconds
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "
LAST = NUMBERS + "SELECT max(n) FROM numbers"  # noqa: S608 - our own
INSERT = f"INSERT INTO written {NUMBERS} SELECT n FROM numbers"  # noqa: S608 - our own
LONG, SHORT, LIMITED = 10**9, 10**6, 20_000  # numbers; the last take less than the limit, and some looks at the time


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_time, "limit", LIMIT)


def last(numbers: int) -> int:
    """Return the last of so many numbers, which the database counts one by one."""
    with connection.cursor() as cursor:
        cursor.execute(LAST, [numbers])
        row: tuple[int] = cursor.fetchone()
    return row[0]


def last_by_connection(numbers: int) -> int:
    """Return the same as `last`, executed on the connection itself, as the fast read path does."""
    connection.ensure_connection()
    return int(connection.connection.execute(LAST.replace("%s", "?"), [numbers]).fetchone()[0])


@pytest.mark.parametrize("count", [last, last_by_connection])
def test_a_statement_that_takes_too_long_is_ended_and_the_next_one_is_not(
    count: Callable[[int], int], limit: None
) -> None:
    with pytest.raises((OperationalError, sqlite3.OperationalError), match="interrupted"):
        count(LONG)
    assert count(LIMITED) == LIMITED


def test_what_writes_many_rows_has_its_own_time(limit: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE written (n integer)")
        with pytest.raises(OperationalError, match="interrupted"):
            last(LONG)
        cursor.executemany(INSERT, [(10_000,)] * 3)
        cursor.execute("SELECT count(*) FROM written")
        assert cursor.fetchone() == (30_000,)


def test_an_export_reads_as_long_as_it_takes(limit: None) -> None:
    with low_memory():
        assert last(SHORT) == SHORT
    with pytest.raises(OperationalError, match="interrupted"):
        last(LONG)


def test_commands_have_no_limit() -> None:
    assert (statement_time.limit, last(SHORT)) == (0, SHORT)
