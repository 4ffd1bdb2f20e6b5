"""What is so on a given day: whether an agreement is upcoming, current or over, in force, and what is not stated."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from accords.rules import edtf
from accords.rules.messages import Message
from accords.rules.renewals import RENEWING, Terms, first_expiry, interval, period_end

Certainty = Literal["possible", "certain"]

# What an agreement is after the end of its period, in each renewal mode, as long as a renewal is left.
AFTER_PERIOD = {
    "none": "lapsed",
    "automatic": "current",
    "optional": "renewal_due",
    "negotiated": "renewal_due",
    "evergreen": "current",
    "unspecified": "unknown",
}
# What takes place only if someone acts. An expiry and the end of a time for notice come by themselves.
ACTS = ("renewal", "renegotiation", "review")
STATED_FIELDS = (
    "announced",
    "signed",
    "effective",
    "ends",
    "term",
    "renewal_mode",
    "renewal_interval",
    "notice_period",
    "max_renewals",
)
_NOT_STATED = (None, "", "unspecified")


class Span(NamedTuple):
    """The earliest and the latest day of one moment; the calendar's ends where nothing bounds it."""

    low: date
    high: date


class Spans(NamedTuple):
    """Between which days each day of a reading lies: the calendar's first and last where nothing bounds it."""

    starts: Span
    period_ends: Span
    last_ends: Span
    stated_end: Span


_NEVER = Span(date.max, date.max)


class Question(NamedTuple):
    """What terms leave open, such as "when its first term ends", and what would answer it.

    `answers` are alternatives: each names the fields that would have to be stated, or stated more exactly.
    """

    asks: str
    answers: tuple[tuple[str, ...], ...]


class _Reading(NamedTuple):
    """One way to read the dates: the first day, the last day of the period that runs, of the last one, and `ends`."""

    starts: date
    period_ends: date
    last_ends: date
    stated_end: date


def temporal_status(terms: Terms, status: str, on: date, concluded: int = 0) -> str:
    """What the agreement is on the day `on`: upcoming, current, renewal_due, lapsed, terminated or unknown.

    `status` is the editor's word, `concluded` the number of renewals and renegotiations recorded as concluded. In
    this order: terminated, if the editor says so and `ends` is blank or over; lapsed, after the last period;
    upcoming, before the effective date; current, up to and with the last day of the period (a P1Y from 2025-10-30
    runs until 2026-10-30: Regulation 1182/71, art. 3(2)(c)), or for good where no end is stated; after it what
    AFTER_PERIOD says. The last period is the one after `max_renewals`; the only one in mode none; the one up to a
    stated `ends` in modes unspecified and evergreen. The answer is unknown if it differs between the earliest and
    the latest reading of the dates, as it does while an effective date that nothing bounds is not known to be over.
    """
    starts, *others = spans(terms, concluded)
    answers = {
        _state(terms, status, on, _Reading(starts.low, *(span.low for span in others))),
        _state(terms, status, on, _Reading(starts.high, *(span.high for span in others))),
    }
    return answers.pop() if len(answers) == 1 else "unknown"


def in_force(terms: Terms, status: str, on: date, certainty: Certainty = "possible", concluded: int = 0) -> bool:
    """Whether the agreement is in force on the day `on`; what is certain is also possible.

    Possible: under some reading of the dates it is current, awaits a renewal, or has outlived a period after which
    nothing is stated. Certain: it is current under every reading, and its effective date has a last possible day.
    A suspended agreement is never certainly in force (Vienna Convention on the Law of Treaties, art. 72), but
    possibly, for no source says since when. Raises ValueError for another certainty.
    """
    starts, *others = spans(terms, concluded)
    if certainty == "possible":
        reading = _Reading(starts.low, *(span.high for span in others))
        return _state(terms, status, on, reading) in ("current", "renewal_due", "unknown")
    if certainty != "certain":
        raise ValueError(f"{certainty}: the certainty is possible or certain")
    reading = _Reading(starts.high, *(span.low for span in others))
    known = edtf.bounds(terms.effective).latest is not None
    return known and status != "suspended" and _state(terms, status, on, reading) == "current"


def awaits_act(kind: str, renewal_mode: str) -> bool:
    """Whether someone must act for this to take place: a renewal in mode automatic comes by itself."""
    return kind in ACTS and not (kind == "renewal" and renewal_mode == "automatic")


def overdue(kind: str, due: str, renewal_mode: str, on: date) -> bool:
    """Whether the last day that `due` (EDTF) allows is before the day `on`, and someone had to act by it.

    So of an agreement that rolls on unless notice is given nothing is ever overdue. It is for the caller to know
    that nothing is recorded of what became of it, and that the agreement is not over.
    """
    latest = edtf.bounds(due).latest
    return awaits_act(kind, renewal_mode) and latest is not None and latest < on


def missing(fields: Mapping[str, object]) -> list[str]:
    """The names of the dates and terms that are not stated, in the order of STATED_FIELDS.

    `fields` maps those names to an agreement's values: text or None, `max_renewals` a number or None. Where the
    mode leaves nothing to renew, the interval and the number of renewals are not missing.
    """
    needless = ("renewal_interval", "max_renewals") if fields["renewal_mode"] in ("none", "evergreen") else ()
    return [name for name in STATED_FIELDS if fields[name] in _NOT_STATED and name not in needless]


def questions(terms: Terms) -> list[Question]:
    """What the terms leave open about time, the most important first, and what would have to be stated to know.

    Only what a date or the status hangs on: that no source states a signature leaves no date open. Until when notice
    can be given is asked where the term rolls on without one. Raises EdtfError and DurationError for terms that are
    none.
    """
    mode, end = terms.renewal_mode, first_expiry(terms)
    renews = mode in RENEWING
    asked = (
        (not end and mode != "evergreen", Message("when its first term ends"), _first_end(terms)),
        (_is_vague(terms.effective), Message("which day it begins to apply"), (("effective",),)),
        (_is_vague(terms.ends), Message("which day it ends"), (("ends",),)),
        (not terms.effective, Message("since when it applies"), (("effective",),)),
        (mode == "unspecified", Message("what follows the end of its term"), (("renewal_mode",),)),
        (renews and end and not interval(terms), Message("how long a further term lasts"), (("renewal_interval",),)),
        (
            mode == "automatic" and not terms.notice_period,
            Message("until when notice can be given"),
            (("notice_period",),),
        ),
        (renews and terms.max_renewals is None, Message("how many times it can be renewed"), (("max_renewals",),)),
    )
    return [Question(asks, answers) for is_open, asks, answers in asked if is_open]


def _first_end(terms: Terms) -> tuple[tuple[str, ...], ...]:
    """What would say when the first term ends: the end itself, or what is missing of its computation."""
    missing = tuple(name for name in ("effective", "term") if not getattr(terms, name))
    return (("ends",), missing) if missing else (("ends",),)


def _is_vague(text: str) -> bool:
    """Whether a date is stated, and not as one certain day."""
    earliest, latest = edtf.bounds(text)
    return bool(text) and (earliest is None or earliest != latest)


def _state(terms: Terms, status: str, on: date, reading: _Reading) -> str:
    if status == "terminated" and (not terms.ends or reading.stated_end < on):
        return "terminated"
    if reading.last_ends < on:
        return "lapsed"
    if on < reading.starts:
        return "upcoming"
    return "current" if on <= reading.period_ends else AFTER_PERIOD[terms.renewal_mode]


@lru_cache(4096)  # they do not depend on the day that is asked about
def spans(terms: Terms, concluded: int = 0) -> Spans:
    """The days between which each of a reading's four days lies, after so many concluded renewals."""
    starts, first = _span(terms.effective), _end(terms, 0)
    # An agreement whose first period is over has begun, even where no source says when.
    starts = Span(min(starts.low, first.low), min(starts.high, first.high))
    return Spans(starts, _end(terms, concluded), _last_end(terms, concluded), _span(terms.ends))


def _span(text: str) -> Span:
    earliest, latest = edtf.bounds(text)
    return Span(earliest or date.min, latest or date.max)


def _end(terms: Terms, renewals: int) -> Span:
    """The last day of the period after so many renewals; without an end if none is stated."""
    if not terms.ends and (not terms.term or terms.renewal_mode == "evergreen"):
        return _NEVER
    end = period_end(terms, renewals)
    if end:
        return _span(end)
    if renewals and not interval(terms):
        # A renewal of a length that is not stated at least does not shorten.
        return Span(_span(first_expiry(terms)).low, date.max)
    # From a date with bounds only an end beyond the calendar is blank.
    return Span(date.min, date.max) if None in edtf.bounds(terms.ends or terms.effective) else _NEVER


def _last_end(terms: Terms, concluded: int) -> Span:
    """The last day of the last period that the terms allow; without an end if they go on or do not say."""
    if terms.renewal_mode in RENEWING:
        return _NEVER if terms.max_renewals is None else _end(terms, max(terms.max_renewals, concluded))
    if terms.renewal_mode == "unspecified" and not terms.ends:
        return _NEVER
    return _end(terms, concluded)
