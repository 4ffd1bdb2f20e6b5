"""What is so on a day: tables of cases for temporal status, being in force, and what is missing."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from accords.rules.renewals import BOUNDARIES, Terms
from accords.rules.status import AFTER_PERIOD, in_force, missing, questions, temporal_status

DEAL = Terms(effective="2025-10-30", term="P1Y", renewal_mode="negotiated", renewal_interval="P1Y")
GENOCIDE = Terms(
    effective="1951-01-12", term="P10Y", renewal_mode="automatic", renewal_interval="P5Y", notice_period="P6M"
)


def mode(name: str, **others: object) -> Terms:
    return replace(DEAL, renewal_mode=name, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-10-29", "upcoming"),
        ("2025-10-30", "current"),
        ("2026-10-30", "current"),
        ("2026-10-31", "renewal_due"),
        ("2026-11-23", "renewal_due"),
        ("2099-01-01", "renewal_due"),
    ],
)
def test_the_deal_awaits_its_renegotiation_from_the_day_after_its_term(on: str, expected: str) -> None:
    assert temporal_status(DEAL, "announced", date.fromisoformat(on)) == expected


@pytest.mark.parametrize(
    ("terms", "concluded", "on", "expected"),
    [
        (GENOCIDE, 0, "2026-11-23", "current"),
        # The end of the only, the first, the renewed and the last period, in each mode.
        (mode("none"), 0, "2026-10-30", "current"),
        (mode("none"), 0, "2026-10-31", "lapsed"),
        (mode("none"), 1, "2027-10-30", "current"),
        (mode("none"), 1, "2027-10-31", "lapsed"),
        (mode("automatic"), 0, "2026-10-31", "current"),
        (mode("automatic", max_renewals=1), 0, "2027-10-30", "current"),
        (mode("automatic", max_renewals=1), 0, "2027-10-31", "lapsed"),
        (mode("automatic", max_renewals=0), 0, "2026-10-31", "lapsed"),
        (mode("evergreen"), 0, "2099-01-01", "current"),
        (mode("unspecified"), 0, "2026-10-30", "current"),
        (mode("unspecified"), 0, "2026-10-31", "unknown"),
        (mode("optional"), 0, "2026-10-31", "renewal_due"),
        (DEAL, 1, "2026-10-31", "current"),
        (DEAL, 1, "2027-10-31", "renewal_due"),
        (mode("negotiated", max_renewals=1), 1, "2027-10-30", "current"),
        (mode("negotiated", max_renewals=1), 1, "2027-10-31", "lapsed"),
        (mode("negotiated", max_renewals=1), 0, "2027-10-30", "renewal_due"),
        (mode("negotiated", max_renewals=1), 0, "2027-10-31", "lapsed"),
        (mode("negotiated", max_renewals=1), 2, "2028-10-30", "current"),
        (mode("automatic", max_renewals=32767), 0, "2030-01-01", "current"),
        (mode("negotiated", max_renewals=32767), 0, "2030-01-01", "renewal_due"),
        # No term.
        (mode("negotiated", term=""), 0, "2099-01-01", "current"),
        (mode("unspecified", term=""), 0, "2025-10-29", "upcoming"),
        # A stated end.
        (mode("none", ends="2026-12-31"), 0, "2026-12-31", "current"),
        (mode("none", ends="2026-12-31"), 0, "2027-01-01", "lapsed"),
        (mode("unspecified", ends="2026-12-31"), 0, "2027-01-01", "lapsed"),
        (mode("evergreen", ends="2026-12-31"), 0, "2027-01-01", "lapsed"),
        (mode("automatic", ends="2026-12-31"), 0, "2027-01-01", "current"),
        (mode("negotiated", ends="2026-12-31"), 0, "2027-01-01", "renewal_due"),
        (mode("negotiated", ends="2026-12-31"), 1, "2027-12-31", "current"),
        (mode("negotiated", ends="2026-12-31"), 1, "2028-01-01", "renewal_due"),
        # A renewal whose length no source states.
        (mode("negotiated", ends="2026-12-31", term="", renewal_interval=""), 1, "2026-12-31", "current"),
        (mode("negotiated", ends="2026-12-31", term="", renewal_interval=""), 1, "2027-01-01", "unknown"),
        # An effective date that is not known.
        (mode("negotiated", effective=""), 0, "2026-01-01", "unknown"),
        (mode("automatic", effective="XXXX-04"), 0, "2026-01-01", "unknown"),
        (mode("evergreen", effective=""), 0, "2026-01-01", "unknown"),
        (mode("none", effective="", ends="2026-12-31"), 0, "2026-12-30", "unknown"),
        (mode("none", effective="", ends="2026-12-31"), 0, "2027-01-01", "lapsed"),
        (mode("negotiated", effective="", ends="2026-12-31"), 0, "2027-01-01", "renewal_due"),
        (mode("automatic", effective="", ends="2026-12-31"), 0, "2027-01-01", "current"),
        (mode("negotiated", effective="XXXX-04", ends="2026-12-31"), 1, "2027-01-01", "current"),
        (Terms(), 0, "2026-01-01", "unknown"),
        # Dates that leave the answer open on some days.
        (mode("negotiated", effective="2025"), 0, "2024-12-31", "upcoming"),
        (mode("negotiated", effective="2025"), 0, "2025-06-01", "unknown"),
        (mode("negotiated", effective="2025"), 0, "2025-12-31", "current"),
        (mode("negotiated", effective="2025"), 0, "2026-01-01", "current"),
        (mode("negotiated", effective="2025"), 0, "2026-01-02", "unknown"),
        (mode("negotiated", effective="2025"), 0, "2026-12-31", "unknown"),
        (mode("negotiated", effective="2025"), 0, "2027-01-01", "renewal_due"),
        (mode("automatic", effective="2025"), 0, "2026-06-01", "current"),
        (mode("none", effective="2025-10-30~"), 0, "2026-10-30", "unknown"),
        (mode("none", ends="2026-12/.."), 0, "2027-01-01", "unknown"),
    ],
)
def test_temporal_status_follows_the_mode(terms: Terms, concluded: int, on: str, expected: str) -> None:
    assert temporal_status(terms, "in_force", date.fromisoformat(on), concluded) == expected


@pytest.mark.parametrize(
    ("ends", "on", "expected"),
    [
        ("", "2026-01-01", "terminated"),
        ("2026-03-31", "2026-03-31", "current"),
        ("2026-03-31", "2026-04-01", "terminated"),
        ("2026-03", "2026-02-28", "current"),
        ("2026-03", "2026-03-15", "unknown"),
        ("2026-03", "2026-04-01", "terminated"),
        ("XXXX-03", "2026-04-01", "unknown"),
    ],
)
def test_a_terminated_agreement_runs_until_its_stated_end(ends: str, on: str, expected: str) -> None:
    terms = mode("automatic", ends=ends)
    assert temporal_status(terms, "terminated", date.fromisoformat(on)) == expected


@pytest.mark.parametrize(
    ("terms", "status", "on", "possible", "certain"),
    [
        (DEAL, "in_force", "2025-10-29", False, False),
        (DEAL, "in_force", "2025-10-30", True, True),
        (DEAL, "in_force", "2026-10-30", True, True),
        (DEAL, "in_force", "2026-10-31", True, False),
        (GENOCIDE, "in_force", "2026-11-23", True, True),
        (mode("none"), "in_force", "2026-10-31", False, False),
        (mode("unspecified"), "in_force", "2026-10-31", True, False),
        (mode("evergreen"), "in_force", "2099-01-01", True, True),
        (mode("evergreen"), "suspended", "2099-01-01", True, False),
        (mode("evergreen"), "terminated", "2099-01-01", False, False),
        (mode("evergreen", ends="2030"), "terminated", "2029-12-31", True, True),
        (mode("evergreen", ends="2030"), "terminated", "2030-06-01", True, False),
        (mode("evergreen", ends="2030"), "terminated", "2031-01-01", False, False),
        (mode("evergreen", effective=""), "in_force", "2026-01-01", True, False),
        (mode("automatic", effective="", ends="2020"), "in_force", "2026-01-01", True, False),
        (mode("evergreen", effective="XXXX-04"), "in_force", "2026-01-01", True, False),
        (mode("evergreen", effective="2020/.."), "in_force", "2026-01-01", True, False),
        (mode("evergreen", effective="../2020"), "in_force", "2026-01-01", True, True),
        (mode("none", effective="2025", term="P1M"), "in_force", "2025-06-01", True, False),
        (mode("automatic", effective="2025", term="P1M"), "in_force", "2025-06-01", True, False),
        (mode("none", effective="2025"), "in_force", "2025-12-31", True, True),
        (mode("none", effective="2025"), "in_force", "2026-01-02", True, False),
    ],
)
def test_in_force_possibly_and_certainly(terms: Terms, status: str, on: str, possible: bool, certain: bool) -> None:
    day = date.fromisoformat(on)
    assert in_force(terms, status, day, "possible") is possible
    assert in_force(terms, status, day, "certain") is certain


def test_another_certainty_is_refused() -> None:
    with pytest.raises(ValueError, match="possible or certain"):
        in_force(DEAL, "in_force", date(2026, 1, 1), "probable")  # type: ignore[arg-type]


def test_every_renewal_mode_has_a_state_after_its_period() -> None:
    assert AFTER_PERIOD.keys() == BOUNDARIES.keys()


def fields(terms: Terms) -> dict[str, object]:
    return {"announced": "", "signed": "", **asdict(terms)}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (DEAL, ["announced", "signed", "ends", "notice_period", "max_renewals"]),
        (replace(DEAL, max_renewals=0), ["announced", "signed", "ends", "notice_period"]),
        (mode("none", renewal_interval=""), ["announced", "signed", "ends", "notice_period"]),
        (mode("evergreen", renewal_interval="", term=""), ["announced", "signed", "ends", "term", "notice_period"]),
        (
            Terms(),
            [
                "announced",
                "signed",
                "effective",
                "ends",
                "term",
                "renewal_mode",
                "renewal_interval",
                "notice_period",
                "max_renewals",
            ],
        ),
    ],
)
def test_missing_names_what_no_source_states(terms: Terms, expected: list[str]) -> None:
    assert missing(fields(terms)) == expected


def test_a_blank_renewal_mode_is_missing_too() -> None:
    assert "renewal_mode" in missing({**fields(DEAL), "renewal_mode": ""})


NO_END, NO_LIMIT = "when its first term ends", "how many times it can be renewed"
NO_NOTICE, NO_INTERVAL = "until when notice can be given", "how long a further term lasts"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (DEAL, {NO_LIMIT: [["max_renewals"]]}),
        (replace(DEAL, max_renewals=3), {}),
        (GENOCIDE, {NO_LIMIT: [["max_renewals"]]}),
        (mode("automatic", max_renewals=0), {NO_NOTICE: [["notice_period"]]}),
        (mode("none"), {}),
        (mode("evergreen", term=""), {}),
        (mode("evergreen", ends="2030"), {"which day it ends": [["ends"]]}),
        (mode("unspecified"), {"what follows the end of its term": [["renewal_mode"]]}),
        (mode("none", term=""), {NO_END: [["ends"], ["term"]]}),
        (mode("none", effective=""), {NO_END: [["ends"], ["effective"]], "since when it applies": [["effective"]]}),
        (mode("none", effective="", ends="2030-01-01"), {"since when it applies": [["effective"]]}),
        (mode("none", effective="2025"), {"which day it begins to apply": [["effective"]]}),
        (mode("none", effective="XXXX-04"), {"which day it begins to apply": [["effective"]]}),
        (mode("none", effective="2025/.."), {"which day it begins to apply": [["effective"]]}),
        (mode("none", effective="9999-06-01"), {NO_END: [["ends"]]}),
        (
            mode("optional", ends="2026-12-31", term="", renewal_interval="", max_renewals=1),
            {NO_INTERVAL: [["renewal_interval"]]},
        ),
        (
            Terms(),
            {
                NO_END: [["ends"], ["effective", "term"]],
                "since when it applies": [["effective"]],
                "what follows the end of its term": [["renewal_mode"]],
            },
        ),
    ],
)
def test_what_terms_leave_open_comes_with_what_would_answer_it(
    terms: Terms, expected: dict[str, list[list[str]]]
) -> None:
    found = {question.asks: [list(names) for names in question.answers] for question in questions(terms)}
    assert found == expected
    assert list(found) == list(expected)
