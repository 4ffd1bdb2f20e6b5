"""Evidence: sources and citations."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Either, RowSerializer, bounds, slug
from accords.models import Citation, Source
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
        "type": {"type": "string", "enum": ["agreement", "clause", "statement", "event", "renewal"]},
        "id": {"type": "integer"},
    },
}


class SourceSummarySerializer(RowSerializer):
    """A source without its text."""

    original_url = serializers.CharField(
        source="url", read_only=True, help_text="Where it was published; empty = not known."
    )

    class Meta:
        model = Source
        path, key = "sources", "slug"
        fields = (
            *(
                "slug",
                "title",
                "kind",
                "language",
                "sha256",
                *bounds("published"),
                "publisher",
                "original_url",
                "licence",
            ),
            *STAMPS,
        )


class CitationSerializer(RowSerializer):
    """A quotation and where it stands, for one field of one row or for the whole of it."""

    source = Either(  # type: ignore[assignment]
        slug("source", "The source's slug."),
        SourceSummarySerializer(),
        help_text="The source that is quoted: its slug, or all of it but its text when expanded.",
    )
    agreement = slug("agreement", "The agreement's slug, where the claim is the agreement's own; else null.")
    clause = serializers.IntegerField(
        source="clause_id", read_only=True, allow_null=True, help_text="The clause's id, or null."
    )
    statement = serializers.IntegerField(
        source="statement_id", read_only=True, allow_null=True, help_text="The statement's id, or null."
    )
    event = serializers.IntegerField(
        source="event_id", read_only=True, allow_null=True, help_text="The event's id, or null."
    )
    renewal = serializers.IntegerField(
        source="renewal_id", read_only=True, allow_null=True, help_text="The renewal date's id, or null."
    )
    target = serializers.SerializerMethodField()
    selector = serializers.SerializerMethodField()
    derives = {
        "target": tuple(f"{name}_id" for name in TARGETS),
        "selector": ("exact", "prefix", "suffix", "start", "end"),
    }

    class Meta:
        model = Citation
        path, beside = "citations", "exact"
        fields = (
            *("source", "target", "agreement", "clause", "statement", "event", "renewal", "field"),
            *("exact", "prefix", "suffix", "start", "end", "selector", *STAMPS),
        )

    @extend_schema_field(TARGET)
    def get_target(self, citation: Citation) -> dict[str, Any]:
        """Kind and id of the row that the quotation supports."""
        kind = citation.target_kind
        return {"type": kind, "id": getattr(citation, f"{kind}_id")}

    @extend_schema_field(SELECTORS)
    def get_selector(self, citation: Citation) -> list[dict[str, Any]]:
        """The quotation as W3C Web Annotation selectors."""
        quote = {
            "type": "TextQuoteSelector",
            "exact": citation.exact,
            "prefix": citation.prefix,
            "suffix": citation.suffix,
        }
        return [quote, {"type": "TextPositionSelector", "start": citation.start, "end": citation.end}]


def citations() -> Either:
    """The citations of a row, shown in its detail or when expanded."""
    return Either(
        None, CitationSerializer(many=True), help_text="The quotations that support this row, field by field."
    )


class SourceSerializer(SourceSummarySerializer):
    """A source; its text in its detail, or when expanded."""

    text = Either(None, serializers.CharField(), help_text="The whole text, exactly as received.")
    citations = citations()

    class Meta(SourceSummarySerializer.Meta):
        fields = (*SourceSummarySerializer.Meta.fields, "text", "citations")
