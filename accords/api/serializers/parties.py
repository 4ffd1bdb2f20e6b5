"""Parties, and the parts that they play."""

from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Either, RowSerializer, bounds, slug
from accords.models import ClauseParty, Participation, Party


class PartySummarySerializer(RowSerializer):
    """A party, with the slug of the one that it speaks for."""

    represents = slug("represents", "The slug of the party for whom it speaks, or null.")

    class Meta:
        model = Party
        path, key = "parties", "slug"
        fields = ("slug", "name", "kind", "country", "represents", "aliases", *STAMPS)


class PartySerializer(PartySummarySerializer):
    """A party."""

    represents = Either(
        slug("represents", "The slug of the party for whom it speaks, or null."),
        PartySummarySerializer(allow_null=True),
        help_text="For whom it speaks: a party's slug, or all of it when expanded; or null.",
    )


class ParticipationSerializer(serializers.ModelSerializer[Participation]):
    """The part that a party plays in an agreement."""

    party = slug("party", "The party's slug.")

    class Meta:
        model = Participation
        fields = ("party", "role", *bounds("since", "until"))
        read_only_fields = fields


class ParticipationExpandedSerializer(ParticipationSerializer):
    """The part that a party plays in an agreement, with the party."""

    party = PartySummarySerializer(read_only=True, help_text="The party.")


class ClausePartySerializer(serializers.ModelSerializer[ClauseParty]):
    """What a party is to a clause, and whether the text names it."""

    party = slug("party", "The party's slug.")

    class Meta:
        model = ClauseParty
        fields = ("party", "role", "explicit")
        read_only_fields = fields


class ClausePartyExpandedSerializer(ClausePartySerializer):
    """What a party is to a clause, with the party."""

    party = PartySummarySerializer(read_only=True, help_text="The party.")
