"""The status on a day beyond the table of cases: overdue acts, open questions, and premises."""

from dataclasses import replace
from datetime import date

import pytest

from accords.rules.status import (
    AFTER_PERIOD,
    NEVER,
    Lifecycle,
    Span,
    awaits_act,
    effect_begins,
    in_force,
    may_be_over,
    overdue,
    questions,
    temporal_status,
    time_premises,
    weakest,
)
from accords.rules.terms import BOUNDARIES, Terms

DEAL = Terms(effective="2025-10-30", term="P1Y", term_ends="same_day", renewal_mode="negotiated")
ON = date(2026, 11, 23)


def day(text: str) -> Span:
    return Span(date.fromisoformat(text), date.fromisoformat(text))


def agreement(status: str = "in_force", status_since: str = "", **terms: object) -> Lifecycle:
    return Lifecycle(replace(DEAL, **terms), status, status_since)


def test_every_renewal_mode_has_a_state_after_its_period() -> None:
    assert AFTER_PERIOD.keys() == BOUNDARIES.keys()


def test_another_certainty_is_refused() -> None:
    with pytest.raises(ValueError, match="possible or certain"):
        in_force(agreement(), ON, "probable")


@pytest.mark.parametrize(
    ("terms", "status", "on", "possible", "certain"),
    [
        ({"renewal_mode": "evergreen", "effective": ""}, "in_force", "2026-01-01", True, False),
        ({"renewal_mode": "automatic", "effective": "", "ends": "2020"}, "in_force", "2026-01-01", True, False),
        ({"renewal_mode": "evergreen", "effective": "2020/.."}, "in_force", "2026-01-01", True, False),
        ({"renewal_mode": "evergreen", "effective": "../2020"}, "in_force", "2026-01-01", True, True),
        ({"renewal_mode": "none", "effective": "2025", "term": "P1M"}, "in_force", "2025-06-01", True, False),
        ({"renewal_mode": "automatic", "effective": "2025", "term": "P1M"}, "in_force", "2025-06-01", True, False),
        ({"renewal_mode": "evergreen", "ends": "2030"}, "terminated", "2030-06-01", True, False),
        ({"renewal_mode": "evergreen", "ends": "2030"}, "terminated", "2031-01-01", False, False),
    ],
)
def test_in_force_with_uncertain_dates(
    terms: dict[str, str], status: str, on: str, possible: bool, certain: bool
) -> None:
    found = agreement(status, **terms)
    assert in_force(found, date.fromisoformat(on), "possible") is possible
    assert in_force(found, date.fromisoformat(on), "certain") is certain


def test_a_renewal_of_a_length_that_no_source_states_leaves_the_end_open() -> None:
    found = replace(agreement(ends="2026-12-31", term=""), concluded=1)
    assert temporal_status(found, date(2026, 12, 31)) == "current"
    assert temporal_status(found, date(2027, 1, 1)) == "unknown"


@pytest.mark.parametrize(
    ("kind", "mode", "expected"),
    [
        ("renewal", "automatic", False),
        ("renewal", "optional", True),
        ("renegotiation", "negotiated", True),
        ("option_deadline", "optional", True),
        ("review", "none", True),
        ("notice_deadline", "automatic", False),
        ("expiry", "none", False),
    ],
)
def test_an_act_is_overdue_the_day_after_its_last_possible_day(kind: str, mode: str, expected: bool) -> None:
    assert awaits_act(kind, mode) is expected
    assert overdue(kind, "2026-11-22", mode, ON) is expected
    assert not any(overdue(kind, due, mode, ON) for due in ("2026-11-23", "2026-11", "2026/..", "XXXX-11", ""))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (agreement(), False),
        (agreement("terminated", "2026-11-23"), True),
        (agreement("terminated", "2026-11-24"), False),
        (agreement("terminated", "2026-11"), True),
        (agreement("terminated"), True),
        (agreement("suspended", "2020"), False),
        (replace(agreement(), superseded=day("2026-11-22")), True),
        (replace(agreement(), superseded=day("2026-11-23")), False),
    ],
)
def test_nothing_need_be_done_for_an_agreement_that_may_be_over(found: Lifecycle, expected: bool) -> None:
    assert may_be_over(found, ON) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (agreement(), day("2025-10-30")),
        (agreement("signed"), Span(date(2025, 10, 30), date.max)),
        (agreement(effective=""), Span(date.min, date.max)),
        (agreement("in_force", "2024", effective="", renewal_mode="evergreen"), Span(date.min, date(2024, 12, 31))),
        (agreement("terminated", "2020-01-01"), NEVER),
        (agreement("terminated", "2026-01-01"), day("2025-10-30")),
        (agreement(ends="2025"), day("2025-10-30")),
        (agreement(ends="XXXX-04"), day("2025-10-30")),
    ],
)
def test_an_agreement_takes_effect_when_it_starts(found: Lifecycle, expected: Span) -> None:
    assert effect_begins(found) == expected


def test_a_conclusion_is_as_strong_as_its_weakest_fact() -> None:
    assert weakest(["stated", "editorial", "stated"]) == "editorial"
    assert weakest(["stated", ""]) == "stated"
    assert weakest([]) == ""


@pytest.mark.parametrize(
    ("status", "since", "terms", "expected"),
    [
        ("announced", "2020", {}, ["effective", "term", "renewal_mode"]),
        ("suspended", "2020", {}, ["effective", "status", "status_since", "term", "renewal_mode"]),
        ("terminated", "", {"ends": "2021"}, ["effective", "status", "ends", "term", "renewal_mode"]),
        (
            "in_force",
            "2025-03-01",
            {"effective": "2025"},
            ["effective", "status", "status_since", "term", "renewal_mode"],
        ),
        ("in_force", "2025-03-01", {"effective": "2025-01"}, ["effective", "term", "renewal_mode"]),
        ("in_force", "2020", {"effective": "", "term": ""}, ["status", "status_since", "renewal_mode"]),
        ("in_force", "", {"renewal_mode": "automatic", "notice_period": "P1M"}, ["effective", "term", "renewal_mode"]),
    ],
)
def test_the_state_rests_on_dates_and_on_the_status_where_it_counts(
    status: str, since: str, terms: dict[str, str], expected: list[str]
) -> None:
    assert time_premises(replace(DEAL, **terms), status, since) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (agreement(), ["how many times it can be renewed", "when it was signed"]),
        (
            agreement(effective="2025"),
            ["which day it begins to apply", "how many times it can be renewed", "when it was signed"],
        ),
        (
            agreement(effective="", term=""),
            [
                "when its first term ends",
                "since when it applies",
                "how many times it can be renewed",
                "when it was signed",
            ],
        ),
        (
            agreement("terminated", effective="2025-10"),
            ["which day it begins to apply", "since when it is suspended or terminated", "when it was signed"],
        ),
    ],
)
def test_questions_are_asked_in_order_of_their_weight(found: Lifecycle, expected: list[str]) -> None:
    assert [one.text for one in questions(found)] == expected


def test_a_question_has_alternative_answers() -> None:
    first = questions(agreement(effective=""))[0]
    assert (first.text, first.answers) == ("when its first term ends", (("ends",), ("effective",)))
    first = questions(agreement(term_from="from delivery"))[0]
    assert first.answers == (("ends",),)
