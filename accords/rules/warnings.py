"""Odd dates and periods: worth a second look, never an error.

Of 3 735 treaties 212 entered into force before they were signed. So these are no errors, and there is no warning about
a date that is in order under one of its readings.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from accords.rules import durations, edtf
from accords.rules.terms import OPEN, Terms, dates_disagree, intervals, period_end_bounds

YEARS_AHEAD = 100
LONG_AGO = date(1000, 1, 1)  # before it a year is more likely mistyped than meant
# The first days of all months around a century without a leap day and one with it: a period that is at least as long
# as another from each of them is so from any day.
_ANCHORS = tuple(date(year, month, 1) for year in (*range(1896, 1904), *range(2000, 2004)) for month in range(1, 13))
_ENDS = ("expiry", "renewal", "renegotiation")


class DateWarning(NamedTuple):
    """An odd combination of values: a code, and the fields of the row that it concerns."""

    code: str
    fields: tuple[str, ...]


def of_agreement(
    terms: Terms, announced: str, signed: str, status: str, on: date, status_since: str = ""
) -> list[DateWarning]:
    """Return the warnings about the dates (EDTF) and periods of an agreement, as seen on the day `on`."""
    dates = {"announced": announced, "signed": signed, "effective": terms.effective, "ends": terms.ends}
    return [
        *_order_warnings(dates),
        *_period_warnings(terms),
        *_status_warnings(terms, status, status_since, on),
        *_future_warnings(dates, on),
        *_distance_warnings(dates | {"status_since": status_since}, on),
    ]


def of_clause(effective: str, ends: str, terms: Terms, on: date, survives: bool = False) -> list[DateWarning]:
    """Return the warnings about a clause's own dates, given the terms of its agreement."""
    warnings = list(_distance_warnings({"effective": effective, "ends": ends}, on))
    if certainly_before_date(ends, effective):
        warnings.append(DateWarning("ends_before_effective", ("effective", "ends")))
    if certainly_before_date(terms.ends, ends) and not survives:
        warnings.append(DateWarning("outlasts_agreement", ("ends",)))
    if certainly_before_date(terms.ends, effective) and not survives:
        warnings.append(DateWarning("begins_after_agreement", ("effective",)))
    return warnings


def of_renewal(
    kind: str, sequence: int, due: str, basis: str, status: str, terms: Terms, on: date
) -> list[DateWarning]:
    """Return the warnings about a renewal date, given the terms of its agreement and which end of a period it is."""
    warnings = list(_distance_warnings({"due": due}, on))
    if certainly_before_date(due, terms.effective):
        warnings.append(DateWarning("due_before_effective", ("due",)))
    if certainly_before_date(terms.ends, due) and not intervals(terms):
        warnings.append(DateWarning("due_after_end", ("due",)))
    if status in ("concluded", "missed") and certainly_after(due, on):
        warnings.append(DateWarning("recorded_before_due", ("due", "status")))
    if basis != "computed" and kind in _ENDS and _is_no_period_end(due, terms, sequence):
        warnings.append(DateWarning("not_where_terms_lead", ("due", "sequence")))
    return warnings


def of_participation(since: str, until: str, on: date) -> list[DateWarning]:
    """Return the warnings about the dates between which a party takes part."""
    warnings = list(_distance_warnings({"since": since, "until": until}, on))
    return (
        [*warnings, DateWarning("leaves_before_joining", ("since", "until"))]
        if certainly_before_date(until, since)
        else warnings
    )


def of_event(kind: str, status: str, day: str, after: str, signed: str, effective: str, on: date) -> list[DateWarning]:
    """Return the warnings about an event on `day` (EDTF).

    `after` is the date of the event that it follows; `signed` and `effective` are the agreement's dates.
    """
    warnings = list(_distance_warnings({"date": day}, on))
    if status == "planned" and certainly_before_day(day, on):
        warnings.append(DateWarning("planned_in_the_past", ("date", "status")))
    if status == "held" and certainly_after(day, on):
        warnings.append(DateWarning("held_in_the_future", ("date", "status")))
    if certainly_before_date(day, after):
        warnings.append(DateWarning("before_what_it_follows", ("date", "after")))
    if kind == "signature" and _cannot_be_same(day, signed):
        warnings.append(DateWarning("not_when_signed", ("date",)))
    if kind == "entry_into_force" and _cannot_be_same(day, effective):
        warnings.append(DateWarning("not_when_effective", ("date",)))
    return warnings


def certainly_before_date(first: str, second: str) -> bool:
    """Return whether the first date (EDTF) is before the second under every reading of both."""
    latest, earliest = edtf.bounds(first).latest, edtf.bounds(second).earliest
    return latest is not None and earliest is not None and latest < earliest


def certainly_before_day(text: str, on: date) -> bool:
    """Return whether a date (EDTF) is before a day under every reading."""
    latest = edtf.bounds(text).latest
    return latest is not None and latest < on


def certainly_after(text: str, on: date) -> bool:
    """Return whether a date (EDTF) is after a day under every reading."""
    earliest = edtf.bounds(text).earliest
    return earliest is not None and earliest > on


def _cannot_be_same(first: str, second: str) -> bool:
    """Return whether two dates (EDTF) differ under every reading of both."""
    return certainly_before_date(first, second) or certainly_before_date(second, first)


def _order_warnings(dates: dict[str, str]) -> Iterator[DateWarning]:
    """Yield warnings about dates of an agreement (EDTF, by field) that are in an unusual order."""
    for code, earlier, later in (
        ("effective_before_signed", "signed", "effective"),
        ("ends_before_effective", "effective", "ends"),
        ("ends_before_signed", "signed", "ends"),
        ("announced_after_effective", "announced", "effective"),
    ):
        if certainly_before_date(dates[later], dates[earlier]):
            yield DateWarning(code, (earlier, later))


def _period_warnings(terms: Terms) -> Iterator[DateWarning]:
    """Yield warnings about periods that contradict each other, or the stated end."""
    lengths = [
        ("term", terms.term),
        *(("renewal_intervals", interval) for interval in terms.renewal_intervals if interval != OPEN),
    ]
    for name in dict.fromkeys(name for name, length in lengths if _is_at_least_as_long(terms.notice_period, length)):
        yield DateWarning(f"notice_fills_{name}", ("notice_period", name))
    if terms.notice_opens and _is_at_least_as_long(terms.notice_period, terms.notice_opens):
        yield DateWarning("notice_opens_too_late", ("notice_opens", "notice_period"))
    if dates_disagree(terms):
        yield DateWarning("ends_not_with_term", ("effective", "term", "ends"))


def _is_at_least_as_long(period: str, other: str) -> bool:
    """Return whether a period (ISO 8601) is at least as long as another, whenever both begin.

    False if one is blank or leads beyond the year 9999.
    """
    if not (period and other):
        return False
    try:
        return all(durations.add(day, period) >= durations.add(day, other) for day in _ANCHORS)
    except durations.OutOfCalendar:
        return False


def _status_warnings(terms: Terms, status: str, status_since: str, on: date) -> Iterator[DateWarning]:
    """Yield warnings about a status that the dates contradict, or that has no date from which it applies."""
    if status == "in_force" and certainly_after(terms.effective, on):
        yield DateWarning("in_force_before_effective", ("status", "effective"))
    if status == "in_force" and certainly_before_day(terms.ends, on) and not intervals(terms):
        yield DateWarning("in_force_after_end", ("status", "ends"))
    if status == "signed" and certainly_before_day(terms.effective, on):
        yield DateWarning("not_in_force_after_effective", ("status", "effective"))
    if status in ("suspended", "terminated") and not (status_since or (status == "terminated" and terms.ends)):
        yield DateWarning("status_without_day", ("status", "status_since"))


def _future_warnings(dates: dict[str, str], on: date) -> Iterator[DateWarning]:
    """Yield warnings about dates in the future of acts that have taken place."""
    for name in ("announced", "signed"):
        if certainly_after(dates[name], on):
            yield DateWarning(f"{name}_in_the_future", (name,))


def _distance_warnings(dates: dict[str, str], on: date) -> Iterator[DateWarning]:
    """Yield warnings about dates so far from the day `on` that a digit may be wrong."""
    horizon = date(min(on.year + YEARS_AHEAD, date.max.year), 12, 31)
    for name, text in dates.items():
        if certainly_after(text, horizon):
            yield DateWarning("far_ahead", (name,))
        if certainly_before_day(text, LONG_AGO):
            yield DateWarning("long_ago", (name,))


def _is_no_period_end(due: str, terms: Terms, sequence: int) -> bool:
    """Return whether a date (EDTF) cannot be the end of the period of this number (from 1), by any convention."""
    earliest, latest = period_end_bounds(terms, sequence - 1)
    stated = edtf.bounds(due)
    too_early = earliest is not None and stated.latest is not None and stated.latest < earliest
    return too_early or (latest is not None and stated.earliest is not None and stated.earliest > latest)
