"""A picture of an agreement in time, drawn on the server: its dates, terms, renewal dates and events, and today."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accords.admin.display import link, list_url, page_url
from accords.models import Agreement, Event, Renewal
from accords.rules import timeline
from accords.rules.timeline import Lane, Mark, Picture, Placed
from accords.vocabulary import EventStatus, RenewalKind, RenewalStatus

STATED = ("announced", "signed", "effective", "ends")
ENDS = (RenewalKind.EXPIRY, RenewalKind.RENEWAL, RenewalKind.RENEGOTIATION)
MOST_TOLD = 200  # lines of the table beside the picture
HALF = 5.0  # of a symbol
EVENT_TONES = {EventStatus.HELD: "held", EventStatus.PLANNED: "planned", EventStatus.CANCELLED: "gone"}


class Entry(NamedTuple):
    """A mark, its date as it is stated, and the row that says so; none for what the terms say."""

    mark: Mark
    said: str
    row: Any = None


def timeline_of(agreement: Agreement, on: date) -> SafeString:
    """The picture, with the day `on` marked; beneath it what has no place in it, and all of it as a table."""
    entries = [*_dates(agreement), *_comings(agreement, on), *_events(agreement)]
    drawn = timeline.layout((one.mark for one in entries), on)
    undated = [one for one in entries if timeline.is_undated(one.mark)]
    if not drawn.lanes and not undated:
        return format_html("<p>{}</p>", _("No date of it is stated."))
    picture = _svg(drawn, on, entries) if drawn.lanes else ""
    return format_html("{}{}{}", picture, _undated(undated), _table(entries, agreement))


# What is drawn


def _dates(agreement: Agreement) -> Iterator[Entry]:
    for name in STATED:
        said = getattr(agreement, name)
        first, last = (getattr(agreement, f"{name}_{side}") for side in ("earliest", "latest"))
        label = str(agreement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        if said:
            yield Entry(Mark(_("dates"), label, first, last, "fact held"), said)


def _comings(agreement: Agreement, on: date) -> list[Entry]:
    """The terms, and the dates on which they end, or by which notice must be given."""
    rows = list(Renewal.objects.filter(agreement=agreement).with_replacement().order_by("due_earliest", "pk"))
    for row in rows:
        row.agreement = agreement
    return [*_terms(agreement, rows), *(Entry(_due(row, on), row.due or row.offset, row) for row in rows)]


def _due(row: Any, on: date) -> Mark:
    shape = "notice" if row.kind == RenewalKind.NOTICE_DEADLINE else "renewal"
    label = f"{row.get_kind_display()} {row.sequence}"
    return Mark(_("renewals"), label, row.due_earliest, row.due_latest, f"{shape} {_state(row, on)}")


def _state(row: Any, on: date) -> str:
    if row.is_overdue(on):
        return "late"
    if row.is_cancelled():
        return "gone"
    return "held" if row.status == RenewalStatus.CONCLUDED else "planned"


def _terms(agreement: Agreement, rows: list[Any]) -> Iterator[Entry]:
    """Its periods one after the other, as far as their ends are known; what follows a period depends on its end."""
    start: tuple[Any, Any] = (agreement.effective_earliest, agreement.effective_latest)
    tone = "term held"
    ends = [row for row in rows if row.kind in ENDS and row.due_latest]
    for number, row in enumerate(ends, 1):
        yield _term(number, start, (row.due_earliest, row.due_latest), tone)
        if row.kind == RenewalKind.EXPIRY or row.is_cancelled():
            return
        start, tone = (
            (row.due_earliest, row.due_latest),
            "term held" if row.status == RenewalStatus.CONCLUDED else "term planned",
        )
    if not ends and start[0]:
        yield _term(1, start, (agreement.ends_earliest, agreement.ends_latest), tone)


def _term(number: int, start: tuple[Any, Any], end: tuple[Any, Any], tone: str) -> Entry:
    sure = (start[1], end[0]) if start[1] and end[0] and start[1] < end[0] else (None, None)
    said = " – ".join(_between(*days) for days in (start, end))
    return Entry(Mark(_("terms"), _("term %d") % number, start[0], end[1], tone, *sure), said)


def _between(earliest: date | None, latest: date | None) -> str:
    if earliest == latest:
        return str(earliest or "?")
    return f"{earliest or '…'}/{latest or '…'}"


def _events(agreement: Agreement) -> Iterator[Entry]:
    for row in Event.objects.filter(agreement=agreement).order_by("date_earliest", "pk"):
        tone = f"event {EVENT_TONES[EventStatus(row.status)]}"
        label = f"{row.number} {row.get_kind_display()}"
        said = " · ".join(filter(None, (row.date, row.date_text)))
        yield Entry(Mark(_("events"), label, row.date_earliest, row.date_latest, tone), said, row)


# How it is drawn


def _svg(drawn: Picture, on: date, entries: list[Entry]) -> SafeString:
    said = {one.mark: one.said for one in entries}
    lanes = format_html_join("", "{}", ((_lane(lane, said),) for lane in drawn.lanes))
    return format_html(
        '<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-labelledby="timeline-title timeline-desc">'
        '<title id="timeline-title">{}</title><desc id="timeline-desc">{}</desc>{}{}{}</svg>{}',
        int(timeline.WIDTH),
        drawn.height + 18,
        _("The agreement in time"),
        _summary(drawn, on, entries),
        _scale(drawn),
        _today(drawn, on),
        lanes,
        _legend(drawn),
    )


def _summary(drawn: Picture, on: date, entries: list[Entry]) -> str:
    dated = [one.mark for one in entries if not timeline.is_undated(one.mark)]
    known = [day for mark in dated for day in (mark.earliest, mark.latest) if day]
    names = ", ".join(lane.name for lane in drawn.lanes)
    told = _("%(names)s from %(first)s to %(last)s; today is %(on)s. The table after it says the same.")
    return told % {"names": names, "first": min(known), "last": max(known), "on": on}


def _scale(drawn: Picture) -> SafeString:
    lines = ((tick.x, tick.x, timeline.TOP - 4, drawn.height, tick.x, tick.label) for tick in drawn.ticks)
    return format_html_join(
        "",
        '<line class="t-grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="t-tick" x="{}" y="12">{}</text>',
        lines,
    )


def _today(drawn: Picture, on: date) -> SafeString:
    return format_html(
        '<line class="t-today" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/><text class="t-today" x="{0}" y="{3}">{4}</text>',
        *(drawn.today, timeline.TOP - 4, drawn.height, drawn.height + 13),
        _("today, %s") % on,
    )


def _lane(lane: Lane, said: dict[Mark, str]) -> SafeString:
    name = format_html('<text class="t-lane" x="0" y="{}">{}</text>', lane.top + 14, lane.name)
    marks = ((_mark(one, lane.top + one.row * timeline.ROW, said[one.mark]),) for one in lane.placed)
    return format_html("{}{}", name, format_html_join("", "{}", marks))


def _mark(one: Placed, top: float, said: str) -> SafeString:
    shape, _space, state = one.mark.tone.partition(" ")
    label = format_html(
        '<text x="{}" y="{}"{}>{}</text>',
        *(one.text_x, top + 14, SafeString(' class="t-before"' if one.before else ""), one.text),
    )
    more = f" +{one.many - 1}" if one.many > 1 else ""
    drawn = _span(one, top) if one.width else _symbol(one.x, top + timeline.ROW / 2, shape)
    return format_html(
        '<g class="t-{} t-{}"><title>{}: {}{}</title>{}{}</g>',
        *(shape, state, one.mark.label, said, more, drawn, label if one.text else ""),
    )


def _span(one: Placed, top: float) -> SafeString:
    """A frame for what may be, and within it what is sure."""
    box = '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
    frame = format_html(box, "t-frame", one.x, top + 3, one.width, timeline.ROW - 6)
    if not one.sure_width:
        return frame
    return format_html("{}{}", frame, format_html(box, "t-sure", one.sure_x, top + 3, one.sure_width, timeline.ROW - 6))


def _symbol(x: float, y: float, shape: str) -> SafeString:
    """A diamond for what falls due, a triangle for notice, a circle for all else."""
    if shape not in ("renewal", "notice"):
        return format_html('<circle cx="{}" cy="{}" r="{}"/>', x, y, HALF - 0.5)
    corners = [(x - HALF, y), (x, y - HALF), (x + HALF, y), (x, y + HALF)]
    if shape == "notice":
        corners = [(x - HALF, y - HALF + 1), (x + HALF, y - HALF + 1), (x, y + HALF)]
    return format_html('<path d="M{}Z"/>', "L".join(f"{a:g} {b:g}" for a, b in corners))


def _legend(drawn: Picture) -> SafeString:
    told = [
        _("Full: it is so, or took place. Hollow: planned, or depends on what comes before. Framed: some day within.")
    ]
    if drawn.unlabelled:
        told.append(
            ngettext("%d label found no place.", "%d labels found no place.", drawn.unlabelled) % drawn.unlabelled
        )
    return format_html('<p class="help">{}</p>', " ".join(told))


# What is told besides


def _undated(entries: list[Entry]) -> SafeString:
    """What no picture can place: a month of no year, or no date at all."""
    if not entries:
        return SafeString("")
    items = format_html_join(
        " ",
        '<span class="chip chip-implicit">{}: {}</span>',
        ((_name(one), one.said or _("not stated")) for one in entries),
    )
    return format_html("<p>{} {}</p>", _("Undated:"), items)


def _table(entries: list[Entry], agreement: Agreement) -> SafeString:
    """The picture for who does not see it, or wants to go on from it."""
    lines = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
        ((one.mark.lane, _name(one), one.said or _("not stated")) for one in entries[:MOST_TOLD]),
    )
    rest = ""
    if len(entries) > MOST_TOLD:
        lists = ((list_url(kind, agreement=agreement.pk), kind._meta.verbose_name_plural) for kind in (Renewal, Event))
        rest = format_html("<p>{} {}</p>", _("All of them:"), format_html_join(" · ", '<a href="{}">{}</a>', lists))
    return format_html(
        '<details><summary>{}</summary><table class="told"><tbody>{}</tbody></table>{}</details>',
        *(_("The same as a table (%d)") % len(entries), lines, rest),
    )


def _name(one: Entry) -> SafeString | str:
    return one.mark.label if one.row is None else link(page_url(one.row), one.mark.label)
