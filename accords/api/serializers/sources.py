"""The serializer of sources without their texts and citations."""

from accords.api.serializers.base import STAMPS, RowSerializer, bounds
from accords.api.serializers.fields import StrictCharField
from accords.models import Source


class SourceSummarySerializer(RowSerializer):
    """A source without its text."""

    original_url = StrictCharField(
        source="url",
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Where it was published; empty = not known.",
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
