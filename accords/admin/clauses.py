"""Clauses, and who owes them."""

from collections.abc import Iterable
from math import ceil
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge, plain
from accords.admin.forms import NumberedForm
from accords.admin.inputs import box, line
from accords.admin.lists import Evidence, Unsettled, chosen, tally
from accords.admin.warnings import Cautious
from accords.models import Citation, Clause, ClauseParty


def with_parties(clauses: QuerySet[Any]) -> QuerySet[Any]:
    """Clauses with their parties, who owes it first."""
    return clauses.prefetch_related(
        Prefetch("parties", ClauseParty.objects.select_related("party").order_by("-role", "pk"))
    )


def quantity(clause: Clause) -> str:
    """What is agreed, and what was before."""
    before, now = (plain(number) for number in (clause.baseline_value, clause.value))
    return f"{before} → {now} {clause.unit}".strip(" →") if before else f"{now} {clause.unit}".strip()


def chips(clause: Clause) -> SafeString:
    """Who is what to a clause; whom an editor supplied is framed in dashes and in brackets."""
    kinds = {True: ("chip", _("the text names them")), False: ("chip chip-implicit", _("supplied by an editor"))}
    rows = (
        (*kinds[one.explicit], one.get_role_display(), one.party if one.explicit else f"({one.party})")
        for one in clause.parties.all()
    )
    return format_html_join(" ", '<span class="{}" title="{}">{} {}</span>', rows)


def summary(clause: Any) -> SafeString:
    """A clause in a line: its quantity, who owes it to whom, and a warning if nothing is cited."""
    evidence = "" if clause.n_citation else badge(str(_("no citation")), "warn")
    return format_html("<b>{}</b> {} {}", quantity(clause), chips(clause), evidence)


class ClauseForm(NumberedForm):
    """A clause; number and place may be left blank in a new one."""

    numbering = ("number", "position")

    def number(self, others: Iterable[Any]) -> None:
        """After the last clause."""
        rows = list(others)
        super().number(rows)
        if self.instance.position is None:
            self.instance.position = max((row.position or 0 for row in rows), default=0) + 1


class ClausePartyInline(RecordInline):
    """Who owes the clause, to whom."""

    model = ClauseParty
    fields = ("party", "role", "explicit")
    joined = ("party",)
    ordering = ("-role", "pk")
    verbose_name_plural = _("parties: who owes it, to whom")


class ClauseInline(RecordInline):
    """The clauses of an agreement, a line each; words, quantities and parties are on their own pages."""

    model = Clause
    form = ClauseForm
    template = "accords/clauses.html"
    fields = ("number", "position", "type", "standing", "modality", "title", "says")
    readonly_fields = ("says",)
    ordering = ("position", "pk")
    verbose_name_plural = _("clauses: what was agreed")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Narrow inputs."""
        sizes = {"number": 3, "title": 38}
        if db_field.name in sizes:
            kwargs["widget"] = line(sizes[db_field.name])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The clauses with what their lines tell."""
        return with_parties(super().get_queryset(request)).annotate(n_citation=tally(Citation, "clause"))

    @admin.display(description=_("quantity, parties, evidence"))
    def says(self, obj: Any) -> SafeString | str:
        """The quantity, who owes it to whom, and whether it is cited; nothing yet of a new row."""
        return summary(obj) if obj.pk else ""


@admin.register(Clause)
class ClauseAdmin(Cautious, RecordAdmin):
    """A clause with its parties and its evidence."""

    form = ClauseForm
    inlines = (ClausePartyInline, CitationInline)
    list_display = ("number", "title", "agreement", "type", "standing", "modality", "quantity", "who", "evidence")
    list_display_links = ("number", "title")
    list_filter = (
        "type",
        "standing",
        "modality",
        Evidence,
        Unsettled,
        "scope",
        "agreement__is_published",
        chosen("agreement"),
    )
    list_select_related = ("agreement",)
    search_fields = ("number", "title", "text", "commodity", "agreement__title")
    search_help_text = _("Words of the clause's number, title, text or commodity, or of the agreement's title.")
    ordering = ("agreement", "position", "pk")
    fieldsets = (
        (None, {"fields": ("agreement", ("number", "position"), "title", "parent")}),
        (_("What sort of clause"), {"fields": (("type", "standing", "modality"),)}),
        (_("In the source's words"), {"fields": ("text", "language", "commodity", "hs_codes", "scope", "scope_note")}),
        (_("Quantity"), {"fields": (("baseline_value", "value", "unit"), "difference")}),
        (_("Its own dates"), {"fields": (("effective", "ends"),)}),
    )
    readonly_fields = ("difference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The clauses with their parties."""
        return with_parties(super().get_queryset(request))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A short input for a number, a wide one for a title."""
        sizes = {"number": 8, "unit": 8, "title": 90, "scope_note": 90}
        if db_field.name in sizes:
            kwargs["widget"] = line(sizes[db_field.name])
        if db_field.name == "text":
            kwargs["widget"] = box(6, 90)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("quantity"), ordering="value")
    def quantity(self, obj: Clause) -> str:
        """What is agreed, and what was before."""
        return quantity(obj)

    @admin.display(description=_("difference"))
    def difference(self, obj: Clause) -> str:
        """What the quantity changes by, in its own unit."""
        if obj.delta is None:
            return ""
        if obj.unit == "%":
            return ngettext("%s percentage point", "%s percentage points", ceil(abs(obj.delta))) % plain(obj.delta)
        return f"{plain(obj.delta)} {obj.delta_unit}"

    @admin.display(description=_("parties"))
    def who(self, obj: Clause) -> str:
        """Who is what to the clause; in brackets whom an editor supplied."""
        return ", ".join(
            f"{one.get_role_display()} {one.party if one.explicit else f'({one.party})'}" for one in obj.parties.all()
        )


@admin.register(ClauseParty)
class ClausePartyAdmin(RecordAdmin):
    """Who is what to a clause. Entered on the clause's page; this list is for searching."""

    list_display = ("party", "role", "explicit", "clause", "agreement")
    list_filter = ("role", "explicit", "party__kind", chosen("clause"), chosen("party"))
    list_select_related = ("party", "clause__agreement")
    search_fields = ("party__name", "clause__title", "clause__agreement__title")
    search_help_text = _("Words of the party's name, of the clause's title or of the agreement's.")
    ordering = ("clause__agreement", "clause__position", "pk")
    fieldsets = ((None, {"fields": ("clause", "party", "role", "explicit")}),)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not on the front page."""
        return {}

    @admin.display(description=_("agreement"), ordering="clause__agreement__title")
    def agreement(self, obj: ClauseParty) -> Any:
        """The clause's agreement."""
        return obj.clause.agreement
