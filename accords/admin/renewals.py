"""Renewals. The list begins with the dates that fall due next."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Case, F, Model, Q, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import overdue_badge
from accords.admin.forms import NumberedForm, text_input
from accords.admin.lists import (
    ChoiceFilter,
    EvidenceFilter,
    UncertainDatesFilter,
    contains,
    open_renewals,
    related_filter,
)
from accords.models import Renewal
from accords.models.renewals import OPEN
from accords.vocabulary import RenewalBasis


class DueFilter(ChoiceFilter):
    """Open dates, by when they fall due."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("overdue")),
            ("soon", _("within 90 days")),
            ("open", _("open")),
            ("undated", _("on a day that is not known")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        renewals = open_renewals(self.value() or "", timezone.localdate())
        return queryset if renewals is None else self.filter_by(queryset, renewals)

    def filter_by(self, queryset: QuerySet[Any], renewals: Any) -> QuerySet[Any]:
        """Return the rows of the list that belong to these renewals."""
        return queryset.filter(pk__in=renewals.values("pk"))


class UncertainRenewalFilter(UncertainDatesFilter):
    """Open renewal dates that are not known to the day, or not stated at all."""

    def condition(self, model: type[Model]) -> Q:
        return (super().condition(model) | Q(due="")) & Q(status__in=OPEN)


class RenewalForm(NumberedForm):
    """The form of a renewal. In a new one `sequence`, its number among those of its kind, may be left blank."""

    number_fields = ("sequence",)

    def assign_number(self, others: Iterable[Any]) -> None:
        if self.instance.sequence is None:
            sequences = (row.sequence or 0 for row in others if row.kind == self.instance.kind)
            self.instance.sequence = max(sequences, default=0) + 1


class RenewalInline(RecordInline):
    model = Renewal
    form = RenewalForm
    fk_name = "agreement"
    fields = ("kind", "sequence", "due", "offset", "basis", "status")
    ordering = ("due_earliest", "pk")
    verbose_name_plural = _("renewal dates")


@admin.register(Renewal)
class RenewalAdmin(RecordAdmin):
    form = RenewalForm
    inlines = (CitationInline,)
    list_display = ("agreement", "kind", "sequence", "due_date", "basis", "status", "evidence")
    list_display_links = ("agreement", "kind")
    list_filter = (
        *(DueFilter, UncertainRenewalFilter, "kind", "status", "basis", EvidenceFilter),
        *("agreement__is_published", related_filter("agreement")),
    )
    list_select_related = ("agreement",)
    search_fields = ("agreement__slug", "kind", "due", *contains("agreement__title"))
    search_help_text = _("Words of the agreement's title, a kind, or the beginning of a date, such as 2026-10.")
    widgets = {"offset": text_input(12, placeholder="P1Y")}
    fieldsets = (
        (None, {"fields": ("agreement", ("kind", "sequence"))}),
        (_("Due date"), {"fields": (("due", "offset"), "basis")}),
        (_("Outcome"), {"fields": ("status", "outcome")}),
    )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Put dates that may still come first, the next one on top, then past ones from the newest to the oldest."""
        upcoming = Case(When(due_latest__gte=timezone.localdate(), then="due_earliest"))
        return [upcoming.asc(nulls_last=True), F("due_latest").desc(nulls_last=True), "pk"]

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString | str:
        """Leave a computed date blank instead of warning: it follows from terms that are cited."""
        return "" if obj.basis == RenewalBasis.COMPUTED and not obj.n_citation else super().evidence(obj)

    @admin.display(description=_("due"), ordering="due_earliest")
    def due_date(self, obj: Renewal) -> SafeString | str:
        return overdue_badge(obj.due) if obj.is_overdue(timezone.localdate()) else obj.due
