"""Serializers of the usual service: ModelSerializers with nested rows, and the same fields as accords shows."""

from datetime import UTC, date, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Statement,
)


def slug(**kwargs: Any) -> serializers.SlugRelatedField:
    """Return a relation by the slug of its row."""
    return serializers.SlugRelatedField(slug_field="slug", read_only=True, **kwargs)


def dates(*names: str) -> list[str]:
    """Return the fields of an uncertain date and its bounds."""
    return [f"{name}{side}" for name in names for side in ("", "_earliest", "_latest")]


def day(request: Request) -> date:
    """Return the day of the request, by default today."""
    text = request.query_params.get("on")
    return date.fromisoformat(text) if text else datetime.now(UTC).date()


class PartySerializer(serializers.ModelSerializer):
    """A party."""

    represents = slug()

    class Meta:
        model = Party
        fields = ["id", "slug", "name", "kind", "country", "represents", "aliases", "created_at", "updated_at"]


class ClausePartySerializer(serializers.ModelSerializer):
    """What a party is to a clause."""

    party = slug()

    class Meta:
        model = ClauseParty
        fields = ["party", "role", "explicit"]


class ClausePartyExpandedSerializer(ClausePartySerializer):
    """The same with the whole party."""

    party = PartySerializer()


class ParticipationSerializer(serializers.ModelSerializer):
    """The part that a party plays in an agreement, with the whole party."""

    party = PartySerializer()

    class Meta:
        model = Participation
        fields = ["id", "party", "role", "label", *dates("since", "until")]


class CitationSerializer(serializers.ModelSerializer):
    """A quotation."""

    source, agreement = slug(), slug()
    target, selector = serializers.SerializerMethodField(), serializers.SerializerMethodField()

    class Meta:
        model = Citation
        fields = [
            *("id", "source", "target", "agreement", "clause", "statement", "event", "renewal", "participation"),
            *("party", "field", "exact", "prefix", "suffix", "start", "end", "selector", "created_at", "updated_at"),
        ]

    def get_target(self, row: Citation) -> dict[str, Any]:
        return {"type": row.target_kind, "id": getattr(row, f"{row.target_kind}_id")}

    def get_selector(self, row: Citation) -> list[dict[str, Any]]:
        """Return W3C Web Annotation selectors."""
        quote = {"type": "TextQuoteSelector", "exact": row.exact, "prefix": row.prefix, "suffix": row.suffix}
        return [quote, {"type": "TextPositionSelector", "start": row.start, "end": row.end}]


class AgreementSummarySerializer(serializers.ModelSerializer):
    """An agreement by itself."""

    supersedes, amends, option_holder = slug(), slug(), slug()
    effective_basis = serializers.CharField()
    missing = serializers.ReadOnlyField()
    recurrence = serializers.ReadOnlyField()
    temporal_status = serializers.SerializerMethodField()
    on = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = [
            *("id", "slug", "title", "subject", "instrument", "status"),
            *dates("status_since", "announced", "signed", "effective", "ends"),
            *("effective_condition", "term", "term_ends", "term_from", "renewal_mode", "renewal_intervals"),
            *("renewal_condition", "option_holder", "notice_period", "notice_opens", "max_renewals", "unlimited"),
            *("is_published", "clauses_complete", "effective_basis", "rests_on", "supersedes", "amends", "missing"),
            *("recurrence", "temporal_status", "on", "created_at", "updated_at"),
        ]

    def get_temporal_status(self, row: Agreement) -> str:
        return str(row.temporal_status(day(self.context["request"])))

    def get_on(self, row: Agreement) -> date:
        return day(self.context["request"])


class ClauseSerializer(serializers.ModelSerializer):
    """A clause with its parties."""

    agreement = slug()
    parties = ClausePartySerializer(many=True)
    delta_unit = serializers.ReadOnlyField()

    class Meta:
        model = Clause
        fields = [
            *("id", "agreement", "number", "position", "type", "standing", "modality", "title", "text", "language"),
            *("parties", "commodity", "hs_codes", "scope", "scope_note", "baseline_value", "value", "comparator"),
            *("unit", "per", "delta", "delta_unit", "period", "trigger", *dates("effective", "ends"), "survives"),
            *("rests_on", "modifies", "modification", "parent", "created_at", "updated_at"),
        ]


class ClauseExpandedSerializer(ClauseSerializer):
    """A clause with its agreement and its parties in full."""

    agreement = AgreementSummarySerializer()
    parties = ClausePartyExpandedSerializer(many=True)


class ClauseCitedSerializer(ClauseSerializer):
    """A clause with its quotations."""

    citations = CitationSerializer(many=True)

    class Meta(ClauseSerializer.Meta):
        fields = [*ClauseSerializer.Meta.fields, "citations"]


class RenewalSerializer(serializers.ModelSerializer):
    """A renewal date."""

    agreement, outcome = slug(), slug()
    opens = serializers.ReadOnlyField()
    condition = serializers.ReadOnlyField()
    rests_on = serializers.ReadOnlyField()
    overdue = serializers.SerializerMethodField()
    on = serializers.SerializerMethodField()

    class Meta:
        model = Renewal
        fields = [
            *("id", "agreement", "kind", "sequence", *dates("due"), "offset", "basis", "status", "outcome"),
            *("opens", "condition", "rests_on", "overdue", "on", "created_at", "updated_at"),
        ]

    def get_overdue(self, row: Renewal) -> bool:
        return row.is_overdue(day(self.context["request"]))

    def get_on(self, row: Renewal) -> date:
        return day(self.context["request"])


class RenewalCitedSerializer(RenewalSerializer):
    """A renewal date with its quotations."""

    citations = CitationSerializer(many=True)

    class Meta(RenewalSerializer.Meta):
        fields = [*RenewalSerializer.Meta.fields, "citations"]


class EventSerializer(serializers.ModelSerializer):
    """An event with its quotations."""

    agreement = slug()
    participants = slug(many=True)
    citations = CitationSerializer(many=True)

    class Meta:
        model = Event
        fields = [
            *("id", "agreement", "number", "kind", "status", "country", "place", *dates("date"), "date_text"),
            *("duration", "approximate", "participants", "after", "reciprocates", "created_at", "updated_at"),
            "citations",
        ]


class StatementSerializer(serializers.ModelSerializer):
    """A statement with its quotations."""

    agreement, speaker = slug(), slug()
    mentions = slug(many=True)
    citations = CitationSerializer(many=True)

    class Meta:
        model = Statement
        fields = [
            *("id", "agreement", "number", "kind", "speaker", "speaker_label", "polarity", "certainty"),
            *("proposition", "topics", "mentions", "clause", "event", "created_at", "updated_at", "citations"),
        ]


class AgreementSerializer(AgreementSummarySerializer):
    """An agreement with its related rows."""

    parties = ParticipationSerializer(many=True, source="participations")
    clauses = ClauseCitedSerializer(many=True)
    renewals = RenewalCitedSerializer(many=True)
    events = EventSerializer(many=True)
    statements = StatementSerializer(many=True)
    citations = CitationSerializer(many=True)

    class Meta(AgreementSummarySerializer.Meta):
        fields = [
            *AgreementSummarySerializer.Meta.fields,
            *("parties", "clauses", "renewals", "events", "statements", "citations"),
        ]
