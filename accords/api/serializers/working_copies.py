"""Serializers of the comparison of a working copy with its published agreement."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.fields import StrictCharField, StrictListField
from accords.vocabulary import ChangeKind
from accords.working_copies import FieldChange, RowChange

MAX_OVERWRITTEN = 1000  # conflicts that one request decides


@extend_schema_field({})
class AnyValue(serializers.Field):
    """A value of any field."""

    def to_representation(self, value: Any) -> Any:
        return value


class CopiedFieldSerializer(serializers.Serializer[FieldChange]):
    """A field that a working copy changes."""

    field = serializers.CharField(help_text="The name of the field.")
    before = AnyValue(help_text="The value that is published; null of a new row.")
    after = AnyValue(help_text="The value of the working copy.")
    meanwhile = serializers.BooleanField(help_text="Whether the published value was changed since the copy was made.")


class CopiedRowSerializer(serializers.Serializer[RowChange]):
    """A row that a working copy adds, changes or deletes."""

    row = serializers.CharField(
        source="pointer",
        help_text="The row as a JSON pointer, such as `/clauses/12`, with the id of the published row, or of the "
        "copy's if there is none; empty for the agreement itself. It is an address below `/api/v1`, except for "
        "`participations` and `clause-parties`, which have none.",
    )
    name = serializers.SerializerMethodField(help_text="The row in words.")
    kind = serializers.ChoiceField(
        choices=ChangeKind.choices, help_text=f"What becomes of the row. {ChangeKind.glossary()}"
    )
    meanwhile = serializers.BooleanField(
        help_text="Whether a row that the copy deletes was changed since the copy was made, or one that it changes was "
        "deleted."
    )
    changes = CopiedFieldSerializer(source="fields", many=True, help_text="The fields of it that the copy changes.")

    def get_name(self, change: RowChange) -> str:
        return str(change.row or change.origin)


class WorkingCopySerializer(serializers.Serializer[Any]):
    """The working copies of a published agreement; for a working copy, what it changes of the published one."""

    agreement = serializers.CharField(help_text="The slug of the agreement.")
    working_copies = serializers.ListField(
        child=serializers.CharField(), help_text="The slugs of its working copies that the user may see."
    )
    working_copy_of = serializers.CharField(
        source="comparison.original.slug",
        default=None,
        allow_null=True,
        help_text="The slug of the published agreement; null unless it is a working copy.",
    )
    changes = CopiedRowSerializer(
        source="comparison.changes", many=True, default=(), help_text="The rows that it changes, citations included."
    )
    conflicts = serializers.ListField(
        source="comparison.conflicts",
        child=serializers.CharField(),
        default=list,
        help_text="JSON pointers to what was also changed in the published agreement since the copy was made.",
    )
    uncited = serializers.SerializerMethodField(help_text="The claims of the copy that no citation supports.")

    def get_uncited(self, instance: dict[str, Any]) -> list[str]:
        comparison = instance["comparison"]  # None unless the agreement is a working copy
        return [missing.name for missing in comparison.missing] if comparison else []


class OverwriteSerializer(serializers.Serializer[Any]):
    """The conflicts that are decided for the working copy."""

    overwrite = StrictListField(
        child=StrictCharField(),
        required=False,
        max_length=MAX_OVERWRITTEN,
        help_text="Those of the `conflicts` for which the value of the copy is published.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown members."""
        unknown = {name for name in data if name not in self.fields} if isinstance(data, dict) else set()
        if unknown:
            message = "Unknown field. Fields: overwrite."
            raise serializers.ValidationError({name[:200]: [message] for name in unknown}, code="unknown_field")
        return super().to_internal_value(data)
