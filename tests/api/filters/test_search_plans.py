"""A search is read from its index in the order of the response: no scan, and no sort of all matches."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accords.db.search_index import search_entry_field
from accords.models import Clause
from tests.api.test_plans import plans
from tests.clients import Client
from tests.factories.bulk import create_many, insert

pytestmark = pytest.mark.django_db

AGREEMENTS = 100
CLAUSES = {"sqlite": 800, "postgresql": 8_000}[connection.vendor]  # SQLite plans alike for any number of rows
RARE, COMMON = 240, 2  # one clause in so many has the word
QUERIES = ("q=zorglub", "q=accords", "q=accord+zorglub", "q=%22un+accord%22", "q=accord&ordering=-id")
# PostgreSQL may sort a page's worth of rows that an index has found.
BAD = {"sqlite": r"SCAN accords_(clause|agreement)\b|TEMP B-TREE", "postgresql": r"Seq Scan on accords_clause\b"}
MANY_SORTED = re.compile(r"Sort  \(.* rows=\d{4,} ")
INDEX = {"sqlite": r"accords_clause_words VIRTUAL TABLE INDEX", "postgresql": r"accords_clause_words"}


def clauses() -> Iterator[dict[str, Any]]:
    """Create many short clauses with their search index."""
    field: Any = search_entry_field(Clause)
    for number in range(1, CLAUSES + 1):
        text = "un accord" if number % COMMON == 0 else "une chose"
        text += " zorglub" if number % RARE == 0 else ""
        fields = {"title": f"Clause {number}", "number": str(number), "text": text, "language": "fr"}
        plain = {"position": number, "type": "other", "standing": "text", "modality": "declaration", "hs_codes": "[]"}
        fixed = {"id": number, "agreement_id": number % AGREEMENTS + 1}
        yield fixed | plain | fields | {field.attname: field.derive(Clause(**fields))}


@pytest.fixture
def many() -> None:
    """Create clauses and their search index, and update PostgreSQL's statistics."""
    create_many(AGREEMENTS)
    insert(Clause, clauses())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accords_agreement, accords_clause, accords_renewal")


@pytest.mark.usefixtures("many")
def test_pages_of_a_search_follow_its_index_and_those_of_the_best_matches_too(client: Client) -> None:
    for query in QUERIES:
        path: str | None = f"/api/v1/clauses?page_size=20&{query}"
        for page in ("first", "second", "third"):
            found, answer = plans(client, str(path))
            searched = [one for one in found if "accords_clause_words" in one]
            assert len(searched) == 1, (query, page, found)
            assert re.search(INDEX[connection.vendor], searched[0]), (query, page, searched)
            assert not re.search(BAD[connection.vendor], searched[0]), (query, page, searched)
            assert not MANY_SORTED.search(searched[0]), (query, page, searched)
            path = answer["next"]
            if path is None:
                break
    found, answer = plans(client, "/api/v1/clauses?q=accord&ordering=relevance&page_size=20")
    assert len(answer["results"]) == 20
    tiers = [one for one in found if "accords_clause_words" in one]
    assert 1 <= len(tiers) <= 4
    assert not re.search(BAD[connection.vendor], "\n".join(tiers)), tiers
    assert not MANY_SORTED.search("\n".join(tiers)), tiers
