"""Serializers of a row's history: the fields that the audit log records, as the resource itself serves them.

Related rows are shown by the slugs or ids that they have today, and only those that the user may see.
"""

from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.base import STAMPS
from accords.api.serializers.fields import InstantField, SlugRelatedField
from accords.db.audit_log import recorded_fields, recorded_relations
from accords.db.row_history import NestedRelation, References, RowHistory, Version, without_texts
from accords.models.base import can_view_drafts
from accords.vocabulary import ChangeKind

ROW = {"type": ["object", "null"], "additionalProperties": True}


class Column(NamedTuple):
    """A field that is both served and recorded. `key` is the attribute by which a related row is shown."""

    name: str
    field: Any
    serializer_field: serializers.Field
    key: str


class Columns(NamedTuple):
    """The columns of a resource, and those of the rows nested in it under `name`."""

    own: list[Column]
    name: str = ""
    nested: NestedRelation | None = None
    of_nested: list[Column] = []


def _columns(serializer: Any) -> list[Column]:
    model = serializer.Meta.model
    recorded = {field.name: field for field in (*recorded_fields(model), *recorded_relations(model))}
    recorded |= {field.attname: field for field in recorded_fields(model)}
    columns = []
    for name, field in serializer.fields.items():
        source = recorded.get(str(getattr(field, "source", "")))
        if source is None or name in getattr(serializer, "derives", {}) or name in STAMPS or name == "id":
            continue
        by_slug = source.many_to_many or isinstance(field, SlugRelatedField)
        columns.append(Column(name, source, field, "slug" if by_slug else "pk"))
    return columns


@cache
def columns_of(serializer_class: type[serializers.ModelSerializer[Any]]) -> Columns:
    serializer = serializer_class()
    for name, rows in serializer.fields.items():
        if isinstance(rows, serializers.ListSerializer):
            model: Any = serializer_class.Meta.model
            relation = model._meta.get_field(str(rows.source))
            nested = NestedRelation(relation.related_model, relation.field.name)
            return Columns(_columns(serializer), name, nested, _columns(rows.child))
    return Columns(_columns(serializer))


def row_history(serializer_class: Any, pk: int) -> RowHistory:
    """Return the history of a row with what its serializer serves."""
    columns = columns_of(serializer_class)
    names = [column.field.attname for column in columns.own if not column.field.many_to_many]
    return RowHistory(serializer_class.Meta.model, pk, names, columns.nested)


class VersionSerializer:
    """Represents versions of a row to one user. Reads all related rows at once."""

    def __init__(self, serializer_class: Any, versions: list[Version], user: Any) -> None:
        def visible_rows(model: Any) -> Any:
            return without_texts(model._default_manager.visible_to(user))

        self.columns = columns_of(serializer_class)
        records = [version.record for version in versions if version.record is not None]
        fields = [column.field for column in self.columns.own]
        self.references = References(fields, records, visible_rows, deleted=can_view_drafts(user))
        nested = [record for version in versions for record in version.nested]
        self.references.add([column.field for column in self.columns.of_nested], nested)

    def represent(self, version: Version) -> dict[str, Any] | None:
        if version.record is None:
            return None
        row = {column.name: self._value(column, version.record) for column in self.columns.own}
        if self.columns.nested:
            entries = [
                {column.name: self._value(column, record) for column in self.columns.of_nested}
                for record in version.nested
                if self._is_visible(record)
            ]
            row[self.columns.name] = entries
        return row

    def _is_visible(self, record: Any) -> bool:
        """Return whether the user may see the rows to which a nested row refers."""
        related = [column for column in self.columns.of_nested if column.field.is_relation]
        return all(self._value(column, record) is not None for column in related)

    def _value(self, column: Column, record: Any) -> Any:
        if not column.field.is_relation:
            value = getattr(record, column.field.attname)
            return None if value is None else column.serializer_field.to_representation(value)
        related = [self.references.get(column.field, pk) for pk in self.references.ids(column.field, record)]
        keys = [getattr(row, column.key) for row in related if row is not None]
        return keys if column.field.many_to_many else next(iter(keys), None)


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the fields that differ; without a row every field counts as null."""
    pairs = {name: ((before or {}).get(name), (after or {}).get(name)) for name in (after or before or {})}
    return [{"field": name, "before": old, "after": new} for name, (old, new) in pairs.items() if old != new]


@extend_schema_field({})
class Value(serializers.Field):
    """The value of a field, of whatever type the field has."""


@extend_schema_field(ROW)
class Row(serializers.Field):
    """A row, or null."""


class FieldChangeSerializer(serializers.Serializer[Any]):
    """A changed field."""

    field = serializers.CharField(help_text="The name of the field.")
    before = Value(help_text="The value before; null if there was no row.")
    after = Value(help_text="The value from then on; null if the row was deleted.")


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """The changes of a row at one instant."""

    id = serializers.CharField(help_text="The record in the audit log: `clause-17`.")
    at = InstantField(help_text="The instant of the change.")
    kind = serializers.ChoiceField(choices=ChangeKind.choices, help_text=f"What happened. {ChangeKind.glossary()}")
    through = serializers.CharField(
        help_text="How it was written: `api`, `admin`, `import`, `command:NAME`; empty if that is not known."
    )
    by = serializers.CharField(
        allow_null=True,
        help_text="The username of the author; null if there was none, and for users who are not staff.",
    )
    changes = FieldChangeSerializer(many=True, help_text="The fields that differ from the version before.")
    row = Row(
        help_text="The fields of the row from then on, as the resource serves them; null once deleted. "
        "Derived fields, and those that only details have, are left out."
    )


class HistorySerializer(serializers.Serializer[Any]):
    """A page of the history of a row, newest first."""

    next = serializers.URLField(allow_null=True, help_text="The address of the next page, or null.")
    previous = serializers.URLField(allow_null=True, help_text="The address of the previous page, or null.")
    results = HistoryEntrySerializer(many=True, help_text="The entries, newest first.")
