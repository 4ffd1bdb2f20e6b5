"""Bulk requests: rows of one resource to create, update and delete, all or nothing."""

from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet, UniqueConstraint, prefetch_related_objects
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accords.api.errors import STALE
from accords.api.http import MALFORMED, State, if_match_problem
from accords.api.serializers.base import NestedListSerializer, StrictModelSerializer, Values, assign, own_values
from accords.api.serializers.fields import WRONG_TYPE, SlugListField, VisibleRelatedField, did_you_mean
from accords.db.constraints import holds
from accords.db.integrity_errors import message_of
from accords.db.locks import lock_relations, prevent_deletion_of_agreements

Errors = dict[str, dict[str, Any]]  # by operation and position
OPERATIONS = ("create", "update", "delete")
MAX_ROWS = 1000
TOO_MANY = f"A bulk request must have 1 to {MAX_ROWS} rows."
REPEATED = "This row occurs twice in the request."
MISSING = "There is no such row."
INTEGER = serializers.IntegerField.default_error_messages["invalid"]
STRING = serializers.CharField.default_error_messages["invalid"]
REQUIRED = serializers.Field.default_error_messages["required"]


class BulkSerializer(serializers.Serializer[Any]):
    """Validate and write `{"create": [row], "update": [{"id", "etag", ...}], "delete": [{"id", "etag"}]}`.

    What needs a query is asked once for all rows: the rows that are changed, related rows, and unique values.
    `validated_data` has the values of new rows, pairs of a row and its values, and the rows to delete.
    """

    def __init__(self, serializer: StrictModelSerializer, rows: Callable[[bool], QuerySet[Any]], **kwargs: Any) -> None:
        """Take the serializer of one row, and what returns the rows to lock for changes or also for deletions."""
        super().__init__(**kwargs)
        self.serializer, self.rows = serializer, rows
        serializer.checks_unique = False
        self.model: Any = serializer.model

    def run_validation(self, data: Any = empty) -> dict[str, list[Any]]:
        """Return the validated rows. Raises `ValidationError` with the errors by operation and position."""
        entries = self._entries(data)
        errors: Errors = {name: {} for name in OPERATIONS}
        rows = self._named_rows(entries, errors)
        look_up_related(self.serializer, [*entries["create"], *entries["update"]])
        created = self._validate_rows(entries["create"], dict.fromkeys(range(len(entries["create"]))), errors["create"])
        updated = self._validate_rows(entries["update"], rows["update"], errors["update"])
        self._check_unique(created, updated, rows, errors)
        if details := {name: of_operation for name, of_operation in errors.items() if of_operation}:
            raise serializers.ValidationError(details)
        return {
            "create": list(created.values()),
            "update": [(rows["update"][place], values) for place, values in updated.items()],
            "delete": list(rows["delete"].values()),
        }

    def _entries(self, data: Any) -> dict[str, list[Any]]:
        """Return the entries of each operation. Raises `ValidationError` unless the body has its form."""
        if not isinstance(data, dict):
            message = self.error_messages["invalid"].format(datatype=type(data).__name__)
            raise serializers.ValidationError({"non_field_errors": [message]}, code=WRONG_TYPE)
        errors = {}
        for name, entries in data.items():
            if name not in OPERATIONS:
                detail = f"Unknown field.{did_you_mean(name[:50], OPERATIONS)} Fields: {', '.join(OPERATIONS)}."
                errors[name[:200]] = [ErrorDetail(detail, "unknown_field")]
            elif not isinstance(entries, list):
                message = str(serializers.ListField.default_error_messages["not_a_list"])
                errors[name] = [ErrorDetail(message.format(input_type=type(entries).__name__), WRONG_TYPE)]
        if errors:
            raise serializers.ValidationError(errors)
        if not 1 <= sum(map(len, data.values())) <= MAX_ROWS:
            raise serializers.ValidationError({"non_field_errors": [TOO_MANY]}, code="too_many")
        return {name: data.get(name, []) for name in OPERATIONS}

    def _named_rows(self, entries: dict[str, list[Any]], errors: Errors) -> dict[str, dict[int, Any]]:
        """Return the rows to change and to delete by operation and position, all in the state that is named."""
        named = [(name, place, entry) for name in ("update", "delete") for place, entry in enumerate(entries[name])]
        for name, place, entry in named:
            if problems := self._identity_errors(entry, strict=name == "delete"):
                errors[name][str(place)] = problems
        named = [(name, place, entry) for name, place, entry in named if str(place) not in errors[name]]
        ids = {entry["id"] for _, _, entry in named}
        lock_relations(self.model, {name for operation, _, entry in named if operation == "update" for name in entry})
        prevent_deletion_of_agreements(self.model, "pk", ids)
        locked = {row.pk: row for row in self.rows(bool(entries["delete"])).filter(pk__in=ids).order_by("pk")}
        rows: dict[str, dict[int, Any]] = {"update": {}, "delete": {}}
        for name, place, entry in named:
            row = locked.get(entry["id"])
            if row is None:
                errors[name][str(place)] = {"id": [ErrorDetail(MISSING, "does_not_exist")]}
            elif row.pk not in ids:
                errors[name][str(place)] = {"id": [ErrorDetail(REPEATED, "repeated")]}
            elif problem := if_match_problem(entry["etag"], State(row.pk, row.version)):
                code = "invalid" if problem == MALFORMED else STALE
                errors[name][str(place)] = {"etag": [ErrorDetail(problem, code)]}
            else:
                rows[name][place] = row
            ids.discard(entry["id"])
        relations = [field.name for field in self.model._meta.concrete_fields if field.is_relation]
        prefetch_related_objects(list(rows["update"].values()), *relations)  # the model's rules ask for them
        return rows

    def _identity_errors(self, entry: Any, strict: bool) -> dict[str, Any]:
        """Return the errors of an entry's `id` and `etag`; with `strict` it must have no other members."""
        if not isinstance(entry, dict):
            message = self.error_messages["invalid"].format(datatype=type(entry).__name__)
            return {"non_field_errors": [ErrorDetail(message, WRONG_TYPE)]}
        errors: dict[str, Any] = {}
        for name, kind, message in (("id", int, str(INTEGER)), ("etag", str, str(STRING))):
            if name not in entry:
                errors[name] = [ErrorDetail(str(REQUIRED), "required")]
            elif not isinstance(entry[name], kind) or isinstance(entry[name], bool):
                errors[name] = [ErrorDetail(message, WRONG_TYPE)]
        for name in entry.keys() - {"id", "etag"} if strict else ():
            errors[name[:200]] = [ErrorDetail("Unknown field. Fields: etag, id.", "unknown_field")]
        return errors

    def _validate_rows(self, entries: list[Any], rows: dict[int, Any], errors: dict[str, Any]) -> dict[int, Values]:
        """Return the values of each entry, by position; `rows` are those that are changed, or None for new ones."""
        validated: dict[int, Values] = {}
        for place, row in rows.items():
            document = entries[place]
            if row is not None:
                document = {name: value for name, value in document.items() if name not in ("id", "etag")}
            self.serializer.instance, self.serializer.partial = row, row is not None
            try:
                validated[place] = self.serializer.run_validation(document)
            except serializers.ValidationError as error:
                errors[str(place)] = error.detail
        self.serializer.instance = None
        return validated

    def _check_unique(
        self, created: dict[int, Values], updated: dict[int, Values], rows: dict[str, dict[int, Any]], errors: Errors
    ) -> None:
        """Add an error for each row with a value that another row of the request, or another stored row, has."""
        candidates: list[tuple[str, int, Any]] = []
        for place, values in created.items():
            candidates.append(("create", place, self.model(**own_values(self.model, values))))
        for place, values in updated.items():
            row = copy(rows["update"][place])
            assign(row, values)
            candidates.append(("update", place, row))
        touched = [row.pk for of_name in rows.values() for row in of_name.values()]
        for names, condition, message in unique_rules(self.model):
            seen: dict[tuple[Any, ...], list[tuple[str, int, Any]]] = {}
            for name, place, row in candidates:
                key = tuple(getattr(row, self.model._meta.get_field(field).attname) for field in names)
                if None not in key and (condition is None or holds(condition, row)):
                    seen.setdefault(key, []).append((name, place, row))
            stored = self.model._default_manager.exclude(pk__in=touched)
            for position, field in enumerate(names):
                stored = stored.filter(**{f"{field}__in": {key[position] for key in seen}})
            taken = set((stored.filter(condition) if condition else stored).values_list(*names)) if seen else set()
            for key, of_key in seen.items():
                for name, place, row in of_key[0 if key in taken else 1 :]:
                    problem = {self.serializer.member_of(names): [ErrorDetail(message(row), "unique")]}
                    errors[name].setdefault(str(place), {}).update(problem)

    def save(self, **kwargs: Any) -> dict[str, list[Any]]:
        """Delete, change and create the rows, in this order; return the changed and the new ones."""
        data = self.validated_data
        if data["delete"]:
            self.model._default_manager.filter(pk__in=[row.pk for row in data["delete"]]).delete()
        return {
            "update": self._write("update", self.serializer.update_rows, data["update"]),
            "create": self._write("create", self.serializer.create_rows, data["create"]),
        }

    def _write(self, operation: str, write: Callable[[list[Any]], list[Any]], rows: list[Any]) -> list[Any]:
        try:
            return write(rows) if rows else []
        except serializers.ValidationError as error:
            raise serializers.ValidationError({operation: error.detail}) from error


def unique_rules(model: Any) -> Iterator[tuple[tuple[str, ...], Q | None, Callable[[Any], str]]]:
    """Return the fields that are unique together, on which condition, and what returns the message for a row."""
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield (field.name,), None, partial(field_message, field.name)
    for rule in model._meta.constraints:
        if isinstance(rule, UniqueConstraint):
            yield tuple(rule.fields), rule.condition, partial(message_of, rule)


def field_message(name: str, row: Any) -> str:
    """Return Django's message about a field that must be unique."""
    return str(row.unique_error_message(type(row), (name,)).messages[0])


def look_up_related(serializer: StrictModelSerializer, documents: list[Any]) -> None:
    """Look up the rows to which documents refer, in one query for each relation."""
    for name, field in serializer.writable_fields.items():
        values = [document[name] for document in documents if isinstance(document, dict) and name in document]
        if isinstance(field, VisibleRelatedField):
            field.look_up(keys_of(field, values))
        elif isinstance(field, SlugListField | NestedListSerializer):
            inner = [entry for entries in values if isinstance(entries, list) for entry in entries]
            if isinstance(field, SlugListField):
                field.child_relation.look_up(keys_of(field.child_relation, inner))
            else:
                look_up_related(field.child, inner)


def keys_of(field: VisibleRelatedField, values: list[Any]) -> Iterator[Any]:
    """Return the keys that are of the right type."""
    for value in values:
        try:
            yield field.key_of(value)
        except serializers.ValidationError:
            continue
