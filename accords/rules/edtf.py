"""Uncertain dates as EDTF text (ISO 8601-2, levels 0 and 1, and XXXX-MM): what they may mean, and adding to them."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from accords.rules import durations
from accords.rules.durations import Duration
from accords.rules.messages import Message

MAX_LENGTH = 64
CACHE_SIZE = 4096  # results that each function keeps: the steps of one agreement need the same ones several times
_DATE = re.compile(r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX|XXXX)(?:-([0-9]{2}|XX)(?:-([0-9]{2}|XX))?)?([?~%]?)")
_SEASONS = ("21", "22", "23", "24")
_OPEN = ("", "..")
# Months are counted from year 0, so that a span of months is two whole numbers.
_FIRST_MONTH, _LAST_MONTH = 12, 9999 * 12 + 11
# By how many units of its precision a qualifier widens a date. EDTF gives it no width; "both uncertain and approximate"
# is taken to be twice as wide as either.
_WIDTHS = {"": 0, "?": 1, "~": 1, "%": 2}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FORMS = Message("write YYYY, YYYY-MM or YYYY-MM-DD, with ? ~ or % after it if unsure, or two such dates as start/end")
_UNSPECIFIED = Message("201X, 20XX, 2004-XX, 1985-04-XX, 1985-XX-XX, XXXX-04 and XXXX-04-30")
_NO_YEAR = Message("without a year it needs a month, as in XXXX-04; leave it blank if nothing is known")
_ONLY_AS = Message("X may stand for unknown digits only as in %(forms)s", forms=_UNSPECIFIED)
_REASONS = (
    (re.compile(r"\s"), Message("no spaces are accepted")),
    (re.compile(r"[0-9]T[0-9]"), Message("no time of day is kept; write the date only")),
    (re.compile(r"[\[{]"), Message("sets of dates (EDTF level 2) are not accepted; write an interval, start/end")),
    (re.compile(r"^[A-WYZ]-?[0-9]"), Message("years with a letter are not accepted; write four digits, 0001 to 9999")),
    (re.compile(r"^-"), Message("years before 0001 are not accepted")),
    (re.compile(r"[0-9][ES][0-9]"), Message("exponents and significant digits are not accepted; write four digits")),
    (re.compile(r"[?~%]."), Message("a qualifier (? ~ %) is accepted only at the end, once, for the whole date")),
    (re.compile(r"X"), _ONLY_AS),
)


class EdtfError(ValueError):
    """A text that is not an accepted date; the message says what is wrong and what would be right."""


class Bounds(NamedTuple):
    """The first and the last day that a date may mean, both inclusive; None where nothing bounds it."""

    earliest: date | None
    latest: date | None


class _Date(NamedTuple):
    """One date as written; `month` is "" or a number or a season or XX, `day` is "" or a number or XX."""

    year: str
    month: str
    day: str
    qualifier: str

    @property
    def is_day(self) -> bool:
        return self.day.isdigit()

    @property
    def is_boundless(self) -> bool:
        """Return whether the year is not known at all, so that the date has no bounds."""
        return self.year == "XXXX"

    @property
    def is_season(self) -> bool:
        return self.month in _SEASONS


@lru_cache(CACHE_SIZE)
def bounds(text: str) -> Bounds:
    """Return the days that a text may mean: 2025-10 is 1 to 31 October 2025, XXXX-04 and "" have no bounds.

    Accepts the dates of ISO 8601-2 (EDTF) levels 0 and 1, without times of day, for the years 0001 to 9999, XXXX-MM and
    XXXX-MM-DD, and intervals with one open (..) or unknown (blank) side.

    A qualified date (? ~ %) is widened by one unit of its precision on each side (a season by three months; % by two
    units), because EDTF says no width and a filter for what is certain must not claim more than the text. Seasons name
    no hemisphere, so all four have the same bounds: 1 December of the year before to 31 March of the year after. No
    bound leaves the years 0001 to 9999.

    Raises EdtfError on anything else, and on an interval that ends before it starts in every reading.
    """
    if not text:
        return Bounds(None, None)
    if len(text) > MAX_LENGTH:
        raise EdtfError(
            Message(
                "%(text)s...: longer than %(most)d characters; %(forms)s", text=text[:20], most=MAX_LENGTH, forms=_FORMS
            )
        )
    if "/" in text:
        return _interval_bounds(text)
    return _date_bounds(_read(text))


def add(text: str, duration: str, times: int = 1) -> str:
    """Return a text moved by `times` ISO 8601 durations, no more precise than it was: 2025 + P1Y is 2026.

    Multiplied first, then added once. A duration finer than the date gives the interval of the two bounds moved:
    2025 + P6M is 2025-07-01/2026-06-30. XXXX-04 + P1Y is XXXX-04. A bound that leaves the years 0001 to 9999 is
    unknown: 2025/9999 + P1Y is 2026/. Blank where nothing is known: no text, days added to a date without a year, or
    a date of which no bound stays in these years.
    Raises EdtfError and DurationError for texts that are none; DurationError for durations with time parts.
    """
    return shift(text, durations.parse(duration).times(times))


@lru_cache(CACHE_SIZE)
def shift(text: str, total: Duration) -> str:
    """Return the same as `add`, for a distance already multiplied and summed.

    The bounds of the result hold every day of `text`, moved.
    """
    durations.require_calendar(total)
    if not any(total):
        return text
    old = bounds(text)  # raises `EdtfError`, also for an interval that ends before it starts
    if "/" not in text:
        return _shifted(_read(text), total, _moved_bounds(old, total)) if text else ""
    # The sides are not known to depend on each other: each moves alone, and keeps its outer edge.
    start, end = (side if side in _OPEN else shift(side, total) for side in text.split("/"))
    start, end = start.split("/")[0], end.split("/")[-1]
    return "" if start in _OPEN and end in _OPEN else f"{start}/{end}"


@lru_cache(CACHE_SIZE)
def _read(text: str) -> _Date:
    """Read a single date, not an interval. Raises `EdtfError`."""
    match = _DATE.fullmatch(text)
    if not match:
        raise _error(text, _error_reason(text))
    parsed = _Date(*(group or "" for group in match.groups()))
    _check_unspecified(text, parsed)
    _check_calendar(text, parsed)
    return parsed


def _error(text: str, reason: Message) -> EdtfError:
    return EdtfError(Message("%(text)s: %(reason)s", text=text, reason=reason))


def _error_reason(text: str) -> Message:
    """Return why a text is not a date that is accepted, for the message of its error."""
    reasons = (reason for pattern, reason in _REASONS if pattern.search(text))
    return next(reasons, Message("not an EDTF date; %(forms)s", forms=_FORMS))


def _check_unspecified(text: str, parsed: _Date) -> None:
    """Raise `EdtfError` if `X` is where EDTF or accords does not accept it, such as in 201X-04."""
    if parsed.is_boundless and parsed.month in ("", "XX", *_SEASONS):
        raise _error(text, _NO_YEAR)
    partial_year = "X" in parsed.year and not parsed.is_boundless
    if (
        (partial_year and parsed.month)
        or (parsed.month == "XX" and parsed.is_day)
        or (parsed.is_boundless and "X" in parsed.day)
    ):
        raise _error(text, _ONLY_AS)


def _check_calendar(text: str, parsed: _Date) -> None:
    """Raise `EdtfError` for a year, month or day that does not exist."""
    if parsed.year == "0000":
        raise _error(text, Message("year 0000 is not accepted; years run from 0001 to 9999"))
    if not parsed.month.isdigit():
        return
    if not ("01" <= parsed.month <= "12" or (parsed.is_season and not parsed.day)):
        raise _error(text, _month_error_message(parsed))
    if parsed.is_day and not 1 <= int(parsed.day) <= _days_in_month(parsed):
        raise _error(
            text,
            Message("day %(day)s does not exist; write %(year)s-%(month)s if the day is not known", **parsed._asdict()),
        )


def _month_error_message(parsed: _Date) -> Message:
    """Return the error in a month that is neither 01 to 12 nor a season without a day."""
    if parsed.is_season:
        return Message("a season has no days; write %(year)s-%(month)s", **parsed._asdict())
    if "25" <= parsed.month <= "41":
        return Message(
            "%(month)s is a grouping of EDTF level 2; write an interval of months, such as %(year)s-01/%(year)s-03",
            **parsed._asdict(),
        )
    return Message("month %(month)s does not exist; write %(year)s if the month is not known", **parsed._asdict())


def _days_in_month(parsed: _Date) -> int:
    """Return the number of days of the month; without a year, February has 29."""
    if parsed.is_boundless:
        return _DAYS[int(parsed.month) - 1]
    return _month_end(int(parsed.year) * 12 + int(parsed.month) - 1).day


def _date_bounds(parsed: _Date) -> Bounds:
    """Return the bounds of a single date, widened by its qualifier."""
    if parsed.is_boundless:
        return Bounds(None, None)
    width = _WIDTHS[parsed.qualifier]
    if parsed.is_day:
        day = _day(parsed).toordinal()
        return Bounds(date.fromordinal(max(day - width, 1)), date.fromordinal(min(day + width, date.max.toordinal())))
    first, last = _months(parsed)
    months = width * _precision_in_months(parsed)
    return Bounds(_month_start(max(first - months, _FIRST_MONTH)), _month_end(min(last + months, _LAST_MONTH)))


def _day(parsed: _Date) -> date:
    return date(int(parsed.year), int(parsed.month), int(parsed.day))


def _months(parsed: _Date) -> tuple[int, int]:
    """Return the first and last month of a date without day, counted from year 0."""
    first, last = int(parsed.year.replace("X", "0")) * 12, int(parsed.year.replace("X", "9")) * 12 + 11
    if parsed.is_season:
        return first - 1, last + 3
    if parsed.month.isdigit():
        return first + int(parsed.month) - 1, first + int(parsed.month) - 1
    return first, last


def _precision_in_months(parsed: _Date) -> int:
    """Return the precision of a date without day: 1 for a month, 3 for a season, 12 and more for a year."""
    if parsed.is_season:
        return 3
    if parsed.month.isdigit():
        return 1
    return (12, 120, 1200)[parsed.year.count("X")]


def _month_start(month: int) -> date:
    """Return the first day of a month counted from year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _month_end(month: int) -> date:
    """Return the last day of a month counted from year 0."""
    return date.max if month == _LAST_MONTH else _month_start(month + 1) - timedelta(days=1)


def _interval_bounds(text: str) -> Bounds:
    """Return the bounds of an interval (`start/end`), of which one side may be open. Raises `EdtfError`."""
    sides = text.split("/")
    if len(sides) != 2:
        raise _error(text, Message("an interval has one slash, start/end; dates are written with hyphens, 2025-10-30"))
    if all(side in _OPEN for side in sides):
        raise _error(text, Message("an interval needs a date on one side; leave the field blank if none is known"))
    start, end = (Bounds(None, None) if side in _OPEN else _date_bounds(_read(side)) for side in sides)
    if start.earliest and end.latest and start.earliest > end.latest:
        raise _error(
            text,
            Message(
                "ends before it starts; write %(end)s/%(start)s if the sides are swapped", start=sides[0], end=sides[1]
            ),
        )
    return Bounds(start.earliest, end.latest)


def _moved_bounds(old: Bounds, distance: Duration) -> Bounds:
    """Return bounds moved by a duration, None for one that leaves the calendar."""
    earliest = _moved_day(old.earliest, distance)
    if old.earliest == old.latest:  # as of most dates: the day is moved once, for speed
        return Bounds(earliest, earliest)
    return Bounds(earliest, _moved_day(old.latest, distance))


def _moved_day(day: date | None, distance: Duration) -> date | None:
    """Return a day moved by a duration; None if there is none, or if it leaves the calendar."""
    try:
        return None if day is None else durations.shift(day, distance)
    except durations.OutOfCalendar:
        return None


def _shifted(parsed: _Date, total: Duration, moved: Bounds) -> str:
    """Return the EDTF text of a date that was moved to new bounds: as precise as before if that covers them, else both.

    Blank if neither bound stays in the calendar.
    """
    if parsed.is_boundless:
        return _shifted_without_year(parsed, total)
    if moved.earliest is None and moved.latest is None:
        return ""
    if moved.earliest is None or moved.latest is None:
        return f"{moved.earliest or ''}/{moved.latest or ''}"
    if parsed.is_day and not parsed.qualifier:
        return str(moved.earliest)
    if parsed.is_day:
        shifted_text = f"{durations.shift(_day(parsed), total)}{parsed.qualifier}"
    else:
        shifted_text = _in_own_form(parsed, total.total_months)
    return shifted_text if _contains(bounds(shifted_text), moved) else f"{moved.earliest}/{moved.latest}"


def _in_own_form(parsed: _Date, months: int) -> str:
    """Return the text of the same form so many months later; what is finer than the form is cut off."""
    unspecified_digits = parsed.year.count("X")
    has_month = parsed.month.isdigit() and not parsed.is_season
    month = int(parsed.year.replace("X", "0")) * 12 + (int(parsed.month) - 1 if has_month else 0) + months
    year = f"{month // 12:04d}"[: 4 - unspecified_digits] + "X" * unspecified_digits
    month_text = f"{month % 12 + 1:02d}" if has_month else parsed.month
    return "-".join(part for part in (year, month_text, parsed.day) if part) + parsed.qualifier


def _shifted_without_year(parsed: _Date, total: Duration) -> str:
    """Return XXXX-MM[-DD] moved by months; only the month if that is February and the day is after the 28th.

    Blank if days are to be added: the result depends on the year.
    """
    if total.total_days:
        return ""
    month = (int(parsed.month) - 1 + total.total_months) % 12 + 1
    if not parsed.day or (month == 2 and int(parsed.day) > 28):
        return f"XXXX-{month:02d}{parsed.qualifier}"
    return f"XXXX-{month:02d}-{min(int(parsed.day), _DAYS[month - 1]):02d}{parsed.qualifier}"


def _contains(outer: Bounds, inner: Bounds) -> bool:
    """Return whether every day of the bounded `inner` lies in the bounded `outer`."""
    if not (outer.earliest and outer.latest and inner.earliest and inner.latest):
        return False
    return outer.earliest <= inner.earliest and inner.latest <= outer.latest
