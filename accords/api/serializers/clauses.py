"""The serializer of clauses."""

from rest_framework import serializers

from accords.api.serializers.agreements import agreement_field
from accords.api.serializers.base import STAMPS, Expandable, bounds
from accords.api.serializers.citations import CitedRowSerializer, citations_field
from accords.api.serializers.fields import OPTIONAL, IdRelatedField, NumberField
from accords.api.serializers.parties import ClausePartyExpandedSerializer, ClausePartySerializer
from accords.models import Clause
from accords.models.clauses import DELTA_UNIT
from accords.vocabulary import RestsOn


class ClauseSerializer(CitedRowSerializer):
    """A clause: who owes what to whom, as a source states it."""

    agreement = agreement_field()
    parties = Expandable(
        ClausePartySerializer(many=True, required=False),
        ClausePartyExpandedSerializer(many=True),
        help_text="Who owes it, who is owed, who is affected.",
    )
    delta = NumberField(
        max_digits=31,
        decimal_places=15,
        read_only=True,
        allow_null=True,
        help_text="`value` minus `baseline_value`, in `delta_unit`; null unless both are stated.",
    )
    delta_unit = serializers.CharField(
        read_only=True, help_text="The unit of `delta`: `percentage point` where the unit is `%`."
    )
    parent = IdRelatedField(  # type: ignore[assignment]  # hides DRF's link to the enclosing field
        Clause.objects.all(), **OPTIONAL, help_text="The id of the clause that contains it, or null."
    )
    modifies = IdRelatedField(
        Clause.objects.all(), **OPTIONAL, help_text="The id of the clause of the amended agreement, or null."
    )
    rests_on = serializers.ChoiceField(
        choices=RestsOn.choices,
        allow_blank=True,
        read_only=True,
        help_text="The weakest evidence of its own dates; blank without any.",
    )
    citations = citations_field()
    derives = {"delta_unit": DELTA_UNIT}

    class Meta:
        model = Clause
        path = "clauses"
        fixed = ("agreement",)
        fields = (
            *(
                "agreement",
                "number",
                "position",
                "type",
                "standing",
                "modality",
                "title",
                "text",
                "language",
                "parties",
            ),
            *("commodity", "hs_codes", "scope", "scope_note", "baseline_value", "value", "comparator", "unit", "per"),
            *("delta", "delta_unit", "period", "trigger", *bounds("effective", "ends"), "survives", "rests_on"),
            *("modifies", "modification", "parent", *STAMPS, "citations"),
        )
