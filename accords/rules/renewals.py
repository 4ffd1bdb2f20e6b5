"""What an agreement's term does next: the ends of its periods, the notice before them, and how they recur."""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from accords.rules import durations, edtf
from accords.rules.durations import Duration
from accords.rules.messages import Message

MAX_BOUNDARIES = 1000
# More periods than days in the calendar cannot be told apart.
_MOST_PERIODS = date.max.toordinal()
_NOTHING = Duration()

# What the end of a period brings in each renewal mode, and on what that depends.
BOUNDARIES = {
    "none": ("expiry", Message("in any case: no renewal is provided for")),
    "automatic": ("renewal", Message("unless notice is given")),
    "optional": ("renewal", Message("only if the option is exercised")),
    "negotiated": ("renegotiation", Message("only if both parties agree again")),
    "evergreen": ("", ""),
    "unspecified": ("expiry", Message("what follows is not stated")),
}
RENEWING = frozenset({"automatic", "optional", "negotiated"})


@dataclass(frozen=True)
class Terms:
    """What an agreement states about its time: dates as EDTF, periods as ISO 8601 durations, "" where not stated.

    `max_renewals` counts renewals after the first period; None means not stated. Raises ValueError for a renewal
    mode without a rule and for a negative `max_renewals`.
    """

    effective: str = ""
    ends: str = ""
    term: str = ""
    renewal_mode: str = "unspecified"
    renewal_interval: str = ""
    notice_period: str = ""
    max_renewals: int | None = None

    def __post_init__(self) -> None:
        if self.renewal_mode not in BOUNDARIES:
            raise ValueError(f"{self.renewal_mode}: no such renewal mode; one of {', '.join(BOUNDARIES)}")
        if self.max_renewals is not None and self.max_renewals < 0:
            raise ValueError(f"{self.max_renewals}: the number of renewals cannot be negative")


class Step(NamedTuple):
    """One thing that the terms say will come.

    `kind` is expiry, renewal, renegotiation or notice_deadline; `sequence` counts the ends of periods from 1, and a
    notice deadline has the number of the end before which it lies; `due` is EDTF; `offset` is the ISO 8601 duration
    from the effective date, "" where none leads to `due`; `condition` says in English what the step depends on,
    besides on every step before it.
    """

    kind: str
    sequence: int
    due: str
    offset: str
    condition: str


def interval(terms: Terms) -> str:
    """The length of each period after the first (ISO 8601), "" if not stated: the term again, if the mode renews."""
    return terms.renewal_interval or (terms.term if terms.renewal_mode in RENEWING else "")


def period_end(terms: Terms, renewals: int = 0) -> str:
    """The end (EDTF) of the period that runs after so many renewals; of the first period for 0.

    It is the effective date + term + renewals x interval, summed to one distance and added once, so that 31 January
    does not decay to 28 (Regulation 1182/71, art. 3(2)(c): the same calendar date, clamped to the month's end). A
    stated `ends` takes the place of effective date + term: it is the source's word, the sum only our reading of two
    others. Evergreen has no period; only `ends` can end it.
    Blank where the terms do not say, or the end leaves the years 0001 to 9999.
    """
    anchor, head = _anchor(terms)
    if not anchor or (renewals and not interval(terms)):
        return ""
    return edtf.shift(anchor, _distance(terms, head, renewals))


def first_expiry(terms: Terms) -> str:
    """The end (EDTF) of the first period: `ends` if stated, else effective date + term; blank if neither is."""
    return period_end(terms)


def next_expiry(terms: Terms, after: date) -> str:
    """The end (EDTF) of the period that runs on the day `after`, every renewal until then taken as made.

    A period runs until the end of its last day, and an uncertain end counts as long as it may not have come. Blank
    where the last period is over, or no end is stated.
    """
    periods = range(_last_renewal(terms) + 1)
    found = bisect_left(periods, True, key=lambda renewals: _may_run(period_end(terms, renewals), after))
    return period_end(terms, found) if found < len(periods) else ""


def steps(terms: Terms, *, count: int | None = None, until: date | None = None, first: int = 1) -> Iterator[Step]:
    """The ends of the periods and the notice deadlines before them, in order of time.

    `count` limits the ends of periods, `until` the days: a step belongs if it may be due by then, and one that has
    no bounds at all (XXXX-04) belongs once. `first` is the sequence of the first end that counts. No more than 1000
    ends of periods come in any case. Modes none and unspecified have a single expiry, evergreen has none; after
    `max_renewals` the end is an expiry. Nothing comes without `ends` or both effective date and term. Raises
    ValueError without a limit or for a count that is not 0 to 1000, EdtfError and DurationError for terms that are
    none.
    """
    if count is None and until is None:
        raise ValueError("steps need a limit: hand in count or until")
    if count is not None and not 0 <= count <= MAX_BOUNDARIES:
        raise ValueError(f"count must be 0 to {MAX_BOUNDARIES}")
    most = MAX_BOUNDARIES if count is None else count
    # Two streams, for a notice deadline can come by `until` while the end that it belongs to does not.
    streams = [_boundaries(terms, first, most)]
    if terms.notice_period:
        streams.append(_notices(terms, first, most))
    if until is not None:
        streams = [takewhile(lambda step: _may_be_due(step, until), stream) for stream in streams]
    return heapq.merge(*streams, key=_moment)


def ends_by(terms: Terms, until: date) -> int:
    """How many ends of periods may be due by the day `until`; an end without any bounds (XXXX-04) is counted once."""
    if terms.renewal_mode == "evergreen":
        return 0
    periods = range(_last_renewal(terms) + 1)
    return bisect_left(periods, True, key=lambda renewals: not _may_end(terms, renewals, until))


def condition(terms: Terms, kind: str, sequence: int, due: str) -> str:
    """On what a step of this kind, number and date (EDTF) depends, besides every step before it.

    It is the `condition` of the step that the terms give; blank where the end of a period brings no such kind.
    """
    if kind == "notice_deadline":
        end = period_end(terms, sequence - 1)
        return _notice_condition(end) if terms.notice_period and end else ""
    comes, words = _what_comes(terms, sequence, due)
    return words if kind == comes else ""


def recurrence(terms: Terms) -> str:
    """The RFC 5545 recurrence rule (3.3.10, 3.8.5.3) of the ends of the periods, such as FREQ=YEARLY;INTERVAL=5.

    DTSTART is meant to be `first_expiry(terms)` as a DATE; it counts as the first occurrence, and the final expiry
    as the last, so COUNT is `max_renewals` + 1. RFC 5545 skips a month without the day, the terms clamp: ends on the
    29th to 31st are "the last of the days 28 to 31 that the month has". Blank where nothing recurs, where the first
    end is not one certain day, or where no rule can say it: months and days mixed do not recur evenly.
    """
    anchor, head = _anchor(terms)
    day, first = _certain_day(anchor), _certain_day(first_expiry(terms))
    if not (terms.renewal_mode in RENEWING and interval(terms) and day and first) or terms.max_renewals == 0:
        return ""
    step = durations.parse(interval(terms))
    if step.total_months and (step.total_days or head.total_days):
        return ""
    rule = _monthly(step.total_months, day, first) if step.total_months else _daily(step.total_days)
    return rule if terms.max_renewals is None else f"{rule};COUNT={terms.max_renewals + 1}"


def premises(terms: Terms) -> list[str]:
    """The names of the stated terms from which all steps are computed; a stated end takes the place of a sum."""
    first = ("ends",) if terms.ends else ("effective", "term")
    names = (*first, "renewal_mode", "renewal_interval", "notice_period", "max_renewals")
    return [name for name in names if getattr(terms, name) not in (None, "", "unspecified")]


def _anchor(terms: Terms) -> tuple[str, Duration]:
    """The EDTF date from which all ends are computed and the distance of the first; a blank date if none is stated."""
    if terms.ends:
        return terms.ends, _NOTHING
    if terms.effective and terms.term and terms.renewal_mode != "evergreen":
        return terms.effective, durations.parse(terms.term)
    return "", _NOTHING


def _distance(terms: Terms, head: Duration, renewals: int) -> Duration:
    return head.plus(durations.parse(interval(terms)).times(renewals)) if renewals else head


def _last_renewal(terms: Terms) -> int:
    """The number of renewals after which no period follows, as far as the terms say; beyond the calendar if none."""
    if terms.renewal_mode not in RENEWING or not interval(terms):
        return 0
    return _MOST_PERIODS if terms.max_renewals is None else terms.max_renewals


def _boundaries(terms: Terms, first: int, most: int) -> Iterator[Step]:
    if terms.renewal_mode == "evergreen":
        return
    for sequence in range(first, min(first + most - 1, _last_renewal(terms) + 1) + 1):
        due = period_end(terms, sequence - 1)
        if not due:
            return
        kind, condition = _what_comes(terms, sequence, due)
        yield Step(kind, sequence, due, _offset(terms, sequence, due), condition)


def _notices(terms: Terms, first: int, most: int) -> Iterator[Step]:
    notice = durations.parse(terms.notice_period).times(-1)
    for end in _boundaries(terms, first, most):
        due = edtf.shift(end.due, notice)
        if due:
            offset = _offset(terms, end.sequence, due, notice)
            yield Step("notice_deadline", end.sequence, due, offset, _notice_condition(end.due))


def _notice_condition(end: str) -> str:
    return Message("notice before %(end)s is in time until this day", end=end)


def _what_comes(terms: Terms, sequence: int, due: str) -> tuple[str, str]:
    """The kind of step at the end of a period, and its condition."""
    if terms.renewal_mode in RENEWING and terms.max_renewals == sequence - 1:
        return "expiry", Message("in any case: no renewal is left")
    kind, condition = BOUNDARIES[terms.renewal_mode]
    if terms.renewal_mode != "automatic":
        return kind, condition
    deadline = edtf.add(due, terms.notice_period, -1) if terms.notice_period else ""
    if deadline:
        return kind, Message("unless notice is given by %(day)s", day=deadline)
    return kind, Message("unless notice is given in time")


def _offset(terms: Terms, sequence: int, due: str, notice: Duration = _NOTHING) -> str:
    """The distance of `due` from the effective date as ISO 8601, if it is one that leads there from that date."""
    if not (terms.effective and terms.term):
        return ""
    total = _distance(terms, durations.parse(terms.term), sequence - 1).plus(notice)
    return durations.spell(total) if edtf.shift(terms.effective, total) == due else ""


def _moment(step: Step) -> tuple[date, bool, int]:
    earliest, latest = edtf.bounds(step.due)
    return earliest or latest or date.max, step.kind != "notice_deadline", step.sequence


def _may_be_due(step: Step, until: date) -> bool:
    return _may_come(step.due, step.sequence, until)


def _may_end(terms: Terms, renewals: int, until: date) -> bool:
    end = period_end(terms, renewals)
    return bool(end) and _may_come(end, renewals + 1, until)


def _may_come(due: str, sequence: int, until: date) -> bool:
    earliest, latest = edtf.bounds(due)
    reach = earliest or latest
    return sequence == 1 if reach is None else reach <= until


def _may_run(end: str, on: date) -> bool:
    latest = edtf.bounds(end).latest
    return latest is None or on <= latest


def _certain_day(text: str) -> date | None:
    earliest, latest = edtf.bounds(text)
    return earliest if earliest == latest else None


def _daily(days: int) -> str:
    return _rule("WEEKLY", days // 7) if days % 7 == 0 else _rule("DAILY", days)


def _monthly(months: int, anchor: date, first: date) -> str:
    """The rule of whole months from `anchor`, whose day is what each month's end clamps."""
    days = ",".join(str(day) for day in range(28, anchor.day + 1))
    if months % 12:
        return _rule("MONTHLY", months) + (f";BYMONTHDAY={days};BYSETPOS=-1" if anchor.day > 28 else "")
    # Of all months only February changes its length from year to year.
    clamped = first.month == 2 and anchor.day > 28
    return _rule("YEARLY", months // 12) + (";BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1" if clamped else "")


def _rule(frequency: str, interval: int) -> str:
    return f"FREQ={frequency}" + (f";INTERVAL={interval}" if interval > 1 else "")
