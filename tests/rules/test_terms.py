"""The steps of terms beyond the table of cases: conditions, offsets, limits, and recurrence rules."""

from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from accords.rules.durations import DurationError
from accords.rules.edtf import EdtfError
from accords.rules.terms import (
    BOUNDARIES,
    MAX_BOUNDARIES,
    Step,
    Terms,
    condition,
    conventions,
    dates_disagree,
    deadline_premises,
    earliest_end,
    ends_by,
    is_open,
    opens,
    period_end,
    premises,
    recurrence,
    steps,
)
from tests.rules.term_cases import CASES

DEAL = Terms(
    effective="2025-10-30",
    term="P1Y",
    term_ends="same_day",
    renewal_mode="negotiated",
    renewal_intervals=("P1Y",),
)
GENOCIDE = Terms(
    effective="1951-01-12",
    term="P10Y",
    term_ends="same_day",
    renewal_mode="automatic",
    renewal_intervals=("P5Y",),
    notice_period="P6M",
)
LEASE = Terms(
    effective="2020-08-01",
    term="P36M",
    term_ends="same_day",
    renewal_mode="automatic",
    renewal_intervals=("P12M",),
    notice_period="P3M",
)
SUBSCRIPTION = Terms(ends="2025-08-28", renewal_mode="automatic", renewal_intervals=("P12M",), notice_period="P2M")
LEAP = Terms(effective="2024-02-29", term="P1Y", term_ends="same_day", renewal_mode="automatic")
MONTHLY = Terms(effective="2025-01-31", term="P1M", term_ends="same_day", renewal_mode="automatic")
OPTION = replace(DEAL, renewal_mode="optional", max_renewals=1, notice_period="P3M", notice_opens="P6M")
EVERGREEN = Terms(
    effective="2020-01-01", term="P2Y", term_ends="day_before", renewal_mode="evergreen", notice_period="P3M"
)
# The stated end follows from the effective date and the term by only one convention, and is the anchor of later ends.
ENDS_OF_MONTHS = Terms(
    effective="2020-02", ends="2021-02-28", term="P1Y", renewal_mode="automatic", renewal_intervals=("P1M",)
)
NAMES_OF_LEASE = ["effective", "term", "renewal_mode", "renewal_intervals"]


def dues(terms: Terms, count: int) -> list[str]:
    return [step.due for step in steps(terms, count=count)]


def test_every_renewal_mode_is_in_the_table_of_cases() -> None:
    assert {case.terms.get("renewal_mode", "unspecified") for case in CASES} == BOUNDARIES.keys()


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (DEAL, [Step("renegotiation", 1, "2026-10-30", "P1Y", "only if both parties agree again")]),
        (
            replace(DEAL, renewal_mode="none"),
            [Step("expiry", 1, "2026-10-30", "P1Y", "in any case: no renewal is provided for")],
        ),
        (
            replace(DEAL, renewal_mode="unspecified"),
            [Step("expiry", 1, "2026-10-30", "P1Y", "what follows is not stated")],
        ),
        (
            replace(DEAL, renewal_mode="automatic"),
            [Step("renewal", 1, "2026-10-30", "P1Y", "unless notice is given in time")],
        ),
        (
            replace(DEAL, max_renewals=0),
            [Step("expiry", 1, "2026-10-30", "P1Y", "in any case: no renewal is left")],
        ),
        (
            LEASE,
            [
                Step("notice_deadline", 1, "2023-05-01", "P33M", "notice before 2023-08-01 is in time until this day"),
                Step("renewal", 1, "2023-08-01", "P36M", "unless notice is given by 2023-05-01"),
            ],
        ),
        (
            OPTION,
            [
                Step(
                    "option_deadline",
                    1,
                    "2026-07-30",
                    "P9M",
                    "the option to go on after 2026-10-30 can be exercised until this day",
                    "2026-04-30",
                ),
                Step("renewal", 1, "2026-10-30", "P1Y", "only if the option is exercised"),
            ],
        ),
        (
            EVERGREEN,
            [
                Step(
                    "notice_deadline",
                    1,
                    "2021-09-30",
                    "",
                    "notice by this day can end it on 2021-12-31, its earliest end",
                )
            ],
        ),
        (
            replace(EVERGREEN, ends="2030-12-31"),
            [Step("expiry", 1, "2030-12-31", "", "in any case: its end is stated")],
        ),
        (
            replace(LEASE, notice_period="", renewal_condition="if paid"),
            [Step("renewal", 1, "2023-08-01", "P36M", "unless notice is given in time, and only if: if paid")],
        ),
    ],
)
def test_a_step_says_on_what_it_depends(terms: Terms, expected: list[Step]) -> None:
    assert list(steps(terms, count=1)) == expected


def test_a_window_opens_on_the_day_on_which_notice_counts_under_both_conventions() -> None:
    terms = replace(LEASE, term_ends="unspecified", notice_opens="P6M")
    assert opens(terms, "notice_deadline", 1) == "2023-02-01"
    assert opens(terms, "renewal", 1) == opens(LEASE, "notice_deadline", 1) == ""


def test_after_the_last_renewal_nothing_depends_on_a_notice() -> None:
    once = replace(LEASE, max_renewals=1, notice_opens="P6M")
    ended = replace(EVERGREEN, ends="2030-12-31", notice_opens="P6M")
    for terms, last in ((once, 1), (ended, 0)):
        for sequence in (last + 1, last + 2):
            assert condition(terms, "notice_deadline", sequence) == opens(terms, "notice_deadline", sequence) == ""
    assert condition(once, "renewal", 2) == condition(once, "renewal", 3) == ""
    assert condition(once, "expiry", 2) == "in any case: no renewal is left"


@pytest.mark.parametrize(
    ("terms", "kind", "sequence"),
    [
        (replace(DEAL, renewal_mode="none"), "expiry", 2),
        (Terms(renewal_mode="automatic"), "renewal", 1),
        (Terms(renewal_mode="none"), "expiry", 1),
        (replace(DEAL, renewal_intervals=("P1Y", "open")), "renegotiation", 3),
        (replace(LEASE, notice_period=""), "notice_deadline", 1),
        (replace(EVERGREEN, notice_period=""), "notice_deadline", 1),
        (EVERGREEN, "notice_deadline", 2),
        (EVERGREEN, "expiry", 1),
        (LEASE, "option_deadline", 1),
        (LEASE, "review", 1),
    ],
)
def test_a_step_that_the_terms_do_not_yield_has_no_condition(terms: Terms, kind: str, sequence: int) -> None:
    assert condition(terms, kind, sequence) == ""


def test_the_genocide_convention_rolls_on_unless_denounced() -> None:
    assert list(steps(GENOCIDE, count=15))[-2:] == [
        Step("notice_deadline", 15, "2030-07-12", "P79Y6M", "notice before 2031-01-12 is in time until this day"),
        Step("renewal", 15, "2031-01-12", "P80Y", "unless notice is given by 2030-07-12"),
    ]


@pytest.mark.parametrize(
    ("terms", "expected", "disagree"),
    [
        (Terms(effective="2005-03-01", term="P1Y"), ("same_day", "day_before"), False),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-02-28"), ("day_before",), False),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-03-01"), ("same_day",), False),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-02"), ("day_before",), False),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-03"), ("same_day",), False),
        (Terms(effective="2005", term="P1Y", ends="2006"), ("same_day", "day_before"), False),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-03-02"), ("same_day", "day_before"), True),
        (Terms(effective="2005-03-01", term="P1Y", ends="2007"), ("same_day", "day_before"), True),
        (Terms(effective="2005-03-01", term="P1Y", ends="2006-02-28", term_ends="same_day"), ("day_before",), False),
        (Terms(ends="2006-02-28", term_ends="day_before"), ("day_before",), False),
        (Terms(effective="XXXX-03-01", term="P1Y", ends="2006-02-28"), ("same_day", "day_before"), False),
        (
            Terms(effective="XXXX-03-01", term="P1Y", ends="2006-02-28", term_ends="day_before"),
            ("day_before",),
            False,
        ),
    ],
)
def test_dates_that_agree_with_one_convention_decide_it(
    terms: Terms, expected: tuple[str, ...], disagree: bool
) -> None:
    assert conventions(terms) == expected
    assert dates_disagree(terms) is disagree


def test_a_stated_end_has_no_offset() -> None:
    assert {step.offset for step in steps(SUBSCRIPTION, count=2)} == {""}


@pytest.mark.parametrize("mode", ["none", "unspecified"])
def test_without_renewals_none_can_be_used_up(mode: str) -> None:
    (only,) = steps(replace(DEAL, renewal_mode=mode, max_renewals=0), count=3)
    assert only.condition == BOUNDARIES[mode][1]


def test_an_interval_that_is_not_stated_is_the_term_again_only_if_the_mode_renews() -> None:
    assert dues(replace(DEAL, renewal_intervals=()), 2) == ["2026-10-30", "2027-10-30"]
    assert period_end(replace(DEAL, renewal_mode="unspecified", renewal_intervals=()), 1) == ""


def test_a_stated_end_wins_over_effective_date_and_term() -> None:
    both = replace(DEAL, ends="2026-12-31")
    assert dues(both, 2) == ["2026-12-31", "2027-12-31"]


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        replace(DEAL, effective=""),
        replace(DEAL, term=""),
        replace(DEAL, effective="9999-01-01"),
        replace(DEAL, effective="XXXX-04", term="P90D"),
        replace(DEAL, effective="XXXX-04", term_ends="day_before"),
        replace(DEAL, term_from="from the first delivery"),
    ],
)
def test_without_dates_nothing_comes(terms: Terms) -> None:
    assert list(steps(terms, count=3)) == []


@pytest.mark.parametrize(
    ("effective", "expected"),
    [
        ("2025", ["2026", "2027"]),
        ("2025-10", ["2026-10", "2027-10"]),
        ("2025-10~", ["2026-10~", "2027-10~"]),
        ("XXXX-10", ["XXXX-10", "XXXX-10"]),
    ],
)
def test_an_uncertain_effective_date_gives_ends_as_uncertain(effective: str, expected: list[str]) -> None:
    found = list(steps(replace(DEAL, effective=effective), count=2))
    assert [step.due for step in found] == expected
    assert [step.offset for step in found] == ["P1Y", "P2Y"]


def test_notice_longer_than_the_interval_comes_before_the_end_of_an_earlier_period() -> None:
    terms = replace(DEAL, renewal_mode="automatic", notice_period="P18M")
    assert [(step.kind, step.sequence) for step in steps(terms, count=2)] == [
        ("notice_deadline", 1),
        ("notice_deadline", 2),
        ("renewal", 1),
        ("renewal", 2),
    ]


def test_on_one_day_notice_comes_before_the_end_of_a_period() -> None:
    terms = replace(DEAL, renewal_mode="automatic", notice_period="P1Y")
    assert [(step.kind, step.due) for step in steps(terms, count=2)] == [
        ("notice_deadline", "2025-10-30"),
        ("notice_deadline", "2026-10-30"),
        ("renewal", "2026-10-30"),
        ("renewal", "2027-10-30"),
    ]


def test_an_offset_is_given_only_if_it_leads_to_the_day() -> None:
    notice, end = steps(replace(MONTHLY, notice_period="P1M"), count=1)
    assert (notice.due, notice.offset) == ("2025-01-28", "")
    assert (end.due, end.offset) == ("2025-02-28", "P1M")
    (end,) = steps(replace(MONTHLY, term_ends="day_before"), count=1)
    assert (end.due, end.offset) == ("2025-02-27", "")


def test_until_keeps_a_notice_deadline_whose_end_lies_beyond_it() -> None:
    found = list(steps(GENOCIDE, until=date(2030, 7, 12)))
    assert found[-1].due == "2030-07-12"
    assert all(step.due <= "2030-07-12" for step in found)
    assert list(steps(GENOCIDE, until=date(2030, 7, 11)))[-1].due == "2026-01-12"


@pytest.mark.parametrize(
    ("terms", "until", "expected"),
    [
        (replace(DEAL, effective="2025"), "2027-01-01", ["2026", "2027"]),
        (replace(DEAL, effective="XXXX-04"), "2040-01-01", ["XXXX-04"]),
        (replace(DEAL, effective="../2020"), "2022-12-31", ["../2021", "../2022"]),
        (replace(DEAL, effective="../2020"), "2022-12-30", ["../2021"]),
        (replace(DEAL, effective="../2020"), "1990-01-01", ["../2021"]),
        (replace(LEASE, effective="../2030"), "2026-01-01", ["../2033-09-30", "../2033"]),
        (Terms(ends="../2027-05-31", renewal_mode="none"), "2026-01-01", ["../2027-05-31"]),
        (Terms(ends="2026-12/2045-05-31", renewal_mode="none"), "2026-12-01", ["2026-12/2045-05-31"]),
        (Terms(ends="2026-12/2045-05-31", renewal_mode="none"), "2026-11-30", []),
    ],
)
def test_until_keeps_steps_that_may_be_due_and_the_first_of_those_that_may_be_due_by_any_day(
    terms: Terms, until: str, expected: list[str]
) -> None:
    found = list(steps(terms, until=date.fromisoformat(until)))
    assert [step.due for step in found] == expected
    assert ends_by(terms, date.fromisoformat(until)) == sum(step.kind != "notice_deadline" for step in found)


def test_steps_are_bounded() -> None:
    with pytest.raises(ValueError, match="count or until"):
        steps(DEAL)
    for count in (-1, MAX_BOUNDARIES + 1):
        with pytest.raises(ValueError, match="count must be"):
            steps(DEAL, count=count)
    daily = replace(DEAL, renewal_mode="automatic", renewal_intervals=("P1D",), notice_period="P1D")
    assert len(list(islice(steps(daily, until=date.max), 5000))) == 2 * MAX_BOUNDARIES


def test_an_open_period_has_no_end() -> None:
    terms = replace(DEAL, renewal_intervals=("P6M", "open"))
    assert [is_open(terms, renewals) for renewals in range(4)] == [False, False, True, True]
    assert period_end(terms, 1) == "2027-04-30"
    assert period_end(terms, 2) == ""


def test_only_an_evergreen_agreement_has_an_earliest_end() -> None:
    assert earliest_end(EVERGREEN) == "2021-12-31"
    assert earliest_end(replace(EVERGREEN, ends="2030")) == earliest_end(DEAL) == ""


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (LEASE, "FREQ=YEARLY"),
        (SUBSCRIPTION, "FREQ=YEARLY"),
        (LEAP, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"),
        (MONTHLY, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        (replace(MONTHLY, effective="2025-01-30"), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        (replace(MONTHLY, effective="2025-01-15"), "FREQ=MONTHLY"),
        (replace(MONTHLY, effective="2025-01-15", renewal_intervals=("P18M",)), "FREQ=MONTHLY;INTERVAL=18"),
        (replace(DEAL, effective="2025-10-31"), "FREQ=YEARLY"),
        (replace(DEAL, renewal_intervals=("P90D",)), "FREQ=DAILY;INTERVAL=90"),
        (replace(DEAL, renewal_intervals=("P2W",)), "FREQ=WEEKLY;INTERVAL=2"),
        (replace(DEAL, renewal_intervals=("P28D",)), "FREQ=WEEKLY;INTERVAL=4"),
        (replace(DEAL, term="P90D", renewal_intervals=("P30D",)), "FREQ=DAILY;INTERVAL=30"),
        (replace(DEAL, max_renewals=2), "FREQ=YEARLY;COUNT=3"),
        (replace(DEAL, max_renewals=0), ""),
        (replace(DEAL, term="P90D"), ""),
        (replace(DEAL, renewal_intervals=("P1M1D",)), ""),
        (replace(DEAL, renewal_intervals=("P2Y", "P1Y")), ""),
        (replace(DEAL, renewal_intervals=("P1Y", "P1Y", "open")), "FREQ=YEARLY;COUNT=3"),
        (replace(DEAL, renewal_intervals=("open",)), ""),
        (replace(DEAL, effective="2025-10"), ""),
        (replace(DEAL, effective="2025-10-30~"), ""),
        (replace(DEAL, renewal_mode="none"), ""),
        (replace(DEAL, renewal_mode="unspecified"), ""),
        (replace(DEAL, renewal_mode="evergreen"), ""),
        (replace(SUBSCRIPTION, renewal_intervals=()), ""),
        (replace(MONTHLY, effective="2025-02-01", term_ends="day_before"), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (replace(LEAP, effective="2005-03-01", term_ends="day_before"), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
        (replace(LEAP, term_ends="day_before"), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-2"),
        (replace(MONTHLY, term_ends="day_before"), "FREQ=MONTHLY;BYMONTHDAY=-2"),
        (replace(MONTHLY, effective="2025-01-30", term_ends="day_before"), ""),
        (replace(LEASE, term_ends="day_before"), "FREQ=YEARLY"),
        (Terms(), ""),
    ],
)
def test_a_recurrence_is_an_rfc_5545_rule_or_nothing(terms: Terms, expected: str) -> None:
    assert recurrence(terms) == expected


def test_malformed_terms_are_refused() -> None:
    with pytest.raises(ValueError, match="no such renewal mode"):
        Terms(renewal_mode="tacit")
    with pytest.raises(ValueError, match="cannot be negative"):
        Terms(max_renewals=-1)
    with pytest.raises(ValueError, match="a term ends"):
        Terms(term_ends="midnight")
    with pytest.raises(ValueError, match="last renewal interval"):
        Terms(renewal_intervals=("open", "P1Y"))
    with pytest.raises(EdtfError):
        list(steps(replace(DEAL, effective="2007-11-00"), count=1))
    with pytest.raises(DurationError):
        list(steps(replace(DEAL, term="PT1H"), count=1))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (DEAL, ["effective", "term", "renewal_mode", "renewal_intervals"]),
        (LEASE, ["effective", "term", "renewal_mode", "renewal_intervals"]),
        (SUBSCRIPTION, ["ends", "renewal_mode", "renewal_intervals"]),
        (replace(LEASE, renewal_condition="if paid"), [*NAMES_OF_LEASE, "renewal_condition"]),
        (replace(DEAL, renewal_condition="if paid"), NAMES_OF_LEASE),
        (replace(LEASE, term_from="from delivery"), ["effective", "term", "term_from", *NAMES_OF_LEASE[2:]]),
        (replace(LEASE, ends="2024-01-15", term_from="from delivery"), ["ends", *NAMES_OF_LEASE[2:]]),
        (replace(LEASE, renewal_mode="none", max_renewals=2), NAMES_OF_LEASE),
        (EVERGREEN, ["renewal_mode"]),
        (ENDS_OF_MONTHS, ["effective", "term", "ends", "renewal_mode", "renewal_intervals"]),
        (replace(ENDS_OF_MONTHS, term_ends="same_day"), ["ends", "renewal_mode", "renewal_intervals"]),
        (
            replace(DEAL, ends="2026-12-31", max_renewals=0),
            ["ends", "renewal_mode", "renewal_intervals", "max_renewals"],
        ),
        (replace(DEAL, unlimited=True, renewal_intervals=()), ["effective", "term", "renewal_mode"]),
        (replace(DEAL, ends="2031-12-31", renewal_intervals=()), ["ends", "term", "renewal_mode"]),
        (replace(DEAL, ends=period_end(DEAL)), ["effective", "term", "ends", "renewal_mode", "renewal_intervals"]),
        (Terms(), []),
    ],
)
def test_ends_are_computed_from_the_terms_that_are_stated(terms: Terms, expected: list[str]) -> None:
    assert premises(terms) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (LEASE, ["notice_period"]),
        (OPTION, ["notice_period", "notice_opens"]),
        (EVERGREEN, ["effective", "term", "notice_period"]),
        (replace(EVERGREEN, ends="2030-01-01"), []),
        (replace(LEASE, max_renewals=0), []),
        (replace(LEASE, notice_period=""), []),
        (replace(LEASE, renewal_mode="negotiated"), []),
        (replace(LEASE, renewal_mode="none"), []),
    ],
)
def test_a_deadline_is_computed_from_the_notice_period_where_there_is_one(terms: Terms, expected: list[str]) -> None:
    assert deadline_premises(terms) == expected
