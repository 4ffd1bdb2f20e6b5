"""The state of an agreement on a given day: upcoming, current or over, in force or not, and what is not stated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from accords.rules import edtf
from accords.rules.messages import Message
from accords.rules.terms import (
    OPEN,
    RENEWING,
    UNSPECIFIED,
    Terms,
    conventions,
    intervals,
    is_open,
    period_end,
    premises,
)

Certainty = Literal["possible", "certain"]

# The state after the end of a period, in each renewal mode, as long as a renewal is left.
AFTER_PERIOD = {
    "none": "lapsed",
    "automatic": "current",
    "optional": "renewal_due",
    "negotiated": "renewal_due",
    "evergreen": "current",
    "unspecified": "unknown",
}
# The kinds that take place only if someone acts. An expiry and a notice deadline take place by themselves.
ACTS = ("renewal", "renegotiation", "review", "option_deadline")
# The status words of an agreement that has not entered into force, as far as the sources say.
NOT_YET = ("announced", "signed")
# The dates and terms that `missing_fields` can name, in its order.
TIME_FIELDS = (
    "announced",
    "signed",
    "effective",
    "ends",
    "status_since",
    "term",
    "term_ends",
    "renewal_mode",
    "renewal_intervals",
    "notice_period",
    "max_renewals",
)


class Span(NamedTuple):
    """The earliest and the latest day of one moment; the calendar's first and last where nothing bounds it."""

    low: date
    high: date


NEVER = Span(date.max, date.max)
UNKNOWN = Span(date.min, date.max)


@dataclass(frozen=True)
class Lifecycle:
    """The terms of an agreement, and what is known of how it went.

    `status` and `status_since` (EDTF) are the editor's reading of the sources, `concluded` the number of renewals
    and renegotiations recorded as concluded, `superseded` the last day before another agreement replaces it.
    `rests_on` is `stated` if every date and term that decides the state is stated by a source, `editorial` if one is
    the editors' own; `deadlines_rest_on` says that of all that decide the deadlines.
    """

    terms: Terms
    status: str = "unknown"
    status_since: str = ""
    concluded: int = 0
    superseded: Span = NEVER
    rests_on: str = "stated"
    deadlines_rest_on: str = "stated"


class Spans(NamedTuple):
    """The first and the last day that each moment in an agreement's life may be.

    `starts` is the first day of the agreement. The others are last days: of the period that runs, of the last
    period, before a suspension or termination, and before a successor takes effect.
    """

    starts: Span
    period_ends: Span
    last_ends: Span
    status_before: Span
    superseded: Span


class Question(NamedTuple):
    """A question about time that the terms leave open, and the fields that would answer it.

    `answers` are alternatives: each names the fields that would have to be stated, or stated more exactly.
    """

    text: str
    answers: tuple[tuple[str, ...], ...]


class _Reading(NamedTuple):
    """One day for each of `Spans`: one reading of the dates."""

    starts: date
    period_ends: date
    last_ends: date
    status_before: date
    superseded: date


def temporal_status(agreement: Lifecycle, on: date) -> str:
    """Return the state on the day `on`: a word of `TemporalStatus`.

    In this order: superseded, from the day a successor takes effect; terminated, from `status_since` or after a
    stated end; lapsed, after the last period; upcoming, before the effective date; suspended, from `status_since`
    on; current, up to and with the last day of the period, or for good where no end is stated; after it what
    AFTER_PERIOD says, but unknown if an automatic renewal has a condition. A status word says nothing of the days
    before `status_since`. The last period is the one after `max_renewals`; the only one in mode none; the one up to a
    stated `ends` in modes unspecified and evergreen. The answer is unknown if it differs between the earliest and the
    latest reading of the dates.
    """
    starts, *others = spans(agreement)
    answers = {
        _state(agreement, on, _Reading(starts.low, *(span.low for span in others))),
        _state(agreement, on, _Reading(starts.high, *(span.high for span in others))),
    }
    return answers.pop() if len(answers) == 1 else "unknown"


def in_force(agreement: Lifecycle, on: date, certainty: Certainty = "possible") -> bool:
    """Return whether the agreement is in force on the day `on`; what is certain is also possible.

    Possible: under some reading of the dates it is current, awaits a renewal, or has outlived a period after which
    nothing is stated. Certain: it is current under every reading of what sources state: its start has a last
    possible day, no date or term used is the editors' own, and it is not merely announced or signed. Raises
    ValueError for another certainty.
    """
    starts, *others = spans(agreement)
    if certainty == "possible":
        reading = _Reading(starts.low, *(span.high for span in others))
        return _state(agreement, on, reading) in ("current", "renewal_due", "unknown")
    if certainty != "certain":
        raise ValueError(f"{certainty}: the certainty is possible or certain")
    if not has_known_start(agreement) or agreement.status in NOT_YET or agreement.rests_on != "stated":
        return False
    return _state(agreement, on, _Reading(starts.high, *(span.low for span in others))) == "current"


def has_known_start(agreement: Lifecycle) -> bool:
    """Return whether a source says by which day the agreement applies, by its date or by its status."""
    since = agreement.status_since if agreement.status == "in_force" else ""
    return edtf.bounds(agreement.terms.effective).latest is not None or edtf.bounds(since).latest is not None


def may_be_over(agreement: Lifecycle, on: date) -> bool:
    """Return whether the agreement may be superseded or terminated by the day `on`, so that no one need act."""
    span = spans(agreement)
    return span.superseded.low < on or (agreement.status == "terminated" and span.status_before.low < on)


def effect_begins(agreement: Lifecycle) -> Span:
    """Return the first day on which the agreement can replace or amend another: that on which it begins itself.

    An agreement that is only announced or signed may never take effect; one that was terminated before its start
    does not.
    """
    span = spans(agreement)
    if agreement.status == "terminated" and span.status_before.high < span.starts.low:
        return NEVER
    is_known = agreement.status not in NOT_YET and has_known_start(agreement)
    return span.starts if is_known else Span(span.starts.low, date.max)


def awaits_act(kind: str, renewal_mode: str) -> bool:
    """Return whether someone must act for this to take place; a renewal in mode automatic comes by itself."""
    return kind in ACTS and not (kind == "renewal" and renewal_mode == "automatic")


def overdue(kind: str, due: str, renewal_mode: str, on: date) -> bool:
    """Return whether someone had to act by `due` (EDTF), and its last possible day is before the day `on`.

    The caller checks that no outcome is recorded, and that the agreement is not over.
    """
    latest = edtf.bounds(due).latest
    return awaits_act(kind, renewal_mode) and latest is not None and latest < on


def time_premises(terms: Terms, status: str, status_since: str) -> list[str]:
    """Return the names of the stated fields from which the state on a day follows."""
    names = ["effective"] if terms.effective else []
    if status in ("suspended", "terminated") or (
        status == "in_force"
        and status_since
        and (not terms.effective or _span(status_since).high < _span(terms.effective).high)
    ):
        names += ["status", "status_since"] if status_since else ["status"]
    return list(dict.fromkeys([*names, *premises(terms)]))


def weakest(bases: Iterable[str]) -> str:
    """Return the basis of a conclusion from several facts: `editorial` if one fact has it, else `stated`.

    "" is the basis of a fact that is not stated, and of a conclusion from no fact.
    """
    distinct = {*bases} - {""}
    return "editorial" if "editorial" in distinct else "stated" if distinct else ""


def questions(agreement: Lifecycle, announced: str = "", signed: str = "") -> tuple[Question, ...]:
    """Return the questions about time that the terms leave open, the most important first, and their possible answers.

    Notice is asked about only where it changes something, an interval only where none follows from the term, and of
    a terminated agreement nothing about renewals. Raises EdtfError and DurationError for malformed terms.
    """
    terms, status = agreement.terms, agreement.status
    is_over, mode = status == "terminated", terms.renewal_mode
    renews, end = mode in RENEWING and not is_over, period_end(terms)
    # Five ends are enough: they have different lengths of months, and nearly always a leap day among them.
    conventions_differ = any(
        len({period_end(terms, renewals, convention) for convention in conventions(terms)}) > 1 for renewals in range(5)
    )
    candidates = (
        (
            not (end or is_over or mode == "evergreen"),
            Message("when its first term ends"),
            _answers_for_first_end(terms),
        ),
        (_is_uncertain(terms.effective), Message("which day it begins to apply"), (("effective",),)),
        (_is_uncertain(terms.ends), Message("which day it ends"), (("ends",),)),
        (not terms.effective, Message("since when it applies"), (("effective",),)),
        (_lacks_status_since(agreement), Message("since when it is suspended or terminated"), (("status_since",),)),
        (mode == UNSPECIFIED and not is_over, Message("what follows the end of its term"), (("renewal_mode",),)),
        (
            conventions_differ and not is_over,
            Message("whether a term ends with the same day or the day before"),
            (("term_ends",),),
        ),
        (
            renews and bool(end) and not intervals(terms),
            Message("how long a further term lasts"),
            (("renewal_intervals",),),
        ),
        (
            mode in ("automatic", "optional", "evergreen") and not (terms.notice_period or is_over),
            Message("until when notice can be given or the option exercised"),
            (("notice_period",),),
        ),
        (
            renews and terms.max_renewals is None and not terms.unlimited and OPEN not in terms.renewal_intervals,
            Message("how many times it can be renewed"),
            (("max_renewals",),),
        ),
        (
            bool(renews and terms.renewal_condition),
            Message("whether the condition of its renewal is met"),
            (("ends",),),
        ),
        (status == "announced" and not announced, Message("when it was announced"), (("announced",),)),
        (not signed, Message("when it was signed"), (("signed",),)),
    )
    return tuple(Question(text, answers) for is_asked, text, answers in candidates if is_asked)


def missing_fields(agreement: Lifecycle, values: Mapping[str, object]) -> list[str]:
    """Return the names of the dates and terms that are not stated and would answer one of the questions.

    `values` maps the names of TIME_FIELDS to an agreement's values.
    """
    useful = _useful_fields(agreement, str(values["announced"]), str(values["signed"]))
    return [name for name in useful if values[name] in (None, "", UNSPECIFIED, (), [])]


@lru_cache(edtf.CACHE_SIZE)
def _useful_fields(agreement: Lifecycle, announced: str, signed: str) -> list[str]:
    """Return the names of the fields that would answer one of the questions, in the order of TIME_FIELDS."""
    open_questions = questions(agreement, announced, signed)
    useful = {name for question in open_questions for names in question.answers for name in names}
    return [name for name in TIME_FIELDS if name in useful]


@lru_cache(edtf.CACHE_SIZE)  # the spans are the same whatever the day for which a state is computed
def spans(agreement: Lifecycle) -> Spans:
    """Return the first and the last day that each moment in an agreement's life may be."""
    terms, since = agreement.terms, _span(agreement.status_since)
    starts, first_end = _span(terms.effective), _end(terms, 0)
    if agreement.status == "in_force" and agreement.status_since:
        starts = Span(min(starts.low, since.high), min(starts.high, since.high))
    # An agreement whose first period is certainly over has begun, even where no source says when.
    starts = Span(min(starts.low, first_end.high), min(starts.high, first_end.high))
    period_ends = _end_after_start(_end(terms, agreement.concluded), starts)
    last_ends = _end_after_start(_last_end(terms, agreement.concluded), starts)
    return Spans(starts, period_ends, last_ends, _status_before(agreement), agreement.superseded)


def _state(agreement: Lifecycle, on: date, reading: _Reading) -> str:
    """Return the temporal status on a day under one reading of the dates; the first that applies."""
    if reading.superseded < on:
        return "superseded"
    if agreement.status == "terminated" and reading.status_before < on:
        return "terminated"
    if reading.last_ends < on:
        return "lapsed"
    if on < reading.starts:
        return "upcoming"
    if agreement.status == "suspended" and reading.status_before < on:
        return "suspended"
    if on <= reading.period_ends:
        return "current"
    is_conditional = agreement.terms.renewal_mode == "automatic" and agreement.terms.renewal_condition
    return "unknown" if is_conditional else AFTER_PERIOD[agreement.terms.renewal_mode]


def _status_before(agreement: Lifecycle) -> Span:
    """Return the last day before a suspension or termination, NEVER for another status.

    A termination without a date of its own (`status_since`) takes place after the stated end.
    """
    if agreement.status not in ("suspended", "terminated"):
        return NEVER
    if agreement.status_since:
        return day_before(_span(agreement.status_since))
    return _span(agreement.terms.ends) if agreement.status == "terminated" else UNKNOWN


def day_before(span: Span) -> Span:
    """Return the days before. The first and the last day of the calendar stay: nothing bounds them."""
    return Span(*(day if day in (date.min, date.max) else date.fromordinal(day.toordinal() - 1) for day in span))


def _span(text: str) -> Span:
    """Return the first and the last day of a date (EDTF), those of the calendar for bounds that it does not have."""
    earliest, latest = edtf.bounds(text)
    return Span(earliest or date.min, latest or date.max)


def _end(terms: Terms, renewals: int) -> Span:
    """Return the last day of the period after so many renewals; NEVER if it has no end."""
    renewals = 0 if terms.renewal_mode == "evergreen" else renewals
    if is_open(terms, renewals) or not (terms.ends or (terms.term and terms.renewal_mode != "evergreen")):
        return NEVER
    if terms.term_from and not terms.ends:  # counted from a day that is not known
        return Span(_span(terms.effective).low, date.max)
    if renewals and not intervals(terms):  # the length of a renewal is not stated, but it ends after the first period
        return Span(_end(terms, 0).low, date.max)
    ends = [_end_by_convention(terms, renewals, convention) for convention in conventions(terms)]
    return Span(min(span.low for span in ends), max(span.high for span in ends))


def _end_by_convention(terms: Terms, renewals: int, convention: str) -> Span:
    """Return the last day of the period after so many renewals, counted by one convention."""
    end = period_end(terms, renewals, convention)
    if end:
        return _span(end)
    # If the date from which it is counted has both bounds, the end is blank only because both are beyond the calendar.
    return UNKNOWN if None in edtf.bounds(terms.ends or terms.effective) else NEVER


def _end_after_start(ends: Span, starts: Span) -> Span:
    """Return the span of an end without the days before the start, which in `spans` is never after the end."""
    return Span(max(ends.low, starts.low), ends.high)


def _last_end(terms: Terms, concluded: int) -> Span:
    """Return the last day of the last period that the terms allow; NEVER if the terms go on, or do not say."""
    if terms.renewal_mode in RENEWING:
        return NEVER if terms.max_renewals is None else _end(terms, max(terms.max_renewals, concluded))
    if terms.renewal_mode == UNSPECIFIED and not terms.ends:
        return NEVER
    return _end(terms, concluded)


def _answers_for_first_end(terms: Terms) -> tuple[tuple[str, ...], ...]:
    """Return the answers to when the first term ends: its stated end, or the missing terms that would give it.

    If the term begins with an event (`term_from`), only `ends` is an answer: the day of that event is not known.
    """
    names = () if terms.term_from else tuple(name for name in ("effective", "term") if not getattr(terms, name))
    return (("ends",), names) if names else (("ends",),)


def _lacks_status_since(agreement: Lifecycle) -> bool:
    """Return whether it is not known since when the agreement is suspended or terminated.

    A termination without a date of its own takes place after the stated end.
    """
    if agreement.status_since:
        return False
    return agreement.status == "suspended" or (agreement.status == "terminated" and not agreement.terms.ends)


def _is_uncertain(date_text: str) -> bool:
    """Return whether a date (EDTF) is stated, and not as one certain day."""
    earliest, latest = edtf.bounds(date_text)
    return bool(date_text) and (earliest is None or earliest != latest)
