"""Clauses, and the parties to them."""

from collections.abc import Iterable
from math import ceil, floor
from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge, plain_number
from accords.admin.forms import NumberedForm, text_input, textarea
from accords.admin.lists import EvidenceFilter, UncertainDatesFilter, contains, count_of, related_filter
from accords.models import Citation, Clause, ClauseParty
from accords.rules.comparison import delta_unit


def with_parties(clauses: QuerySet[Any]) -> QuerySet[Any]:
    """Prefetch the parties of clauses, obligors first, then obligees, then parties affected."""
    return clauses.prefetch_related(
        Prefetch("parties", ClauseParty.objects.select_related("party").order_by("-role", "pk"))
    )


def quantity_text(clause: Clause) -> str:
    """Return the quantity, after the baseline if that is known: `57 → 47 %`. It is blank if neither is stated."""
    baseline, value = (plain_number(number) for number in (clause.baseline_value, clause.value))
    return f"{baseline} → {value} {clause.unit}".strip(" →") if baseline else f"{value} {clause.unit}".strip()


def clause_summary(clause: Any) -> SafeString:
    """Return the quantity, the parties (those supplied by an editor in brackets), and a warning without a citation.

    The clause must come from `with_parties` with the annotation `n_citation`.
    """
    classes_and_titles = {
        True: ("chip", _("named by the text")),
        False: ("chip chip-implicit", _("supplied by an editor")),
    }
    chips = format_html_join(
        " ",
        '<span class="{}" title="{}">{} {}</span>',
        (
            (*classes_and_titles[row.explicit], row.get_role_display(), row.party if row.explicit else f"({row.party})")
            for row in clause.parties.all()
        ),
    )
    evidence = "" if clause.n_citation else badge(_("no citation"), "warn")
    return format_html("<b>{}</b> {} {}", quantity_text(clause), chips, evidence)


class ClauseForm(NumberedForm):
    """The form of a clause. In a new one the number and the position may be left blank."""

    number_fields = ("number", "position")

    def assign_number(self, others: Iterable[Any]) -> None:
        other_clauses = list(others)
        super().assign_number(other_clauses)
        if self.instance.position is None:
            self.instance.position = max((clause.position or 0 for clause in other_clauses), default=0) + 1


class ClausePartyInline(RecordInline):
    model = ClauseParty
    fields = ("party", "role", "explicit")
    select_related = ("party",)
    ordering = ("-role", "pk")
    verbose_name_plural = _("parties to the clause")


class ClauseInline(RecordInline):
    """The clauses of an agreement. Their texts, quantities and parties are entered on their own pages."""

    model = Clause
    form = ClauseForm
    template = "accords/clauses_inline.html"
    fields = ("number", "position", "type", "standing", "modality", "title", "summary")
    readonly_fields = ("summary",)
    ordering = ("position", "pk")
    widgets = {"number": text_input(3), "title": text_input(38)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_parties(super().get_queryset(request)).annotate(n_citation=count_of(Citation, "clause"))

    @admin.display(description=_("quantity, parties, citations"))
    def summary(self, obj: Model) -> SafeString | str:
        return clause_summary(obj) if hasattr(obj, "n_citation") else ""  # a new row has no annotation


@admin.register(Clause)
class ClauseAdmin(RecordAdmin):
    form = ClauseForm
    inlines = (ClausePartyInline, CitationInline)
    list_display = ("number", "title", "agreement", "type", "standing", "modality", "quantity", "parties", "evidence")
    list_display_links = ("number", "title")
    list_filter = (
        "type",
        "standing",
        "modality",
        EvidenceFilter,
        UncertainDatesFilter,
        "scope",
        "agreement__is_published",
        related_filter("agreement"),
    )
    list_select_related = ("agreement",)
    search_fields = contains("number", "title", "commodity", "agreement__title")
    search_help_text = _("Words of the clause's number, title, text or commodity, or of the agreement's title.")
    ordering = ("agreement", "position", "pk")
    widgets = {
        "number": text_input(8),
        "unit": text_input(8),
        "title": text_input(90),
        "scope_note": text_input(90),
        "text": textarea(6, 90),
    }
    fieldsets = (
        (None, {"fields": ("agreement", ("number", "position"), "title", "parent")}),
        (_("Kind of clause"), {"fields": (("type", "standing", "modality"),)}),
        (
            _("Wording of the source"),
            {"fields": ("text", "language", "commodity", "hs_codes", "scope", "scope_note")},
        ),
        (_("Quantity"), {"fields": (("baseline_value", "value", "unit"), ("comparator", "per"), "difference")}),
        (_("Period within the clause"), {"fields": (("period", "trigger"),)}),
        (_("Dates of its own"), {"fields": (("effective", "ends"), "survives")}),
        (_("Amendment"), {"fields": (("modifies", "modification"),)}),
    )
    readonly_fields = ("difference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_parties(super().get_queryset(request))

    @admin.display(description=_("quantity"), ordering="value")
    def quantity(self, obj: Clause) -> str:
        return quantity_text(obj)

    @admin.display(description=_("difference"))
    def difference(self, obj: Clause) -> str:
        """Return the value minus the baseline, with its unit in the reader's language; blank if one is missing.

        It is not the stored `delta`: a form with errors shows what was typed.
        """
        if obj.value is None or obj.baseline_value is None:
            return ""
        delta = obj.value - obj.baseline_value
        number = plain_number(delta).replace("-", "−")
        if obj.unit == "%":
            # `ngettext` takes an integer. The plural begins above 1 in English (1.5 points), and at 2 in French.
            count = floor(abs(delta)) if get_language() == "fr" else ceil(abs(delta))
            return ngettext("%s percentage point", "%s percentage points", count) % number
        return f"{number} {delta_unit(obj.unit)}"

    @admin.display(description=_("parties"))
    def parties(self, obj: Clause) -> str:
        """Return the parties with their roles, those supplied by an editor in brackets."""
        return ", ".join(
            f"{row.get_role_display()} {row.party if row.explicit else f'({row.party})'}" for row in obj.parties.all()
        )


@admin.register(ClauseParty)
class ClausePartyAdmin(RecordAdmin):
    """The parties to clauses, which are entered on the clause's page. The list is for searching."""

    list_display = ("party", "role", "explicit", "clause", "agreement")
    list_filter = ("role", "explicit", "party__kind", related_filter("clause"), related_filter("party"))
    list_select_related = ("party", "clause__agreement")
    search_fields = contains("party__name", "clause__title", "clause__agreement__title")
    search_help_text = _("Words of the party's name, of the clause's title or of the agreement's.")
    ordering = ("clause__agreement", "clause__position", "pk")
    fieldsets = ((None, {"fields": ("clause", "party", "role", "explicit")}),)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Keep the model out of the index."""
        return {}

    @admin.display(description=_("agreement"), ordering="clause__agreement__title")
    def agreement(self, obj: ClauseParty) -> Any:
        return obj.clause.agreement
