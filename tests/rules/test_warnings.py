"""Warnings: a table of cases, each with its codes."""

from datetime import date
from typing import Any

import pytest

from accords.rules import warnings
from accords.rules.terms import Terms

ON = date(2026, 11, 25)
YEARLY: dict[str, Any] = {"effective": "2025-10-30", "term": "P1Y", "renewal_mode": "negotiated"}

AGREEMENTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("nothing is stated", {}, []),
    ("all in order", {"announced": "2025-09", "signed": "2025-10-01", **YEARLY, "notice_period": "P6M"}, []),
    ("it applied before it was signed", {"signed": "2025-11", "effective": "2025-10"}, ["effective_before_signed"]),
    ("the same month may be in order", {"signed": "2025-10", "effective": "2025-10"}, []),
    ("a year that holds the day may be in order", {"signed": "2025-10-30", "effective": "2025"}, []),
    ("no year, no order", {"signed": "XXXX-04", "effective": "2025-10"}, []),
    ("it ends before it applies", {"effective": "2026-01", "ends": "2025"}, ["ends_before_effective"]),
    ("it ends before it is signed", {"signed": "2026-01", "ends": "2025"}, ["ends_before_signed"]),
    ("an open end is none", {"effective": "2026-01", "ends": "2025/.."}, []),
    ("announced once it applied", {"announced": "2026", "effective": "2025"}, ["announced_after_effective"]),
    ("notice as long as the term", {"term": "P1Y", "notice_period": "P12M"}, ["notice_fills_term"]),
    ("a month may have thirty days", {"term": "P1M", "notice_period": "P30D"}, []),
    ("no month has more than thirty-one", {"term": "P1M", "notice_period": "P31D"}, ["notice_fills_term"]),
    ("two months may have sixty-two days", {"term": "P2M", "notice_period": "P61D"}, []),
    ("no two months have more", {"term": "P2M", "notice_period": "P62D"}, ["notice_fills_term"]),
    ("three months may have ninety-two days", {"term": "P3M", "notice_period": "P91D"}, []),
    ("eight years may have two leap days", {"term": "P8Y", "notice_period": "P2921D"}, []),
    ("four years may have no leap day", {"term": "P1461D", "notice_period": "P4Y"}, []),
    (
        "notice longer than the interval",
        {"renewal_intervals": ("P2Y", "P6M", "open"), "notice_period": "P1Y"},
        ["notice_fills_renewal_intervals"],
    ),
    ("the end within the first term", {**YEARLY, "ends": "2026-06"}, ["ends_not_with_term"]),
    ("the end of the term is its end", {**YEARLY, "ends": "2026-10-30"}, []),
    ("the end of the term is the day before", {**YEARLY, "ends": "2026-10-29"}, []),
    ("an end after the term that no convention gives", {**YEARLY, "ends": "2026-10-31"}, ["ends_not_with_term"]),
    ("a window that opens as it closes", {"notice_opens": "P6M", "notice_period": "P6M"}, ["notice_opens_too_late"]),
    ("a window", {"notice_opens": "P12M", "notice_period": "P6M"}, []),
    ("signed, and should apply", {"status": "signed", "effective": "2025"}, ["not_in_force_after_effective"]),
    ("terminated, no day", {"status": "terminated"}, ["status_without_day"]),
    ("suspended, no day", {"status": "suspended", "ends": "2030"}, ["status_without_day"]),
    ("terminated at its end", {"status": "terminated", "ends": "2026"}, []),
    ("terminated since a day", {"status": "terminated", "status_since": "2026"}, []),
    ("in force although it is to come", {"status": "in_force", "effective": "2027"}, ["in_force_before_effective"]),
    ("in force today", {"status": "in_force", "effective": "2026-11-25", "ends": "2026-11-25"}, []),
    ("in force although over", {"status": "in_force", "ends": "2026-11-24"}, ["in_force_after_end"]),
    ("announced tomorrow", {"announced": "2026-11-26"}, ["announced_in_the_future"]),
    ("announced this year", {"announced": "2026"}, []),
    ("signed next year", {"signed": "2027"}, ["signed_in_the_future"]),
    ("a digit too many", {"ends": "2206"}, ["far_ahead"]),
    ("in a hundred years", {"ends": "2126"}, []),
    ("a digit too few", {"signed": "0202"}, ["long_ago"]),
]
CLAUSES: list[tuple[str, tuple[str, str], Terms, list[str]]] = [
    ("no dates", ("", ""), Terms(ends="2027"), []),
    ("within the agreement", ("2026", "2027"), Terms(ends="2027"), []),
    ("ends before it begins", ("2027", "2026"), Terms(), ["ends_before_effective"]),
    ("longer than the agreement", ("2026", "2028"), Terms(ends="2027"), ["outlasts_agreement"]),
    ("begins when all is over", ("2028", ""), Terms(ends="2027"), ["begins_after_agreement"]),
    ("far", ("9025", ""), Terms(), ["far_ahead"]),
]
RENEWALS: list[tuple[str, tuple[str, int, str, str, str], Terms, list[str]]] = [
    ("where the terms lead", ("renegotiation", 1, "2026-10-30", "stated", "projected"), Terms(**YEARLY), []),
    ("by either convention", ("renegotiation", 1, "2026-10-29", "stated", "projected"), Terms(**YEARLY), []),
    ("a month that holds the day", ("renegotiation", 1, "2026-10", "stated", "projected"), Terms(**YEARLY), []),
    (
        "not where they lead",
        ("renegotiation", 2, "2026-10-30", "stated", "projected"),
        Terms(**YEARLY),
        ["not_where_terms_lead"],
    ),
    (
        "what is computed follows by itself",
        ("renegotiation", 2, "2026-10-30", "computed", "projected"),
        Terms(**YEARLY),
        [],
    ),
    ("a review is the editors' own", ("review", 2, "2026-03", "stated", "projected"), Terms(**YEARLY), []),
    ("due before it applies", ("review", 1, "2024", "stated", "projected"), Terms(**YEARLY), ["due_before_effective"]),
    ("due after the end", ("review", 1, "2028", "stated", "projected"), Terms(ends="2027"), ["due_after_end"]),
    (
        "after the first end it goes on",
        ("review", 1, "2028", "stated", "projected"),
        Terms(ends="2027", renewal_intervals=("P1Y",)),
        [],
    ),
    ("concluded before it was due", ("review", 1, "2027", "stated", "concluded"), Terms(), ["recorded_before_due"]),
    ("missed before it was due", ("review", 1, "2027", "stated", "missed"), Terms(), ["recorded_before_due"]),
    ("concluded this year", ("review", 1, "2026", "stated", "concluded"), Terms(), []),
    ("no day", ("review", 1, "", "stated", "concluded"), Terms(ends="2020"), []),
]
PARTS: list[tuple[str, tuple[str, str], list[str]]] = [
    ("joined, and stays", ("2020", ""), []),
    ("left before it joined", ("2020", "2019"), ["leaves_before_joining"]),
    ("far", ("9025", ""), ["far_ahead"]),
]
EVENTS: list[tuple[str, tuple[str, str, str, str, str, str], list[str]]] = [
    ("a visit to come", ("visit", "planned", "XXXX-04", "2025-10-30", "", ""), []),
    ("planned, and past", ("visit", "planned", "2026-04", "", "", ""), ["planned_in_the_past"]),
    ("planned for this month", ("visit", "planned", "2026-11", "", "", ""), []),
    ("held, and to come", ("meeting", "held", "2026-12", "", "", ""), ["held_in_the_future"]),
    ("before what it follows", ("visit", "held", "2025-09", "2025-10", "", ""), ["before_what_it_follows"]),
    ("signed on another day", ("signature", "held", "2025-09", "", "2025-10", ""), ["not_when_signed"]),
    ("a meeting is no signature", ("meeting", "held", "2025-09", "", "2025-10", ""), []),
    ("in force on another day", ("entry_into_force", "held", "2025-09", "", "", "2025-10"), ["not_when_effective"]),
    ("in force on that day", ("entry_into_force", "held", "2025-10-30", "", "", "2025-10"), []),
    ("a digit too few", ("visit", "held", "0205", "", "", ""), ["long_ago"]),
]


def codes(found: list[warnings.DateWarning]) -> list[str]:
    return [one.code for one in found]


@pytest.mark.parametrize(("given", "wanted"), [case[1:] for case in AGREEMENTS], ids=[case[0] for case in AGREEMENTS])
def test_agreements(given: dict[str, Any], wanted: list[str]) -> None:
    own = {"announced": "", "signed": "", "status": "unknown", "status_since": ""}
    terms = Terms(**{name: value for name, value in given.items() if name not in own})
    found = warnings.of_agreement(terms, **{name: given.get(name, value) for name, value in own.items()}, on=ON)
    assert codes(found) == wanted


@pytest.mark.parametrize(
    ("dates", "terms", "wanted"), [case[1:] for case in CLAUSES], ids=[case[0] for case in CLAUSES]
)
def test_clauses(dates: tuple[str, str], terms: Terms, wanted: list[str]) -> None:
    assert codes(warnings.of_clause(*dates, terms, ON)) == wanted


@pytest.mark.parametrize(
    ("row", "terms", "wanted"), [case[1:] for case in RENEWALS], ids=[case[0] for case in RENEWALS]
)
def test_renewals(row: tuple[str, int, str, str, str], terms: Terms, wanted: list[str]) -> None:
    assert codes(warnings.of_renewal(*row, terms, ON)) == wanted


@pytest.mark.parametrize(("row", "wanted"), [case[1:] for case in EVENTS], ids=[case[0] for case in EVENTS])
def test_events(row: tuple[str, str, str, str, str, str], wanted: list[str]) -> None:
    assert codes(warnings.of_event(*row, ON)) == wanted


@pytest.mark.parametrize(("dates", "wanted"), [case[1:] for case in PARTS], ids=[case[0] for case in PARTS])
def test_participations(dates: tuple[str, str], wanted: list[str]) -> None:
    assert codes(warnings.of_participation(*dates, ON)) == wanted


def test_a_clause_that_survives_may_outlast_its_agreement() -> None:
    assert warnings.of_clause("2028", "2030", Terms(ends="2027"), ON, survives=True) == []


def test_no_day_is_too_late_to_ask() -> None:
    assert warnings.of_agreement(Terms(ends="9999"), "", "", "unknown", date.max) == []
