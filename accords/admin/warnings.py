"""What an editor should look at again: odd dates, and public claims without a citation. Nothing of it stops a save."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin.display import change_link
from accords.models import Agreement, Clause, Event, Renewal
from accords.models.citations import RELATED_MODELS, missing_citations, uncited
from accords.rules import warnings
from accords.rules.warnings import Oddity
from accords.vocabulary import RenewalBasis, RenewalStatus

MOST = 500  # rows of a kind that a page looks at
SHOWN = 20

TELLS = {
    "effective_before_signed": lazy("It applies from a day before it was signed."),
    "ends_before_effective": lazy("It ends before it applies."),
    "ends_before_signed": lazy("It ends before it was signed."),
    "announced_after_effective": lazy("It was announced after it had begun to apply."),
    "notice_fills_term": lazy("Notice must be given as long before the end as the whole term lasts, or longer."),
    "notice_fills_renewal_interval": lazy(
        "Notice must be given as long before the end as a further term lasts, or longer."
    ),
    "ends_within_term": lazy("The end that is stated comes before the end of the first term."),
    "in_force_before_effective": lazy("It is said to be in force, and does not apply yet."),
    "in_force_after_end": lazy("It is said to be in force, and its last day is over."),
    "announced_in_the_future": lazy("It is said to have been announced on a day that is to come."),
    "signed_in_the_future": lazy("It is said to have been signed on a day that is to come."),
    "far_ahead": lazy("A date lies more than a hundred years ahead: is a digit wrong?"),
    "long_ago": lazy("A date lies before the year 1000: is a digit missing?"),
    "outlasts_agreement": lazy("It ends after the agreement does."),
    "begins_after_agreement": lazy("It begins after the agreement has ended."),
    "due_before_effective": lazy("It is due before the agreement applies."),
    "due_after_end": lazy("It is due after the agreement has ended."),
    "recorded_before_due": lazy("It is recorded what became of it, and its date is yet to come."),
    "not_where_terms_lead": lazy("The terms of the agreement lead to another date for this number."),
    "planned_in_the_past": lazy("It is planned for a day that is over: was it held?"),
    "held_in_the_future": lazy("It is said to have been held on a day that is to come."),
    "before_what_it_follows": lazy("It comes before the event that it is said to follow."),
    "not_when_signed": lazy("It is a signature, and the agreement was signed on another day."),
    "not_when_effective": lazy("It is an entry into force, and the agreement applies from another day."),
}


def looks_odd(row: Any, on: date) -> list[Oddity]:
    """What looks odd in a row of one of the four kinds that have dates; its agreement must be at hand."""
    if isinstance(row, Agreement):
        return warnings.of_agreement(row.terms, row.announced, row.signed, row.status, on)
    of: Agreement = row.agreement
    if isinstance(row, Clause):
        return warnings.of_clause(row.effective, row.ends, of.terms, on)
    if isinstance(row, Renewal):
        return warnings.of_renewal(row.kind, row.sequence, row.due, row.basis, row.status, of.terms, on)
    if isinstance(row, Event):
        after = row.after.date if row.after else ""
        return warnings.of_event(row.kind, row.status, row.date, after, of.signed, of.effective, on)
    return []


def told(oddity: Oddity, row: Any) -> SafeString:
    """What looks odd, with what is entered there."""
    entered = ((row._meta.get_field(name).verbose_name, shown(row, name) or "–") for name in oddity.fields)
    return format_html("{} ({})", TELLS[oddity.code], format_html_join(", ", "{}: {}", entered))


def shown(row: Any, name: str) -> Any:
    """What a field holds, as people read it."""
    label = getattr(row, f"get_{name}_display", None)
    return label() if label else getattr(row, name)


def of_row(row: Any, on: date) -> list[SafeString]:
    """What is to be told of a row, on the day `on`."""
    found = [told(one, row) for one in looks_odd(row, on)]
    if type(row) in RELATED_MODELS and row.agreement.is_published and uncited(type(row)).filter(pk=row.pk).exists():
        found.append(format_html("{}", _("The agreement is published, and no citation supports this.")))
    return found


def of_agreement(agreement: Agreement, on: date) -> list[SafeString]:
    """What is to be told of an agreement and of the rows on it, each of these with a link to its page."""
    found = odd([agreement], on)[agreement.pk]
    number = len(missing_citations([agreement])[agreement.pk]) if agreement.is_published else 0
    if number:
        words = ngettext(
            "It is published, and %d claim has no citation.", "It is published, and %d claims have no citation.", number
        )
        found.append(format_html("{}", words % number))
    return found


def odd(agreements: Iterable[Agreement], on: date) -> dict[int, list[SafeString]]:
    """What looks odd in agreements and the rows on them, by agreement; one query for each kind of row."""
    of = {agreement.pk: agreement for agreement in agreements}
    found = {pk: [told(one, agreement) for one in looks_odd(agreement, on)] for pk, agreement in of.items()}
    for row in dated_rows(of):
        row.agreement = of[row.agreement_id]
        found[row.agreement_id] += [
            format_html("{}: {}", change_link(row), told(one, row)) for one in looks_odd(row, on)
        ]
    return found


def dated_rows(agreements: Collection[int]) -> Iterator[Any]:
    """The rows on agreements that have dates; a computed date that nothing is recorded of cannot be odd."""
    computed = {"basis": RenewalBasis.COMPUTED, "status": RenewalStatus.PROJECTED}
    clauses: Any = Clause.objects.exclude(effective="", ends="").order_by("agreement", "position", "pk")
    renewals: Any = Renewal.objects.exclude(due="").exclude(**computed).order_by("agreement", "due_earliest", "pk")
    events: Any = Event.objects.exclude(date="").select_related("after").order_by("agreement", "pk")
    for rows in (clauses, renewals, events):
        yield from rows.filter(agreement__in=agreements)[:MOST]


class Cautious:
    """For the admin of rows with dates: what looks odd is told after a save, and on the page as long as it is so."""

    def cautions_of(self, obj: Any) -> list[SafeString]:
        """What is to be told of a row."""
        on = timezone.localdate()
        return of_agreement(obj, on) if isinstance(obj, Agreement) else of_row(obj, on)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """No one enters them."""
        return [*super().get_readonly_fields(request, obj), "cautions"]  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Above all else, if there are any."""
        groups: list[Any] = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj and not hasattr(obj, "to_look_at"):
            obj.to_look_at = self.cautions_of(obj)
        return (
            [(None, {"fields": ("cautions",), "classes": ["cautions"]}), *groups] if obj and obj.to_look_at else groups
        )

    @admin.display(description=lazy("look again"))
    def cautions(self, obj: Any) -> SafeString:
        """What looks odd, as a list."""
        return bulleted(obj.to_look_at)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Tell with the answer to a new row."""
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)  # type: ignore[misc]
        self.warn(request, obj)
        return answer

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Tell with the answer to a change."""
        answer: HttpResponse = super().response_change(request, obj)  # type: ignore[misc]
        self.warn(request, obj)
        return answer

    def warn(self, request: HttpRequest, obj: Any) -> None:
        """Say what to look at again in what was saved."""
        saved = type(obj)._default_manager.filter(pk=obj.pk).first()  # a computed date may be gone again
        if saved and (found := self.cautions_of(saved)):
            told = format_html("{} {}", _("Saved. Please look again:"), bulleted(found))
            self.message_user(request, told, messages.WARNING)  # type: ignore[attr-defined]


def bulleted(found: list[SafeString]) -> SafeString:
    """The first of them as a list, and how many more there are."""
    rows = format_html_join("", "<p>{}</p>", ((one,) for one in found[:SHOWN]))
    more = format_html("<p>{}</p>", _("and %d more") % (len(found) - SHOWN)) if len(found) > SHOWN else ""
    return format_html('<div class="look">{}{}</div>', rows, more)
