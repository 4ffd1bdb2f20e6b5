"""What hangs on an agreement: clauses, events, renewals and statements."""

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.agreements import AgreementSummarySerializer
from accords.api.serializers.base import STAMPS, Either, Number, RowSerializer, bounds, slug
from accords.api.serializers.citations import citations
from accords.api.serializers.parties import ClausePartyExpandedSerializer, ClausePartySerializer, PartySummarySerializer
from accords.models import Clause, Event, Renewal, Statement
from accords.models.terms import TERMS


def agreement() -> Either:
    """The agreement that a row hangs on."""
    return Either(
        slug("agreement", "The agreement's slug."),
        AgreementSummarySerializer(),
        help_text="The agreement: its slug, or all of it when expanded.",
    )


def number(source: str, help_text: str) -> serializers.Field:
    """The id of a related row, or null."""
    return serializers.IntegerField(source=f"{source}_id", read_only=True, allow_null=True, help_text=help_text)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Slugs(serializers.Field):
    """The slugs of several related rows."""

    def to_representation(self, rows: Any) -> list[str]:
        """In the order of the rows."""
        return [row.slug for row in rows]


class ClauseSerializer(RowSerializer):
    """A clause: who owes what to whom, as a source states it."""

    agreement = agreement()
    parties = Either(
        ClausePartySerializer(many=True),
        ClausePartyExpandedSerializer(many=True),
        help_text="Who owes it, who is owed, who is affected.",
    )
    delta = Number(
        max_digits=15,
        decimal_places=4,
        read_only=True,
        allow_null=True,
        help_text="`value` minus `baseline_value`, in `delta_unit`; null unless both are stated.",
    )
    delta_unit = serializers.CharField(
        read_only=True, help_text="The unit of `delta`: `percentage point` where the unit is `%`."
    )
    parent = number("parent", "The id of the clause that contains it, or null.")  # type: ignore[assignment]
    citations = citations()
    derives = {"delta_unit": ("delta", "unit")}

    class Meta:
        model = Clause
        path = "clauses"
        nested, fixed = ("parties", "citations"), ("agreement",)
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
            *("commodity", "hs_codes", "scope", "scope_note", "baseline_value", "value", "unit", "delta", "delta_unit"),
            *(*bounds("effective", "ends"), "parent", *STAMPS, "citations"),
        )


class EventSerializer(RowSerializer):
    """An event around an agreement."""

    agreement = agreement()
    participants = Either(Slugs(read_only=True), PartySummarySerializer(many=True), help_text="Who took or takes part.")
    after = number("after", "The id of the event that it follows, or null.")
    reciprocates = number("reciprocates", "The id of the visit that it returns, or null.")
    citations = citations()

    class Meta:
        model = Event
        path = "events"
        nested, fixed = ("citations",), ("agreement",)
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


class RenewalSerializer(RowSerializer):
    """A date on which an agreement ends, goes on, or must be agreed again."""

    agreement = agreement()
    outcome = slug("outcome", "The slug of the agreement that came of it, where it is another one; else null.")
    condition = serializers.CharField(
        read_only=True,
        help_text="On what it depends, besides every date before it; empty where the terms say nothing of such a date.",
    )
    overdue = serializers.SerializerMethodField(
        help_text="Whether someone had to act before the day `on` and nothing is recorded of it. "
        "A renewal that comes by itself, an expiry and the end of a time for notice are never overdue, "
        "nor is anything under an agreement that is terminated or replaced."
    )
    on = serializers.SerializerMethodField(help_text="The day for which `overdue` is told.")
    citations = citations()
    derives = {
        "condition": ("kind", "sequence", "due", *(f"agreement__{name}" for name in TERMS)),
        "overdue": ("status", "kind", "due", "agreement__status", "agreement__renewal_mode", "replaced_from"),
        "on": (),
    }

    class Meta:
        model = Renewal
        path = "renewals"
        nested, fixed = ("citations",), ("agreement",)
        fields = (
            "agreement",
            "kind",
            "sequence",
            *bounds("due"),
            "offset",
            "basis",
            "status",
            "outcome",
            "condition",
            "overdue",
            "on",
            *STAMPS,
            "citations",
        )

    def get_overdue(self, renewal: Renewal) -> bool:
        """Whether it is late."""
        return renewal.is_overdue(self.get_on(renewal))

    def get_on(self, renewal: Renewal) -> date:
        """The day."""
        day: date = self.context["on"]
        return day


class StatementSerializer(RowSerializer):
    """Something said about an agreement. A denial is `polarity: negative` and never belongs to a clause."""

    agreement = agreement()
    speaker = Either(
        slug("speaker", "The speaker's slug; null where the source itself speaks."),
        PartySummarySerializer(allow_null=True),
        help_text="Who says it: a party's slug, or all of it when expanded; null where the source itself speaks.",
    )
    mentions = Either(Slugs(read_only=True), PartySummarySerializer(many=True), help_text="Who is named in it.")
    clause = number("clause", "The id of the clause that it speaks of, or null; always null for a denial.")
    event = number("event", "The id of the event that it speaks of, or null.")
    citations = citations()

    class Meta:
        model = Statement
        path = "statements"
        nested, fixed = ("citations",), ("agreement",)
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
