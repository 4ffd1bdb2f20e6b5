"""Serializers of the feed of changes."""

from typing import Any

from rest_framework import serializers

from accords.api.serializers.base import RowSerializer
from accords.api.serializers.fields import InstantField
from accords.vocabulary import FeedChange, ResourceName


class EntrySerializer(serializers.Serializer[Any]):
    """A change of a row: it appeared, changed or disappeared."""

    position = serializers.IntegerField(help_text="The position in the feed, from 1, without gaps.")
    at = InstantField(help_text="When it was committed: an RFC 3339 instant, UTC.")
    change = serializers.ChoiceField(choices=FeedChange.choices, help_text=FeedChange.glossary())
    resource = serializers.ChoiceField(choices=ResourceName.choices, help_text="The resource to which the row belongs.")
    id = serializers.IntegerField(source="row_id", help_text="The id of the row.")
    slug = serializers.SerializerMethodField(
        help_text="The slug of the row at that time; if it disappeared, the last one before. Null if it has none."
    )
    agreement = serializers.SerializerMethodField(
        help_text="The slug of the agreement to which the row belonged at that time, or which it is itself; if it "
        "disappeared, the last one before. Or null."
    )
    url = serializers.SerializerMethodField(help_text="The address of the row.")

    def get_slug(self, entry: Any) -> str | None:
        return entry.slug or None

    def get_agreement(self, entry: Any) -> str | None:
        return entry.agreement_slug or None

    def get_url(self, entry: Any) -> str:
        base = self.context["base"]  # the address of the API
        return f"{base}/{entry.resource}/{entry.slug or entry.row_id}"


class FeedSerializer(serializers.Serializer[Any]):
    """A page of the feed."""

    next = serializers.URLField(allow_null=True, help_text="The address of the next page, or null.")
    cursor = serializers.CharField(help_text="The cursor to send as `after` in the next request.")
    results = EntrySerializer(many=True, help_text="The entries, in the order of commits.")


def feed_of(row_serializer: type[RowSerializer], depends_on_day: bool) -> type[FeedSerializer]:
    """Return the serializer class of a page of one resource's feed, in which each entry has its row."""
    name = row_serializer.Meta.model.__name__
    row = row_serializer(allow_null=True, help_text="The row as it is now; null if it can no longer be read.")
    entry_serializer = type(
        f"{name}EntrySerializer", (EntrySerializer,), {"__doc__": EntrySerializer.__doc__, "row": row}
    )
    results = entry_serializer(many=True, help_text="The entries, in the order of commits.")
    members: dict[str, Any] = {"__doc__": FeedSerializer.__doc__, "results": results}
    if depends_on_day:
        members["on"] = serializers.DateField(help_text="The day for which questions about time were answered.")
    return type(f"{name}FeedSerializer", (FeedSerializer,), members)
