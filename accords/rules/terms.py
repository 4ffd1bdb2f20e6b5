"""The terms of an agreement in time: the ends of its periods, the deadlines before them, and how they recur."""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from accords.rules import durations, edtf
from accords.rules.durations import Duration
from accords.rules.edtf import Bounds
from accords.rules.messages import Message

MAX_BOUNDARIES = 1000  # ends of periods in one call of `steps`
OPEN = "open"
SAME_DAY, DAY_BEFORE, UNSPECIFIED = "same_day", "day_before", "unspecified"
RENEWING = frozenset({"automatic", "optional", "negotiated"})

# The kind of step at the end of a period in each renewal mode, and its condition.
BOUNDARIES = {
    "none": ("expiry", Message("in any case: no renewal is provided for")),
    "automatic": ("renewal", Message("unless notice is given")),
    "optional": ("renewal", Message("only if the option is exercised")),
    "negotiated": ("renegotiation", Message("only if both parties agree again")),
    "evergreen": ("expiry", Message("in any case: its end is stated")),
    "unspecified": ("expiry", Message("what follows is not stated")),
}
# The kind of deadline that a notice period sets in each mode. Elsewhere the term ends without notice.
DEADLINES = {
    "automatic": "notice_deadline",
    "evergreen": "notice_deadline",
    "optional": "option_deadline",
    "unspecified": "notice_deadline",
}

_MOST_PERIODS = date.max.toordinal()  # more periods than days in the calendar cannot be distinguished
_NOTHING = Duration()
_DAY = Duration(days=1)
_DAY_LESS = Duration(days=-1)


@dataclass(frozen=True)
class Terms:
    """The dates (EDTF), periods (ISO 8601) and conditions that an agreement states; "" where not stated.

    `max_renewals` counts renewals after the first period; None is not stated, which `unlimited` sets apart. Raises
    ValueError for an unknown mode or convention, a negative `max_renewals`, and `open` before the end of the intervals.
    """

    effective: str = ""
    ends: str = ""
    term: str = ""
    term_ends: str = UNSPECIFIED
    renewal_mode: str = "unspecified"
    renewal_intervals: tuple[str, ...] = ()
    notice_period: str = ""
    notice_opens: str = ""
    max_renewals: int | None = None
    unlimited: bool = False
    effective_condition: str = ""
    term_from: str = ""
    renewal_condition: str = ""

    def __post_init__(self) -> None:
        if self.renewal_mode not in BOUNDARIES:
            raise ValueError(f"{self.renewal_mode}: no such renewal mode; one of {', '.join(BOUNDARIES)}")
        if self.term_ends not in (SAME_DAY, DAY_BEFORE, UNSPECIFIED):
            raise ValueError(f"{self.term_ends}: a term ends on the {SAME_DAY}, the {DAY_BEFORE} or is {UNSPECIFIED}")
        if self.max_renewals is not None and self.max_renewals < 0:
            raise ValueError(f"{self.max_renewals}: the number of renewals cannot be negative")
        if OPEN in self.renewal_intervals[:-1]:
            raise ValueError(f"{OPEN} can only be the last renewal interval")


class Step(NamedTuple):
    """One date that follows from the terms.

    `kind` is expiry, renewal, renegotiation, notice_deadline or option_deadline; `sequence` counts the ends of
    periods from 1, and a deadline has the number of the end that it precedes; `due` is EDTF; `offset` is the ISO
    8601 duration from the effective date, "" if no duration yields `due`; `condition` is the English condition of the
    step, besides every step before it; `opens` (EDTF) is the first day on which notice can be given or an option
    exercised, as `opens` below returns it.
    """

    kind: str
    sequence: int
    due: str
    offset: str
    condition: str
    opens: str = ""


def conventions(terms: Terms) -> tuple[str, ...]:
    """Return the conventions by which the last day of a period may be counted: one, or both if none is decided.

    `same_day`: a period counted from an event ends with the same calendar day (Regulation 1182/71, art. 3(2)(c); BGB
    § 188(2), first case; treaty practice). `day_before`: a period whose first day counts in full ends the day before
    (BGB § 188(2), second case; most commercial contracts). If the stated end follows from the stated effective date
    and term by only one of the two, that is the convention, even if `term_ends` says otherwise: a source states the
    dates.
    """
    computed_ends = {convention: _computed_end(terms, convention) for convention in (SAME_DAY, DAY_BEFORE)}
    if terms.ends and all(computed_ends.values()):  # a date without a year has no day before
        agreeing = tuple(name for name, end in computed_ends.items() if _may_be_same_day(end, terms.ends))
        if len(agreeing) == 1:
            return agreeing
    return (SAME_DAY, DAY_BEFORE) if terms.term_ends == UNSPECIFIED else (terms.term_ends,)


def dates_disagree(terms: Terms) -> bool:
    """Return whether the stated end does not follow from the effective date and the term by either convention."""
    computed_ends = (_computed_end(terms, SAME_DAY), _computed_end(terms, DAY_BEFORE))
    return (
        bool(terms.ends) and any(computed_ends) and not any(_may_be_same_day(end, terms.ends) for end in computed_ends)
    )


def intervals(terms: Terms) -> tuple[str, ...]:
    """Return the lengths of the periods after the first, of which the last repeats; the term, if none are stated.

    Empty if none are stated and the mode does not renew or no term is stated. The last may be `open`: a period without
    end.
    """
    if terms.renewal_intervals:
        return terms.renewal_intervals
    return (terms.term,) if terms.term and terms.renewal_mode in RENEWING else ()


def is_open(terms: Terms, renewals: int) -> bool:
    """Return whether the period after so many renewals has no end until someone terminates the agreement."""
    lengths = intervals(terms)
    return bool(lengths) and lengths[-1] == OPEN and renewals >= len(lengths)


def period_end(terms: Terms, renewals: int = 0, convention: str = "") -> str:
    """Return the last day (EDTF) of the period after so many renewals; of the first period for 0.

    The effective date, the term and all intervals are summed to one distance and added once, less a day where a
    period ends the day before: 31 January does not become 28 in later months. Periods after a stated end are counted
    from that end, unless it is the sum of the effective date and the term. Where no convention is decided, the end is
    that of `same_day`. Evergreen has no period; only `ends` can end it. Blank where the terms do not say, where the
    period is open, where `term_from` is set without a stated end, or wholly beyond the years 0001 to 9999.
    """
    convention = convention or conventions(terms)[0]
    if terms.ends and not renewals:
        return terms.ends
    if (terms.renewal_mode == "evergreen" and renewals) or is_open(terms, renewals):
        return ""
    if renewals and not intervals(terms):
        return ""
    computed = _computed_end(terms, convention) if terms.renewal_mode != "evergreen" else ""
    if terms.ends and computed != terms.ends:
        return _period_end_after_stated_end(terms, renewals, convention)
    return _computed_end(terms, convention, renewals) if computed else ""


def period_end_bounds(terms: Terms, renewals: int = 0) -> Bounds:
    """Return the first and the last day that the end of a period may be, under every convention not ruled out.

    Both are None if the period has no end, or if the terms do not say.
    """
    ends = [edtf.bounds(period_end(terms, renewals, convention)) for convention in conventions(terms)]
    earliest, latest = [end.earliest for end in ends], [end.latest for end in ends]
    return Bounds(
        None if None in earliest else min(day for day in earliest if day),
        None if None in latest else max(day for day in latest if day),
    )


def earliest_end(terms: Terms) -> str:
    """Return the first day (EDTF) on which an evergreen agreement can be made to end.

    Blank in other modes, if an end is stated, and where effective date and term have no sum (`_computed_end`).
    """
    if terms.renewal_mode != "evergreen" or terms.ends:
        return ""
    return _computed_end(terms, conventions(terms)[0])


def steps(terms: Terms, *, count: int | None = None, until: date | None = None, first: int = 1) -> Iterator[Step]:
    """Return the ends of the periods and the deadlines before them, in order of time.

    `count` limits the ends of periods, `until` the days: a step is included if it counts as due by then
    (`_counts_as_due`). `first` is the sequence of the first end that counts. There are never more than 1000 ends of
    periods. Modes none and unspecified have a single expiry; evergreen has one only where its end is stated, else the
    deadline before its earliest end; after `max_renewals` the end is an expiry. Raises ValueError without a limit or
    for a count that is not 0 to 1000. Malformed terms raise EdtfError or DurationError while the iterator is read.
    """
    if count is None and until is None:
        raise ValueError("steps need a limit: pass count or until")
    if count is not None and not 0 <= count <= MAX_BOUNDARIES:
        raise ValueError(f"count must be 0 to {MAX_BOUNDARIES}")
    limit = MAX_BOUNDARIES if count is None else count
    # Two streams: a deadline may be due by `until` although the end that it precedes is not.
    streams = [_period_end_steps(terms, first, limit), _deadline_steps(terms, first, limit)]
    if until is not None:
        streams = [takewhile(lambda step: _counts_as_due(step.due, step.sequence, until), stream) for stream in streams]
    return heapq.merge(*streams, key=_sort_key)


def ends_by(terms: Terms, until: date) -> int:
    """Return how many ends of periods count as due by the day `until`, as in `steps`, but without its limit."""

    def is_due_later(renewals: int) -> bool:
        """Return whether the end after so many renewals counts only after `until`, or is missing; so do later ones."""
        end = period_end(terms, renewals)
        return not (end and _counts_as_due(end, renewals + 1, until))

    return bisect_left(range(_last_renewal(terms) + 1), True, key=is_due_later)


@lru_cache(edtf.CACHE_SIZE)
def condition(terms: Terms, kind: str, sequence: int) -> str:
    """Return the condition of a step of this kind and number, besides every step before it.

    It is the `condition` of the step that the terms yield; blank if they yield no such step.
    """
    found = (step.condition for step in steps(terms, count=1, first=sequence) if step.kind == kind)
    return next(found, "")


def opens(terms: Terms, kind: str, sequence: int) -> str:
    """Return the first day (EDTF) on which this notice can be given or this option exercised.

    It is the later day if two conventions are possible. Blank if `notice_opens` is not stated, if the terms have no
    such deadline, and if the end from which it is counted is unknown.
    """
    if not terms.notice_opens or not _has_deadline(terms, kind, sequence):
        return ""
    return _day_before_end(terms, sequence - 1, terms.notice_opens, later=True)


@lru_cache(edtf.CACHE_SIZE)
def recurrence(terms: Terms) -> str:
    """Return the RFC 5545 recurrence rule (3.3.10, 3.8.5.3) of the ends of the periods, such as FREQ=YEARLY.

    DTSTART is meant to be `period_end(terms)` as a DATE; it counts as the first occurrence, and the final end as the
    last, so COUNT is the number of renewals + 1. RFC 5545 skips a month without the day, the terms clamp: ends on the
    29th to 31st are "the last of the days 28 to 31 that the month has". Blank where nothing recurs, where the
    intervals differ or an end is not one certain day, and where RFC 5545 has no rule: for months and days mixed, and
    for the day before the 29th or 30th.
    """
    lengths = [length for length in intervals(terms) if length != OPEN]
    if terms.renewal_mode not in RENEWING or len(set(lengths)) != 1 or not _last_renewal(terms):
        return ""
    convention = conventions(terms)[0]
    computed = _computed_end(terms, convention)
    is_counted_from_start = bool(computed) and (not terms.ends or computed == terms.ends)
    anchor = _certain_day(terms.effective if is_counted_from_start else _start_of_next(terms, convention))
    first = _certain_day(period_end(terms))
    if not anchor or not first:
        return ""
    interval = durations.parse(lengths[0])
    first_term = durations.parse(terms.term) if is_counted_from_start else _NOTHING
    if interval.total_months and (interval.total_days or first_term.total_days):
        return ""
    if interval.total_months:
        rule = _rule_of_months(interval.total_months, anchor, first, convention)
    else:
        rule = _rule_of_days(interval.total_days)
    count = _last_renewal(terms) + 1
    return rule if not rule or count > _MOST_PERIODS else f"{rule};COUNT={count}"


def premises(terms: Terms) -> list[str]:
    """Return the names of the stated terms that decide when periods end, and whether the agreement goes on after them.

    A stated end replaces the sum of the effective date and the term, unless later ends depend on that sum. If no
    intervals are stated, the term is the length of later periods. An event from which the term runs rules out the sum.
    `term_ends` is not among them: it is the editors' reading of the law.
    """
    mode, has_later_periods, names = terms.renewal_mode, _last_renewal(terms) > 0, ["ends"]
    has_first_end = bool(terms.term) and mode != "evergreen"
    if has_first_end and (not terms.ends or (has_later_periods and _later_ends_depend_on_sum(terms))):
        names = ["effective", "term", "term_from", "ends"]
    elif has_later_periods and not terms.renewal_intervals:
        names.append("term")
    names.append("renewal_mode")
    if mode != "evergreen":
        names.append("renewal_intervals")
    if mode in RENEWING:
        names.append("max_renewals")
    if mode == "automatic":
        names.append("renewal_condition")
    return _stated(terms, names)


def deadline_premises(terms: Terms) -> list[str]:
    """Return the names of the stated terms that decide the deadlines, besides `premises`.

    Empty if the terms provide for none. They are named also while no end is known from which to count. They decide the
    last day of each deadline and the first (`opens`). The earliest end of an evergreen agreement, before which notice
    is given, is the sum of the effective date and the term.
    """
    if not terms.notice_period or not _has_deadline(terms, DEADLINES.get(terms.renewal_mode, ""), 1):
        return []
    names_for_earliest_end = ["effective", "term", "term_from"] if terms.renewal_mode == "evergreen" else []
    return _stated(terms, [*names_for_earliest_end, "notice_period", "notice_opens"])


def _stated(terms: Terms, names: list[str]) -> list[str]:
    """Return those of these names whose terms are stated."""
    return [name for name in names if getattr(terms, name) not in (None, "", (), UNSPECIFIED)]


def _later_ends_depend_on_sum(terms: Terms) -> bool:
    """Return whether the ends after a stated one depend on the sum of effective date and term.

    They do if the stated end is that sum, or if the sum decides the convention. An event from which the term runs is
    ignored: where it alone prevents this, it is a premise itself. False if a date or duration cannot be read.
    """
    terms = replace(terms, term_from="")
    try:
        possible = conventions(terms)
        sums = [_computed_end(terms, convention) for convention in possible]
        return terms.ends in sums or possible != conventions(replace(terms, effective=""))
    except ValueError:  # EdtfError or DurationError
        return False


def _computed_end(terms: Terms, convention: str, renewals: int = 0) -> str:
    """Return effective date + term + intervals by a convention.

    Blank if the effective date or the term is not stated, if `term_from` is set, and where `edtf.shift` is: wholly
    outside the years 0001 to 9999, or if days are added to a date without a year.
    """
    if not (terms.effective and terms.term) or terms.term_from:
        return ""
    return edtf.shift(
        terms.effective,
        _by_convention(durations.parse(terms.term).plus(_sum_of_intervals(terms, renewals)), convention),
    )


def _by_convention(total: Duration, convention: str) -> Duration:
    """Return a distance from the first day of a period to its last, less a day where it ends the day before."""
    return total.plus(_DAY_LESS) if convention == DAY_BEFORE else total


def _start_of_next(terms: Terms, convention: str) -> str:
    """Return the day (EDTF) from which the periods after a stated end are counted."""
    return edtf.shift(terms.ends, _DAY) if convention == DAY_BEFORE else terms.ends


def _period_end_after_stated_end(terms: Terms, renewals: int, convention: str) -> str:
    """Return the last day (EDTF) of the period after so many renewals, counted from the stated end."""
    return edtf.shift(_start_of_next(terms, convention), _by_convention(_sum_of_intervals(terms, renewals), convention))


def _sum_of_intervals(terms: Terms, renewals: int) -> Duration:
    """Return the sum of the first so many intervals, the last of them repeated."""
    lengths = intervals(terms)[:renewals]
    total = _NOTHING
    for length in lengths:
        total = total.plus(durations.parse(length))
    return total.plus(durations.parse(lengths[-1]).times(renewals - len(lengths))) if lengths else total


def _may_be_same_day(first: str, second: str) -> bool:
    """Return whether two dates (EDTF) may be the same day, as a date without a year may be any; False for a blank."""
    if not (first and second):
        return False
    first_bounds, second_bounds = edtf.bounds(first), edtf.bounds(second)
    low, high = (
        max(first_bounds.earliest or date.min, second_bounds.earliest or date.min),
        min(first_bounds.latest or date.max, second_bounds.latest or date.max),
    )
    return low <= high


def _last_renewal(terms: Terms) -> int:
    """Return after how many renewals the last end of a period comes; `_MOST_PERIODS` if they are not limited."""
    lengths = intervals(terms)
    if terms.renewal_mode not in RENEWING or not lengths:
        return 0
    limit = _MOST_PERIODS if terms.max_renewals is None else terms.max_renewals
    return min(limit, len(lengths) - 1) if lengths[-1] == OPEN else limit


def _period_end_steps(terms: Terms, first: int, limit: int) -> Iterator[Step]:
    """Yield up to `limit` ends of periods, from number `first` on."""
    for sequence in range(first, min(first + limit - 1, _last_renewal(terms) + 1) + 1):
        due = period_end(terms, sequence - 1)
        if not due:
            return
        kind, end_condition = _kind_and_condition(terms, sequence)
        yield Step(kind, sequence, due, _offset(terms, sequence, due), end_condition)


def _deadline_steps(terms: Terms, first: int, limit: int) -> Iterator[Step]:
    """Yield the deadline before each end that notice, or the use of an option, can change."""
    kind = DEADLINES.get(terms.renewal_mode)
    if not kind or not terms.notice_period:
        return
    for sequence in range(first, first + limit):
        if not _has_deadline(terms, kind, sequence):
            return
        end, due = (
            period_end(terms, sequence - 1) or earliest_end(terms),
            _day_before_end(terms, sequence - 1, terms.notice_period),
        )
        if not end:
            return
        if due:
            offset = _offset(terms, sequence, due, durations.parse(terms.notice_period).times(-1))
            yield Step(kind, sequence, due, offset, _deadline_condition(terms, end), opens(terms, kind, sequence))


@lru_cache(edtf.CACHE_SIZE)
def _day_before_end(terms: Terms, renewals: int, period: str, *, later: bool = False) -> str:
    """Return the day (EDTF) that lies `period` before the end of the period after so many renewals.

    For evergreen terms it is counted from the earliest end. Where both conventions are possible there are two such
    days: the earlier is in time under either; with `later`, the later, from which on it is not too early under either.
    Blank if one of them is not known.
    """
    backwards, days = durations.parse(period).times(-1), []
    for convention in conventions(terms):
        end = period_end(terms, renewals, convention)
        if not end and terms.renewal_mode == "evergreen":
            end = _computed_end(terms, convention)
        days.append(edtf.shift(end, backwards))
    if not all(days):
        return ""
    return max(days, key=_earliest_known_day) if later else min(days, key=_earliest_known_day)


def _earliest_known_day(text: str) -> date:
    """Return the first day of a date (EDTF), or its last if it has no first; without bounds the calendar's last."""
    earliest, latest = edtf.bounds(text)
    return earliest or latest or date.max


def _is_last_end(terms: Terms, sequence: int) -> bool:
    """Return whether nothing follows the end of this number, whatever anyone does."""
    return terms.renewal_mode in RENEWING and terms.max_renewals == sequence - 1


def _has_deadline(terms: Terms, kind: str, sequence: int) -> bool:
    """Return whether a notice, or the use of an option, of this kind can change the end of this number."""
    mode_has_it = DEADLINES.get(terms.renewal_mode) == kind and not (terms.renewal_mode == "evergreen" and terms.ends)
    return mode_has_it and sequence <= _last_renewal(terms) + 1 and not _is_last_end(terms, sequence)


def _kind_and_condition(terms: Terms, sequence: int) -> tuple[str, str]:
    """Return the kind of step at the end of a period, and its condition."""
    if _is_last_end(terms, sequence):
        return "expiry", Message("in any case: no renewal is left")
    kind, end_condition = BOUNDARIES[terms.renewal_mode]
    if terms.renewal_mode == "automatic":
        deadline = _day_before_end(terms, sequence - 1, terms.notice_period) if terms.notice_period else ""
        end_condition = (
            Message("unless notice is given by %(day)s", day=deadline)
            if deadline
            else Message("unless notice is given in time")
        )
    if terms.renewal_condition and terms.renewal_mode in RENEWING:
        end_condition = Message(
            "%(condition)s, and only if: %(words)s", condition=end_condition, words=terms.renewal_condition
        )
    return kind, end_condition


def _deadline_condition(terms: Terms, end: str) -> str:
    """Return the condition of the deadline before an end (EDTF) of a period."""
    if terms.renewal_mode == "evergreen":
        return Message("notice by this day can end it on %(end)s, its earliest end", end=end)
    if terms.renewal_mode == "optional":
        return Message("the option to go on after %(end)s can be exercised until this day", end=end)
    return Message("notice before %(end)s is in time until this day", end=end)


def _offset(terms: Terms, sequence: int, due: str, notice: Duration = _NOTHING) -> str:
    """Return the distance of `due` from the effective date as an ISO 8601 duration; "" if no duration yields it."""
    if not (terms.effective and terms.term) or terms.term_from:
        return ""
    total = durations.parse(terms.term).plus(_sum_of_intervals(terms, sequence - 1)).plus(notice)
    return durations.spell(total) if edtf.shift(terms.effective, total) == due else ""


def _sort_key(step: Step) -> tuple[date, bool, int]:
    """Return the key of the order of time, in which a deadline comes before an end on the same day."""
    return _earliest_known_day(step.due), step.kind not in DEADLINES.values(), step.sequence


def _counts_as_due(due: str, sequence: int, until: date) -> bool:
    """Return whether a step counts as due by the day `until`.

    It counts from the first day of its date. Without a first day it may be due by any day: then the step of number 1
    always counts, and a later one from the last day, or never if it has none. Otherwise there would be no end of them.
    """
    earliest, latest = edtf.bounds(due)
    day = earliest or latest
    is_first_of_open_start = earliest is None and sequence == 1
    return is_first_of_open_start or (day is not None and day <= until)


def _certain_day(text: str) -> date | None:
    """Return the day of a date (EDTF) that can be only one; None for others."""
    earliest, latest = edtf.bounds(text)
    return earliest if earliest == latest else None


def _rule_of_days(days: int) -> str:
    """Return the rule for each so many days, in weeks if these are whole."""
    return _recurrence_rule("WEEKLY", days // 7) if days % 7 == 0 else _recurrence_rule("DAILY", days)


def _rule_of_months(months: int, anchor: date, first: date, convention: str) -> str:
    """Return the rule for each so many months; an end is on the day of `anchor`, or the last that the month has."""
    name, size = ("MONTHLY", months) if months % 12 else ("YEARLY", months // 12)
    start = first.month - (convention == DAY_BEFORE and anchor.day == 1)  # the month in which the sum itself ends
    # the months repeat after twelve renewals
    in_february = any((start - 2 + months * renewal) % 12 == 0 for renewal in range(12))
    february = ";BYMONTH=2" if name == "YEARLY" else ""
    if convention == DAY_BEFORE:
        return _rule_of_days_before(_recurrence_rule(name, size), anchor, first, in_february, february)
    # Of all months only February changes its length from year to year.
    if anchor.day <= 28 or (name == "YEARLY" and not in_february):
        return _recurrence_rule(name, size)
    days = "28,29" if name == "YEARLY" else ",".join(str(day) for day in range(28, anchor.day + 1))
    return f"{_recurrence_rule(name, size)}{february};BYMONTHDAY={days};BYSETPOS=-1"


def _rule_of_days_before(rule: str, anchor: date, first: date, in_february: bool, february: str) -> str:
    """Return the rule for the days before those of `_rule_of_months`; "" if RFC 5545 has none."""
    if anchor.day == 1:  # the last days of months
        changes = rule.startswith("FREQ=MONTHLY") or first.month == 2
        return f"{rule}{february if first.month == 2 else ''};BYMONTHDAY=-1" if changes else rule
    if anchor.day <= 28 or (rule.startswith("FREQ=YEARLY") and not in_february):
        return rule
    if anchor.day == 31 or rule.startswith("FREQ=YEARLY"):  # the last but one
        return f"{rule}{february};BYMONTHDAY=-2"
    return "" if in_february else rule


def _recurrence_rule(frequency: str, interval: int) -> str:
    return f"FREQ={frequency}" + (f";INTERVAL={interval}" if interval > 1 else "")
