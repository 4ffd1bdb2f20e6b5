"""What the benchmark asks is found by index on both databases: no table that grows is read from one end, or sorted."""

import re

import pytest
from django.db import connection

from tests.bench import data
from tests.bench.load import load
from tests.bench.plans import EXPLAIN, statements, steps
from tests.clients import Client

pytestmark = pytest.mark.django_db

CLAUSES = {"sqlite": 1000, "postgresql": 6000}[connection.vendor]  # SQLite's plans do not depend on it
CLAUSE_PAGES = {
    "in the order of ids": "page_size=50",
    "filtered and ordered": f"type={data.TYPES[0]}&modality={data.MODALITIES[0]}&ordering=-updated_at&page_size=50",
    "expanded": "expand=agreement,parties&page_size=50",
    "found by words": "q=gallium&page_size=50",
}
ROWS = ["clauses/1", f"agreements/{data.slug(1)}", "sources/source-1", "citations/40"]
ASKED = [*(f"clauses?{query}" for query in CLAUSE_PAGES.values()), *ROWS]
if connection.vendor == "sqlite":  # PostgreSQL joins so few citations by hashing them all
    ASKED += ["sources", "citations"]
# SQLite walks a table, or an index in its order, by ids and stops when the page is full, and says SCAN of FTS5's own index. Both
# sort what is nested in the rows of one answer.
BAD = {
    "sqlite": r"SCAN (?!accords_(?:clause(?: USING INDEX clause_in_force)?|source|citation)$|accords_clause_words VIRTUAL TABLE INDEX)|TEMP B-TREE FOR (?!.*ORDER BY)",
    "postgresql": r"Seq Scan on accords_(clause|clauseparty|citation|renewal)\b|Sort \(([3-9]\d\d|\d,\d+) rows",
}
PARTIES = {"sqlite": "COVERING INDEX clauseparty_of_clause", "postgresql": r"Index.* Scan (using|on) clauseparty_o"}


def test_no_table_that_grows_is_read_or_sorted() -> None:
    load(CLAUSES)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(  # not of tables that are empty: what is found out is not rolled back
                "ANALYZE accords_agreement, accords_citation, accords_clause, accords_clauseparty, accords_party,"
                " accords_renewal, accords_source"
            )
    found = {path: steps([f"/api/v1/{path}"]) for path in ASKED}
    assert [(path, step) for path in ASKED for step in found[path] if re.search(BAD[connection.vendor], step)] == []
    for name, query in CLAUSE_PAGES.items():
        if "expand" not in query:
            assert re.search(PARTIES[connection.vendor], plan_of_parties(query)), name


def plan_of_parties(query: str) -> str:
    """Return how the database finds the parties of a page's clauses."""
    with statements() as executed:
        assert len(Client().get(f"/api/v1/clauses?{query}").json()["results"]) > 5
    (statement,) = (one for one in executed if 'FROM "accords_clauseparty"' in one[0])
    with connection.cursor() as cursor:
        cursor.execute(f"{EXPLAIN[connection.vendor]} {statement[0]}", statement[1])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
