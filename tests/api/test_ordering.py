"""Pages of uncertain dates: the same rows in the same order as in one piece, forwards and backwards, on any question."""

from datetime import date
from typing import Any

import pytest

from accords.rules import edtf
from tests import factories
from tests.api.addresses import BASE
from tests.clients import Client

pytestmark = pytest.mark.django_db

DUES = (
    *("2026-11-23", "2026-11-23", "2026-11-22", "2026-12-01", "2027-02-21", "2027-02-22", "2026", "2026", "2026-11"),
    *("2025~", "202X", "20XX", "2020/2030", "../2026-12", "../2027", "2027-01-01/..", "2001/..", "XXXX-11", "", "2031"),
)
QUESTIONS = {
    "": lambda first, last: True,
    "due_within=P90D&on=2026-11-23": lambda first, last: first <= date(2027, 2, 21) and last >= date(2026, 11, 23),
    "due_after=2026-11-23": lambda first, last: last >= date(2026, 11, 23),
    "due_before=2026-11-22": lambda first, last: first <= date(2026, 11, 22),
    "due_after=2026-12-01&due_before=2026-12-31": lambda first, last: (
        first <= date(2026, 12, 31) and last >= date(2026, 12, 1)
    ),
}


@pytest.fixture(scope="module")
def dated(module_transaction: None) -> dict[int, str]:
    """Create a renewal for each form of date, once for this module; return the dates by id."""
    agreement = factories.agreement()
    rows = [factories.renewal(agreement, n, due=due, basis="stated", offset="") for n, due in enumerate(DUES, start=1)]
    return {row.pk: row.due for row in rows}


def expected(dated: dict[int, str], question: str, descending: bool) -> list[int]:
    """Return the expected ids in order, derived from the dates."""
    answers = {}
    for pk, due in dated.items():
        first, last = edtf.bounds(due)
        bounded = bool(first or last)
        if not question or (bounded and QUESTIONS[question](first or date.min, last or date.max)):
            answers[pk] = first
    stated = sorted(((first, pk) for pk, first in answers.items() if first), reverse=descending)
    return [pk for _, pk in stated] + sorted((pk for pk, first in answers.items() if not first), reverse=descending)


def walk(client: Client, path: str, link: str) -> tuple[list[int], str]:
    """Return all ids, page by page, and the path of the last page."""
    found: list[int] = []
    while True:
        page: Any = client.get(path).json()
        ids = [row["id"] for row in page["results"]]
        found = [*found, *ids] if link == "next" else [*ids, *found]
        if page[link] is None:
            return found, path
        path = page[link]


@pytest.mark.parametrize("ordering", ["due", "-due", "due,-id", "-due,agreement"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_pages_forwards_and_backwards_are_the_whole_in_order(
    question: str, ordering: str, dated: dict[int, str], client: Client
) -> None:
    whole = client.get(f"{BASE}/renewals?{question}&ordering={ordering}&count=exact").json()
    ids = [row["id"] for row in whole["results"]]
    descending = ordering.startswith("-")
    if ordering in ("due", "-due"):
        assert ids == expected(dated, question, descending)
    assert whole["count"] == len(ids) == len(set(ids)) == len(expected(dated, question, descending))
    size = 1 if ordering == "due" else 3
    forwards, last = walk(client, f"{BASE}/renewals?{question}&ordering={ordering}&page_size={size}", "next")
    assert forwards == ids
    backwards, _ = walk(client, last.replace(f"page_size={size}", "page_size=5"), "previous")
    assert backwards == ids


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    dated: dict[int, str], client: Client, django_assert_num_queries: Any
) -> None:
    path = f"{BASE}/renewals?due_within=P10Y&on=2026-11-23&expand=agreement,citations"
    for size in (5, 10):
        with django_assert_num_queries(4):  # the keys of all bands, the rows, their agreements and citations
            assert len(client.get(f"{path}&page_size={size}").json()["results"]) == size
