"""Citations: quotations from sources that support rows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Either, NestedListSerializer, RowSerializer
from accords.api.serializers.fields import OPTIONAL, IdRelatedField, SlugRelatedField
from accords.api.serializers.sources import SourceSummarySerializer
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import TARGETS

SELECTORS = {
    "type": "array",
    "description": "Where the quotation stands, as a pair of W3C Web Annotation selectors.",
    "minItems": 2,
    "maxItems": 2,
    "items": {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"type": "string", "enum": ["TextQuoteSelector", "TextPositionSelector"]},
            "exact": {"type": "string"},
            "prefix": {"type": "string"},
            "suffix": {"type": "string"},
            "start": {"type": "integer"},
            "end": {"type": "integer"},
        },
    },
}
TARGET = {
    "type": "object",
    "description": "The row that the quotation supports.",
    "required": ["type", "id"],
    "properties": {
        "type": {"type": "string", "enum": [*TARGETS]},
        "id": {"type": "integer"},
    },
}

PLACE = {"prefix": "", "suffix": "", "start": None, "end": None}  # found from the quote


class CitationSerializer(RowSerializer):
    """A quotation and where it stands, for one field of one row or for the whole of it."""

    source = Either(  # type: ignore[assignment]
        SlugRelatedField(Source.objects.all(), help_text="The source's slug."),
        SourceSummarySerializer(),
        help_text="The source that is quoted: its slug, or all of it but its text when expanded.",
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
    target = serializers.SerializerMethodField()
    selector = serializers.SerializerMethodField()
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

    @extend_schema_field(TARGET)
    def get_target(self, citation: Citation) -> dict[str, Any]:
        kind = citation.target_kind
        return {"type": kind, "id": getattr(citation, f"{kind}_id")}

    @extend_schema_field(SELECTORS)
    def get_selector(self, citation: Citation) -> list[dict[str, Any]]:
        quote = {
            "type": "TextQuoteSelector",
            "exact": citation.exact,
            "prefix": citation.prefix,
            "suffix": citation.suffix,
        }
        return [quote, {"type": "TextPositionSelector", "start": citation.start, "end": citation.end}]


def citations(**kwargs: Any) -> Either:
    """Return the citations of a row, shown in its detail or when expanded."""
    written = CitationSerializer(many=True, **kwargs or {"required": False})
    return Either(None, written, help_text="The quotations that support this row, field by field.")
