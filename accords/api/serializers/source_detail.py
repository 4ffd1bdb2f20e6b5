"""Serializers of sources with their texts and citations."""

from typing import Any

from rest_framework import serializers

from accords.api.serializers.base import Expandable, Shape
from accords.api.serializers.citations import citations_field
from accords.api.serializers.fields import StrictTextField
from accords.api.serializers.sources import SourceSummarySerializer


class SourceSerializer(SourceSummarySerializer):
    """A source; its text in its detail."""

    text = Expandable(None, StrictTextField(), help_text="The whole text, exactly as received.")
    citations = citations_field(read_only=True)

    class Meta(SourceSummarySerializer.Meta):
        fields = (*SourceSummarySerializer.Meta.fields, "text", "citations")


class AnnotatedSourcesSerializer(serializers.Serializer[Any]):
    """The sources of an agreement, each with its text and the quotations in it."""

    agreement = serializers.CharField(help_text="The agreement's slug.")
    sources = SourceSerializer(
        many=True,
        help_text="Every source that supports it, what belongs to it, or the parties that these name.",
        shape=Shape(details=frozenset({"text", "citations"})),
    )
