"""What an agreement's page says before its fields: what comes next, on what it rests, what would tell more, who."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin.display import badge, change_link, desk_url, link, list_url, named, page_url
from accords.admin.lists import tally
from accords.db.translation import translate
from accords.models import Agreement, Citation, Renewal, Source
from accords.models.renewals import OPEN
from accords.models.sources import about
from accords.rules import renewals, status
from accords.vocabulary import AgreementStatus, EffectiveBasis, PartyRole, RenewalBasis

SHOWN = 4  # dates of a sort; what is further off is in the list
NEAR = 730  # days up to which a distance is easier to grasp than a date
HEADINGS = (lazy("due"), lazy("what"), lazy("rests on"), lazy("condition"), lazy("state"))


def next_dates(agreement: Agreement, on: date) -> SafeString:
    """What is overdue on the day `on`, what comes next, and open dates that no one can place; a line each."""
    late, coming, undated = asked(agreement, on)
    rows = [*late[:SHOWN], *coming[:SHOWN], *undated[:SHOWN]]
    if not rows:
        return format_html("{}", _("No open date from this day on is known."))
    for row in rows:
        row.agreement = agreement
    heads = format_html_join("", "<th>{}</th>", ((heading,) for heading in HEADINGS))
    lines = format_html_join("", "<tr>{}</tr>", ((line(row, on),) for row in rows))
    table = format_html('<table class="outlook"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', heads, lines)
    return format_html("{}<p>{}</p>", table, more(agreement, len(late) > SHOWN))


def asked(agreement: Agreement, on: date) -> list[list[Any]]:
    """Dates that are overdue, that may come, and that have no bounds; of each one more than is shown, if there is."""
    rows: Any = Renewal.objects.filter(agreement=agreement).with_replacement().order_by("due_earliest", "pk")
    rows = rows.annotate(n_citation=tally(Citation, "renewal"))
    is_open = rows.filter(status__in=OPEN)
    sorts: list[QuerySet[Any]] = [
        rows.overdue(True, on),
        is_open.possibly_from("due", on),
        is_open.date_unknown("due", True),
    ]
    return [list(sort[: SHOWN + 1]) for sort in sorts]


def line(row: Any, on: date) -> SafeString:
    """A date as the cells of a line."""
    what = link(page_url(row), f"{row.get_kind_display()} {row.sequence}")
    cells = (when(row, on), what, basis(row), translate(row.condition), state(row))
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in cells))


def when(row: Any, on: date) -> SafeString:
    """The date as it is stated, and how far off it is."""
    due = row.due or _("not stated")
    if row.is_overdue(on):
        return format_html("{} {}", due, badge(_("overdue for %s") % days((on - row.due_latest).days), "bad"))
    if row.due_earliest is None or row.due_latest is None:
        return format_html("{} {}", due, badge(_("day not known"), "plain"))
    if row.due_earliest != row.due_latest:
        return format_html("{} {}", due, badge(_("day uncertain"), "plain"))
    far = (row.due_earliest - on).days
    told = _("in %s") % days(far) if far else _("today")
    return format_html('{} <span class="quiet">{}</span>', due, told if far <= NEAR else "")


def days(number: int) -> str:
    """A number of days."""
    return ngettext("%d day", "%d days", number) % number


def basis(row: Any) -> SafeString:
    """What the date rests on; a date that someone entered should be cited."""
    word = RenewalBasis(row.basis)
    evidence: SafeString | str
    if row.n_citation:
        evidence = link(list_url(Citation, renewal=row.pk), _("cited"))
    else:
        evidence = "" if word == RenewalBasis.COMPUTED else badge(_("no citation"), "warn")
    return format_html('<span title="{}">{}</span> {}', word.meaning, word.label, evidence)


def state(row: Any) -> SafeString | str:
    """What became of it so far; of an agreement that is over before it, nothing will."""
    if row.is_cancelled():
        return badge(_("will not take place"), "warn")
    word: str = row.get_status_display()
    return word


def more(agreement: Agreement, is_late: bool) -> SafeString:
    """Links to the lists of all that is overdue, if not all is shown, and of all dates."""
    found: list[object] = [_("Every date also depends on all before it.")]
    if is_late:
        found.append(link(list_url(Renewal, agreement=agreement.pk, due="overdue"), _("all that is overdue")))
    found.append(link(list_url(Renewal, agreement=agreement.pk), _("all renewal dates")))
    return format_html_join(" · ", "{}", ((one,) for one in found))


def premises(agreement: Agreement) -> SafeString:
    """From what computed dates follow: each term that is stated, and whether a source or the editors say so."""
    bases = agreement.bases()
    found = (
        (label(agreement, name), said(agreement, name), rests(bases.get(name)))
        for name in renewals.premises(agreement.terms)
    )
    return format_html_join(" · ", '<span class="together">{} <b>{}</b> {}</span>', found) or format_html(
        "{}", _("nothing")
    )


def rests(basis: str | None) -> SafeString:
    """What a term rests on."""
    if basis is None:
        return badge(_("no citation"), "warn")
    word = EffectiveBasis(basis)
    return format_html('<span class="quiet" title="{}">({})</span>', word.meaning, word.label)


def label(agreement: Agreement, name: str) -> str:
    """What a field is called."""
    return str(agreement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def said(agreement: Agreement, name: str) -> Any:
    """What a field says, a word of a vocabulary by its label."""
    word = getattr(agreement, f"get_{name}_display", None)
    return word() if word else getattr(agreement, name)


def unknown(agreement: Agreement) -> SafeString:
    """What the terms leave open, each with the fields that would answer it; nothing of a terminated agreement."""
    ended = agreement.status == AgreementStatus.TERMINATED
    found = (
        [] if ended else [(translate(one.asks), answers(agreement, one)) for one in status.questions(agreement.terms)]
    )
    if not found:
        return format_html("{}", _("nothing"))
    return format_html_join("", "<div>{}</div>", ((named(*one),) for one in found))


def answers(agreement: Agreement, question: status.Question) -> str:
    """The fields that would answer a question."""
    return _(" or ").join(_(" and ").join(label(agreement, name) for name in names) for names in question.answers)


def replacements(agreement: Agreement) -> SafeString:
    """The published agreements that replace it, if there are any: nothing of it is overdue then."""
    found = Agreement.objects.published().filter(supersedes=agreement).order_by("effective_earliest", "pk")
    told = ((_("replaced by"), change_link(one), _("from"), one.effective or "?") for one in found)
    return format_html_join("", "<br>{} {} {} {}", told)


def who(agreement: Agreement) -> SafeString:
    """Everyone who takes part, each with the role; first those who are parties to it."""
    found = agreement.participations.select_related("party", "party__represents")
    rows = sorted(found, key=lambda one: (PartyRole.values.index(one.role), one.pk))
    chips = ((change_link(one.party), one.get_role_display()) for one in rows)
    told = format_html_join(" ", '<span class="chip">{} <span class="quiet">{}</span></span>', chips)
    return told or badge(_("no one"), "warn")


def sources(agreement: Agreement) -> SafeString:
    """The texts that it and its rows quote, as links to where they are read, and how many quotes each gives."""
    quotes = Citation.objects.filter(about("pk", agreement.pk)).order_by()
    found = Source.objects.annotate(n=tally(quotes, "source")).filter(n__gt=0).defer("text").order_by("title", "pk")
    told = (
        (link(desk_url(one.pk), one.title), ngettext("%d citation", "%d citations", one.n) % one.n) for one in found
    )
    return format_html_join(" · ", '{} <span class="quiet">({})</span>', told) or badge(_("none is cited"), "warn")
