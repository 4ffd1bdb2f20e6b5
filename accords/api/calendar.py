"""Renewal dates as a calendar (RFC 5545) to which calendar programs subscribe."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import icalendar
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import ordering, pagination
from accords.api.agreement_views import OneAgreementRenewalViewSet
from accords.api.errors import ErrorItem, InvalidParameters
from accords.api.parameters import ErrorCollector, Paging
from accords.api.views import RenewalViewSet
from accords.models import Renewal
from accords.vocabulary import RenewalBasis, RenewalKind, RenewalStatus

MAX_EVENTS = 1000
ALARMS = (timedelta(days=-30), timedelta(days=-7))  # before the first day that a notice deadline allows
REFRESH = timedelta(days=1)
DAY = timedelta(days=1)
# RFC 5545, 3.3.11: no control characters but the tab. The others here end a line for one program or another.
BREAKS = re.compile("[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029]+")
ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})
CALENDAR = OpenApiResponse(
    OpenApiTypes.STR,
    "An iCalendar of all-day events, one for each dated row. Its UIDs are the same on every server. A date that is not "
    "certain reaches from the first to the last day that it allows, and its title says so. `STATUS` is `CONFIRMED` for "
    "what is set or took place, `TENTATIVE` for what only follows from the rules, and `CANCELLED` for what was missed "
    "or whose agreement is over before it. Notice deadlines to come have alarms 30 and 7 days ahead.",
)


class Text(icalendar.vText):
    """A text escaped as RFC 5545, 3.3.11 says, and nothing else done to it."""

    def to_ical(self) -> bytes:
        """In UTF-8."""
        return self.translate(ESCAPED).encode()


def line(text: str) -> str:
    """A text as one line, without control characters."""
    return BREAKS.sub(" ", text)


def calendar(name: str, rows: Iterable[Renewal], on: date, base: str) -> bytes:
    """The calendar of these rows, as its file has it. `base` begins their addresses."""
    made = icalendar.Calendar()
    made.add("prodid", "-//accords//renewals//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        made.add(key, Text(line(name)), encode=False)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "P1D")
    events: list[icalendar.Component] = [event(row, on, base) for row in rows]
    for part in events or [icalendar.Timezone.from_tzid("UTC")]:  # RFC 5545, 3.6: never without a component
        made.add_component(part)
    return made.to_ical()


def event(row: Renewal, on: date, base: str) -> icalendar.Event:
    """One row as an all-day event."""
    made, changed = icalendar.Event(), max(row.updated_at, row.agreement.updated_at)
    made.add("uid", f"{row.agreement.slug}/{row.kind}/{row.sequence}@accords")
    made.add("dtstamp", changed)
    made.add("created", row.created_at)
    made.add("last-modified", changed)
    made.add("sequence", max(0, int((changed - row.created_at).total_seconds())))
    add_days(made, row)
    made.add("summary", Text(summary(row)), encode=False)
    made.add("description", Text("\n".join(map(line, description(row, on)))), encode=False)
    made.add("status", status(row))
    made.add("categories", [row.kind])
    made.add("url", f"{base}/agreements/{row.agreement.slug}")
    made.add("transp", "TRANSPARENT")
    for ahead in alarms(row, on):
        made.add_component(alarm(row, ahead))
    return made


def add_days(made: icalendar.Event, row: Renewal) -> None:
    """From the first day that the date allows to its last; the end of an event is the day after (RFC 5545, 3.6.1)."""
    first, last = bounds(row)
    made.add("dtstart", first)
    if last < date.max:
        made.add("dtend", last + DAY)
    else:
        made.add("duration", last - first + DAY)


def bounds(row: Renewal) -> tuple[date, date]:
    """The first and last day of a dated row."""
    assert row.due_earliest is not None  # noqa: S101 - only dated rows are asked for
    assert row.due_latest is not None  # noqa: S101
    return row.due_earliest, row.due_latest


def summary(row: Renewal) -> str:
    """What falls due, of which agreement, and whether the day is not certain."""
    first, last = bounds(row)
    unsure = "" if first == last else f" (day uncertain: {row.due})"
    return line(f"{RenewalKind(row.kind).label.capitalize()}: {row.agreement.title}{unsure}")


def description(row: Renewal, on: date) -> Iterator[str]:
    """What one would want to know before one relies on the date, a line each."""
    first, last = bounds(row)
    yield f"{RenewalKind(row.kind).label.capitalize()} {row.sequence}: {RenewalKind(row.kind).meaning}."
    if row.condition:
        yield f"It depends: {row.condition}."
    if first != last:
        yield f"The day is not certain. The date is {row.due} (EDTF): some day from {first} to {last}."
    yield f"Date: {RenewalBasis(row.basis).label}, {RenewalBasis(row.basis).meaning}."
    yield f"State: {RenewalStatus(row.status).label}, {RenewalStatus(row.status).meaning}."
    if row.is_cancelled() and row.status != RenewalStatus.MISSED:
        yield "It will not take place: the agreement is over before it."
    if row.is_overdue(on):
        yield "Overdue: nothing is recorded of what became of it."


def status(row: Renewal) -> str:
    """How sure it is that it takes place (RFC 5545, 3.8.1.11)."""
    if row.is_cancelled():
        return "CANCELLED"
    return "TENTATIVE" if row.status == RenewalStatus.PROJECTED else "CONFIRMED"


def alarms(row: Renewal, on: date) -> tuple[timedelta, ...]:
    """How long before a row to remind of it: of a time for notice that has not passed on the day `on`, nothing else."""
    to_come = row.kind == RenewalKind.NOTICE_DEADLINE and bounds(row)[1] >= on
    return ALARMS if to_come and not row.is_cancelled() else ()


def alarm(row: Renewal, ahead: timedelta) -> icalendar.Alarm:
    """A reminder, counted from the beginning of the event (RFC 5545, 3.8.6.3)."""
    made = icalendar.Alarm()
    made.add("action", "DISPLAY")
    made.add("trigger", ahead)
    made.add("description", Text(summary(row)), encode=False)
    return made


class CalendarRenderer(BaseRenderer):
    """An iCalendar file, made already."""

    media_type, format, charset = "text/calendar", "ics", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        """The file."""
        return data


class RenewalCalendarViewSet(RenewalViewSet):
    """Renewal dates as a calendar. It takes the filters of the list."""

    @property
    def title(self) -> str:
        """What the calendar is called."""
        return "Renewal dates of agreements"

    def get_renderers(self) -> list[BaseRenderer]:
        """The calendar for those who read; what may be asked is told in JSON."""
        request: Any = self.request  # None while the schema is made
        reads = request is None or request.method in ("GET", "HEAD")
        return [CalendarRenderer()] if reads else super().get_renderers()

    def known(self) -> list[str]:
        """The filters alone: a calendar has no pages, and its events one shape."""
        return [name for name in super().known() if name in self.filterset_class.base_filters]

    def read_list(self, given: dict[str, str], faults: ErrorCollector) -> None:
        """All rows, the first to fall due first."""
        self.paging = Paging(ordering.keys(self.model, ["due"], self.orderings), MAX_EVENTS, None, False)

    def get_queryset(self) -> QuerySet[Any]:
        """Rows that are between two days."""
        return super().get_queryset().filter(due_earliest__isnull=False, due_latest__isnull=False)

    @extend_schema(responses={(200, "text/calendar"): CALENDAR})
    def calendar(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The file. Raises `InvalidParameters` where it would have too many events."""
        rows: Any = self.filter_queryset(self.get_queryset())
        page = pagination.read(rows, self.paging.order, None, MAX_EVENTS)
        if page.more_after:
            advice = f"The calendar would have more than {MAX_EVENTS} events. Narrow it: by due_within, party or kind."
            raise InvalidParameters([ErrorItem("due_within", "too_many_events", advice)])
        known = self.get_serializer_context()
        file = calendar(self.title, page.rows, known["on"], known["base"])
        return Response(file, headers={"Content-Disposition": 'inline; filename="renewals.ics"'})


class AgreementCalendarViewSet(OneAgreementRenewalViewSet, RenewalCalendarViewSet):
    """The renewal dates of one agreement as a calendar. It takes the filters of the list."""

    @property
    def title(self) -> str:
        """What the calendar is called."""
        return f"Renewal dates: {self.agreement.title}"
