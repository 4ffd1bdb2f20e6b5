"""Statements. Denials have a badge wherever they are listed."""

from typing import Any

from django.contrib import admin
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge
from accords.admin.forms import NumberedForm, SingleLineField, text_input, textarea
from accords.admin.lists import EvidenceFilter, contains, related_filter
from accords.models import Statement
from accords.vocabulary import Polarity, StatementKind


def speaker_text(statement: Statement) -> str:
    """Return the party that speaks, the label of another speaker, or “the source”."""
    return str(statement.speaker or statement.speaker_label or _("the source"))


class StatementForm(NumberedForm):
    number_prefix = "S"


class SingleLinePropositionMixin(admin.options.BaseModelAdmin):
    """An admin of statements in which a proposition, a text of one line, is entered in a textarea."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "proposition":
            kwargs["form_class"] = SingleLineField
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class StatementInline(SingleLinePropositionMixin, RecordInline):
    model = Statement
    form = StatementForm
    fields = ("number", "kind", "polarity", "speaker", "proposition", "denial")
    readonly_fields = ("denial",)
    select_related = ("speaker",)
    ordering = (Length("number"), "number")
    classes = ("collapse",)
    widgets = {"number": text_input(4), "proposition": textarea(2, 60)}
    verbose_name_plural = _("statements and denials")

    @admin.display(description="")
    def denial(self, obj: Statement) -> SafeString | str:
        """Return a badge for a denial. The column needs no heading."""
        return badge(_("denied"), "bad") if obj.kind == StatementKind.DENIAL else ""


@admin.register(Statement)
class StatementAdmin(SingleLinePropositionMixin, RecordAdmin):
    form = StatementForm
    inlines = (CitationInline,)
    list_display = (
        "number",
        "polarity_label",
        "kind",
        "speaker_name",
        "proposition",
        "clause",
        "agreement",
        "evidence",
    )
    list_display_links = ("number", "proposition")
    list_filter = (
        "kind",
        "polarity",
        "certainty",
        EvidenceFilter,
        "agreement__is_published",
        *map(related_filter, ("agreement", "clause", "event", "speaker")),
    )
    list_select_related = ("agreement", "speaker", "clause")
    search_fields = contains("number", "proposition", "speaker__name", "speaker_label", "agreement__title")
    search_help_text = _("Words of what is said, of the speaker's name or of the agreement's title.")
    ordering = ("agreement", Length("number"), "number")
    widgets = {"number": text_input(8), "proposition": textarea(2, 90)}
    fieldsets = (
        (None, {"fields": ("agreement", "number", "kind")}),
        (_("What is said"), {"fields": ("proposition", ("polarity", "certainty"), "topics")}),
        (_("Speaker and parties mentioned"), {"fields": (("speaker", "speaker_label"), "mentions")}),
        (
            _("What it is about"),
            {
                "fields": (("clause", "event"),),
                "description": _("A denial has no clause: what was denied was not agreed."),
            },
        ),
    )

    @admin.display(description=_("polarity"), ordering="polarity")
    def polarity_label(self, obj: Statement) -> SafeString | str:
        """Return the polarity, or "denied" for a denial, which is always negative."""
        if obj.kind == StatementKind.DENIAL:
            return badge(_("denied"), "bad")
        polarity: str = obj.get_polarity_display()
        return badge(polarity, "warn") if obj.polarity == Polarity.NEGATIVE else polarity

    @admin.display(description=_("speaker"), ordering="speaker__name")
    def speaker_name(self, obj: Statement) -> str:
        return speaker_text(obj)
