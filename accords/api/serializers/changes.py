"""Serializers of the comparison of two agreements."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.vocabulary import ClauseType, PartyRole


@extend_schema_field({})
class Value(serializers.Field):
    """A value of any type. Decimals are JSON numbers."""

    def to_representation(self, value: Any) -> Any:
        """Return decimals without trailing zeros: 57, not 57.0000."""
        if not isinstance(value, Decimal):
            return value
        return int(value) if value == value.to_integral_value() else float(value)


@extend_schema_field({"type": ["number", "null"]})
class Delta(Value):
    """A difference of numbers."""


class ComparedFieldSerializer(serializers.Serializer[Any]):
    """A field that differs."""

    field = serializers.CharField(help_text="The name of the field.")
    before = Value(
        help_text="The value before, as the field has it in its own resource; the parent of a clause is its number."
    )
    after = Value(help_text="The value after.")
    delta = Delta(help_text="`after` minus `before` if both are numbers in the same unit, else null.")
    delta_unit = serializers.CharField(
        help_text="The unit of `delta`: `percentage point` where the unit is `%`; empty where there is none."
    )


class ComparedPartSerializer(serializers.Serializer[Any]):
    """A party of an agreement."""

    party = serializers.CharField(help_text="The party's slug.")
    role = serializers.ChoiceField(choices=PartyRole.choices, help_text="The role of the party in the agreement.")


class ChangedPartSerializer(serializers.Serializer[Any]):
    """A party of both agreements."""

    before = ComparedPartSerializer()
    after = ComparedPartSerializer()
    changes = ComparedFieldSerializer(many=True, help_text="The fields that differ.")


class ChangedPartsSerializer(serializers.Serializer[Any]):
    """The parties of two agreements."""

    added = ComparedPartSerializer(many=True, help_text="Parties of the later agreement only.")
    dropped = ComparedPartSerializer(many=True, help_text="Parties of the earlier agreement only.")
    changed = ChangedPartSerializer(many=True, help_text="Parties of both, with another label or other dates.")
    unchanged = ChangedPartSerializer(many=True, help_text="Parties of both, without differences.")


class ComparedClauseSerializer(serializers.Serializer[Any]):
    """A clause of one of the agreements."""

    id = serializers.IntegerField(help_text="The clause's id.")
    number = serializers.CharField(help_text="Its number in its agreement.")
    type = serializers.ChoiceField(choices=ClauseType.choices, help_text="The subject of the clause.")
    title = serializers.CharField(help_text="Its heading.")


class ChangedClauseSerializer(serializers.Serializer[Any]):
    """A clause of both agreements."""

    before = ComparedClauseSerializer()
    after = ComparedClauseSerializer()
    matched_by = serializers.ListField(
        child=serializers.CharField(), help_text="The fields by which the two clauses were matched."
    )
    changes = ComparedFieldSerializer(many=True, help_text="The fields that differ.")


class ChangedClausesSerializer(serializers.Serializer[Any]):
    """The clauses of two agreements."""

    added = ComparedClauseSerializer(
        many=True,
        help_text="Clauses of the later agreement only; certainly new only if the clauses of the earlier are complete.",
    )
    dropped = ComparedClauseSerializer(
        many=True,
        help_text="Clauses of the earlier agreement only; certainly gone only if those of the later are complete.",
    )
    changed = ChangedClauseSerializer(many=True, help_text="Clauses of both, with differences.")
    unchanged = ChangedClauseSerializer(many=True, help_text="Clauses of both, without differences.")


class ClausesCompleteSerializer(serializers.Serializer[Any]):
    """Whether the recorded clauses of each agreement are complete."""

    before = serializers.BooleanField(help_text="Whether the clauses of the earlier agreement are complete.")
    after = serializers.BooleanField(help_text="Whether the clauses of the later agreement are complete.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """The differences between an agreement and an earlier one."""

    agreement = serializers.CharField(help_text="The slug of the later agreement.")
    other = serializers.CharField(help_text="The slug of the earlier agreement.")
    clauses_complete = ClausesCompleteSerializer(
        help_text="Whether the recorded clauses of each agreement are complete."
    )
    terms = ComparedFieldSerializer(many=True, help_text="Differences in dates and terms.")
    parties = ChangedPartsSerializer(help_text="Differences in parties.")
    clauses = ChangedClausesSerializer(help_text="Differences in clauses.")
