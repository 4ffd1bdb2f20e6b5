"""The serializer of events."""

from accords.api.serializers.agreements import agreement_field
from accords.api.serializers.base import STAMPS, bounds
from accords.api.serializers.citations import CitedRowSerializer, citations_field
from accords.api.serializers.fields import OPTIONAL, IdRelatedField
from accords.api.serializers.parties import parties_field
from accords.models import Event


class EventSerializer(CitedRowSerializer):
    """An event around an agreement."""

    agreement = agreement_field()
    participants = parties_field("Who took or takes part.")
    after = IdRelatedField(Event.objects.all(), **OPTIONAL, help_text="The id of the event that it follows, or null.")
    reciprocates = IdRelatedField(
        Event.objects.all(), **OPTIONAL, help_text="The id of the visit that it returns, or null."
    )
    citations = citations_field()

    class Meta:
        model = Event
        path = "events"
        fixed = ("agreement",)
        fields = (
            *(
                "agreement",
                "number",
                "kind",
                "status",
                "country",
                "place",
                *bounds("date"),
                "date_text",
                "duration",
                "approximate",
            ),
            *("participants", "after", "reciprocates", *STAMPS, "citations"),
        )
