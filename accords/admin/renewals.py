"""Renewals: what falls due, and what is overdue."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge
from accords.admin.forms import NumberedForm
from accords.admin.inputs import line
from accords.admin.lists import Evidence, Unsettled, chosen
from accords.admin.warnings import Cautious
from accords.models import Renewal
from accords.models.renewals import OPEN
from accords.vocabulary import RenewalBasis

SOON = "P90D"


def late(due: str) -> SafeString:
    """A date by which someone had to act."""
    return badge(f"{due} {_('overdue')}", "bad")


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


class RenewalUnsettled(Unsettled):
    """Open renewal dates that are not settled to the day, or not stated at all."""

    def condition(self, model: type[Model]) -> Q:
        """Which rows these are."""
        return (super().condition(model) | Q(due="")) & Q(status__in=OPEN)


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
class RenewalAdmin(Cautious, RecordAdmin):
    """A renewal date, what it rests on, and what became of it."""

    form = RenewalForm
    inlines = (CitationInline,)
    list_display = ("agreement", "kind", "sequence", "falls_due", "basis", "status", "evidence")
    list_display_links = ("agreement", "kind")
    list_filter = (
        *(Due, RenewalUnsettled, "kind", "status", "basis", Evidence),
        *("agreement__is_published", chosen("agreement")),
    )
    list_select_related = ("agreement",)
    search_fields = ("agreement__title", "agreement__slug", "kind", "due")
    search_help_text = _("Words of the agreement's title, a kind, or the beginning of a date: 2026-10.")
    ordering = ("due_earliest", "pk")
    fieldsets = (
        (None, {"fields": ("agreement", ("kind", "sequence"))}),
        (_("When"), {"fields": (("due", "offset"), "basis")}),
        (_("What became of it"), {"fields": ("status", "outcome")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The dates, each with what tells whether it is overdue."""
        return super().get_queryset(request).with_replacement()  # type: ignore[attr-defined]

    @admin.display(description=_("citations"), ordering="n_citation")
    def evidence(self, obj: Any) -> SafeString | str:  # type: ignore[override]
        """How many citations support it; a computed date needs none, for it follows from what is cited elsewhere."""
        return "" if obj.basis == RenewalBasis.COMPUTED and not obj.n_citation else super().evidence(obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A short input for a distance."""
        if db_field.name == "offset":
            kwargs["widget"] = line(12, placeholder="P1Y")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("due"), ordering="due_earliest")
    def falls_due(self, obj: Renewal) -> SafeString | str:
        """The date, marked if someone had to act by it."""
        return late(obj.due) if obj.is_overdue(timezone.localdate()) else obj.due
