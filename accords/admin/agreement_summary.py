"""The summary at the top of an agreement's page: next dates, their basis, parties, sources, and the chronology."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin.display import badge, change_link, change_url, desk_url, labelled, link, list_url
from accords.admin.lists import count_of
from accords.db.translation import translate
from accords.models import Agreement, Citation, Clause, Event, Renewal, Source
from accords.models.renewals import OPEN
from accords.models.sources import about
from accords.rules import status
from accords.rules.terms import premises
from accords.services import consolidated_text
from accords.vocabulary import PartyRole, RenewalBasis, RenewalStatus, RestsOn

MAX_DATES = 4  # of a kind: overdue, coming, undated
MAX_ENTRIES = 100  # of the chronology
MAX_DAYS_SHOWN = 730  # no number of days is shown beside a later date
HEADINGS = (lazy("due"), lazy("what"), lazy("basis"), lazy("condition"), lazy("status"))
STATED_DATES = ("announced", "signed", "effective", "ends")


def field_label(agreement: Agreement, name: str) -> str:
    return str(agreement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def days(number: int) -> str:
    return ngettext("%d day", "%d days", number) % number


def next_dates(agreement: Agreement, on: date) -> SafeString:
    """Return a table of what is overdue on the day `on`, what comes next, and open dates without bounds."""
    queryset: Any = Renewal.objects.filter(agreement=agreement).order_by("due_earliest", "pk")
    queryset = queryset.annotate(n_citation=count_of(Citation, "renewal"))
    is_open = queryset.filter(status__in=OPEN)
    overdue = list(queryset.overdue(True, on)[: MAX_DATES + 1])
    coming = list(is_open.possibly_from("due", on)[:MAX_DATES])
    undated = list(is_open.date_unknown("due", True)[:MAX_DATES])
    rows = [*overdue[:MAX_DATES], *coming, *undated]
    if not rows:
        return format_html("{}", _("No open date from today on is known."))
    for row in rows:
        row.agreement = agreement
    heads = format_html_join("", "<th>{}</th>", ((heading,) for heading in HEADINGS))
    lines = format_html_join("", "<tr>{}</tr>", ((_renewal_cells(row, on),) for row in rows))
    notes: list[object] = [_("Every date also depends on all before it.")]
    if len(overdue) > MAX_DATES:
        notes.append(link(list_url(Renewal, agreement=agreement.pk, due="overdue"), _("all that is overdue")))
    notes.append(link(list_url(Renewal, agreement=agreement.pk), _("all renewal dates")))
    return format_html(
        '<div class="scroll"><table class="outlook"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div><p>{}</p>',
        *(heads, lines, format_html_join(" · ", "{}", ((note,) for note in notes))),
    )


def _renewal_cells(row: Any, on: date) -> SafeString:
    name = link(change_url(row), f"{row.get_kind_display()} {row.sequence}")
    state = badge(_("will not take place"), "warn") if row.is_cancelled() else row.get_status_display()
    cells = (_due_date(row, on), name, _renewal_basis(row), translate(row.condition), state)
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in cells))


def _due_date(row: Any, on: date) -> SafeString:
    """Return the due date as stated, with the number of days from the day `on`, if it is certain and not far away.

    A renewal that is not overdue is due on `on` or later: `next_dates` selects no others.
    """
    due = row.due or _("not stated")
    if row.is_overdue(on):
        return format_html("{} {}", due, badge(_("overdue for %s") % days((on - row.due_latest).days), "bad"))
    if row.due_earliest is None or row.due_latest is None:
        return format_html("{} {}", due, badge(_("day not known"), "plain"))
    if row.due_earliest != row.due_latest:
        return format_html("{} {}", due, badge(_("day uncertain"), "plain"))
    distance = (row.due_earliest - on).days
    text = _("in %s") % days(distance) if distance else _("today")
    return format_html('{} <span class="quiet">{}</span>', due, text if distance <= MAX_DAYS_SHOWN else "")


def _renewal_basis(row: Any) -> SafeString:
    basis = RenewalBasis(row.basis)
    evidence: SafeString | str = ""
    if row.n_citation:
        evidence = link(list_url(Citation, renewal=row.pk), _("cited"))
    elif basis != RenewalBasis.COMPUTED:
        evidence = badge(_("no citation"), "warn")
    if row.rests_on == RestsOn.EDITORIAL and basis == RenewalBasis.COMPUTED:
        evidence = badge(RestsOn.EDITORIAL.label, "warn")
    return format_html('<span title="{}">{}</span> {}', basis.meaning, basis.label, evidence)


def computed_from(agreement: Agreement) -> SafeString:
    """Return the terms from which dates are computed, each with what it rests on."""
    bases = agreement.bases()
    terms = []
    for name in premises(agreement.terms):
        display = getattr(agreement, f"get_{name}_display", None)
        value = display() if display else getattr(agreement, name)
        value = ", ".join(value) if isinstance(value, list) else value
        terms.append((field_label(agreement, name), value, _rests_on(bases.get(name))))
    return format_html_join(" · ", '<span class="together">{} <b>{}</b> {}</span>', terms) or format_html(
        "{}", _("nothing")
    )


def _rests_on(value: str | None) -> SafeString:
    """Return the basis of a date or term; one that is not stated stands out."""
    if value is None:
        return badge(_("no citation"), "warn")
    basis = RestsOn(value)
    if basis == RestsOn.EDITORIAL:
        return badge(basis.label, "warn")
    return format_html('<span class="quiet" title="{}">({})</span>', basis.meaning, basis.label)


def open_questions(agreement: Agreement) -> SafeString:
    """Return the questions that the terms leave open, with the fields that would answer them."""
    lines = []
    for question in status.questions(agreement.lifecycle, agreement.announced, agreement.signed):
        answers = (_(" and ").join(field_label(agreement, name) for name in names) for names in question.answers)
        lines.append((labelled(translate(question.asks), _(" or ").join(answers)),))
    return format_html_join("", "<div>{}</div>", lines) or format_html("{}", _("nothing"))


def superseded_by(agreement: Agreement) -> SafeString:
    """Return the published agreements that supersede it; nothing of it is overdue after these."""
    successors = Agreement.objects.published().filter(supersedes=agreement).order_by("effective_earliest", "pk")
    lines = (
        (_("superseded by"), change_link(successor), _("from"), successor.effective or "?") for successor in successors
    )
    return format_html_join("", "<br>{} {} {} {}", lines)


def parties(agreement: Agreement) -> SafeString:
    """Return everyone who takes part with their role, the parties to the agreement first."""
    participations = agreement.participations.select_related("party", "party__represents")
    rows = sorted(
        participations, key=lambda participation: (PartyRole.values.index(participation.role), participation.pk)
    )
    chips = ((change_link(participation.party), participation.get_role_display()) for participation in rows)
    return format_html_join(" ", '<span class="chip">{} <span class="quiet">{}</span></span>', chips) or badge(
        _("none"), "warn"
    )


def sources(agreement: Agreement) -> SafeString:
    """Return links to the texts that are quoted, with the number of citations from each."""
    citations = Citation.objects.filter(about("pk", agreement.pk)).order_by()
    cited_sources = Source.objects.annotate(n=count_of(citations, "source")).filter(n__gt=0).defer("text")
    lines = (
        (link(desk_url(source.pk), source.title), ngettext("%d citation", "%d citations", source.n) % source.n)
        for source in cited_sources.order_by("title", "pk")
    )
    return format_html_join(" · ", '{} <span class="quiet">({})</span>', lines) or badge(_("none is cited"), "warn")


def chronology(agreement: Agreement, on: date) -> SafeString:
    """Return a table of the agreement's dates, succession, events and renewals, with the day `on` in its place.

    Computed renewals on which nothing is recorded are left out: `next_dates` has those that come next.
    """
    entries: list[tuple[date, str, object]] = [(on, "", format_html("<b>{}</b>", _("today")))]
    undated: list[tuple[str, object]] = []
    bases = agreement.bases()
    for name in STATED_DATES:
        if text := getattr(agreement, name):
            description = format_html("{} {}", field_label(agreement, name), _rests_on(bases.get(name)))
            _add_entry(entries, undated, getattr(agreement, f"{name}_earliest"), text, description)
    for name in ("supersedes", "amends"):
        if other := getattr(agreement, name):
            description = format_html("{} {}", field_label(agreement, name), change_link(other))
            _add_entry(entries, undated, agreement.effective_earliest, agreement.effective, description)
    later = Agreement.objects.published().filter(Q(supersedes=agreement) | Q(amends=agreement))
    for other in later.order_by("effective_earliest", "pk")[:MAX_ENTRIES]:
        words = _("superseded by") if other.supersedes_id == agreement.pk else _("amended by")
        description = format_html("{} {}", words, change_link(other))
        _add_entry(entries, undated, other.effective_earliest, other.effective, description)
    for event in Event.objects.filter(agreement=agreement).order_by("date_earliest", "pk")[:MAX_ENTRIES]:
        text = " · ".join(filter(None, (event.date, event.date_text)))
        description = format_html(
            "{} {}", link(change_url(event), f"{event.number} {event.get_kind_display()}"), event.place
        )
        _add_entry(entries, undated, event.date_earliest, text, description)
    projected = Q(basis=RenewalBasis.COMPUTED, status=RenewalStatus.PROJECTED)
    for row in Renewal.objects.filter(~projected, agreement=agreement).order_by("due_earliest", "pk")[:MAX_ENTRIES]:
        name = link(change_url(row), f"{row.get_kind_display()} {row.sequence}")
        _add_entry(entries, undated, row.due_earliest, row.due, format_html("{} {}", name, row.get_status_display()))
    lines = [(text or day, description) for day, text, description in sorted(entries, key=lambda entry: entry[0])]
    lines += [(text or _("not stated"), description) for text, description in undated]
    body = format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", lines)
    return format_html('<table class="chronology"><tbody>{}</tbody></table>', body)


def _add_entry(entries: list[Any], undated: list[Any], day: date | None, text: str, description: object) -> None:
    if day is None:
        undated.append((text, description))
    else:
        entries.append((day, text, description))


def consolidated(agreement: Agreement, on: date) -> SafeString:
    """Return the text on a day beside the clauses as first agreed; empty if no amendment touches them."""
    amended = agreement.amends or agreement
    if not amended.amended_by.exists():
        return format_html("")
    visible = Agreement.objects.filter(Q(working_copy_of=None) | Q(pk=agreement.pk))
    visible = visible.exclude(pk=agreement.working_copy_of_id)  # in whose place this one is
    text, clauses = consolidated_text(amended, visible=visible, on=on)
    rows: list[tuple[object, ...]] = []
    for entry in text.clauses:
        clause, original = clauses[entry.id], clauses[entry.original]
        before = original if original.agreement_id == amended.pk else None  # else it was inserted
        doubt = badge(_("date uncertain"), "warn") if entry.certainty != "certain" else ""
        now = _clause_link(clause) if clause != before else _("unchanged")
        rows.append((entry.number, _clause_link(before), now, clause.agreement, doubt))
    standing = {entry.original for entry in text.clauses}
    for clause in clauses.values():
        if clause.agreement_id == amended.pk and clause.pk not in standing:
            rows.append((clause.number, _clause_link(clause), badge(_("repealed"), "warn"), "", ""))
    heads = (_("number"), _("as first agreed"), _("as it is now"), _("agreement"), "")
    return format_html(
        '<div class="scroll"><table class="outlook"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", "<th>{}</th>", ((head,) for head in heads)),
        format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
    )


def _clause_link(clause: Clause | None) -> SafeString | str:
    return link(change_url(clause), clause.text or clause.title or clause.number) if clause else ""
