"""Serializers of a row's history: the fields that the audit log records, represented as in the resource itself.

Related rows are represented by the slugs or ids that they have today, if the user may see them.
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
    """A field that is both served and recorded. `key` is the attribute that represents a related row."""

    name: str
    model_field: Any
    serializer_field: serializers.Field
    key: str


class Columns(NamedTuple):
    """The columns of a resource, and those of the rows nested in it, which are its member `nested_name`."""

    own: list[Column]
    nested_name: str = ""
    nested_relation: NestedRelation | None = None
    nested: list[Column] = []


def _recorded_columns(serializer: Any) -> list[Column]:
    """Return the columns of a serializer, without those that a history entry does not show.

    Derived fields are not recorded with the values that they had. The id never changes, and the time stamps are the
    instants of the entries themselves.
    """
    model = serializer.Meta.model
    recorded = {field.name: field for field in (*recorded_fields(model), *recorded_relations(model))}
    columns = []
    for name, field in serializer.fields.items():
        model_field = recorded.get(field.source)
        if model_field is None or name in getattr(serializer, "derives", {}) or name in STAMPS or name == "id":
            continue
        has_slug = model_field.many_to_many or isinstance(field, SlugRelatedField)
        columns.append(Column(name, model_field, field, "slug" if has_slug else "pk"))
    return columns


@cache
def columns_of(serializer_class: type[serializers.ModelSerializer[Any]]) -> Columns:
    """Return the columns of a resource by its serializer. A resource has at most one list of nested rows."""
    serializer = serializer_class()
    for name, field in serializer.fields.items():
        if isinstance(field, serializers.ListSerializer):
            model: Any = serializer_class.Meta.model
            relation = model._meta.get_field(str(field.source))
            nested_relation = NestedRelation(relation.related_model, relation.field.name)
            return Columns(_recorded_columns(serializer), name, nested_relation, _recorded_columns(field.child))
    return Columns(_recorded_columns(serializer))


def row_history(serializer_class: Any, pk: int) -> RowHistory:
    """Return the history of a row, of which only the columns that the serializer needs are read."""
    columns = columns_of(serializer_class)
    names = [column.model_field.attname for column in columns.own if not column.model_field.many_to_many]
    return RowHistory(serializer_class.Meta.model, pk, names, columns.nested_relation)


class VersionSerializer:
    """Represents versions of a row to one user."""

    def __init__(self, serializer_class: Any, versions: list[Version], user: Any) -> None:
        """Read the related rows of all versions, and then those of their nested rows."""

        def visible_rows(model: Any) -> Any:
            return without_texts(model._default_manager.visible_to(user))

        self.columns = columns_of(serializer_class)
        records = [version.record for version in versions if version.record is not None]
        fields = [column.model_field for column in self.columns.own]
        self.references = References(fields, records, visible_rows, deleted=can_view_drafts(user))
        nested_records = [record for version in versions for record in version.nested]
        self.references.add([column.model_field for column in self.columns.nested], nested_records)

    def represent(self, version: Version) -> dict[str, Any] | None:
        """Return the representation of the row in a version; None if the row did not exist."""
        if version.record is None:
            return None
        row = {column.name: self._value(column, version.record) for column in self.columns.own}
        if self.columns.nested_relation:
            row[self.columns.nested_name] = [
                {column.name: self._value(column, record) for column in self.columns.nested}
                for record in version.nested
                if self._is_visible(record)
            ]
        return row

    def _is_visible(self, record: Any) -> bool:
        """Return whether the user may see all rows to which a nested row refers."""
        relations = [column for column in self.columns.nested if column.model_field.is_relation]
        return all(self._value(column, record) is not None for column in relations)

    def _value(self, column: Column, record: Any) -> Any:
        """Return the representation of a record's value. Related rows that the user may not see are left out."""
        field = column.model_field
        if not field.is_relation:
            value = getattr(record, field.attname)
            return None if value is None else column.serializer_field.to_representation(value)
        related_rows = [self.references.get(field, pk) for pk in self.references.ids(field, record)]
        keys = [getattr(row, column.key) for row in related_rows if row is not None]
        return keys if field.many_to_many else next(iter(keys), None)


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the fields that differ between two representations. All fields of a row that did not exist are null."""
    before, after = before or {}, after or {}
    pairs = [(name, before.get(name), after.get(name)) for name in after or before]
    return [{"field": name, "before": old, "after": new} for name, old, new in pairs if old != new]


@extend_schema_field({})
class Value(serializers.Field):
    """A value of any type."""


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
        help_text="The username of the author; null if there was none, and for users who are not staff or may not view "
        "drafts.",
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
