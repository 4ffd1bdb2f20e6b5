"""Filters on uncertain dates: what is possible, what is certain, what is unknown, for every date of every resource."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.db.fields import Edtf
from accords.models import Agreement, Clause, Event, Renewal, Source
from accords.rules import edtf
from tests import factories
from tests.api.addresses import BASE, walk
from tests.clients import Client
from tests.examples import examples
from tests.factories import without_validation

DAY = "2025-06-30"
BEFORE, AFTER, CERTAIN_BEFORE, CERTAIN_AFTER, UNKNOWN = "before", "after", "certain_before", "certain_after", "unknown"
QUESTIONS = {name: f"_{name}={DAY}" for name in (BEFORE, AFTER, CERTAIN_BEFORE, CERTAIN_AFTER)} | {
    UNKNOWN: "_unknown=true"
}
# Which questions about 30 June 2025 each date answers with yes.
ANSWERS: dict[str, set[str]] = {
    "": {UNKNOWN},
    "XXXX-04": {UNKNOWN},
    "XXXX-06-30": {UNKNOWN},
    DAY: {BEFORE, AFTER, CERTAIN_BEFORE, CERTAIN_AFTER},
    "2025-06-29": {BEFORE, CERTAIN_BEFORE},
    "2025-07-01": {AFTER, CERTAIN_AFTER},
    "2025-06": {BEFORE, AFTER, CERTAIN_BEFORE},
    "2025-07": {AFTER, CERTAIN_AFTER},
    "2025": {BEFORE, AFTER},
    "2024": {BEFORE, CERTAIN_BEFORE},
    "202X": {BEFORE, AFTER},
    "2025-06-30~": {BEFORE, AFTER},
    "2024/2026": {BEFORE, AFTER},
    "2026-01/2026-03": {AFTER, CERTAIN_AFTER},
    "../2024": {BEFORE, CERTAIN_BEFORE},
    "../2026": {BEFORE, AFTER},
    "2024/..": {BEFORE, AFTER},
    "2026/..": {AFTER, CERTAIN_AFTER},
    "/2024": {BEFORE, CERTAIN_BEFORE},
    "0001-01-01": {BEFORE, CERTAIN_BEFORE},
    "9999-12-31": {AFTER, CERTAIN_AFTER},
}


def of_agreement(make: Callable[..., Model]) -> Callable[..., Model]:
    """Return a function that creates a related row of one agreement."""

    def create(number: int, **fields: Any) -> Model:
        return make(Agreement.objects.filter(slug="rare-metals").first() or factories.agreement(), number, **fields)

    return create


def source(number: int, **fields: Any) -> Source:
    """Create a source that a published agreement cites."""
    create = factories.source(f"source-{number}", **fields)
    factories.citation(Agreement.objects.filter(slug="rare-metals").first() or factories.agreement(), "soja", create)
    return create


def agreement(number: int, **fields: Any) -> Agreement:
    """Create an agreement without other dates."""
    return factories.agreement(f"agreement-{number}", **{"effective": "", "term": "", "renewal_intervals": []} | fields)


DATES: list[tuple[str, str, Callable[..., Model]]] = [
    *(("agreements", name, agreement) for name in ("announced", "signed", "effective", "ends", "status_since")),
    *(
        ("clauses", name, of_agreement(lambda of, number, **date: factories.clause(of, str(number), **date)))
        for name in ("effective", "ends")
    ),
    ("renewals", "due", of_agreement(lambda of, number, **date: factories.renewal(of, number, **date))),
    ("events", "date", of_agreement(lambda of, number, **date: factories.event(of, str(number), **date))),
    ("sources", "published", source),
]


@pytest.mark.parametrize(("noun", "field", "make"), DATES, ids=[f"{noun}-{field}" for noun, field, _ in DATES])
def test_every_date_answers_the_five_questions(noun: str, field: str, make: Any, db: None, client: Client) -> None:
    with without_validation():  # tests/models/test_citations.py and others show what is refused
        by_id = {make(number, **{field: text}).pk: text for number, text in enumerate(ANSWERS, 1)}

    def found(query: str) -> set[str]:
        return {by_id[row["id"]] for row in walk(client, f"{BASE}/{noun}?{field}{query}") if row["id"] in by_id}

    for question, query in QUESTIONS.items():
        assert found(query) == {text for text, yes in ANSWERS.items() if question in yes}, question
    assert found("_unknown=false") == {text for text, yes in ANSWERS.items() if UNKNOWN not in yes}
    both = f"_after={DAY}&{field}_before={DAY}"
    assert found(both) == {text for text, yes in ANSWERS.items() if {BEFORE, AFTER} <= yes}


def test_every_date_that_is_served_is_in_the_table() -> None:
    served = {"agreements": Agreement, "clauses": Clause, "renewals": Renewal, "events": Event, "sources": Source}
    dates = {
        (noun, field.name) for noun, model in served.items() for field in model._meta.fields if isinstance(field, Edtf)
    }
    assert dates == {(noun, field) for noun, field, _ in DATES}


def possible_texts() -> st.SearchStrategy[str]:
    """Return a strategy of EDTF texts of every form."""
    days = st.dates(date(1990, 1, 1), date(2030, 12, 31)).map(str)
    one = st.one_of(
        days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]), days.map(lambda day: f"{day[:3]}X")
    )
    one = st.builds(str.__add__, one, st.sampled_from(["", "", "?", "~", "%"]))
    sides = st.tuples(one | st.just(".."), one | st.just("..")).map("/".join)
    return st.one_of(one, sides, st.just(""), st.just("XXXX-04")).filter(readable)


def readable(text: str) -> bool:
    """Return whether a text is EDTF; the sides of an interval can be in the wrong order."""
    try:
        edtf.bounds(text)
    except edtf.EdtfError:
        return False
    return True


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=possible_texts(), day=st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_what_is_certain_is_possible_and_nothing_is_lost(
    text: str, day: date, db: None, django_assert_num_queries: Any
) -> None:
    Event.objects.all().delete()
    of = Agreement.objects.filter(slug="rare-metals").first() or factories.agreement()
    with without_validation():
        factories.event(of, "E1", date=text)

    def asked(question: str, *args: Any) -> bool:
        return getattr(Event.objects, question)("date", *args).exists()

    assert asked("possibly_by", day) or not asked("certainly_by", day)
    assert asked("possibly_from", day) or not asked("certainly_from", day)
    unknown = asked("date_unknown", True)
    assert unknown != asked("date_unknown", False)
    assert unknown != (asked("possibly_by", day) or asked("possibly_from", day))
    first, last = edtf.bounds(text)
    if not unknown:
        low, high = first or date.min, last or date.max
        assert asked("possibly_by", day) == (low <= day)
        assert asked("possibly_from", day) == (high >= day)
        assert asked("certainly_by", day) == (last is not None and high <= day)
        assert asked("certainly_from", day) == (first is not None and low >= day)
