"""The summary at the top of an agreement's page: next dates, their basis, parties, sources, and the chronology."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin.display import badge, change_link, change_url, desk_url, labelled_value, link, list_url
from accords.admin.lists import count_of
from accords.db.translation import translate
from accords.models import Agreement, Citation, Clause, Event, Renewal, Source
from accords.models.citations import field_label
from accords.models.renewals import OPEN
from accords.models.sources import about_agreement
from accords.rules import status
from accords.rules.terms import deadline_premises, premises
from accords.services import consolidated_text
from accords.vocabulary import PartyRole, RenewalBasis, RenewalStatus, RestsOn

MAX_DATES = 4  # overdue renewals, as many coming ones, and as many undated ones
MAX_ENTRIES = 100  # of the chronology, for each model
MAX_DAYS_SHOWN = 730  # no number of days is shown beside a later date
HEADINGS = (lazy("due"), lazy("what"), lazy("basis"), lazy("condition"), lazy("status"))
STATED_DATES = ("announced", "signed", "effective", "ends")


def agreement_field_label(name: str) -> str:
    return str(field_label(Agreement, name))


def days_text(count: int) -> str:
    return ngettext("%d day", "%d days", count) % count


def next_dates(agreement: Agreement, on: date) -> SafeString:
    """Return a table of the renewals overdue on the day `on`, the next ones, and open ones without a date."""
    queryset: Any = Renewal.objects.filter(agreement=agreement).order_by("due_earliest", "pk")
    queryset = queryset.annotate(n_citation=count_of(Citation, "renewal"))
    is_open = queryset.filter(status__in=OPEN)
    overdue = list(queryset.overdue(overdue=True, on=on)[: MAX_DATES + 1])
    coming = list(is_open.possibly_from("due", on)[:MAX_DATES])
    undated = list(is_open.date_unknown("due", unknown=True)[:MAX_DATES])
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
        return format_html("{} {}", due, badge(_("overdue for %s") % days_text((on - row.due_latest).days), "bad"))
    if row.due_earliest is None or row.due_latest is None:
        return format_html("{} {}", due, badge(_("day not known"), "plain"))
    if row.due_earliest != row.due_latest:
        return format_html("{} {}", due, badge(_("day uncertain"), "plain"))
    days = (row.due_earliest - on).days
    text = _("in %s") % days_text(days) if days else _("today")
    return format_html('{} <span class="quiet">{}</span>', due, text if days <= MAX_DAYS_SHOWN else "")


def _renewal_basis(row: Any) -> SafeString:
    """Return whether a date is stated or computed, and its evidence. A computed date needs no citation of its own."""
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
    for name in dict.fromkeys([*premises(agreement.terms), *deadline_premises(agreement.terms)]):
        display = getattr(agreement, f"get_{name}_display", None)
        value = display() if display else getattr(agreement, name)
        value = ", ".join(value) if isinstance(value, list) else value
        terms.append((agreement_field_label(name), value, _basis_label(bases.get(name))))
    return format_html_join(" · ", '<span class="together">{} <b>{}</b> {}</span>', terms) or format_html(
        "{}", _("nothing")
    )


def _basis_label(value: str | None) -> SafeString:
    """Return the evidence of a date or term, as a warning unless it is `stated`. None is without a citation."""
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
        answers = (_(" and ").join(map(agreement_field_label, names)) for names in question.answers)
        lines.append((labelled_value(translate(question.text), _(" or ").join(answers)),))
    return format_html_join("", "<div>{}</div>", lines) or format_html("{}", _("nothing"))


def superseded_by(agreement: Agreement) -> SafeString:
    """Return links to the published agreements that supersede an agreement, with the days from which they do."""
    successors = Agreement.objects.published().filter(supersedes=agreement).order_by("effective_earliest", "pk")
    lines = (
        (_("superseded by"), change_link(successor), _("from"), successor.effective or "?") for successor in successors
    )
    return format_html_join("", "<br>{} {} {} {}", lines)


def parties(agreement: Agreement) -> SafeString:
    """Return links to those who take part with their roles, the parties to the agreement first."""
    participations = agreement.participations.select_related("party", "party__represents")
    rows = sorted(
        participations, key=lambda participation: (PartyRole.values.index(participation.role), participation.pk)
    )
    chips = ((change_link(participation.party), participation.get_role_display()) for participation in rows)
    return format_html_join(" ", '<span class="chip">{} <span class="quiet">{}</span></span>', chips) or badge(
        _("none"), "warn"
    )


def sources(agreement: Agreement) -> SafeString:
    """Return links to the sources that are cited, with the number of citations of each."""
    citations = Citation.objects.filter(about_agreement("pk", agreement.pk)).order_by()
    cited_sources = Source.objects.annotate(n=count_of(citations, "source")).filter(n__gt=0).defer("text")
    lines = (
        (link(desk_url(source.pk), source.title), ngettext("%d citation", "%d citations", source.n) % source.n)
        for source in cited_sources.order_by("title", "pk")
    )
    return format_html_join(" · ", '{} <span class="quiet">({})</span>', lines) or badge(_("none is cited"), "warn")


def chronology(agreement: Agreement, visible: QuerySet[Agreement], on: date) -> SafeString:
    """Return a table of the agreement's dates, succession, events and renewals and of the day `on`, in order.

    It names no agreement that is not among the `visible` ones.
    Computed renewals without a recorded outcome are left out: `next_dates` has the next of them.
    """
    entries: list[tuple[date, str, object]] = [(on, "", format_html("<b>{}</b>", _("today")))]
    undated: list[tuple[str, object]] = []
    bases = agreement.bases()
    for name in STATED_DATES:
        if text := getattr(agreement, name):
            description = format_html("{} {}", agreement_field_label(name), _basis_label(bases.get(name)))
            _add_entry(entries, undated, getattr(agreement, f"{name}_earliest"), text, description)
    for name in ("supersedes", "amends"):
        if (other := getattr(agreement, name)) and visible.contains(other):
            description = format_html("{} {}", agreement_field_label(name), change_link(other))
            _add_entry(entries, undated, agreement.effective_earliest, agreement.effective, description)
    later = Agreement.objects.published().filter(Q(supersedes=agreement) | Q(amends=agreement))
    for other in later.order_by("effective_earliest", "pk")[:MAX_ENTRIES]:
        relation = _("superseded by") if other.supersedes_id == agreement.pk else _("amended by")
        description = format_html("{} {}", relation, change_link(other))
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


def consolidated(agreement: Agreement, visible: QuerySet[Agreement], on: date) -> SafeString:
    """Return a table of the clauses on the day `on` beside those first agreed, with the `visible` amendments.

    For an amendment of a visible agreement it is the table of that agreement.
    """
    amended = agreement.amends if agreement.amends and visible.contains(agreement.amends) else agreement
    # A working copy counts only on its own page, instead of its original.
    visible = visible.filter(Q(working_copy_of=None) | Q(pk=agreement.pk)).exclude(working_copies=agreement)
    text, clauses = consolidated_text(amended, visible=visible, on=on)
    rows: list[tuple[object, ...]] = []
    for entry in text.clauses:
        clause, original = clauses[entry.id], clauses[entry.original]
        first_agreed = original if original.agreement_id == amended.pk else None  # None if it was inserted
        warning = badge(_("date uncertain"), "warn") if entry.certainty != "certain" else ""
        current = _clause_link(clause) if clause != first_agreed else _("unchanged")
        rows.append((entry.number, _clause_link(first_agreed), current, clause.agreement, warning))
    not_repealed = {entry.original for entry in text.clauses}
    for clause in clauses.values():
        if clause.agreement_id == amended.pk and clause.pk not in not_repealed:
            rows.append((clause.number, _clause_link(clause), badge(_("repealed"), "warn"), "", ""))
    heads = (_("number"), _("as first agreed"), _("as it is now"), _("agreement"), "")
    return format_html(
        '<div class="scroll"><table class="outlook"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", "<th>{}</th>", ((head,) for head in heads)),
        format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
    )


def _clause_link(clause: Clause | None) -> SafeString | str:
    return link(change_url(clause), clause.text or clause.title or clause.number) if clause else ""
