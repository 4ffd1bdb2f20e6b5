"""Serializers of renewal dates and of their projections."""

from datetime import date
from typing import Any

from rest_framework import serializers

from accords.api.serializers.agreements import agreement_field
from accords.api.serializers.base import STAMPS, bounds
from accords.api.serializers.citations import CitedRowSerializer, citations_field
from accords.api.serializers.fields import OPTIONAL, SlugRelatedField
from accords.models import Agreement, Renewal
from accords.models.agreements import LIFECYCLE, TERMS
from accords.models.renewals import RESTS_ON
from accords.vocabulary import RenewalKind, RestsOn


class RenewalSerializer(CitedRowSerializer):
    """A date on which an agreement ends, continues, or must be agreed again."""

    agreement = agreement_field()
    outcome = SlugRelatedField(
        Agreement.objects.all(),
        **OPTIONAL,
        help_text="The slug of the agreement that it led to, which takes the place of this one if it is another, or "
        "null.",
    )
    condition = serializers.CharField(
        read_only=True,
        help_text="The condition of the date, besides every date before it; empty if the terms state no such date.",
    )
    opens = serializers.CharField(
        read_only=True,
        help_text="The first day (EDTF) on which this notice can be given or option exercised; empty if the terms do "
        "not say.",
    )
    rests_on = serializers.ChoiceField(
        choices=RestsOn.choices,
        allow_blank=True,
        read_only=True,
        help_text="The weakest evidence for the date. A computed date rests on what its agreement rests on; a computed "
        f"deadline also on `notice_period` and `notice_opens`. {RestsOn.glossary()}",
    )
    overdue = serializers.SerializerMethodField(
        help_text="Whether someone had to act before the day `on` and nothing is recorded of it. "
        "A renewal that comes by itself, an expiry and the end of a time for notice are never overdue, "
        "nor is anything under an agreement that may be terminated or superseded by that day."
    )
    on = serializers.SerializerMethodField(help_text="The day for which `overdue` is answered.")
    citations = citations_field()
    derives = {
        "opens": ("kind", "sequence", *(f"agreement__{name}" for name in TERMS)),
        "condition": ("kind", "sequence", *(f"agreement__{name}" for name in TERMS)),
        "rests_on": RESTS_ON,
        "overdue": ("status", "kind", "due", *(f"agreement__{name}" for name in LIFECYCLE)),
        "on": (),
    }

    class Meta:
        model = Renewal
        path = "renewals"
        fixed = ("agreement",)
        fields = (
            "agreement",
            "kind",
            "sequence",
            *bounds("due"),
            "offset",
            "basis",
            "status",
            "outcome",
            "opens",
            "condition",
            "rests_on",
            "overdue",
            "on",
            *STAMPS,
            "citations",
        )

    def get_overdue(self, renewal: Renewal) -> bool:
        return renewal.is_overdue(self.get_on(renewal))

    def get_on(self, renewal: Renewal) -> date:
        day: date = self.context["on"]  # set by the view: the query parameter `on`, or today
        return day


class ProjectedSerializer(serializers.Serializer[Any]):
    """One step of a projection; nothing of it is stored."""

    kind = serializers.ChoiceField(choices=RenewalKind.choices, help_text="What would fall due.")
    sequence = serializers.IntegerField(help_text="Which end of a term, from 1.")
    due = serializers.CharField(help_text="When: EDTF.")
    due_earliest = serializers.DateField(
        source="earliest", allow_null=True, help_text="The earliest day that `due` allows."
    )
    due_latest = serializers.DateField(source="latest", allow_null=True, help_text="The latest day that `due` allows.")
    offset = serializers.CharField(help_text="How long after the anchor: ISO 8601 duration, or empty.")
    opens = serializers.CharField(
        help_text="The first day (EDTF) on which notice can be given or an option exercised; empty if the terms do not "
        "say."
    )
    condition = serializers.CharField(help_text="The condition of the step, besides every step before it.")


class ProjectionSerializer(serializers.Serializer[Any]):
    """What the renewal dates of an agreement would be if it took effect on the anchor."""

    agreement = serializers.CharField(help_text="The agreement's slug.")
    anchor = serializers.DateField(help_text="The day from which everything is counted.")
    results = ProjectedSerializer(many=True, help_text="The steps, in order of time.")
