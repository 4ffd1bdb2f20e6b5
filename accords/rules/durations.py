"""ISO 8601 durations, and calendar dates moved by them. What a duration means for a term is in terms.py."""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from accords.rules.messages import Message

_NUMBER = r"([0-9]{1,30})"  # `int` refuses thousands of digits
_DURATION = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_LARGEST = 9999
SHORTEST_MONTH = 28  # days
_FORMS = Message("write for example P1Y, P18M, P1Y6M, P2W, P90D or PT1H40M")


class DurationError(ValueError):
    """A duration that cannot be read or applied; the message says what would be right."""


class OutOfCalendar(DurationError):
    """A sum that leaves the years 0001 to 9999."""


class Duration(NamedTuple):
    """The components of an ISO 8601 duration as whole numbers; each unit is kept, for a year is not 365 days."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def total_months(self) -> int:
        """Return years and months in months: their ratio is fixed, unlike that of months and days."""
        return self.years * 12 + self.months

    @property
    def total_days(self) -> int:
        """Return weeks and days in days."""
        return self.weeks * 7 + self.days

    @property
    def is_calendar(self) -> bool:
        """Return whether it has date parts only, as a term, an interval or a notice period must."""
        return not (self.hours or self.minutes or self.seconds)

    def times(self, factor: int) -> "Duration":
        """Multiply each component: P1M taken twice is P2M. A negative factor leads into the past."""
        return Duration(*(factor * number for number in self))

    def plus(self, other: "Duration") -> "Duration":
        """Add component by component, so that a chain of periods becomes one distance from its anchor."""
        return Duration(*(own_number + other_number for own_number, other_number in zip(self, other, strict=True)))


@lru_cache(1024)
def parse(text: str) -> Duration:
    """Read an ISO 8601 duration (ISO 8601-1, 5.5.2.2) of whole numbers up to 9999.

    Raises DurationError for fractions, signs, a duration of zero, weeks beside other units, and anything else.
    """
    match = _DURATION.fullmatch(text)
    if not match or text.endswith(("P", "T")):  # nothing follows the P or the T
        raise DurationError(_error_message(text))
    # Group 5 is the whole time, of which groups 6 to 8 are the parts.
    duration = Duration(*(int(match[group] or 0) for group in (1, 2, 3, 4, 6, 7, 8)))
    _check(text, duration)
    return duration


def is_calendar(text: str) -> bool:
    """Return whether an ISO 8601 duration has date parts only. Raises DurationError if it is none."""
    return parse(text).is_calendar


def add(anchor: date, duration: str, times: int = 1) -> date:
    """Return the date `times` ISO 8601 durations after `anchor` (before it, if negative).

    The duration is multiplied first and added once, so 31 January + 2 x P1M is 31 March, not 28 March. Raises
    DurationError for a duration that is not one, has time parts, or leads out of the years 0001 to 9999.
    """
    return shift(anchor, parse(duration).times(times))


def shift(anchor: date, total: Duration) -> date:
    """Return the date at a distance from `anchor`: years and months first, clamped to the month's end, then days.

    Source: Regulation (EEC, Euratom) No 1182/71, art. 3(2)(c): a period of months or years ends on the same
    calendar date, or on the last day of the last month where that date does not occur in it.
    Raises DurationError for time parts, OutOfCalendar beyond the years 0001 to 9999.
    """
    require_calendar(total)
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + total.total_months, 12)
    try:
        day = min(anchor.day, monthrange(year, month + 1)[1]) if anchor.day > SHORTEST_MONTH else anchor.day
        return date(year, month + 1, day) + timedelta(days=total.total_days)
    except (ValueError, OverflowError) as error:
        raise OutOfCalendar(
            Message("%(anchor)s moved that far leaves the years 0001 to 9999", anchor=anchor)
        ) from error


def require_calendar(total: Duration) -> None:
    """Raise DurationError for a duration with time parts: a date plus hours is no date."""
    if not total.is_calendar:
        raise DurationError(
            Message("hours, minutes and seconds cannot be added to a date; write years, months, weeks or days")
        )


def spell(total: Duration) -> str:
    """Return the ISO 8601 text of a calendar duration, such as P25Y, or of a difference: P10Y less P6M is P9Y6M.

    Blank where ISO 8601 has no text that `parse` accepts: nothing, a negative distance, months less days, and
    numbers over 9999.
    """
    if min(total) < 0:
        years, months = divmod(total.total_months, 12)
        total = Duration(years=years, months=months, days=total.total_days)
    if total.weeks and sum(total) != total.weeks:
        total = total._replace(weeks=0, days=total.total_days)
    if min(total) < 0 or max(total) > _LARGEST or not any(total):
        return ""
    return "P" + "".join(f"{number}{unit}" for number, unit in zip(total[:4], "YMWD", strict=True) if number)


def _check(text: str, duration: Duration) -> None:
    """Raise DurationError for numbers over 9999, a duration of zero, and weeks beside other units."""
    if max(duration) > _LARGEST:
        raise DurationError(Message("%(text)s: no number may be larger than %(largest)d", text=text, largest=_LARGEST))
    if not any(duration):
        raise DurationError(Message("%(text)s: a duration of zero is not allowed; leave the field blank", text=text))
    if duration.weeks and sum(duration) != duration.weeks:
        raise DurationError(Message("%(text)s: weeks stand alone in ISO 8601; write the same in days", text=text))


def _error_message(text: str) -> Message:
    """Return why a text is no ISO 8601 duration of whole numbers."""
    quoted_text = text[:40]
    if "." in text or "," in text:
        return Message(
            "%(text)s: fractions are not accepted; use a smaller unit, such as P6M for half a year", text=quoted_text
        )
    if text[:1] in ("-", "+"):
        return Message("%(text)s: a duration has no sign; %(forms)s", text=quoted_text, forms=_FORMS)
    return Message("%(text)s: not an ISO 8601 duration; %(forms)s", text=quoted_text, forms=_FORMS)
