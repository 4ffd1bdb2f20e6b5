"""What terms do next: tables of cases, from treaties and from the bug reports of users of other systems."""

from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from accords.rules.durations import DurationError
from accords.rules.edtf import EdtfError
from accords.rules.renewals import (
    BOUNDARIES,
    MAX_BOUNDARIES,
    Step,
    Terms,
    first_expiry,
    next_expiry,
    period_end,
    premises,
    recurrence,
    steps,
)

DEAL = Terms(effective="2025-10-30", term="P1Y", renewal_mode="negotiated", renewal_interval="P1Y")
GENOCIDE = Terms(
    effective="1951-01-12", term="P10Y", renewal_mode="automatic", renewal_interval="P5Y", notice_period="P6M"
)
LEASE = Terms(
    effective="2020-08-01", term="P36M", renewal_mode="automatic", renewal_interval="P12M", notice_period="P3M"
)
SUBSCRIPTION = Terms(ends="2025-08-28", renewal_mode="automatic", renewal_interval="P12M", notice_period="P2M")
LEAP = Terms(effective="2024-02-29", term="P1Y", renewal_mode="automatic")
MONTHLY = Terms(effective="2025-01-31", term="P1M", renewal_mode="automatic")


def dues(terms: Terms, count: int, kind: str = "") -> list[str]:
    return [step.due for step in steps(terms, count=count) if kind in ("", step.kind)]


def test_the_deal_is_renegotiated_each_year_and_only_if_both_agree() -> None:
    assert list(steps(DEAL, count=2)) == [
        Step("renegotiation", 1, "2026-10-30", "P1Y", "only if both parties agree again"),
        Step("renegotiation", 2, "2027-10-30", "P2Y", "only if both parties agree again"),
    ]
    assert recurrence(DEAL) == "FREQ=YEARLY"


def test_the_genocide_convention_rolls_on_unless_denounced() -> None:
    assert dues(GENOCIDE, 15, "renewal")[:2] == ["1961-01-12", "1966-01-12"]
    assert list(steps(GENOCIDE, count=15))[-2:] == [
        Step("notice_deadline", 15, "2030-07-12", "P79Y6M", "notice before 2031-01-12 is in time until this day"),
        Step("renewal", 15, "2031-01-12", "P80Y", "unless notice is given by 2030-07-12"),
    ]
    assert next_expiry(GENOCIDE, date(2026, 11, 23)) == "2031-01-12"
    assert recurrence(GENOCIDE) == "FREQ=YEARLY;INTERVAL=5"


def test_a_stated_end_is_the_first_boundary_and_renews_from_itself() -> None:
    assert dues(SUBSCRIPTION, 2) == ["2025-06-28", "2025-08-28", "2026-06-28", "2026-08-28"]
    assert {step.offset for step in steps(SUBSCRIPTION, count=2)} == {""}
    assert next_expiry(SUBSCRIPTION, date(2025, 8, 29)) == "2026-08-28"


def test_a_first_term_longer_than_the_interval() -> None:
    assert dues(LEASE, 3, "renewal") == ["2023-08-01", "2024-08-01", "2025-08-01"]
    assert dues(LEASE, 1, "notice_deadline") == ["2023-05-01"]
    assert [step.offset for step in steps(LEASE, count=2)] == ["P33M", "P36M", "P45M", "P48M"]


def test_a_leap_day_comes_back_each_leap_year() -> None:
    assert dues(LEAP, 4) == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_month_from_31_january_does_not_decay_to_28() -> None:
    assert dues(MONTHLY, 4) == ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]


@pytest.mark.parametrize(
    ("mode", "kinds", "condition"),
    [
        ("none", ["expiry"], "in any case: no renewal is provided for"),
        ("automatic", ["renewal"] * 3, "unless notice is given in time"),
        ("optional", ["renewal"] * 3, "only if the option is exercised"),
        ("negotiated", ["renegotiation"] * 3, "only if both parties agree again"),
        ("evergreen", [], ""),
        ("unspecified", ["expiry"], "what follows is not stated"),
    ],
)
def test_each_mode_has_its_own_step_at_the_end_of_a_period(mode: str, kinds: list[str], condition: str) -> None:
    found = list(steps(replace(DEAL, renewal_mode=mode), count=3))
    assert [step.kind for step in found] == kinds
    assert {step.condition for step in found} <= {condition}


def test_every_mode_of_the_rules_is_in_the_table_above() -> None:
    assert list(BOUNDARIES) == ["none", "automatic", "optional", "negotiated", "evergreen", "unspecified"]


@pytest.mark.parametrize(("most", "kinds"), [(0, ["expiry"]), (2, ["renewal", "renewal", "expiry"])])
def test_after_the_last_renewal_the_end_is_an_expiry(most: int, kinds: list[str]) -> None:
    found = list(steps(replace(LEASE, notice_period="", max_renewals=most), count=9))
    assert [step.kind for step in found] == kinds
    assert [step.sequence for step in found] == list(range(1, most + 2))
    assert found[-1].condition == "in any case: no renewal is left"


@pytest.mark.parametrize("mode", ["none", "unspecified"])
def test_without_renewals_none_can_be_used_up(mode: str) -> None:
    (only,) = steps(replace(DEAL, renewal_mode=mode, max_renewals=0), count=3)
    assert only.condition == BOUNDARIES[mode][1]


def test_an_interval_that_is_not_stated_is_the_term_again_only_if_the_mode_renews() -> None:
    assert dues(replace(DEAL, renewal_interval=""), 2) == ["2026-10-30", "2027-10-30"]
    assert period_end(replace(DEAL, renewal_mode="unspecified", renewal_interval=""), 1) == ""


def test_a_stated_end_without_an_interval_has_no_second_boundary() -> None:
    assert dues(replace(SUBSCRIPTION, renewal_interval="", notice_period=""), 5) == ["2025-08-28"]


def test_a_stated_end_wins_over_effective_date_and_term() -> None:
    both = replace(DEAL, ends="2026-12-31")
    assert dues(both, 2) == ["2026-12-31", "2027-12-31"]
    assert [step.offset for step in steps(both, count=2)] == ["", ""]


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        replace(DEAL, effective=""),
        replace(DEAL, term=""),
        replace(DEAL, effective="9999-01-01"),
        replace(DEAL, effective="XXXX-04", term="P90D"),
        replace(DEAL, renewal_mode="evergreen", ends="2030-01-01"),
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


def test_an_offset_is_said_only_if_it_leads_to_the_day() -> None:
    clamped = replace(MONTHLY, notice_period="P1M")
    notice, end = steps(clamped, count=1)
    assert (notice.due, notice.offset) == ("2025-01-28", "")
    assert (end.due, end.offset) == ("2025-02-28", "P1M")


def test_until_keeps_a_notice_deadline_whose_end_lies_beyond_it() -> None:
    found = list(steps(GENOCIDE, until=date(2030, 7, 12)))
    assert found[-1].due == "2030-07-12"
    assert all(step.due <= "2030-07-12" for step in found)
    assert list(steps(GENOCIDE, until=date(2030, 7, 11)))[-1].due == "2026-01-12"


def test_until_keeps_a_step_that_may_be_due_and_a_dateless_one_once() -> None:
    assert [step.due for step in steps(replace(DEAL, effective="2025"), until=date(2027, 1, 1))] == ["2026", "2027"]
    assert [step.due for step in steps(replace(DEAL, effective="XXXX-04"), until=date(2040, 1, 1))] == ["XXXX-04"]
    assert [step.due for step in steps(replace(DEAL, effective="../2020"), until=date(2022, 12, 31))] == [
        "../2021",
        "../2022",
    ]


def test_steps_are_bounded() -> None:
    with pytest.raises(ValueError, match="count or until"):
        steps(DEAL)
    for count in (-1, MAX_BOUNDARIES + 1):
        with pytest.raises(ValueError, match="count must be"):
            steps(DEAL, count=count)
    daily = replace(DEAL, renewal_interval="P1D", notice_period="P1D")
    assert len(list(islice(steps(daily, until=date.max), 5000))) == 2 * MAX_BOUNDARIES


@pytest.mark.parametrize(
    ("terms", "after", "expected"),
    [
        (DEAL, "2024-01-01", "2026-10-30"),
        (DEAL, "2026-10-30", "2026-10-30"),
        (DEAL, "2026-10-31", "2027-10-30"),
        (replace(DEAL, max_renewals=1), "2027-10-31", ""),
        (replace(DEAL, renewal_mode="none"), "2026-10-31", ""),
        (replace(DEAL, renewal_mode="unspecified"), "2026-10-30", "2026-10-30"),
        (replace(DEAL, renewal_mode="evergreen"), "2026-10-30", ""),
        (replace(DEAL, renewal_mode="evergreen", ends="2030"), "2026-10-30", "2030"),
        (replace(DEAL, effective="2025"), "2026-12-31", "2026"),
        (replace(DEAL, effective="2025"), "2027-01-01", "2027"),
        (replace(DEAL, effective="XXXX-10"), "2026-12-31", "XXXX-10"),
        (LEAP, "2028-02-29", "2028-02-29"),
        (LEAP, "9999-02-28", "9999-02-28"),
        (LEAP, "9999-03-01", ""),
        (replace(DEAL, renewal_interval="P1D"), "2300-01-01", "2300-01-01"),
        (Terms(), "2026-01-01", ""),
    ],
)
def test_the_end_of_the_period_that_runs_on_a_day(terms: Terms, after: str, expected: str) -> None:
    assert next_expiry(terms, date.fromisoformat(after)) == expected


def test_the_first_expiry_is_the_stated_end_or_the_end_of_the_term() -> None:
    assert first_expiry(DEAL) == "2026-10-30"
    assert first_expiry(SUBSCRIPTION) == "2025-08-28"
    assert first_expiry(replace(DEAL, renewal_mode="evergreen")) == ""


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (LEASE, "FREQ=YEARLY"),
        (SUBSCRIPTION, "FREQ=YEARLY"),
        (LEAP, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"),
        (MONTHLY, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        (replace(MONTHLY, effective="2025-01-30"), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        (replace(MONTHLY, effective="2025-01-15"), "FREQ=MONTHLY"),
        (replace(MONTHLY, effective="2025-01-15", renewal_interval="P18M"), "FREQ=MONTHLY;INTERVAL=18"),
        (replace(DEAL, effective="2025-10-31"), "FREQ=YEARLY"),
        (replace(DEAL, renewal_interval="P90D"), "FREQ=DAILY;INTERVAL=90"),
        (replace(DEAL, renewal_interval="P2W"), "FREQ=WEEKLY;INTERVAL=2"),
        (replace(DEAL, renewal_interval="P28D"), "FREQ=WEEKLY;INTERVAL=4"),
        (replace(DEAL, term="P90D", renewal_interval="P30D"), "FREQ=DAILY;INTERVAL=30"),
        (replace(DEAL, max_renewals=2), "FREQ=YEARLY;COUNT=3"),
        (replace(DEAL, max_renewals=0), ""),
        (replace(DEAL, term="P90D"), ""),
        (replace(DEAL, renewal_interval="P1M1D"), ""),
        (replace(DEAL, effective="2025-10"), ""),
        (replace(DEAL, effective="2025-10-30~"), ""),
        (replace(DEAL, renewal_mode="none"), ""),
        (replace(DEAL, renewal_mode="unspecified"), ""),
        (replace(DEAL, renewal_mode="evergreen"), ""),
        (replace(SUBSCRIPTION, renewal_interval=""), ""),
        (Terms(), ""),
    ],
)
def test_a_recurrence_is_an_rfc_5545_rule_or_nothing(terms: Terms, expected: str) -> None:
    assert recurrence(terms) == expected


def test_terms_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="no such renewal mode"):
        Terms(renewal_mode="tacit")
    with pytest.raises(ValueError, match="cannot be negative"):
        Terms(max_renewals=-1)
    with pytest.raises(EdtfError):
        list(steps(replace(DEAL, effective="2007-11-00"), count=1))
    with pytest.raises(DurationError):
        list(steps(replace(DEAL, term="PT1H"), count=1))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (DEAL, ["effective", "term", "renewal_mode", "renewal_interval"]),
        (LEASE, ["effective", "term", "renewal_mode", "renewal_interval", "notice_period"]),
        (SUBSCRIPTION, ["ends", "renewal_mode", "renewal_interval", "notice_period"]),
        (
            replace(DEAL, ends="2026-12-31", max_renewals=0),
            ["ends", "renewal_mode", "renewal_interval", "max_renewals"],
        ),
        (Terms(), []),
    ],
)
def test_dates_are_computed_from_the_terms_that_are_stated(terms: Terms, expected: list[str]) -> None:
    assert premises(terms) == expected
