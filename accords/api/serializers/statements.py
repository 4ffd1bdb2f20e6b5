"""The serializer of statements."""

from accords.api.serializers.agreements import agreement_field
from accords.api.serializers.base import STAMPS, Expandable
from accords.api.serializers.citations import CitedRowSerializer, citations_field
from accords.api.serializers.fields import OPTIONAL, IdRelatedField, SlugRelatedField
from accords.api.serializers.parties import PartySummarySerializer, parties_field
from accords.models import Clause, Event, Party, Statement


class StatementSerializer(CitedRowSerializer):
    """Something said about an agreement. A denial is `polarity: negative` and never belongs to a clause."""

    agreement = agreement_field()
    speaker = Expandable(
        SlugRelatedField(Party.objects.all(), **OPTIONAL),
        PartySummarySerializer(),
        help_text="Who says it: a party's slug; null where the source itself speaks.",
    )
    mentions = parties_field("Who is named in it.")
    clause = IdRelatedField(
        Clause.objects.all(),
        **OPTIONAL,
        help_text="The id of the clause that it speaks of, or null; always null for a denial.",
    )
    event = IdRelatedField(Event.objects.all(), **OPTIONAL, help_text="The id of the event that it speaks of, or null.")
    citations = citations_field()

    class Meta:
        model = Statement
        path = "statements"
        fixed = ("agreement",)
        fields = (
            *(
                "agreement",
                "number",
                "kind",
                "speaker",
                "speaker_label",
                "polarity",
                "certainty",
                "proposition",
                "topics",
            ),
            *("mentions", "clause", "event", *STAMPS, "citations"),
        )
