"""Serializers of citations and of the rows that they support."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
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
from accords.api.serializers.fields import (
    OPTIONAL,
    IdRelatedField,
    SlugRelatedField,
    StrictIntegerField,
    StrictListField,
)
from accords.api.serializers.sources import SourceSummarySerializer
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import TARGETS
from accords.services import confirm
from accords.vocabulary import CitationTarget, SelectorType

# Members that the model derives from the quote and its source unless they are sent.
DERIVED_POSITION = {"prefix": "", "suffix": "", "start": None, "end": None}


@extend_schema_serializer(component_name="CitedRow")
class TargetSerializer(serializers.Serializer[Any]):
    """The row that a quotation supports."""

    type = serializers.ChoiceField(choices=CitationTarget.choices, help_text="The kind of row.")
    id = serializers.IntegerField(help_text="The id of the row.")


class SelectorSerializer(serializers.Serializer[Any]):
    """The position of a quotation in the text of its source (W3C Web Annotation Data Model, 4.2)."""

    type = serializers.ChoiceField(choices=SelectorType.choices, help_text="How the position is given.")
    exact = serializers.CharField(required=False, help_text="The quoted words.")
    prefix = serializers.CharField(required=False, help_text="The words before them, or blank.")
    suffix = serializers.CharField(required=False, help_text="The words after them, or blank.")
    start = serializers.IntegerField(required=False, help_text="Their first character, in Unicode code points from 0.")
    end = serializers.IntegerField(required=False, help_text="The position after their last character.")


class CitationSerializer(RowSerializer):
    """A quotation and its position, for one field of one row or for the whole row."""

    source = Expandable(  # type: ignore[assignment]  # serializers have a `source` of their own
        SlugRelatedField(Source.objects.all()),
        SourceSummarySerializer(),
        help_text="The slug of the source that is quoted.",
    )
    agreement = SlugRelatedField(
        Agreement.objects.all(),
        **OPTIONAL,
        help_text="The agreement's slug, if the claim is one of the agreement itself; else null.",
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
        help_text="The position of the quotation, as W3C Web Annotation selectors: by its words and by offsets."
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
        """Clear the position of a quote that changes, so that the model derives it again from what is sent."""
        return DERIVED_POSITION | attrs if {"source", "exact", *DERIVED_POSITION} & attrs.keys() else attrs

    def update_reentered(self, rows: list[Citation]) -> list[Citation]:
        """Confirm citations that are sent again: whoever sends them has checked what their rows state now."""
        return confirm_with_permission(self.context["request"].user, rows)

    @extend_schema_field(TargetSerializer)
    def get_target(self, citation: Citation) -> dict[str, Any]:
        target = citation.target_kind
        return {"type": target, "id": getattr(citation, f"{target}_id")}

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
CONFIRM_SCHEMA = {
    "type": "array",
    "maxItems": MAX_NESTED,
    "items": {"type": "integer"},
    "writeOnly": True,
    "description": "The ids of citations of this row whose words also support it as it is after this change. "
    "A citation supports the values that the row had when it was created, sent again without its id, or confirmed.",
}
NOT_OF_THE_ROW = "The row has no citation with this id."


def confirm_with_permission(user: User | AnonymousUser, rows: Collection[Citation]) -> list[Citation]:
    """Save that citations support what their rows state now, and return those that changed.

    Raises `PermissionDenied` if some changed and the user may not change citations; the caller's transaction is then
    rolled back.
    """
    changed = confirm(rows)
    if changed:
        require_permission(user, "change", Citation)
    return changed


class ConfirmField(StrictListField):
    """The ids of citations that support the row which is written. The values are the citations."""

    child = StrictIntegerField()

    def __init__(self) -> None:
        super().__init__(required=False, max_length=MAX_NESTED)

    def to_internal_value(self, data: Any) -> list[Citation]:
        """Return the citations. Raises `ValidationError` for ids of other citations, and for all if the row is new."""
        ids = super().to_internal_value(data)
        row: Any = self.parent.instance
        rows = Citation.objects.none()
        if row is not None and ids:
            supports_row = Q((f"{row._meta.model_name}", row.pk))
            if isinstance(row, Agreement):  # its document has the participations as well
                supports_row |= Q(participation__agreement=row.pk)
            rows = Citation.objects.filter(supports_row, pk__in=ids)
        by_id = {citation.pk: citation for citation in rows}
        errors = {
            str(index): [ErrorDetail(NOT_OF_THE_ROW, "does_not_exist")]
            for index, pk in enumerate(ids)
            if pk not in by_id
        }
        if errors:
            raise serializers.ValidationError(errors)
        return list(by_id.values())


class CitedRowSerializer(RowSerializer):
    """A row that citations support. A change can confirm some of them, with the member `confirm`."""

    @cached_property
    def writable_fields(self) -> dict[str, serializers.Field]:
        """Add `confirm`, which is no member of representations, so it is not among `Meta.fields`."""
        field = ConfirmField()
        field.bind(CONFIRM, self)
        return {**super().writable_fields, CONFIRM: field}

    def value_if_omitted(self, source: str) -> Any:
        return [] if source == CONFIRM else super().value_if_omitted(source)

    def update_rows(self, pairs: list[tuple[Any, Values]]) -> list[Any]:
        """Update rows and confirm their citations. A confirmation alone gives its row a new version as well."""
        rows = super().update_rows(pairs)
        for row, values in pairs:
            if confirm_with_permission(self.context["request"].user, values.get(CONFIRM, ())):
                save_changes([(row, ["updated_at"])])
        return rows


def citations_field(**kwargs: Any) -> Expandable:
    """Return the field of a row's citations, which only its details have.

    `kwargs` are those of the list serializer; without any, a request may leave the citations out.
    """
    full = CitationSerializer(many=True, **kwargs or {"required": False})
    return Expandable(None, full, help_text="The quotations that support this row, field by field.")
