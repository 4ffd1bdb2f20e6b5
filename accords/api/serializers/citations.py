"""Citations: quotations from sources that support rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Expandable, NestedListSerializer, RowSerializer
from accords.api.serializers.fields import OPTIONAL, IdRelatedField, SlugRelatedField
from accords.api.serializers.sources import SourceSummarySerializer
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import TARGETS
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


def citations(**kwargs: Any) -> Expandable:
    """Return the citations of a row, a member of its detail."""
    written = CitationSerializer(many=True, **kwargs or {"required": False})
    return Expandable(None, written, help_text="The quotations that support this row, field by field.")
