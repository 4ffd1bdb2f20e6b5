"""The history of a row: which of its fields the change log can tell, how they are told, and to whom.

Values are told as the resource itself serves them. Rows that the caller may not see are not named, whenever they were.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accords.api.serializers.base import STAMPS, Either
from accords.api.serializers.fields import InstantField, SlugRelatedField
from accords.db.audit_log import relations
from accords.db.row_history import Parts, State
from accords.models.base import can_view_drafts
from accords.vocabulary import ChangeKind

VALUE = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"type": ["string", "object"]}},
    ]
}
ROW = {"type": ["object", "null"], "additionalProperties": True}


class Column(NamedTuple):
    """A served field that records tell. `attribute` is a record's own; with `target` it names rows of that model."""

    name: str
    attribute: str
    field: serializers.Field
    target: Any = None
    key: str = "pk"
    many: bool = False


class Told(NamedTuple):
    """What is told of a resource: its columns, and the rows that are written as part of it with theirs."""

    columns: list[Column]
    name: str = ""
    parts: Parts | None = None
    below: list[Column] = []


def _short(field: serializers.Field) -> Any:
    """The field in its short form; None where a row has it only in its detail."""
    return field.short if isinstance(field, Either) else field


def _column(model: Any, name: str, field: Any) -> Column | None:
    """A served field as a column of records, if it is one."""
    tracked = {column.attname: column for column in model.history.model.tracked_fields}
    source = str(getattr(field, "source", ""))
    if source in relations(model):
        return Column(name, source, field, model._meta.get_field(source).related_model, "slug", many=True)
    attribute = source if source in tracked else f"{source}_id"
    if attribute not in tracked or name in STAMPS or name == "id":
        return None
    key = "slug" if isinstance(field, SlugRelatedField) else "pk"
    return Column(name, attribute, field, tracked[attribute].related_model, key)


def _columns(serializer: Any) -> list[Column]:
    model, derived = serializer.Meta.model, getattr(serializer, "derives", {})
    fields = {name: _short(field) for name, field in serializer.fields.items() if name not in derived}
    return [found for name, field in fields.items() if (found := _column(model, name, field)) is not None]


@cache
def told(serializer: type[serializers.ModelSerializer[Any]]) -> Told:
    """What is told of the rows that a serializer serves."""
    made = serializer()
    for name, field in made.fields.items():
        rows = _short(field)
        if isinstance(rows, serializers.ListSerializer):
            model: Any = serializer.Meta.model
            relation = model._meta.get_field(str(field.source))
            return Told(_columns(made), name, Parts(relation.related_model, relation.field.name), _columns(rows.child))
    return Told(_columns(made))


class Names:
    """What stands for the rows that records name: their slugs or ids, as far as a caller may see them."""

    def __init__(self, user: Any) -> None:
        """Nobody is named yet."""
        self.user = user
        self.known: dict[tuple[Any, str], dict[int, Any]] = {}

    def learn(self, columns: Iterable[Column], records: list[Any], relations: dict[str, dict[int, list[int]]]) -> None:
        """Ask once for all rows of a model that these records name."""
        wanted: dict[tuple[Any, str], set[int]] = {}
        for column in columns:
            if column.target is not None:
                ids = {pk for record in records for pk in ids_of(column, record, relations)}
                wanted.setdefault((column.target, column.key), set()).update(ids)
        for (model, key), ids in wanted.items():
            names = self.known.setdefault((model, key), {})
            names |= self._asked(model, key, ids - names.keys())

    def _asked(self, model: Any, key: str, ids: set[int]) -> dict[int, Any]:
        """The rows of now that the caller may see; whoever sees drafts is told of those that are gone, too."""
        if not ids:
            return {}
        found = dict(model._default_manager.visible_to(self.user).filter(pk__in=ids).values_list("pk", key))
        gone = ids - found.keys()
        if not gone or not can_view_drafts(self.user):
            return found
        attribute = "id" if key == "pk" else key
        return dict(model.history.filter(id__in=gone).order_by("history_id").values_list("id", attribute)) | found

    def of(self, column: Column, pk: int) -> Any:
        """What stands for a row; None if nothing does."""
        return self.known[column.target, column.key].get(pk)


def ids_of(column: Column, record: Any, relations: dict[str, dict[int, list[int]]]) -> list[int]:
    """The ids of the rows that a record names in a column."""
    if column.many:
        return relations[column.attribute].get(record.history_id, [])
    pk = getattr(record, column.attribute)
    return [] if pk is None else [pk]


class Teller:
    """Tells states of a row to one caller."""

    def __init__(self, told: Told, names: Names, relations: dict[str, dict[int, list[int]]]) -> None:
        """`names` has learnt what stands for every row that is named."""
        self.told, self.names, self.relations = told, names, relations

    def row(self, state: State) -> dict[str, Any] | None:
        """The row as it was; None where there was none."""
        if state.record is None:
            return None
        shown = self._shown(self.told.columns, state.record)
        if self.told.parts:
            shown[self.told.name] = [self._shown(self.told.below, part) for part in state.parts if self._is_seen(part)]
        return shown

    def _is_seen(self, part: Any) -> bool:
        """Whether the caller may see the rows that a part names."""
        relations = [column for column in self.told.below if column.target is not None]
        return all(self._value(column, part) is not None for column in relations)

    def _shown(self, columns: list[Column], record: Any) -> dict[str, Any]:
        return {column.name: self._value(column, record) for column in columns}

    def _value(self, column: Column, record: Any) -> Any:
        if column.target is None:
            value = getattr(record, column.attribute)
            return None if value is None else column.field.to_representation(value)
        names = [self.names.of(column, pk) for pk in ids_of(column, record, self.relations)]
        seen = [name for name in names if name is not None]
        return seen if column.many else next(iter(seen), None)


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The fields that differ; where there was no row, every field counts as null."""
    pairs = {name: ((before or {}).get(name), (after or {}).get(name)) for name in (after or before or {})}
    return [{"field": name, "before": old, "after": new} for name, (old, new) in pairs.items() if old != new]


@extend_schema_field(VALUE)
class Value(serializers.Field):
    """A value of any field."""


@extend_schema_field(ROW)
class Row(serializers.Field):
    """A row, or null."""


class FieldChangeSerializer(serializers.Serializer[Any]):
    """A field that was changed."""

    field = serializers.CharField(help_text="The name of the field.")
    before = Value(help_text="What the resource served before; null where there was no row.")
    after = Value(help_text="What it served from then on; null where there is no row any more.")


class EntrySerializer(serializers.Serializer[Any]):
    """What was written of a row at one instant."""

    id = serializers.CharField(help_text="The record in the change log: `clause-17`.")
    at = InstantField(help_text="When: with `as_known_at` of this instant the API answers as it did from then on.")
    kind = serializers.ChoiceField(choices=ChangeKind.choices, help_text=f"What happened. {ChangeKind.glossary()}")
    through = serializers.CharField(
        help_text="Through what it was written: `api`, `admin`, `import`, `command:NAME`; empty = not said."
    )
    by = serializers.CharField(
        allow_null=True, help_text="Whose account; null where there was none, and to all but members of staff."
    )
    changes = FieldChangeSerializer(many=True, help_text="The fields that differ from what was before.")
    row = Row(
        help_text="The row's own fields as they were from then on, as the resource serves them; null once deleted. "
        "What is derived, and what is served only in details, is left out."
    )


class HistorySerializer(serializers.Serializer[Any]):
    """One page of a row's history, newest first."""

    next = serializers.URLField(allow_null=True, help_text="The address of the page after this one, or null.")
    previous = serializers.URLField(allow_null=True, help_text="The address of the page before this one, or null.")
    results = EntrySerializer(many=True, help_text="What was written, newest first.")
