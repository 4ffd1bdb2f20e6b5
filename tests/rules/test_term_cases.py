"""The table of cases through the pure rules."""

from datetime import date
from typing import Any

import pytest

from accords.rules.status import (
    TIME_FIELDS,
    Lifecycle,
    in_force,
    missing_fields,
    temporal_status,
    time_premises,
    weakest,
)
from accords.rules.succession import find_succession, takes_part
from accords.rules.terms import Terms, steps
from tests.rules.term_cases import CASES, PARTIES, Case

by_name = pytest.mark.parametrize("case", CASES, ids=str)


def lifecycle(fields: dict[str, Any], **known: Any) -> Lifecycle:
    own = {name: value for name, value in fields.items() if name not in ("status", "status_since")}
    known = {name: fields[name] for name in ("status", "status_since") if name in fields} | known
    return Lifecycle(Terms(**own), **known)


def first_of(case: Case) -> Lifecycle:
    """Return the lifecycle of the agreement of a case, successors included."""
    succession = find_succession(lifecycle(fields) for fields in case.successors)
    own = Terms(**case.terms)
    bases = [
        "editorial" if name in case.editorial else "stated"
        for name in time_premises(own, case.status, case.status_since)
    ]
    return Lifecycle(
        own, case.status, case.status_since, case.concluded, succession.last_day, weakest([*bases, succession.rests_on])
    )


def test_the_table_is_large_and_every_row_names_its_words_once() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(case.words and (case.steps or case.states) for case in CASES if not case.complete)


@by_name
def test_the_dates_that_follow(case: Case) -> None:
    found = [f"{step.kind} {step.due}" for step in steps(Terms(**case.terms), count=20)]
    assert tuple(found if case.complete else found[: len(case.steps)]) == case.steps


@by_name
def test_the_state_on_a_day(case: Case) -> None:
    agreement = first_of(case)
    found = {}
    for text in case.states:
        on = date.fromisoformat(text)
        possible, certain = in_force(agreement, on), in_force(agreement, on, "certain")
        found[text] = f"{temporal_status(agreement, on)} {'certain' if certain else 'possible' if possible else 'no'}"
    assert found == case.states


@by_name
def test_what_is_missing(case: Case) -> None:
    if case.missing is None:
        return
    stated = dict.fromkeys(TIME_FIELDS, "") | case.terms | {"status_since": case.status_since}
    assert tuple(missing_fields(first_of(case), stated)) == case.missing


@pytest.mark.parametrize(("name", "since", "until", "on", "expected"), PARTIES)
def test_a_party_takes_part_between_its_dates(name: str, since: str, until: str, on: str, expected: str) -> None:
    day = date.fromisoformat(on)
    possible, certain = takes_part(since, until, day), takes_part(since, until, day, "certain")
    assert ("certain" if certain else "possible" if possible else "no") == expected
