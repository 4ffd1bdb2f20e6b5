"""Warnings about dates that look wrong and published claims without a citation. They do not prevent a save."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin.display import change_link
from accords.admin.refusals import cached_missing_citations
from accords.missing_citations import RELATED_MODELS, uncited
from accords.models import Agreement, Clause, Event, Participation, Renewal
from accords.rules import warnings
from accords.rules.warnings import DateWarning
from accords.vocabulary import RenewalBasis, RenewalStatus

MAX_ROWS = 500  # of each model that are checked
MAX_SHOWN = 20  # warnings on a page

MESSAGES = {
    "effective_before_signed": lazy("It takes effect before it was signed."),
    "ends_before_effective": lazy("It ends before it takes effect."),
    "ends_before_signed": lazy("It ends before it was signed."),
    "announced_after_effective": lazy("It was announced after it took effect."),
    "notice_fills_term": lazy("The notice period is as long as the term, or longer."),
    "notice_fills_renewal_intervals": lazy("The notice period is as long as a renewal term, or longer."),
    "ends_not_with_term": lazy("The stated end is neither the day on which the term ends nor the day before."),
    "notice_opens_too_late": lazy("Notice can first be given when it is already too late."),
    "not_in_force_after_effective": lazy("The status is “signed”, and the effective date has passed."),
    "status_without_day": lazy("Enter since when. If a source only says that it is so by a day, write ../2026-03-01."),
    "leaves_before_joining": lazy("The last day comes before the first."),
    "in_force_before_effective": lazy("Its status is “in force”, but it has not taken effect yet."),
    "in_force_after_end": lazy("Its status is “in force”, but its last day has passed."),
    "announced_in_the_future": lazy("The date of announcement is in the future."),
    "signed_in_the_future": lazy("The date of signature is in the future."),
    "far_ahead": lazy("A date is more than a hundred years ahead. Is a digit wrong?"),
    "long_ago": lazy("A date is before the year 1000. Is a digit missing?"),
    "outlasts_agreement": lazy("It ends after the agreement does."),
    "begins_after_agreement": lazy("It begins after the agreement has ended."),
    "due_before_effective": lazy("It is due before the agreement takes effect."),
    "due_after_end": lazy("It is due after the agreement has ended."),
    "recorded_before_due": lazy("An outcome is recorded, but the date is in the future."),
    "not_where_terms_lead": lazy("The terms of the agreement give another date for this number."),
    "planned_in_the_past": lazy("It is planned for a day that has passed. Was it held?"),
    "held_in_the_future": lazy("It is recorded as held, but the date is in the future."),
    "before_what_it_follows": lazy("It comes before the event that it follows."),
    "not_when_signed": lazy("This is a signature, but the agreement was signed on another day."),
    "not_when_effective": lazy("This is an entry into force, but the agreement takes effect on another day."),
}


def date_warnings(row: Model, on: date) -> list[DateWarning]:
    """Return the warnings about the dates of a row; its agreement must be fetched with it."""
    if isinstance(row, Agreement):
        return warnings.of_agreement(row.terms, row.announced, row.signed, row.status, on, row.status_since)
    if isinstance(row, Clause):
        return warnings.of_clause(row.effective, row.ends, row.agreement.terms, on, row.survives)
    if isinstance(row, Renewal):
        return warnings.of_renewal(row.kind, row.sequence, row.due, row.basis, row.status, row.agreement.terms, on)
    if isinstance(row, Event):
        after = row.after.date if row.after else ""
        agreement = row.agreement
        return warnings.of_event(row.kind, row.status, row.date, after, agreement.signed, agreement.effective, on)
    if isinstance(row, Participation):
        return warnings.of_participation(row.since, row.until, on)
    return []


def warning_message(date_warning: DateWarning, row: Any) -> SafeString:
    """Return the message of a warning, with the values of the fields that it is about."""
    values = []
    for name in date_warning.fields:
        display = getattr(row, f"get_{name}_display", None)
        value = display() if display else getattr(row, name)
        values.append((row._meta.get_field(name).verbose_name, value or "–"))
    return format_html("{} ({})", MESSAGES[date_warning.code], format_html_join(", ", "{}: {}", values))


def row_warnings(row: Any, on: date) -> list[SafeString]:
    """Return the warnings about a row other than an agreement."""
    texts = [warning_message(date_warning, row) for date_warning in date_warnings(row, on)]
    if type(row) in RELATED_MODELS and row.agreement.is_published and uncited(type(row)).filter(pk=row.pk).exists():
        texts.append(format_html("{}", _("The agreement is published, but no citation supports this.")))
    return texts


def agreement_warnings(agreement: Agreement, on: date) -> list[SafeString]:
    """Return the warnings about an agreement and, with links, about its related rows."""
    texts = date_warnings_by_agreement([agreement], on)[agreement.pk]
    count = len(cached_missing_citations(agreement)) if agreement.is_published else 0
    if count:
        message = ngettext(
            "It is published, but %d claim has no citation.", "It is published, but %d claims have no citation.", count
        )
        texts.append(format_html("{}", message % count))
    return texts


def date_warnings_by_agreement(agreements: Iterable[Agreement], on: date) -> dict[int, list[SafeString]]:
    """Return the warnings about dates by the id of the agreement, with one query for each model of related rows."""
    by_pk = {agreement.pk: agreement for agreement in agreements}
    texts = {
        pk: [warning_message(date_warning, agreement) for date_warning in date_warnings(agreement, on)]
        for pk, agreement in by_pk.items()
    }
    for row in dated_rows(by_pk):
        row.agreement = by_pk[row.agreement_id]
        texts[row.agreement_id] += [
            format_html("{}: {}", change_link(row), warning_message(date_warning, row))
            for date_warning in date_warnings(row, on)
        ]
    return texts


def dated_rows(agreements: Collection[int]) -> Iterator[Any]:
    """Yield the rows of agreements (ids) that have dates, without projected ones, which follow from the terms."""
    computed = {"basis": RenewalBasis.COMPUTED, "status": RenewalStatus.PROJECTED}
    clauses: Any = Clause.objects.exclude(effective="", ends="").order_by("agreement", "position", "pk")
    renewals: Any = Renewal.objects.exclude(due="").exclude(**computed).order_by("agreement", "due_earliest", "pk")
    events: Any = Event.objects.exclude(date="").select_related("after").order_by("agreement", "pk")
    participations: Any = Participation.objects.exclude(since="", until="").select_related("party")
    for queryset in (clauses, renewals, events, participations.order_by("agreement", "pk")):
        yield from queryset.filter(agreement__in=agreements)[:MAX_ROWS]


def page_warnings(obj: Any) -> list[SafeString]:
    """Return the warnings for a row's page, as of today. They are computed once for each instance."""
    if not hasattr(obj, "page_warnings"):
        on = timezone.localdate()
        obj.page_warnings = agreement_warnings(obj, on) if isinstance(obj, Agreement) else row_warnings(obj, on)
    texts: list[SafeString] = obj.page_warnings
    return texts


def add_warning_message(model_admin: ModelAdmin, request: HttpRequest, obj: Model) -> None:
    """Add a message with the warnings about a row that was saved."""
    stored = type(obj)._default_manager.filter(pk=obj.pk).first()  # None for a renewal that its terms have replaced
    if stored and (texts := page_warnings(stored)):
        message = format_html("{} {}", _("Saved. Please check:"), warning_list(texts))
        model_admin.message_user(request, message, messages.WARNING)


def warning_list(texts: list[SafeString]) -> SafeString:
    """Return the first warnings as an HTML list, and the number of the others."""
    items = format_html_join("", "<p>{}</p>", ((text,) for text in texts[:MAX_SHOWN]))
    count = len(texts) - MAX_SHOWN
    more = format_html("<p>{}</p>", _("and %d more") % count) if count > 0 else ""
    return format_html('<div class="warning-list">{}{}</div>', items, more)
