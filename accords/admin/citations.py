"""Citations: an editor pastes the words; where they stand is found."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import PickField
from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.display import change_link, desk_url, link, passage
from accords.admin.forms import RecordForm
from accords.admin.inputs import box
from accords.admin.lists import Chosen, chosen
from accords.models import Citation, Source
from accords.models.citations import TARGETS, citable_fields, field_label
from accords.models.sources import about

PLACE = {"prefix": "", "suffix": "", "start": None, "end": None}
"""What says where a quote stands, and what it is as long as no one has said."""

WHOLE_ROW = ("", _("the whole row"))


def choices_of(model: type[Model]) -> list[Any]:
    """The fields of one kind of row that a quote can support, as they are called."""
    return [(name, field_label(model, name)) for name in citable_fields(model)]


def field_choices(kind: str) -> list[Any]:
    """The fields that a quote can support: those of one kind of row, or of each kind under its name."""
    if kind:
        return [WHOLE_ROW, *choices_of(TARGETS[kind])]
    return [
        WHOLE_ROW,
        *((capfirst(model._meta.verbose_name), choices_of(model)) for model in TARGETS.values()),
    ]


class CitationForm(RecordForm):
    """A quote and its source; when either changes, its place is found anew."""

    beside = "exact"
    field = forms.ChoiceField(
        label=capfirst(_("field")), required=False, help_text=Citation._meta.get_field("field").help_text
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the fields of the row that is supported, if that is settled."""
        super().__init__(*args, **kwargs)
        kind = next(iter(self.parent_fields), "" if self.is_bound else self.instance.target_kind)
        self.fields["field"].choices = field_choices(kind)  # type: ignore[attr-defined]

    def clean_exact(self) -> Any:
        """The quote without the blanks that were copied with it."""
        exact = self.cleaned_data["exact"]
        return exact.strip() if "exact" in self.changed_data else exact

    def clean(self) -> Any:
        """Write the words as the source does, and let the model find anew a quote that changed."""
        cleaned = super().clean()
        self._write_as(cleaned.get("source"), cleaned)
        if {"source", "exact", *PLACE} & {*self.changed_data}:
            self._forget_place(cleaned)
        return cleaned

    def _write_as(self, source: Source | None, cleaned: dict[str, Any]) -> None:
        """Give the words the source's line ends, which a browser does not keep; those not touched stay as they are."""
        ends = "\r\n" if source and "\r\n" in source.text else "\n"
        for name in {"exact", "prefix", "suffix"} & {*cleaned}:
            touched = name in self.changed_data
            cleaned[name] = cleaned[name].replace("\n", ends) if touched else self.initial.get(name, "")

    def _forget_place(self, cleaned: dict[str, Any]) -> None:
        """Drop the old place of a quote, except what was typed anew."""
        for name, unknown in PLACE.items():
            if name not in self.fields:
                setattr(self.instance, name, unknown)
            elif name not in self.changed_data:
                cleaned[name] = unknown


class CitationInline(RecordInline):
    """The quotes that support the row above."""

    model = Citation
    form = CitationForm
    fields = ("source", "field", "exact", "prefix", "suffix")
    joined = ("source",)
    verbose_name_plural = _("citations: the words of a source that say so")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The quotes in the order of their fields; a source's text is not needed to name it."""
        return super().get_queryset(request).defer("source__text").order_by("field", "source", "start")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes as wide as a line allows."""
        sizes = {"exact": (2, 50), "prefix": (2, 16), "suffix": (2, 16)}
        if db_field.name in sizes:
            kwargs["widget"] = box(*sizes[db_field.name])
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class OfAgreement(Chosen):
    """Citations of an agreement and of every row that hangs on it."""

    title = _("agreement, with all its rows")
    parameter_name = "of_agreement"
    relation = "agreement"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The citations of the one chosen."""
        return queryset.filter(about("pk", self.value())) if self.value() else queryset


class Supports(admin.SimpleListFilter):
    """Citations of one kind of row."""

    title = _("what it supports")
    parameter_name = "supports"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The five kinds."""
        return [(name, model._meta.verbose_name) for name, model in TARGETS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The citations of one kind."""
        return queryset.of_kind(self.value()) if self.value() in TARGETS else queryset  # type: ignore[attr-defined]


@admin.register(Citation)
class CitationAdmin(RecordAdmin):
    """A quote, what it supports, and the passage from which it is taken."""

    form = CitationForm
    list_display = ("quote", "in_text", "source", "kind", "supported", "supported_field", "start")
    list_filter = (Supports, "source__kind", chosen("source"), OfAgreement, *map(chosen, TARGETS))
    list_select_related = ("source", *TARGETS)
    search_fields = ("exact", "field", "source__title", "source__slug")
    search_help_text = _("Words of the quote or of the source's title, or the name of a field.")
    ordering = ("source", "start", "pk")
    readonly_fields = ("in_context",)
    fieldsets = (
        (None, {"fields": ("source", "exact", "in_context")}),
        (
            _("What it supports: exactly one row"),
            {"fields": (("agreement", "clause"), ("statement", "event"), "renewal", "field")},
        ),
        (
            _("Where it stands in the source"),
            {
                "fields": (("prefix", "suffix"), ("start", "end")),
                "description": _(
                    "May all be left blank: the quote is found in the source. If these words stand there more than "
                    "once, type into the prefix or the suffix what stands before or after them."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Whole sources are not fetched with their quotes."""
        return super().get_queryset(request).defer("source__text")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name the agreement with its rows: `1 Tariffs` says too little."""
        remote: Any = db_field.remote_field.model
        if any(field.name == "agreement" for field in remote._meta.concrete_fields):
            kwargs |= {"queryset": remote.objects.select_related("agreement"), "form_class": PickField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Small boxes for what stands beside the quote."""
        if db_field.name in ("prefix", "suffix"):
            kwargs["widget"] = box(2, 40)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("quote"), ordering="exact")
    def quote(self, obj: Citation) -> str:
        """The quoted words, shortened."""
        return f"“{Truncator(obj.exact).chars(80)}”"

    @admin.display(description=_("in the text"))
    def in_text(self, obj: Citation) -> SafeString:
        """A link to the words at the reading desk."""
        return link(desk_url(obj.source_id, obj.pk), _("Read"))

    @admin.display(description=_("what it supports"))
    def kind(self, obj: Citation) -> str:
        """What sort of row it supports."""
        return str(TARGETS[obj.target_kind]._meta.verbose_name) if obj.target_kind else ""

    @admin.display(description=_("field"), ordering="field")
    def supported_field(self, obj: Citation) -> str:
        """The field that it supports, as that is called; blank for the whole row."""
        return str(field_label(TARGETS[obj.target_kind], obj.field)) if obj.field else ""

    @admin.display(description=_("supports"))
    def supported(self, obj: Citation) -> SafeString | str:
        """The row that it supports."""
        return change_link(obj.target) if obj.target else ""

    @admin.display(description=_("in the source"))
    def in_context(self, obj: Citation) -> SafeString | str:
        """The quote, marked, with what stands around it."""
        saved = Citation.objects.select_related("source").filter(pk=obj.pk).first()
        if saved is None:
            return ""
        desk = link(desk_url(saved.source_id, saved.pk), _("Read the whole text"))
        return passage(saved.source.text, saved.start, saved.end) + desk
