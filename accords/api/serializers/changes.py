"""What one agreement changed of another."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.vocabulary import ClauseType, PartyRole

ROLE = {
    "type": "object",
    "required": ["party", "role", "explicit"],
    "properties": {"party": {"type": "string"}, "role": {"type": "string"}, "explicit": {"type": "boolean"}},
}
VALUE = {
    "description": "The value as the field has it in its own resource; the parent of a clause is told by its number.",
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": ROLE},
    ],
}


@extend_schema_field(VALUE)
class Value(serializers.Field):
    """A value of any field; decimals are JSON numbers."""

    def to_representation(self, value: Any) -> Any:
        """Without needless zeros: 57, not 57.0000."""
        if not isinstance(value, Decimal):
            return value
        return int(value) if value == value.to_integral_value() else float(value)


@extend_schema_field(
    {"type": ["number", "null"], "description": "`after` less `before`, of numbers in one unit; else null."}
)
class Delta(Value):
    """A difference of numbers."""


class ChangeSerializer(serializers.Serializer[Any]):
    """A field that differs."""

    field = serializers.CharField(help_text="The name of the field.")
    before = Value()
    after = Value()
    delta = Delta()
    delta_unit = serializers.CharField(
        help_text="The unit of `delta`: `percentage point` where the unit is `%`; empty where there is none."
    )


class PartSerializer(serializers.Serializer[Any]):
    """Who takes part in an agreement, and as what."""

    party = serializers.CharField(help_text="The party's slug.")
    role = serializers.ChoiceField(choices=PartyRole.choices, help_text="What the party is to the agreement.")


class ChangedPartSerializer(serializers.Serializer[Any]):
    """Someone who takes part in both."""

    before = PartSerializer()
    after = PartSerializer()
    changes = ChangeSerializer(many=True, help_text="The fields that differ.")


class ChangedPartsSerializer(serializers.Serializer[Any]):
    """Who takes part in one of two agreements, or in both."""

    added = PartSerializer(many=True, help_text="Who takes part in the later one only.")
    dropped = PartSerializer(many=True, help_text="Who takes part in the earlier one only.")
    changed = ChangedPartSerializer(many=True, help_text="Who takes part in both, from or until another date.")
    unchanged = ChangedPartSerializer(many=True, help_text="Who takes part in both, with the same dates.")


class ComparedClauseSerializer(serializers.Serializer[Any]):
    """Which clause."""

    id = serializers.IntegerField(help_text="The clause's id.")
    number = serializers.CharField(help_text="Its number in its agreement.")
    type = serializers.ChoiceField(choices=ClauseType.choices, help_text="The subject of the clause.")
    title = serializers.CharField(help_text="Its heading.")


class ChangedClauseSerializer(serializers.Serializer[Any]):
    """A clause that both have."""

    before = ComparedClauseSerializer()
    after = ComparedClauseSerializer()
    matched_by = serializers.ListField(
        child=serializers.CharField(), help_text="The fields by which the two are taken for the same clause."
    )
    changes = ChangeSerializer(many=True, help_text="The fields that differ.")


class ChangedClausesSerializer(serializers.Serializer[Any]):
    """The clauses of two agreements."""

    added = ComparedClauseSerializer(
        many=True, help_text="Clauses of the later one only; new for certain only if the earlier one's are complete."
    )
    dropped = ComparedClauseSerializer(
        many=True, help_text="Clauses of the earlier one only; gone for certain only if the later one's are complete."
    )
    changed = ChangedClauseSerializer(many=True, help_text="Clauses that both have, with differences.")
    unchanged = ChangedClauseSerializer(many=True, help_text="Clauses that both have, the same in every field.")


class CompleteSerializer(serializers.Serializer[Any]):
    """Whether the clauses of each are all it has."""

    before = serializers.BooleanField(help_text="Whether the earlier one's are.")
    after = serializers.BooleanField(help_text="Whether the later one's are.")


class ChangesSerializer(serializers.Serializer[Any]):
    """What an agreement changed of another one."""

    agreement = serializers.CharField(help_text="The slug of the later agreement.")
    other = serializers.CharField(help_text="The slug of the earlier agreement.")
    clauses_complete = CompleteSerializer(help_text="Whether the clauses of each are all it has.")
    terms = ChangeSerializer(many=True, help_text="What differs of the dates and terms of the agreements themselves.")
    parties = ChangedPartsSerializer(help_text="Who takes part.")
    clauses = ChangedClausesSerializer(help_text="What was agreed.")
