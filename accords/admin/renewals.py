"""Renewals: what falls due, and what is overdue."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge
from accords.admin.forms import NumberedForm
from accords.admin.inputs import line
from accords.admin.lists import Evidence, chosen
from accords.models import Agreement, Renewal
from accords.models.renewals import OPEN
from accords.vocabulary import RenewalKind, RenewalStatus

SOON = "P90D"
AGAIN = (RenewalKind.RENEWAL, RenewalKind.RENEGOTIATION)


def settle(agreement: Agreement) -> None:
    """Keep on the agreement how many of its renewals and renegotiations were concluded."""
    concluded = Renewal.objects.filter(agreement=agreement, status=RenewalStatus.CONCLUDED, kind__in=AGAIN).count()
    if concluded != agreement.renewals_concluded:
        agreement.renewals_concluded = concluded
        agreement.save()


def due_badge(due: str, latest: date | None, on: date) -> SafeString | str:
    """An open date as a list shows it: marked if it is over."""
    return badge(f"{due} {_('overdue')}", "bad") if latest and latest < on else due


class Due(admin.SimpleListFilter):
    """When open dates fall due."""

    title = _("falls due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Four answers."""
        return [
            ("overdue", _("overdue")),
            ("soon", _("within 90 days")),
            ("open", _("open")),
            ("undated", _("without bounds")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows chosen."""
        today, rows = timezone.localdate(), Renewal.objects.filter(status__in=OPEN)
        answers = {
            "overdue": rows.overdue(True, today),
            "soon": rows.due_within(SOON, today),
            "open": rows,
            "undated": rows.date_unknown("due", True),
        }
        found = answers.get(self.value() or "")
        return queryset if found is None else self.narrowed(queryset, found)

    def narrowed(self, queryset: QuerySet[Any], found: Any) -> QuerySet[Any]:
        """The rows that are among those found."""
        return queryset.filter(pk__in=found.values("pk"))


class RenewalForm(NumberedForm):
    """A renewal date; its number among those of its kind may be left blank in a new one."""

    numbering = ("sequence",)

    def number(self, others: Iterable[Any]) -> None:
        """After the last one of its kind."""
        if self.instance.sequence is None:
            same = (row.sequence or 0 for row in others if row.kind == self.instance.kind)
            self.instance.sequence = max(same, default=0) + 1


class RenewalInline(RecordInline):
    """The renewal dates of an agreement, a line each."""

    model = Renewal
    form = RenewalForm
    fk_name = "agreement"
    fields = ("kind", "sequence", "due", "offset", "basis", "status")
    ordering = ("due_earliest", "pk")
    verbose_name_plural = _("renewal dates: what falls due")


@admin.register(Renewal)
class RenewalAdmin(RecordAdmin):
    """A renewal date, what it rests on, and what became of it."""

    form = RenewalForm
    inlines = (CitationInline,)
    list_display = ("agreement", "kind", "sequence", "falls_due", "basis", "status", "evidence")
    list_display_links = ("agreement", "kind")
    list_filter = (Due, "kind", "status", "basis", Evidence, "agreement__is_published", chosen("agreement"))
    list_select_related = ("agreement",)
    search_fields = ("agreement__title", "agreement__slug", "kind", "due")
    search_help_text = _("Words of the agreement's title, a kind, or the beginning of a date: 2026-10.")
    ordering = ("due_earliest", "pk")
    fieldsets = (
        (None, {"fields": ("agreement", ("kind", "sequence"))}),
        (_("When"), {"fields": (("due", "offset"), "basis")}),
        (_("What became of it"), {"fields": ("status", "outcome")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A short input for a distance."""
        if db_field.name == "offset":
            kwargs["widget"] = line(12, placeholder="P1Y")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("due"), ordering="due_earliest")
    def falls_due(self, obj: Renewal) -> SafeString | str:
        """The date, marked if it is over and open."""
        return due_badge(obj.due, obj.due_latest, timezone.localdate()) if obj.status in OPEN else obj.due

    def save_model(self, request: HttpRequest, obj: Renewal, form: Any, change: bool) -> None:
        """With the date, keep the number of renewals that its agreement concluded, and the one it was taken from."""
        super().save_model(request, obj, form, change)
        for agreement in Agreement.objects.filter(pk__in={obj.agreement_id, form.initial.get("agreement")} - {None}):
            settle(agreement)

    def delete_model(self, request: HttpRequest, obj: Renewal) -> None:
        """With the date, its part in that number."""
        super().delete_model(request, obj)
        settle(obj.agreement)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """With the dates, their part in those numbers."""
        agreements = list(Agreement.objects.filter(renewals__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        for agreement in agreements:
            settle(agreement)
