"""Bulk requests: they create, update and delete rows of one resource, all or nothing."""

from collections.abc import Callable, Collection, Iterator
from copy import copy
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet, UniqueConstraint, prefetch_related_objects
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accords.api.errors import STALE
from accords.api.http import MALFORMED, State, if_match_error
from accords.api.serializers.base import NestedListSerializer, StrictModelSerializer, Values, assign, own_values
from accords.api.serializers.fields import WRONG_TYPE, SlugListField, VisibleRelatedField, did_you_mean
from accords.db.constraints import holds
from accords.db.integrity_errors import constraint_message
from accords.db.locks import lock_relations, prevent_deletion_of_agreements

Errors = dict[str, dict[str, Any]]  # by operation, and by the index of an entry, as text
OPERATIONS = ("create", "update", "delete")
MAX_ROWS = 1000
TOO_MANY = f"A bulk request must have 1 to {MAX_ROWS} rows."
REPEATED = "This row occurs twice in the request."
HELD = "Another row that this request changes still has this value. Change that row first, in a request of its own."
MISSING = "There is no such row."
INTEGER = serializers.IntegerField.default_error_messages["invalid"]
STRING = serializers.CharField.default_error_messages["invalid"]
REQUIRED = serializers.Field.default_error_messages["required"]


class BulkSerializer(serializers.Serializer[Any]):
    """A bulk request: `{"create": [row], "update": [{"id", "etag", ...}], "delete": [{"id", "etag"}]}`.

    The rows to change, related rows and unique values are each queried once for all entries. `validated_data` has
    the values of new rows, pairs of a row and its new values, and the rows to delete.
    """

    def __init__(
        self, serializer: StrictModelSerializer, locked_rows: Callable[..., QuerySet[Any]], **kwargs: Any
    ) -> None:
        """Take the serializer of one row, and the view's method `locked_rows`."""
        super().__init__(**kwargs)
        self.serializer, self.locked_rows = serializer, locked_rows
        serializer.checks_unique = False
        self.model: Any = serializer.model

    def run_validation(self, data: Any = empty) -> dict[str, list[Any]]:
        """Return the validated rows. Raises `ValidationError` with the errors by operation and index."""
        entries = self._validate_form(data)
        errors: Errors = {operation: {} for operation in OPERATIONS}
        rows = self._lock_rows(entries, errors)
        look_up_related(self.serializer, [*entries["create"], *entries["update"]])
        no_rows = dict.fromkeys(range(len(entries["create"])))
        created = self._validate_entries(entries["create"], no_rows, errors["create"])
        updated = self._validate_entries(entries["update"], rows["update"], errors["update"])
        self._check_unique(created, updated, rows, errors)
        if details := {operation: by_index for operation, by_index in errors.items() if by_index}:
            raise serializers.ValidationError(details)
        return {
            "create": list(created.values()),
            "update": [(rows["update"][index], values) for index, values in updated.items()],
            "delete": list(rows["delete"].values()),
        }

    def _validate_form(self, data: Any) -> dict[str, list[Any]]:
        """Return the entries of each operation. Raises `ValidationError` unless they are lists and not too many."""
        if not isinstance(data, dict):
            message = self.error_messages["invalid"].format(datatype=type(data).__name__)
            raise serializers.ValidationError({"non_field_errors": [message]}, code=WRONG_TYPE)
        errors = {}
        for name, entries in data.items():
            if name not in OPERATIONS:
                message = f"Unknown field.{did_you_mean(name[:50], OPERATIONS)} Fields: {', '.join(OPERATIONS)}."
                errors[name[:200]] = [ErrorDetail(message, "unknown_field")]
            elif not isinstance(entries, list):
                message = str(serializers.ListField.default_error_messages["not_a_list"])
                errors[name] = [ErrorDetail(message.format(input_type=type(entries).__name__), WRONG_TYPE)]
        if errors:
            raise serializers.ValidationError(errors)
        if not 1 <= sum(map(len, data.values())) <= MAX_ROWS:
            raise serializers.ValidationError({"non_field_errors": [TOO_MANY]}, code="too_many")
        return {name: data.get(name, []) for name in OPERATIONS}

    def _lock_rows(self, entries: dict[str, list[Any]], errors: Errors) -> dict[str, dict[int, Any]]:
        """Lock the rows to change and to delete, and return them by operation and index.

        Add an error for each entry that names no row, a row of another entry, or a row that is in another state.
        """
        references = [
            (operation, index, entry)
            for operation in ("update", "delete")
            for index, entry in enumerate(entries[operation])
        ]
        for operation, index, entry in references:
            if identity_errors := self._identity_errors(entry, strict=operation == "delete"):
                errors[operation][str(index)] = identity_errors
        references = [
            (operation, index, entry) for operation, index, entry in references if str(index) not in errors[operation]
        ]
        ids = {entry["id"] for _, _, entry in references}
        changed_fields = {name for operation, _, entry in references if operation == "update" for name in entry}
        lock_relations(self.model, changed_fields)
        prevent_deletion_of_agreements(self.model, "pk", ids)
        deletes = bool(entries["delete"])
        locked = {row.pk: row for row in self.locked_rows(delete=deletes).filter(pk__in=ids).order_by("pk")}
        rows: dict[str, dict[int, Any]] = {"update": {}, "delete": {}}
        seen: set[int] = set()
        for operation, index, entry in references:
            row = locked.get(entry["id"])
            if row is None:
                errors[operation][str(index)] = {"id": [ErrorDetail(MISSING, "does_not_exist")]}
            elif row.pk in seen:
                errors[operation][str(index)] = {"id": [ErrorDetail(REPEATED, "repeated")]}
            elif message := if_match_error(entry["etag"], State(row.pk, row.version)):
                code = "invalid" if message == MALFORMED else STALE
                errors[operation][str(index)] = {"etag": [ErrorDetail(message, code)]}
            else:
                rows[operation][index] = row
            seen.add(entry["id"])
        relations = [field.name for field in self.model._meta.concrete_fields if field.is_relation]
        prefetch_related_objects(list(rows["update"].values()), *relations)  # `clean` and constraints read them
        return rows

    def _identity_errors(self, entry: Any, *, strict: bool) -> dict[str, Any]:
        """Return the errors of an entry's `id` and `etag`, and with `strict` of any other member."""
        if not isinstance(entry, dict):
            message = self.error_messages["invalid"].format(datatype=type(entry).__name__)
            return {"non_field_errors": [ErrorDetail(message, WRONG_TYPE)]}
        errors: dict[str, Any] = {}
        for name, json_type, message in (("id", int, str(INTEGER)), ("etag", str, str(STRING))):
            if name not in entry:
                errors[name] = [ErrorDetail(str(REQUIRED), "required")]
            elif not isinstance(entry[name], json_type) or isinstance(entry[name], bool):
                errors[name] = [ErrorDetail(message, WRONG_TYPE)]
        for name in entry.keys() - {"id", "etag"} if strict else ():
            errors[name[:200]] = [ErrorDetail("Unknown field. Fields: etag, id.", "unknown_field")]
        return errors

    def _validate_entries(self, entries: list[Any], rows: dict[int, Any], errors: dict[str, Any]) -> dict[int, Values]:
        """Return the validated values of entries by index, and add the errors of the others.

        `rows` has the row that an entry changes, or None if it is a new one.
        """
        validated: dict[int, Values] = {}
        for index, row in rows.items():
            document = entries[index]
            if row is not None:
                document = {name: value for name, value in document.items() if name not in ("id", "etag")}
            self.serializer.instance, self.serializer.partial = row, row is not None
            try:
                validated[index] = self.serializer.run_validation(document)
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
        self.serializer.instance = None
        return validated

    def _check_unique(
        self, created: dict[int, Values], updated: dict[int, Values], rows: dict[str, dict[int, Any]], errors: Errors
    ) -> None:
        """Add an error for each row with a unique value that an earlier row of the request, or a stored row, has.

        Rows are changed one by one, in an order that the database chooses, so a changed row cannot take the value of
        another one. New rows can: they are created last.
        """
        candidates: list[tuple[str, int, Any]] = []
        for index, values in created.items():
            candidates.append(("create", index, self.model(**own_values(self.model, values))))
        for index, values in updated.items():
            row = copy(rows["update"][index])
            assign(row, values)
            candidates.append(("update", index, row))
        written_ids = [row.pk for by_index in rows.values() for row in by_index.values()]
        for rule in unique_rules(self.model):
            by_key: dict[tuple[Any, ...], list[tuple[str, int, Any]]] = {}
            for operation, index, row in candidates:
                if (key := rule.key(row)) is not None:
                    by_key.setdefault(key, []).append((operation, index, row))
            stored_keys = rule.stored_keys(self.model._default_manager.exclude(pk__in=written_ids), by_key)
            holders = {rule.key(row): row.pk for row in rows["update"].values()}
            member = self.serializer.unique_member(rule.fields)
            for key, same_key in by_key.items():
                for position, (operation, index, row) in enumerate(same_key):
                    if position > 0 or key in stored_keys:
                        message = rule.message_for(row)
                    elif operation == "update" and holders.get(key, row.pk) != row.pk:
                        message = HELD
                    else:
                        continue
                    errors[operation].setdefault(str(index), {})[member] = [ErrorDetail(message, "unique")]

    def save(self, **kwargs: Any) -> dict[str, list[Any]]:
        """Delete, change and create the rows, in this order; return the changed and the new ones."""
        data = self.validated_data
        if data["delete"]:
            self.model._default_manager.filter(pk__in=[row.pk for row in data["delete"]]).delete()
        return {
            "update": self._write_rows("update", self.serializer.update_rows, data["update"]),
            "create": self._write_rows("create", self.serializer.create_rows, data["create"]),
        }

    def _write_rows(self, operation: str, write: Callable[[list[Any]], list[Any]], arguments: list[Any]) -> list[Any]:
        """Return the rows that a method of the serializer writes. Raises its `ValidationError` below the operation."""
        try:
            return write(arguments) if arguments else []
        except serializers.ValidationError as error:
            raise serializers.ValidationError({operation: error.detail}) from error


class UniqueRule(NamedTuple):
    """Fields that are unique together, among the rows that fulfil the condition if there is one.

    `message_for` returns the message about a row whose values another row has.
    """

    fields: tuple[str, ...]
    condition: Q | None
    message_for: Callable[[Any], str]

    def key(self, row: Any) -> tuple[Any, ...] | None:
        """Return the values of a row that no other row may have; None if the rule is not about it."""
        values = tuple(getattr(row, row._meta.get_field(name).attname) for name in self.fields)
        is_subject = None not in values and (self.condition is None or holds(self.condition, row))
        return values if is_subject else None  # as in SQL, where null equals no null

    def stored_keys(self, rows: QuerySet[Any], keys: Collection[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        """Return the keys of rows, at least those among `keys`, with one query; without one if there are no keys."""
        for number, field in enumerate(self.fields):
            rows = rows.filter(**{f"{field}__in": {key[number] for key in keys}})
        rows = rows.filter(self.condition) if self.condition else rows
        return set(rows.values_list(*self.fields)) if keys else set()


def unique_rules(model: type[Model]) -> Iterator[UniqueRule]:
    """Yield the rules of unique fields and of unique constraints."""
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield UniqueRule((field.name,), None, partial(field_message, field.name))
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield UniqueRule(tuple(constraint.fields), constraint.condition, partial(constraint_message, constraint))


def field_message(name: str, row: Model) -> str:
    """Return Django's message about a field that must be unique."""
    return str(row.unique_error_message(type(row), (name,)).messages[0])


def look_up_related(serializer: StrictModelSerializer, documents: list[Any]) -> None:
    """Look up the rows to which documents refer, in one query for each relation: validation finds them cached."""
    for name, field in serializer.writable_fields.items():
        values = [document[name] for document in documents if isinstance(document, dict) and name in document]
        if isinstance(field, VisibleRelatedField):
            field.look_up(parsed_keys(field, values))
        elif isinstance(field, SlugListField | NestedListSerializer):
            entries = [entry for value in values if isinstance(value, list) for entry in value]
            if isinstance(field, SlugListField):
                field.child_relation.look_up(parsed_keys(field.child_relation, entries))
            else:
                look_up_related(field.child, entries)


def parsed_keys(field: VisibleRelatedField, values: list[Any]) -> Iterator[Any]:
    """Yield the keys of rows that values name. Values of a wrong type are left to validation."""
    for value in values:
        try:
            yield field.parse_key(value)
        except serializers.ValidationError:
            continue
