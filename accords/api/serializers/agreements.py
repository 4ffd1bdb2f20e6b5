"""Serializers of agreements without their related rows."""

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Expandable, RowSerializer, bounds
from accords.api.serializers.fields import OPTIONAL, SlugRelatedField
from accords.api.serializers.parties import ParticipationExpandedSerializer, ParticipationSerializer
from accords.models import Agreement, Party
from accords.models.agreements import LIFECYCLE, TERMS
from accords.rules.status import TIME_FIELDS
from accords.vocabulary import RestsOn, TemporalStatus


class AgreementSummarySerializer(RowSerializer):
    """An agreement without its related rows. What depends on a day is that of the day `on`."""

    supersedes = SlugRelatedField(
        Agreement.objects.all(),
        **OPTIONAL,
        help_text="The slug of the earlier agreement that it replaces, or null.",
    )
    amends = SlugRelatedField(
        Agreement.objects.all(), **OPTIONAL, help_text="The slug of the agreement that it amends, or null."
    )
    option_holder = SlugRelatedField(
        Party.objects.all(),
        **OPTIONAL,
        help_text="The slug of the party that may exercise the option to renew, or null.",
    )
    rests_on = serializers.ChoiceField(
        choices=RestsOn.choices,
        allow_blank=True,
        read_only=True,
        help_text="The weakest evidence among the dates and terms from which `temporal_status` follows; empty without "
        f"any. {RestsOn.glossary()}",
    )
    effective_basis = serializers.ChoiceField(
        choices=RestsOn.choices,
        allow_blank=True,
        read_only=True,
        help_text=f"What the effective date rests on; empty if there is none. {RestsOn.glossary()}",
    )
    missing = serializers.SerializerMethodField(
        help_text="The dates and terms that are not stated and would answer an open question about time."
    )
    recurrence = serializers.CharField(read_only=True, help_text="How its terms recur: an RFC 5545 RRULE, or empty.")
    temporal_status = serializers.SerializerMethodField(
        help_text=f"The state of the agreement on the day `on`. {TemporalStatus.glossary()}"
    )
    on = serializers.SerializerMethodField(help_text="The day for which `temporal_status` is answered.")
    derives = {
        "missing": tuple(dict.fromkeys((*LIFECYCLE, *TIME_FIELDS))),
        "recurrence": TERMS,
        "temporal_status": LIFECYCLE,
        "on": (),
    }

    class Meta:
        model = Agreement
        path, key = "agreements", "slug"
        keep_if_omitted = ("is_published",)  # publishing is never undone by leaving it out
        fields = (
            *("slug", "title", "subject", "instrument", "status", *bounds("status_since")),
            *(*bounds("announced", "signed", "effective", "ends"), "effective_condition"),
            *(
                "term",
                "term_ends",
                "term_from",
                "renewal_mode",
                "renewal_intervals",
                "renewal_condition",
                "option_holder",
                "notice_period",
                "notice_opens",
                "max_renewals",
                "unlimited",
                "is_published",
                "clauses_complete",
            ),
            *(
                "effective_basis",
                "rests_on",
                "supersedes",
                "amends",
                "missing",
                "recurrence",
                "temporal_status",
                "on",
                *STAMPS,
            ),
        )

    def get_missing(self, agreement: Agreement) -> list[str]:
        return agreement.missing

    @extend_schema_field(serializers.ChoiceField(TemporalStatus.choices))
    def get_temporal_status(self, agreement: Agreement) -> TemporalStatus:
        return TemporalStatus(agreement.temporal_status(self.get_on(agreement)))

    def get_on(self, agreement: Agreement) -> date:
        day: date = self.context["on"]  # set by the view: the query parameter `on`, or today
        return day


class AgreementPartiesSerializer(AgreementSummarySerializer):
    """An agreement with its parties."""

    parties = Expandable(
        ParticipationSerializer(many=True, source="participations", required=False),
        ParticipationExpandedSerializer(many=True, source="participations"),
        source="participations",
        help_text="The parties that take part in it, each with its role.",
    )

    class Meta(AgreementSummarySerializer.Meta):
        fields: Any = (*AgreementSummarySerializer.Meta.fields[:-2], "parties", *STAMPS)


def agreement_field() -> Expandable:
    """Return the field of the agreement to which a row belongs."""
    return Expandable(
        SlugRelatedField(Agreement.objects.all()),
        AgreementSummarySerializer(),
        help_text="The agreement's slug.",
    )
