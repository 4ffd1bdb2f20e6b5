"""Citations: an editor pastes the quote, and the model finds it in the source."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import LabelledChoiceField, has_agreement
from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.display import change_link, desk_url, link, passage, suggestion
from accords.admin.forms import RecordForm, textarea
from accords.admin.lists import ChoiceFilter, RelatedFilter, contains, related_filter
from accords.admin.refusals import CONFIRM
from accords.models import Citation, Source
from accords.models.citations import TARGETS, citable_fields, field_label
from accords.models.sources import about_agreement
from accords.rules import quotes

LOCATION_FIELDS = {"prefix": "", "suffix": "", "start": None, "end": None}
"""The fields that locate a quote in its source, with their blank values."""

WHOLE_ENTRY = ("", _("the whole entry"))


def field_choices(target_kind: str) -> list[Any]:
    """Return the fields that a citation can support: those of a key of `TARGETS`, or, if blank, of all in groups."""
    choices = {
        name: [(field, field_label(model, field)) for field in citable_fields(model)] for name, model in TARGETS.items()
    }
    if target_kind:
        return [WHOLE_ENTRY, *choices[target_kind]]
    return [WHOLE_ENTRY, *((capfirst(model._meta.verbose_name), choices[name]) for name, model in TARGETS.items())]


class CitationForm(RecordForm):
    """The form of a citation. If the quote or its source changes, the model locates it again."""

    unique_error_field = "exact"
    field = forms.ChoiceField(
        label=capfirst(_("field")), required=False, help_text=Citation._meta.get_field("field").help_text
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A bound form may change the target, so it accepts the fields of any.
        target_kind = next(iter(self.parent_fields), "" if self.is_bound else self.instance.target_kind)
        self.fields["field"].choices = field_choices(target_kind)  # type: ignore[attr-defined]  # the form declares it as a choice

    def full_clean(self) -> None:
        """If the source has words that only look like the quote, add a button that puts them into the field.

        They differ in white space, for example. `full_clean` also validates the model, which searches the source and
        reports a missing quote with the code `quote`; `clean` would be too early.
        """
        super().full_clean()
        if self.is_bound and self.has_error("exact", "quote"):
            source_quote = quotes.find_alike(self.instance.source.text, self.instance.exact)
            if source_quote and source_quote != self.instance.exact:
                self.add_error("exact", ValidationError(suggestion(source_quote, _("Use the words of the source"))))

    def clean_exact(self) -> Any:
        """Strip the white space that was copied with a quote."""
        exact = self.cleaned_data["exact"]
        return exact.strip() if "exact" in self.changed_data else exact

    def clean(self) -> Any:
        cleaned = super().clean()
        self._restore_line_ends(cleaned.get("source"), cleaned)
        if {"source", "exact", *LOCATION_FIELDS} & {*self.changed_data}:
            self._clear_location(cleaned)
        return cleaned

    def _restore_line_ends(self, source: Source | None, cleaned: dict[str, Any]) -> None:
        """Give typed text the line ends of the source, which browsers rewrite; keep other fields as stored."""
        line_end = "\r\n" if source and "\r\n" in source.text else "\n"
        for name in {"exact", "prefix", "suffix"} & {*cleaned}:
            is_typed = name in self.changed_data
            cleaned[name] = cleaned[name].replace("\n", line_end) if is_typed else getattr(self.instance, name)

    def _clear_location(self, cleaned: dict[str, Any]) -> None:
        """Clear the location of a changed quote, except what was typed: the model then searches the source for it."""
        for name, blank in LOCATION_FIELDS.items():
            if name not in self.fields:
                setattr(self.instance, name, blank)
            elif name not in self.changed_data:
                cleaned[name] = blank


class ConfirmedCitationForm(CitationForm):
    """A citation on the page of its row, with a checkbox that confirms that it still supports the changed row."""

    confirm = forms.BooleanField(
        label=capfirst(_("still true")),
        required=False,
        help_text=_("Tick it if these words support the entry as it is now, with what you have just changed."),
    )


class CitationInline(RecordInline):
    """The citations that support the row above."""

    model = Citation
    form = ConfirmedCitationForm
    fields = ("source", "field", "exact", "prefix", "suffix", CONFIRM)
    select_related = ("source",)
    widgets = {"exact": textarea(2, 40), "prefix": textarea(2, 12), "suffix": textarea(2, 12)}
    verbose_name_plural = _("citations")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        names = super().get_fields(request, obj)
        return names if self.has_change_permission(request, obj) else [name for name in names if name != CONFIRM]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("source__text").order_by("field", "source", "start", "pk")


class AgreementAndRowsFilter(RelatedFilter):
    """Citations of an agreement, of all its related rows, and of the parties that they name."""

    title = _("agreement and its entries")
    parameter_name = "of_agreement"
    relation = "agreement"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(about_agreement("pk", self.value())) if self.value() else queryset


class TargetKindFilter(ChoiceFilter):
    """Citations of rows of one model."""

    title = _("supports")
    parameter_name = "supports"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [(name, model._meta.verbose_name) for name, model in TARGETS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.of_kind(self.value()) if self.value() else queryset  # type: ignore[attr-defined]  # of the query set of citations


@admin.register(Citation)
class CitationAdmin(RecordAdmin):
    form = CitationForm
    list_display = ("quote", "desk", "source", "kind", "supported", "supported_field", "start")
    list_filter = (
        TargetKindFilter,
        "source__kind",
        related_filter("source"),
        AgreementAndRowsFilter,
        *map(related_filter, TARGETS),
    )
    list_select_related = ("source", *TARGETS)
    search_fields = ("field", "source__slug", *contains("exact", "source__title"))
    search_help_text = _("Words of the quote or of the source's title, or the name of a field.")
    ordering = ("source", "start", "pk")
    widgets = {"prefix": textarea(2, 40), "suffix": textarea(2, 40)}
    readonly_fields = ("in_context",)
    fieldsets = (
        (None, {"fields": ("source", "exact", "in_context")}),
        (
            _("What it supports: exactly one of these"),
            {"fields": (("agreement", "clause"), ("statement", "event"), "renewal", "field")},
        ),
        (
            _("Place in the source"),
            {
                "fields": (("prefix", "suffix"), ("start", "end")),
                "description": _(
                    "May be left blank: the quote is found in the source. If it occurs there more than once, "
                    "enter in the prefix or the suffix the words before or after it."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("source__text")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let the labels of rows name their agreement."""
        model: Any = db_field.remote_field.model
        if has_agreement(model):
            rows = model.objects.visible_to(request.user).select_related("agreement")
            kwargs |= {"queryset": rows, "form_class": LabelledChoiceField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("quote"), ordering="exact")
    def quote(self, obj: Citation) -> str:
        return _("“%(words)s”") % {"words": Truncator(obj.exact).chars(80)}

    @admin.display(description=_("in the text"))
    def desk(self, obj: Citation) -> SafeString:
        """Return a link to the quote on the reading desk, the page on which a source is read and cited."""
        return link(desk_url(obj.source_id, obj.pk), _("Read"))

    @admin.display(description=_("kind of entry"))
    def kind(self, obj: Citation) -> str:
        return str(TARGETS[obj.target_kind]._meta.verbose_name) if obj.target_kind else ""

    @admin.display(description=_("field"), ordering="field")
    def supported_field(self, obj: Citation) -> str:
        return str(field_label(TARGETS[obj.target_kind], obj.field)) if obj.field else ""

    @admin.display(description=_("supports"))
    def supported(self, obj: Citation) -> SafeString | str:
        return change_link(obj.target) if obj.target else ""

    @admin.display(description=_("in the source"))
    def in_context(self, obj: Citation) -> SafeString | str:
        """Return the stored quote, marked in its context."""
        stored = Citation.objects.select_related("source").filter(pk=obj.pk).first()
        if stored is None:
            return ""
        desk_link = link(desk_url(stored.source_id, stored.pk), _("Read the whole text"))
        return passage(stored.source.text, stored.start, stored.end) + desk_link
