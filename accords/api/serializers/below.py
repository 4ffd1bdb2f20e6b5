"""What stands below one agreement."""

from typing import Any

from rest_framework import serializers

from accords.api.serializers.base import Shape
from accords.api.serializers.citations import SourceSerializer
from accords.vocabulary import RenewalKind


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
    condition = serializers.CharField(help_text="On what it depends, besides every step before it.")


class ProjectionSerializer(serializers.Serializer[Any]):
    """What the renewal dates of an agreement would be if it took effect on the anchor."""

    agreement = serializers.CharField(help_text="The agreement's slug.")
    anchor = serializers.DateField(help_text="The day from which everything is counted.")
    results = ProjectedSerializer(many=True, help_text="The steps, in order of time.")


class AnnotatedSerializer(serializers.Serializer[Any]):
    """The sources of an agreement, each with its text and the quotations in it."""

    agreement = serializers.CharField(help_text="The agreement's slug.")
    sources = SourceSerializer(
        many=True, help_text="Every source that it cites.", shape=Shape(expand=frozenset({"text", "citations"}))
    )
