"""Citations: quotations from sources that support rows."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accords.api.permissions import require_permission
from accords.api.serializers.base import (
    MAX_NESTED,
    STAMPS,
    Expandable,
    NestedListSerializer,
    RowSerializer,
    Values,
    save_changes,
)
from accords.api.serializers.fields import OPTIONAL, IdRelatedField, SlugRelatedField, StrictIntegerField, list_of
from accords.api.serializers.sources import SourceSummarySerializer
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import TARGETS
from accords.services import confirm
from accords.vocabulary import CitationTarget, SelectorType

PLACE = {"prefix": "", "suffix": "", "start": None, "end": None}  # found from the quote


@extend_schema_serializer(component_name="CitedRow")
class TargetSerializer(serializers.Serializer[Any]):
    """The row that a quotation supports."""

    type = serializers.ChoiceField(choices=CitationTarget.choices, help_text="The kind of row.")
    id = serializers.IntegerField(help_text="The id of the row.")


class SelectorSerializer(serializers.Serializer[Any]):
    """Where a quotation stands in the text of its source (W3C Web Annotation Data Model, 4.2)."""

    type = serializers.ChoiceField(choices=SelectorType.choices, help_text="How the place is named.")
    exact = serializers.CharField(required=False, help_text="The words themselves.")
    prefix = serializers.CharField(required=False, help_text="The words before them, or blank.")
    suffix = serializers.CharField(required=False, help_text="The words after them, or blank.")
    start = serializers.IntegerField(required=False, help_text="Their first character, in Unicode code points from 0.")
    end = serializers.IntegerField(required=False, help_text="The character after their last.")


class CitationSerializer(RowSerializer):
    """A quotation and where it stands, for one field of one row or for the whole of it."""

    source = Expandable(  # type: ignore[assignment]
        SlugRelatedField(Source.objects.all()),
        SourceSummarySerializer(),
        help_text="The slug of the source that is quoted.",
    )
    agreement = SlugRelatedField(
        Agreement.objects.all(),
        **OPTIONAL,
        help_text="The agreement's slug, where the claim is the agreement's own; else null.",
    )
    clause = IdRelatedField(Clause.objects.all(), **OPTIONAL, help_text="The clause's id, or null.")
    statement = IdRelatedField(Statement.objects.all(), **OPTIONAL, help_text="The statement's id, or null.")
    event = IdRelatedField(Event.objects.all(), **OPTIONAL, help_text="The event's id, or null.")
    renewal = IdRelatedField(Renewal.objects.all(), **OPTIONAL, help_text="The renewal date's id, or null.")
    participation = IdRelatedField(
        Participation.objects.all(), **OPTIONAL, help_text="The id of the part of a party in an agreement, or null."
    )
    party = SlugRelatedField(Party.objects.all(), **OPTIONAL, help_text="The party's slug, or null.")
    target = serializers.SerializerMethodField(help_text="The row that the quotation supports.")
    selector = serializers.SerializerMethodField(
        help_text="Where the quotation stands: by its words and by its place, as W3C Web Annotation selectors."
    )
    derives = {
        "target": tuple(f"{name}_id" for name in TARGETS),
        "selector": ("exact", "prefix", "suffix", "start", "end"),
    }

    class Meta:
        model = Citation
        list_serializer_class = NestedListSerializer
        path, beside, owners = "citations", "exact", tuple(TARGETS)
        fields = (
            *("source", "target", *TARGETS, "field"),
            *("exact", "prefix", "suffix", "start", "end", "selector", *STAMPS),
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find a quote anew when it changes."""
        return PLACE | attrs if {"source", "exact", *PLACE} & attrs.keys() else attrs

    def entered_again(self, rows: list[Citation]) -> list[Citation]:
        """Let citations that are sent anew support what their rows state now."""
        return confirm_with_permission(self.context["request"].user, rows)

    @extend_schema_field(TargetSerializer)
    def get_target(self, citation: Citation) -> dict[str, Any]:
        kind = citation.target_kind
        return {"type": kind, "id": getattr(citation, f"{kind}_id")}

    @extend_schema_field(SelectorSerializer(many=True))
    def get_selector(self, citation: Citation) -> list[dict[str, Any]]:
        quote = {
            "type": "TextQuoteSelector",
            "exact": citation.exact,
            "prefix": citation.prefix,
            "suffix": citation.suffix,
        }
        return [quote, {"type": "TextPositionSelector", "start": citation.start, "end": citation.end}]


CONFIRM = "confirm"
CONFIRMED = {
    "type": "array",
    "maxItems": MAX_NESTED,
    "items": {"type": "integer"},
    "writeOnly": True,
    "description": "The ids of citations of this row whose words support it as it is after this change, too. "
    "A citation supports the values that the row had when it was made, sent anew (without its id) or confirmed.",
}
NOT_OF_THE_ROW = "The row has no citation with this id."


def confirm_with_permission(user: Any, rows: Collection[Citation]) -> list[Citation]:
    """Let citations support what their rows state now, and return those that changed. Raises `PermissionDenied`."""
    changed = confirm(rows)
    if changed:
        require_permission(user, "change", Citation)
    return changed


class ConfirmField(serializers.ListField):
    """Citations of the row that is written, by their ids."""

    child = StrictIntegerField()

    def __init__(self) -> None:
        super().__init__(required=False, max_length=MAX_NESTED)

    def to_internal_value(self, data: Any) -> list[Citation]:
        ids = super().to_internal_value(list_of(data))
        row: Any = self.parent.instance
        rows = Citation.objects.none()
        if row is not None and ids:
            of_row = Q((f"{row._meta.model_name}", row.pk))
            if isinstance(row, Agreement):
                of_row |= Q(participation__agreement=row.pk)
            rows = Citation.objects.filter(of_row, pk__in=ids)
        by_id = {citation.pk: citation for citation in rows}
        errors = {
            str(place): [ErrorDetail(NOT_OF_THE_ROW, "does_not_exist")]
            for place, pk in enumerate(ids)
            if pk not in by_id
        }
        if errors:
            raise serializers.ValidationError(errors)
        return list(by_id.values())


class CitedRowSerializer(RowSerializer):
    """A row that citations support. The member `confirm` confirms some of them together with a change."""

    @cached_property
    def writable_fields(self) -> dict[str, serializers.Field]:
        field = ConfirmField()
        field.bind(CONFIRM, self)
        return {**super().writable_fields, CONFIRM: field}

    def omitted_value(self, source: str) -> Any:
        return [] if source == CONFIRM else super().omitted_value(source)

    def update_rows(self, pairs: list[tuple[Any, Values]]) -> list[Any]:
        rows = super().update_rows(pairs)
        for row, values in pairs:
            if confirm_with_permission(self.context["request"].user, values.get(CONFIRM, ())):
                save_changes([(row, ["updated_at"])])
        return rows


def citations(**kwargs: Any) -> Expandable:
    """Return the citations of a row, a member of its detail."""
    written = CitationSerializer(many=True, **kwargs or {"required": False})
    return Expandable(None, written, help_text="The quotations that support this row, field by field.")
