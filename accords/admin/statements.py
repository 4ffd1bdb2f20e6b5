"""Statements: who said what. A denial looks like a denial."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.display import badge
from accords.admin.forms import NumberedForm, OneLine
from accords.admin.inputs import box, line
from accords.admin.lists import Evidence, chosen
from accords.admin.warnings import Cautious
from accords.models import Statement
from accords.vocabulary import Polarity, StatementKind


def reading(said: Statement) -> SafeString | str:
    """Whether it is said to be so; what is not stands out, and a denial most."""
    if said.kind == StatementKind.DENIAL:
        return badge(str(_("denied")), "bad")
    word: str = said.get_polarity_display()
    return badge(word, "warn") if said.polarity == Polarity.NEGATIVE else word


def speaker(said: Statement) -> str:
    """Who says it: a party, else how the source names them, else the source itself."""
    return str(said.speaker or said.speaker_label or _("the source"))


class StatementForm(NumberedForm):
    """A statement; its number may be left blank in a new one."""

    letter = "S"


class StatementInline(RecordInline):
    """The statements about an agreement, a line each."""

    model = Statement
    form = StatementForm
    fields = ("number", "kind", "polarity", "speaker", "proposition", "reads")
    readonly_fields = ("reads",)
    joined = ("speaker",)
    ordering = (Length("number"), "number")
    classes = ("collapse",)
    verbose_name_plural = _("statements: what was said about it, and denied")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Narrow inputs, and a box for what is said."""
        if db_field.name == "number":
            kwargs["widget"] = line(4)
        if db_field.name == "proposition":
            kwargs |= {"form_class": OneLine, "widget": box(2, 60)}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="")
    def reads(self, obj: Statement) -> SafeString | str:
        """A denial stands out; what else is said shows in the choices."""
        return reading(obj) if obj.kind == StatementKind.DENIAL else ""


@admin.register(Statement)
class StatementAdmin(Cautious, RecordAdmin):
    """A statement, who made it, and its evidence."""

    form = StatementForm
    inlines = (CitationInline,)
    list_display = ("number", "reads", "kind", "who", "proposition", "clause", "agreement", "evidence")
    list_display_links = ("number", "proposition")
    list_filter = (
        "kind",
        "polarity",
        "certainty",
        Evidence,
        "agreement__is_published",
        *map(chosen, ("agreement", "clause", "event", "speaker")),
    )
    list_select_related = ("agreement", "speaker", "clause")
    search_fields = ("number", "proposition", "speaker__name", "speaker_label", "agreement__title")
    search_help_text = _("Words of what is said, of the speaker's name or of the agreement's title.")
    ordering = ("agreement", Length("number"), "number")
    fieldsets = (
        (None, {"fields": ("agreement", "number", "kind")}),
        (_("What is said"), {"fields": ("proposition", ("polarity", "certainty"), "topics")}),
        (_("Who says it, and of whom"), {"fields": (("speaker", "speaker_label"), "mentions")}),
        (
            _("What it speaks of"),
            {
                "fields": (("clause", "event"),),
                "description": _("A denial never has a clause: what was denied was not agreed."),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """A short input for the number, and a box for what is said."""
        if db_field.name == "number":
            kwargs["widget"] = line(8)
        if db_field.name == "proposition":
            kwargs |= {"form_class": OneLine, "widget": box(2, 90)}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("reading"), ordering="polarity")
    def reads(self, obj: Statement) -> SafeString | str:
        """Said or denied."""
        return reading(obj)

    @admin.display(description=_("speaker"), ordering="speaker__name")
    def who(self, obj: Statement) -> str:
        """Who says it."""
        return speaker(obj)
