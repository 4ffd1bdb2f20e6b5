"""An export of many rows takes no more memory than one of few, and one query for each chunk."""

import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.api.exports import files
from accords.models import Clause
from tests import factories
from tests.api.exports.files import Meanwhile, address, get_file
from tests.clients import Client

ROWS = 4000
CHUNK = 100  # rows that are read at a time, here
PATH = "/api/v1/clauses"


def multiply(clause: Clause, first: int, last: int) -> None:
    """Put copies of a clause with these numbers into the database, by one statement."""
    columns = [field.column for field in Clause._meta.concrete_fields if not field.generated and field.column != "id"]
    taken = ["CAST(n.i AS varchar(20))" if name == "number" else f'c."{name}"' for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT %s UNION ALL SELECT i + 1 FROM n WHERE i < %s) "  # noqa: S608 - names of ours
            f"INSERT INTO accords_clause ({', '.join(columns)}) "
            f"SELECT {', '.join(taken)} FROM n, accords_clause c WHERE c.id = %s",
            [first, last, clause.pk],
        )


@pytest.fixture(scope="module")
def many(module_transaction: None) -> None:
    """Create many clauses for the tests of this module."""
    clause = factories.deal().clause
    clause.number, clause.text, clause.language = "original", "Der Zoll sinkt. " * 20, "de"
    clause.save()
    multiply(clause, 1, ROWS // 2)
    clause.language = "fr"
    clause.save()
    multiply(clause, ROWS // 2 + 1, ROWS)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read few rows at a time, so that a few thousand are many."""
    monkeypatch.setattr(files, "CHUNK", CHUNK)


def peak(path: str, form: str) -> tuple[int, int]:
    """Return the size of a file, and the most memory that making and sending it takes."""
    client = Client()
    path = address(path, form)
    client.get(f"{path}&id__in=1").getvalue()  # plans are made
    tracemalloc.start()
    try:
        answer: Any = client.get(path, headers={"accept-encoding": ""})
        size = sum(map(len, answer))
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_memory_does_not_grow_with_the_rows(many: None, db: None, form: str) -> None:
    half, whole = peak(f"{PATH}?language=de", form), peak(f"{PATH}?omit=unit", form)
    assert whole[0] > 1.9 * half[0]
    assert whole[1] < 1.1 * half[1] < whole[0], (half, whole)


def test_what_is_asked_of_the_database_grows_by_chunks_alone(many: None, db: None, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        body = get_file(client, f"{PATH}?fields=number,parties", "ndjson").body
    rows = body.count(b"\n")
    assert rows == ROWS + 1
    questions = [each["sql"] for each in queries if not each["sql"].startswith("PRAGMA")]  # settings are none
    assert len(questions) <= 2 * (rows // CHUNK + 1) + 6  # with those that settle the feed of changes


def memory_settings() -> list[int]:
    """Return the memory of SQLite's connection: bytes that are mapped, and KiB of its cache (below 0)."""
    if connection.vendor != "sqlite":
        return [0, 0]
    with connection.cursor() as cursor:
        return [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("mmap_size", "cache_size")]


def test_little_of_the_file_is_held_meanwhile(many: None, db: None, client: Client) -> None:
    """Else all of it would count as the process's memory."""
    usual, meanwhile = memory_settings(), []
    assert (usual[0] > 0, usual[1] < -2000) == (connection.vendor == "sqlite",) * 2
    with connection.execute_wrapper(Meanwhile(lambda: meanwhile.extend(memory_settings()), 3)):
        get_file(client, f"{PATH}?fields=number", "ndjson")
    assert meanwhile[0] == 0
    assert meanwhile[1] >= -2000
    assert memory_settings() == usual


def test_as_much_as_before_is_held_after_a_failure(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = memory_settings()
    monkeypatch.setattr(files, "write_lines", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Client().get(f"{PATH}.csv")
    assert memory_settings() == usual
