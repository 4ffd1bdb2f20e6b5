"""Renewal dates as a calendar (RFC 5545) to which calendar programs subscribe."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.agreement_views import AgreementRenewalViewSet
from accords.api.filters.filter_types import CalendarDurationField
from accords.api.query import ErrorCollector
from accords.api.views import RenewalViewSet
from accords.models import Renewal
from accords.models.agreements import LIFECYCLE
from accords.models.base import EPOCH
from accords.models.renewals import DEADLINE_KINDS
from accords.rules import durations
from accords.vocabulary import AgreementStatus, RenewalBasis, RenewalKind, RenewalStatus, RestsOn, Word

PAST, FUTURE = "P1Y", "P5Y"
DAY = timedelta(days=1)
AGREEMENT_COLUMNS = (
    *LIFECYCLE,
    "slug",
    "title",
    "status_before_high",
    "updated_at",
)  # what events need of the agreement
ALARMS = ("-P30D", "-P7D")  # ISO 8601 durations from the first day of a deadline
# RFC 5545, 3.3.11 allows no control characters except the tab. Some programs break lines at the others.
NOT_IN_TEXT = re.compile("[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029]+")
EDTF_SEASON = re.compile(r"(?P<year>[0-9]{4})-(?P<season>2[1-4])[?~%]?")
SEASONS = {"21": ("spring", 3), "22": ("summer", 6), "23": ("autumn", 9), "24": ("winter", 12)}  # name, first month
# A calendar must have a component (RFC 5545, 3.6): this one replaces the events if there are none.
EMPTY_CALENDAR = ["BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZNAME:UTC"]
EMPTY_CALENDAR += ["TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"]
ABOUT = (
    "An iCalendar of all-day events, one for each dated row that may fall due between `past` before the day `on` and "
    "`future` after it; the calendar's description names the two days. An uncertain date reaches from the first to the "
    "last day that it allows, and its title says so; a season has its months in the northern hemisphere. "
    "`STATUS` is `CONFIRMED` for a date that is set or took place, `TENTATIVE` for one that only follows from the "
    "rules, and `CANCELLED` for one that was missed or whose agreement is over before it. Future deadlines have "
    "alarms 30 and 7 days ahead. A calendar has 300 events at most, by default: of more, the next ones by their last "
    "day, then the most recent; its description says so. The files of the list have all rows."
)
DURATION = {"type": "string", "pattern": "^P(?:[0-9]+[YMWD])+$"}


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters."""
    return NOT_IN_TEXT.sub(" ", text)


def escape(text: str) -> str:
    """Escape a text (RFC 5545, 3.3.11)."""
    return text.replace("\\", r"\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def fold(line: str) -> bytes:
    """Return a content line in UTF-8, folded at 75 bytes without splitting a character (RFC 5545, 3.1)."""
    rest, parts = line.encode(), []
    size = 75
    while len(rest) > size:
        end = size
        while rest[end] & 0xC0 == 0x80:  # a continuation byte of UTF-8
            end -= 1
        parts.append(rest[:end])
        rest, size = rest[end:], 74  # the space at the beginning of a further line counts
    return b"\r\n ".join([*parts, rest])


@lru_cache(typed=True)  # words of two vocabularies can be equal as texts: `editorial`
def label_and_meaning(word: Word, language: str) -> tuple[str, str]:
    """Return the label and the meaning of a word in the active language.

    `language` must be the active one: it is a parameter so that it is part of the cache's key.
    """
    return str(word.label), word.meaning


def render_calendar(name: str, about: str, rows: Iterable[Renewal], on: date, base: str) -> bytes:
    """Return the calendar of these rows, with a name and a description. `base` is the address of the API."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//accords//renewals//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", *(f"{key}:{escape(one_line(name))}" for key in ("NAME", "X-WR-CALNAME"))]
    lines += [f"{key}:{escape(about)}" for key in ("DESCRIPTION", "X-WR-CALDESC")]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:P1D", "X-PUBLISHED-TTL:P1D"]
    events = [line for row in rows for line in event(row, on, base)]
    lines += [*(events or EMPTY_CALENDAR), "END:VCALENDAR"]
    return b"".join(fold(line) + b"\r\n" for line in lines)


def event(row: Renewal, on: date, base: str) -> Iterator[str]:
    """Yield the content lines of a row as an all-day event."""
    changed, title = max(row.updated_at, row.agreement.updated_at), escape(summary(row))
    first, last = event_days(row)
    yield from ("BEGIN:VEVENT", f"UID:{row.agreement_id}/{row.kind}/{row.sequence}@accords")
    yield f"DTSTAMP:{format_instant(changed)}"
    yield f"CREATED:{format_instant(row.created_at)}"
    yield f"LAST-MODIFIED:{format_instant(changed)}"
    # A row that is computed or restored again has the same UID, whose SEQUENCE must not fall (RFC 5546, 2.1.4).
    yield f"SEQUENCE:{max(0, int(changed.timestamp()) - EPOCH)}"
    yield f"DTSTART;VALUE=DATE:{format_day(first)}"
    # The end of an event is the day after it (RFC 5545, 3.6.1).
    yield f"DTEND;VALUE=DATE:{format_day(last + DAY)}" if last < date.max else f"DURATION:P{(last - first).days + 1}D"
    yield f"SUMMARY:{title}"
    yield f"DESCRIPTION:{escape(chr(10).join(map(one_line, description(row, on))))}"
    yield f"STATUS:{status(row)}"
    yield f"CATEGORIES:{row.kind}"
    yield f"URL:{base}/agreements/{row.agreement.slug}"
    yield "TRANSP:TRANSPARENT"
    if row.kind in DEADLINE_KINDS and last >= on and not row.is_cancelled():
        for trigger in ALARMS:  # relative to the beginning of the event (RFC 5545, 3.8.6.3)
            yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{trigger}", f"DESCRIPTION:{title}", "END:VALARM")
    yield "END:VEVENT"


def format_instant(at: datetime) -> str:
    """Return an instant in UTC (RFC 5545, 3.3.5)."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def format_day(on: date) -> str:
    """Return a day (RFC 5545, 3.3.4)."""
    return on.isoformat().replace("-", "")


def season(row: Renewal) -> tuple[str, date] | None:
    """Return the name of the season that is the date of a row, and its first day in the northern hemisphere."""
    match = EDTF_SEASON.fullmatch(row.due)
    if match is None:
        return None
    name, month = SEASONS[match["season"]]
    return name, date(int(match["year"]), month, 1)


def event_days(row: Renewal) -> tuple[date, date]:
    """Return the first and the last day of the event of a dated row."""
    if name_and_start := season(row):
        start = name_and_start[1]
        ends_after_calendar = start.year == date.max.year and start.month == 12
        return start, date.max if ends_after_calendar else durations.add(start, "P3M") - DAY
    assert row.due_earliest is not None  # noqa: S101 - the query asks for dated rows only
    assert row.due_latest is not None  # noqa: S101
    return row.due_earliest, row.due_latest


def summary(row: Renewal) -> str:
    """Return the title of an event. It has an uncertain date as EDTF, or as a season in words."""
    name_and_start = season(row)
    due = f"{name_and_start[0]} {name_and_start[1].year}" if name_and_start else row.due
    uncertain = "" if row.due_earliest == row.due_latest else f" (day uncertain: {due})"
    kind = label_and_meaning(RenewalKind(row.kind), get_language())[0].capitalize()
    return one_line(f"{kind}: {row.agreement.title}{uncertain}")


def description(row: Renewal, on: date) -> Iterator[str]:
    """Yield the lines of an event's description: what the date is, and the reservations about it."""
    language = get_language()
    kind, kind_meaning = label_and_meaning(RenewalKind(row.kind), language)
    basis, basis_meaning = label_and_meaning(RenewalBasis(row.basis), language)
    state, state_meaning = label_and_meaning(RenewalStatus(row.status), language)
    yield f"{kind.capitalize()} {row.sequence}: {kind_meaning}."
    if condition := row.condition:
        yield f"It depends: {condition}."
    if row.due_earliest != row.due_latest:
        yield (
            f"The day is not certain. The date is {row.due} (EDTF): some day from {row.due_earliest} to "
            f"{row.due_latest}{', as it names no hemisphere' if season(row) else ''}."
        )
    yield f"Date: {basis}, {basis_meaning}."
    if row.rests_on == RestsOn.EDITORIAL and row.basis != RenewalBasis.EDITORIAL:
        meaning = label_and_meaning(RestsOn.EDITORIAL, language)[1]
        yield f"Caution: it rests on the editors' own note. {meaning.capitalize()}."
    yield f"State: {state}, {state_meaning}."
    if row.is_cancelled():
        if row.status != RenewalStatus.MISSED:
            yield "It will not take place: the agreement is over before it."
    elif row.agreement.status == AgreementStatus.TERMINATED:
        since = f" since {row.agreement.status_since}" if row.agreement.status_since else "; no day is stated"
        yield f"Caution: the agreement is terminated{since}. This date follows from its terms and may mean nothing now."
    if row.is_overdue(on):
        yield "Overdue: nothing is recorded of what became of it."


def status(row: Renewal) -> str:
    """Return the `STATUS` of an event (RFC 5545, 3.8.1.11)."""
    if row.is_cancelled():
        return "CANCELLED"
    return "TENTATIVE" if row.status == RenewalStatus.PROJECTED else "CONFIRMED"


def shift(on: date, duration: str, times: int) -> date:
    """Return the day that is an ISO 8601 duration after `on`, or with `times=-1` before it, within the calendar."""
    try:
        return durations.add(on, duration, times)
    except durations.OutOfCalendar:
        return date.max if times > 0 else date.min


class CalendarRenderer(BaseRenderer):
    """iCalendar. The data is the bytes of the file."""

    media_type, format, charset = "text/calendar", "ics", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class RenewalCalendarViewSet(RenewalViewSet):
    """Renewal dates as a calendar. It takes the filters of the list."""

    documented = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{text} ISO 8601 duration.",
            "schema": DURATION | {"default": default},
        }
        for name, text, default in (
            ("past", "How long before the day `on` the calendar begins.", PAST),
            ("future", "How long after the day `on` it ends.", FUTURE),
        )
    ]
    renderer_classes = (CalendarRenderer,)
    window = (date.min, date.max)  # the first and the last day, set by `read_paging`

    @property
    def title(self) -> str:
        return "Renewal dates of agreements"

    def allowed_parameters(self) -> list[str]:
        """Return the filters and the parameters of the window. A calendar has no pages and no shape."""
        return [
            *(name for name in super().allowed_parameters() if name in self.filterset_class.base_filters),
            "past",
            "future",
        ]

    def read_paging(self, parameters: dict[str, str], errors: ErrorCollector) -> None:
        """Parse the window, which a calendar has instead of pages."""
        field, on = CalendarDurationField(), self.day()
        past, future = (
            errors.read(parameters, name, field.clean, default)
            for name, default in (("past", PAST), ("future", FUTURE))
        )
        self.window = (shift(on, past, -1), shift(on, future, 1))

    def get_queryset(self) -> QuerySet[Any]:
        """Return the dated rows that may fall due in the window, with the columns that events need."""
        rows: Any = super().get_queryset().filter(due_earliest__isnull=False, due_latest__isnull=False)
        dated: QuerySet[Any] = rows.possibly_from("due", self.window[0]).possibly_by("due", self.window[1])
        return dated.only(
            *(field.name for field in Renewal._meta.fields), *(f"agreement__{name}" for name in AGREEMENT_COLUMNS)
        )

    def nearest_rows(self, rows: QuerySet[Any], on: date) -> tuple[list[Renewal], str]:
        """Return the rows of a calendar in order, and its description.

        If there are more than `settings.CALENDAR_EVENTS`, return those that end next from the day `on`, then those that
        ended last.
        """
        limit = settings.CALENDAR_EVENTS
        renewals = list(rows.filter(due_latest__gte=on).order_by("due_latest", "id")[: limit + 1 if limit else None])
        remaining = limit + 1 - len(renewals) if limit else None  # None: no limit
        renewals += rows.filter(due_latest__lt=on).order_by("-due_latest", "-id")[:remaining]
        about = f"Dates that may fall due from {self.window[0]} to {self.window[1]}. "
        about += "The parameters past and future move these days."
        if limit and len(renewals) > limit:
            renewals = renewals[:limit]
            last_days = [row.due_latest for row in renewals]
            about = f"{limit} dates of more, as many as a calendar has: those that end from {min(last_days)} to "
            about += f"{max(last_days)}."
            about += " Narrow it by filters to have all."
        return sorted(renewals, key=lambda row: (row.due_earliest, row.pk)), about

    @extend_schema(
        summary="Subscribe to renewal dates as a calendar",
        responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR, ABOUT)},
    )
    def calendar(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        context = self.get_serializer_context()
        rows, about = self.nearest_rows(self.filter_queryset(self.get_queryset()), context["on"])
        body = render_calendar(self.title, about, rows, context["on"], context["base"])
        return Response(body, headers={"Content-Disposition": 'inline; filename="renewals.ics"'})


class AgreementCalendarViewSet(AgreementRenewalViewSet, RenewalCalendarViewSet):
    """The renewal dates of one agreement as a calendar. It takes the filters of the list."""

    @property
    def title(self) -> str:
        return f"Renewal dates: {self.agreement.title}"
