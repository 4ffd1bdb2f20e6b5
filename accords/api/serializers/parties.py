"""Serializers of parties and of their parts in agreements and clauses."""

from typing import Any

from rest_framework import serializers

from accords.api.serializers.base import (
    STAMPS,
    Expandable,
    NestedListSerializer,
    RowSerializer,
    StrictModelSerializer,
    bounds,
)
from accords.api.serializers.citations import CitedRowSerializer
from accords.api.serializers.fields import OPTIONAL, SlugListField, SlugRelatedField
from accords.models import ClauseParty, Participation, Party


def represents_field() -> SlugRelatedField:
    """Return the field of the party for whom a party speaks."""
    return SlugRelatedField(
        Party.objects.all(), **OPTIONAL, help_text="The slug of the party for whom it speaks, or null."
    )


class PartySummarySerializer(RowSerializer):
    """A party, with the slug of the one that it speaks for."""

    represents = represents_field()

    class Meta:
        model = Party
        path, key = "parties", "slug"
        fields = ("slug", "name", "kind", "country", "represents", "aliases", *STAMPS)


class PartySerializer(CitedRowSerializer, PartySummarySerializer):
    """A party."""

    represents = Expandable(  # type: ignore[assignment]  # the base class has another field
        represents_field(),
        PartySummarySerializer(),
        help_text="For whom it speaks: a party's slug, or null.",
    )


class ParticipationSerializer(StrictModelSerializer):
    """The part that a party plays in an agreement."""

    id = serializers.IntegerField(read_only=True, help_text="The id by which a citation names it.")
    party = SlugRelatedField(Party.objects.all(), help_text="The party's slug.")

    class Meta:
        model = Participation
        list_serializer_class = NestedListSerializer
        identity = ("party", "role", "since")
        fields = ("id", "party", "role", "label", *bounds("since", "until"))


class ParticipationExpandedSerializer(ParticipationSerializer):
    """The part that a party plays in an agreement, with the party."""

    party = PartySummarySerializer(read_only=True, help_text="The party.")  # type: ignore[assignment]  # the base class has another field


class ClausePartySerializer(StrictModelSerializer):
    """What a party is to a clause, and whether the text names it."""

    party = SlugRelatedField(Party.objects.all(), help_text="The party's slug.")

    class Meta:
        model = ClauseParty
        list_serializer_class = NestedListSerializer
        identity = ("party", "role")
        fields = ("party", "role", "explicit")


class ClausePartyExpandedSerializer(ClausePartySerializer):
    """What a party is to a clause, with the party."""

    party = PartySummarySerializer(read_only=True, help_text="The party.")  # type: ignore[assignment]  # the base class has another field


def parties_field(help_text: str) -> Expandable:
    """Return the field of a relation to several parties: their slugs, or the parties in `expanded`."""
    short: serializers.Field[Any, Any, Any, Any] = SlugListField(Party.objects.all(), required=False)
    return Expandable(short, PartySummarySerializer(many=True), help_text=help_text)
