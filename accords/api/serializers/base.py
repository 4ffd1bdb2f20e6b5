"""The base of every serializer of rows: it represents, validates and writes them."""

import operator
from collections.abc import Callable, Iterable, Mapping
from copy import copy, deepcopy
from datetime import datetime
from decimal import Decimal
from functools import partial, reduce
from typing import Any, ClassVar, NamedTuple, Self

from django.core.exceptions import ValidationError as ModelError
from django.db import models
from django.db.models import Expression, Model, Q, UniqueConstraint
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accords.api.permissions import require_permission
from accords.api.serializers.fields import (
    WRONG_TYPE,
    IdRelatedField,
    InstantField,
    NumberField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    StrictTextField,
    StringListField,
    VisibleRelatedField,
    did_you_mean,
    require_list,
)
from accords.db.audit_log import CHANGED, record
from accords.db.fields import CONTROL_CHARACTERS, StringList
from accords.db.integrity_errors import by_field, unique_fields
from accords.models.base import save_rows, update_fields_for

Names = frozenset[str]
Values = dict[str, Any]  # validated values by the names of the model's fields, lists of nested rows included
MAX_NESTED = 200  # rows of one nested list
NUMBERS = (int, float, Decimal)
MAX_DETAIL = 500  # characters of an error's message
READ_ONLY = "This field is read-only. Leave it out, or send the value that the row has now."
FIXED = "This cannot be changed. Create a new row instead."
NESTED_TWICE = "This entry occurs twice in the list."


class Shape(NamedTuple):
    """The members that a request wants of each row."""

    fields: Names = frozenset()  # only these; empty: all
    omit: Names = frozenset()
    expand: Names = frozenset()
    details: Names = frozenset()  # of the members that only details have, such as `citations`


PLAIN = Shape()


class Expandable(serializers.Field):
    """A relation that `expand` can request in full, as a member of `expanded`, beside its short form in the row.

    A relation without a short form (`None`) is a member of the row itself, in full, but not in lists.
    """

    def __init__(self, short: serializers.Field | None, full: serializers.Field, **kwargs: Any) -> None:
        """Take the field of the row itself, if any, and that of `expanded`. Both read the same attribute."""
        super().__init__(**kwargs)
        self.short, self.full = short, full

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the relation itself. REST framework copies declared fields for every serializer.

        Most of that time would go into the two fields of relations: `RowSerializer.get_fields` copies those it needs.
        """
        return self

    def row_field(self) -> serializers.Field:
        """Return a copy of the field of the row itself."""
        return self._copy_field(self.full if self.short is None else self.short)

    def expanded_field(self) -> serializers.Field:
        """Return a copy of the field for `expanded`."""
        return self._copy_field(self.full)

    def _copy_field(self, field: serializers.Field) -> serializers.Field:
        copied = deepcopy(field)
        copied.help_text = self.help_text
        return copied


class ExpandedSerializer(serializers.Serializer[Model]):
    """The related rows that `expand` names, in full. A relation to no row is left out."""

    def __init__(self, fields: dict[str, serializers.Field]) -> None:
        """Take the fields by the names of their relations."""
        super().__init__(source="*", read_only=True, help_text=self.__class__.__doc__)  # the text in OpenAPI
        self.relations = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        return self.relations

    def to_representation(self, instance: Model) -> dict[str, Any]:
        representation = super().to_representation(instance)
        return {name: value for name, value in representation.items() if value is not None}


class UrlField(serializers.Field):
    """The address of a row in this API."""

    def __init__(self, path: str, key: str, **kwargs: Any) -> None:
        """Take the path of the resource (`clauses`), and the attribute that is the last part of a row's address."""
        super().__init__(source="*", read_only=True, help_text="The address of this row.", **kwargs)
        self.path, self.key = path, key

    def to_representation(self, row: Model) -> str:
        """Return the address, on the host of the request. `base` in the context is the address of the API."""
        return f"{self.context.get('base', '/api/v1')}/{self.path}/{getattr(row, self.key)}"


# By serializer class and name: class and arguments.
_standard_fields: dict[tuple[type, str], tuple[type[serializers.Field], dict[str, Any]]] = {}


class StrictModelSerializer(serializers.ModelSerializer[Any]):
    """A serializer that validates and writes rows by the rules of their model, and reports every error at once.

    - Unknown members are errors. Read-only ones are accepted if they equal what is stored, so that a representation
      that was read can be sent back.
    - Values have the JSON type of their field. All else is checked by the model's `full_clean`, as in the admin.
    - A write without `partial` sets members that are left out to their default and lists to empty ones, except
      `Meta.keep_if_omitted`.
    - `Meta.fixed` names the relations that no update may change, `Meta.owners` those that a nested list sets.
    - `Meta.beside` names the member that has errors about unique values; by default it is the last of their fields.

    Nested lists and bulk requests write many rows at once: `create_rows` and `update_rows` take many rows, `create` and
    `update` one.
    """

    serializer_field_mapping: ClassVar[dict[type[models.Field], type[serializers.Field]]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: StrictBooleanField,
        models.CharField: StrictCharField,
        models.DateTimeField: InstantField,
        models.DecimalField: NumberField,
        models.PositiveIntegerField: StrictIntegerField,
        models.TextField: StrictTextField,
        models.URLField: StrictCharField,
        StringList: StringListField,
    }
    serializer_choice_field = StrictChoiceField
    checks_unique = True  # not in a bulk request: it checks the unique values of all its rows at once
    serializer_related_field = IdRelatedField

    def build_standard_field(
        self, field_name: str, model_field: models.Field
    ) -> tuple[type[serializers.Field], dict[str, Any]]:
        """Return the class and arguments of a field. They are derived from the model once for each serializer class."""
        key = (type(self), field_name)
        if key not in _standard_fields:
            _standard_fields[key] = super().build_standard_field(field_name, model_field)
        field_class, arguments = _standard_fields[key]
        return field_class, dict(arguments)

    def get_uniqueness_extra_kwargs(
        self, field_names: Iterable[str], declared_fields: Mapping[str, serializers.Field], extra_kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, serializers.HiddenField]]:
        """Leave unique constraints to `full_clean`."""
        return extra_kwargs, {}

    def get_validators(self) -> list[Any]:
        """Leave unique constraints to `full_clean`."""
        return []

    @property
    def model(self) -> Any:
        """The model whose rows are written."""
        return self.Meta.model

    # Validation

    def run_validation(self, data: Any = empty) -> Values:
        """Return the validated values by the names of the model's fields. Raises `ValidationError` with every error."""
        if not isinstance(data, dict):
            message = self.error_messages["invalid"].format(datatype=type(data).__name__)
            raise serializers.ValidationError({"non_field_errors": [message]}, code=WRONG_TYPE)
        errors: dict[str, Any] = self._member_errors(data)
        values: Values = {}
        fields_with_errors: set[str] = set()  # of the model: `full_clean` skips them
        for name, field in self.writable_fields.items():
            source = str(field.source)
            if name not in data:
                if field.required and not self.partial:
                    errors[name] = [ErrorDetail(str(field.error_messages["required"]), "required")]
                    fields_with_errors.add(source)
                elif (
                    self.instance is not None
                    and not self.partial
                    and name not in getattr(self.Meta, "keep_if_omitted", ())
                ):
                    values[source] = self.value_if_omitted(source)
                continue
            try:
                values[source] = field.run_validation(data[name])
            except serializers.ValidationError as error:
                errors[name] = error.detail
                fields_with_errors.add(source)
        values = self.validate(self._without_nulls_of_hidden_rows(values))
        for name, details in self._model_errors(values, fields_with_errors).items():
            errors.setdefault(name, details)
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _without_nulls_of_hidden_rows(self, values: Values) -> Values:
        """Leave out the nulls of relations to rows that the user may not see, because those are read as null, too."""
        hidden = set()
        for field in self.writable_fields.values():
            source = str(field.source)
            if self.instance is not None and isinstance(field, VisibleRelatedField) and values.get(source, 0) is None:
                pk = getattr(self.instance, f"{source}_id")
                if pk is not None and not field.get_queryset().filter(pk=pk).exists():
                    hidden.add(source)
        return {source: value for source, value in values.items() if source not in hidden}

    @cached_property
    def writable_fields(self) -> dict[str, serializers.Field]:
        """Return the writable fields by name. In a nested list, relations to the row that it belongs to are none."""
        owners = getattr(self.Meta, "owners", ()) if isinstance(self.parent, NestedListSerializer) else ()
        return {name: field for name, field in self.fields.items() if not field.read_only and name not in owners}

    def served_names(self) -> Iterable[str]:
        """Return the names of all members that a representation can have."""
        return self.fields

    def _member_errors(self, data: dict[str, Any]) -> dict[str, list[ErrorDetail]]:
        """Return an error for each member that is unknown, or read-only and not what is stored."""
        errors: dict[str, list[ErrorDetail]] = {}
        writable = self.writable_fields
        others = [name for name in data if name not in writable]
        read_only = set(self.served_names()).intersection(others)
        stored = self.stored_members(read_only, data) if read_only else {}
        for name in others:
            if name not in read_only:
                message = f"Unknown field.{did_you_mean(name[:50], writable)} Fields: {', '.join(sorted(writable))}."
                printable_name = CONTROL_CHARACTERS.sub("\ufffd", name)[:200]
                errors[printable_name] = [ErrorDetail(message, "unknown_field")]
            elif name not in stored or not same(data[name], stored[name]):
                errors[name] = [ErrorDetail(READ_ONLY, "read_only")]
        return errors

    def stored_members(self, names: Iterable[str], data: dict[str, Any]) -> dict[str, Any]:
        """Return these members of the row as it is served now; none if it is new. `data` is the body of the request."""
        if self.instance is None:
            return {}
        if isinstance(self.parent, NestedListSerializer):
            return self.parent.stored_members(self.instance)
        return self.context["view"].stored_members(self.instance, names, data)

    def value_if_omitted(self, source: str) -> Any:
        """Return the value of a field that a PUT or a nested entry leaves out: its default, or an empty list."""
        field: Any = self.model._meta.get_field(source)
        return field.get_default() if field.concrete and not field.many_to_many else []

    def _model_errors(self, values: Values, excluded: set[str]) -> dict[str, list[ErrorDetail]]:
        """Return the model's validation errors. Add to `values` what `clean` derives, such as a quote's position."""
        row = self.model() if self.instance is None else copy(self.instance)
        relation = ""  # of a nested row to the row that it belongs to, which may be unsaved
        if isinstance(self.parent, NestedListSerializer):
            relation, owner = self.parent.relation, self.parent.owner
            setattr(row, relation, owner.instance or owner.model())
        for name, value in own_values(row, values).items():
            setattr(row, name, value)
        before = vars(row).copy()
        errors = self._fixed_relation_errors(row)
        try:
            full_clean(row, excluded | {relation}, unique=self.checks_unique)
        except ModelError as error:
            for name, field_errors in by_field(error).items():
                for field_error in field_errors:
                    fields = unique_fields(field_error, row)  # empty unless it is about unique values
                    member = self.unique_member(fields) if fields else self._members().get(name)
                    message = " ".join(field_error.messages)[:MAX_DETAIL]
                    code = "unique" if fields else field_error.code or "invalid"
                    errors.setdefault(member or "non_field_errors", []).append(ErrorDetail(message, code))
            return errors
        # With all values that are sent, as `clean` may have changed them to their stored form.
        for field in row._meta.concrete_fields:
            if field.editable and (field.name in values or before[field.attname] != getattr(row, field.attname)):
                values[field.name] = getattr(row, field.name)
        return errors

    def _fixed_relation_errors(self, row: Model) -> dict[str, list[ErrorDetail]]:
        """Return an error for each relation that an update must not change."""
        if self.instance is None:
            return {}
        ids = [(name, f"{name}_id") for name in getattr(self.Meta, "fixed", ())]
        changed = [name for name, column in ids if getattr(row, column) not in (None, getattr(self.instance, column))]
        return {name: [ErrorDetail(FIXED, "fixed")] for name in changed}

    def _members(self) -> dict[str, str]:
        """Return the names of the writable members by those of the model's fields."""
        return {str(field.source): member for member, field in self.writable_fields.items()}

    def unique_member(self, fields: Iterable[str]) -> str:
        """Return the member that has an error about fields which must be unique together."""
        members = self._members()
        names = [members[field] for field in fields if field in members]
        return str(getattr(self.Meta, "beside", names[-1])) if names else "non_field_errors"

    # Writing

    def create(self, validated_data: Values) -> Model:
        return self._write_one(self.create_rows, [validated_data])

    def update(self, instance: Model, validated_data: Values) -> Model:
        return self._write_one(self.update_rows, [(instance, validated_data)])

    def _write_one(self, write_rows: Callable[[list[Any]], list[Model]], arguments: list[Any]) -> Model:
        """Call a method that writes many rows with one. Raises the `ValidationError` of this row."""
        try:
            return write_rows(arguments)[0]
        except serializers.ValidationError as error:
            detail: Any = error.detail
            raise serializers.ValidationError(detail["0"]) from error

    def create_rows(self, values_of_rows: list[Values]) -> list[Any]:
        """Insert rows, the rows nested in them and their relations to many rows.

        Raises `PermissionDenied` as `NestedListSerializer.replace` does; subclasses may raise `ValidationError` with
        errors by the index of their row, as text.
        """
        model = self.model
        rows = [model(**own_values(model, values)) for values in values_of_rows]
        model._default_manager.bulk_create(rows)
        self._save_lists(list(zip(rows, values_of_rows, strict=True)))
        return rows

    def update_rows(self, pairs: list[tuple[Model, Values]]) -> list[Any]:
        """Write the columns of rows that changed, and the rows nested in them.

        Rows of which only nested rows changed get a new `updated_at`, and so a new version. Raises as `create_rows`.
        """
        changed_names = {row.pk: assign(row, values) for row, values in pairs}
        save_changes([(row, changed_names[row.pk]) for row, _ in pairs])
        ids = self._save_lists(pairs)
        save_changes([(row, ["updated_at"]) for row, _ in pairs if row.pk in ids and not changed_names[row.pk]])
        return [row for row, _ in pairs]

    def _save_lists(self, pairs: list[tuple[Model, Values]]) -> set[int]:
        """Write nested rows and relations to many rows. Return the ids of the rows for which they have changed."""
        changed_ids: set[int] = set()
        for field in self.writable_fields.values():
            source = str(field.source)
            lists = [(row, values[source]) for row, values in pairs if source in values]
            if isinstance(field, NestedListSerializer):
                changed_ids |= field.replace(lists)
            elif source in {relation.name for relation in self.model._meta.many_to_many}:
                changed_ids |= set_relations(source, lists)
        return changed_ids

    def update_reentered(self, rows: list[Any]) -> list[Any]:
        """Update nested rows that were sent once more without their ids, and return those that changed."""
        return []


def same(sent: Any, stored: Any) -> bool:
    """Return whether two JSON values are the same. Instants and numbers may be written in different forms."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        return sent.keys() == stored.keys() and all(same(sent[name], stored[name]) for name in sent)
    if isinstance(sent, list) and isinstance(stored, list):
        return len(sent) == len(stored) and all(map(same, sent, stored))
    if isinstance(sent, str) and isinstance(stored, str) and sent != stored:
        instants = [_instant(sent), _instant(stored)]
        return None not in instants and instants[0] == instants[1]
    if isinstance(sent, bool) or isinstance(stored, bool):  # `True == 1` in Python
        return sent is stored
    if isinstance(sent, NUMBERS) and isinstance(stored, NUMBERS):
        return Decimal(str(sent)) == Decimal(str(stored))
    return bool(sent == stored)


def _instant(text: str) -> datetime | None:
    """Return the instant of an ISO 8601 text with a time zone; None for other texts."""
    try:
        parsed = parse_datetime(text)
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo is not None else None


def own_values(model: type[Model] | Model, values: Values) -> Values:
    """Return the values of the row's own columns, without nested rows and relations to many rows."""
    names = {field.name for field in model._meta.concrete_fields}
    return {name: value for name, value in values.items() if name in names}


def full_clean(row: Model, exclude: set[str], *, unique: bool) -> None:
    """Validate as the model's `full_clean`, but without foreign keys and derived columns.

    The rows of foreign keys were looked up in this transaction. Values that must be unique are looked up only with
    `unique`. Raises Django's `ValidationError` with every error.
    """
    unchecked = {field.name for field in row._meta.concrete_fields if field.is_relation or not field.editable}
    errors: dict[str, list[ModelError]] = {}

    def collect_errors(check: Callable[..., None], excluded_names: set[str]) -> None:
        try:
            check(exclude=excluded_names)
        except ModelError as error:
            error.update_error_dict(errors)

    collect_errors(row.clean_fields, exclude | unchecked)
    try:
        row.clean()
    except ModelError as error:
        error.update_error_dict(errors)
    if unique:
        collect_errors(row.validate_unique, exclude | errors.keys())
        collect_errors(row.validate_constraints, exclude | errors.keys())
    else:
        collect_errors(partial(validate_check_constraints, row), exclude | errors.keys())
    if errors:
        raise ModelError(errors)


def validate_check_constraints(row: Model, exclude: set[str]) -> None:
    """Validate the constraints that are about one row. Raises Django's `ValidationError` with every error."""
    errors: dict[str, list[ModelError]] = {}
    for constraint in row._meta.constraints:
        if not isinstance(constraint, UniqueConstraint):
            try:
                constraint.validate(type(row), row, exclude=exclude)
            except ModelError as error:
                error.update_error_dict(errors)
    if errors:
        raise ModelError(errors)


def assign(row: Model, values: Values) -> list[str]:
    """Set the columns of a row, and return the names of those that changed."""
    changed = []
    for name, value in own_values(row, values).items():
        field: Any = row._meta.get_field(name)
        before = getattr(row, field.attname)
        setattr(row, name, value)
        if getattr(row, field.attname) != before:
            changed.append(name)
    return changed


def save_changes(changes: list[tuple[Any, list[str]]]) -> None:
    """Write the named columns of rows of one model, and the columns that are derived from them."""
    if not (rows := [row for row, names in changes if names]):
        return
    columns = update_fields_for(type(rows[0]), {name for _, names in changes for name in names})
    if len(rows) == 1:
        rows[0].save(update_fields=columns)
    else:
        save_rows(rows, columns)


def set_relations(name: str, pairs: list[tuple[Model, list[Model]]]) -> set[int]:
    """Set a many-to-many relation of rows of one model. Return the ids of the rows for which it has changed.

    It takes a few statements for all rows, where the relation's own `set` takes several for each. The audit log learns
    of changes from the relation's signals, which are not sent here: they are recorded explicitly.
    """
    if not pairs:
        return set()
    rows = {row.pk: row for row, _ in pairs}
    field: Any = type(pairs[0][0])._meta.get_field(name)
    through, column, other_column = field.remote_field.through, field.m2m_column_name(), field.m2m_reverse_name()
    stored = set(through._default_manager.filter(**{f"{column}__in": rows}).values_list(column, other_column))
    requested = {(row.pk, related_row.pk) for row, related_rows in pairs for related_row in related_rows}
    removed, new = stored - requested, requested - stored
    if removed:
        conditions = [Q((column, pk), (other_column, related_pk)) for pk, related_pk in removed]
        through._default_manager.filter(reduce(operator.or_, conditions)).delete()
    links = (through(**{column: pk, other_column: related_pk}) for pk, related_pk in sorted(new))
    through._default_manager.bulk_create(links)
    changed_ids = {pk for pk, _ in removed | new}
    record([rows[pk] for pk in sorted(changed_ids)], CHANGED)
    return changed_ids


class NestedListSerializer(serializers.ListSerializer[Any]):
    """Rows that are written with the row to which they belong, their owner.

    The list replaces the stored one. An entry changes a stored row if it has the row's identity (`id`, or the members
    that `Meta.identity` names) or its key (the values that are unique among the rows of one owner). Other entries are
    new rows, and other stored rows are deleted.
    """

    child: StrictModelSerializer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"max_length": MAX_NESTED})

    @property
    def owner(self) -> StrictModelSerializer:
        """The serializer of the owners."""
        owner: Any = self.parent
        return owner

    @property
    def relation(self) -> str:
        """The name of the nested rows' foreign key to their owner."""
        return self.owner.model._meta.get_field(self.source).field.name

    def stored_members(self, row: Model) -> dict[str, Any]:
        """Return the representation of a nested row as it is served now."""
        name = str(self.field_name)
        members = self.owner.stored_members([name], {})
        return {self._identity(entry): entry for entry in members[name]}[self._identity(row)]

    def _identity(self, entry: Any) -> tuple[str | int, ...]:
        """Return the identity of an entry of the list, or of a stored row. An invalid entry has none: `()`."""
        names: tuple[str, ...] = getattr(self.child.Meta, "identity", ("id",))
        if isinstance(entry, Model):
            fields = [self.child.fields[name] for name in names]
            return tuple(field.to_representation(field.get_attribute(entry)) for field in fields)
        values = [entry.get(name) for name in names] if isinstance(entry, dict) else []
        return tuple(
            value.lower() if isinstance(value, str) else value for value in values if isinstance(value, str | int)
        )

    def to_internal_value(self, data: Any) -> list[Values]:
        """Return the values of the entries, with `pk` if one identifies a stored row. Raises `ValidationError`.

        An entry is validated as a change of the row that it identifies, or as a new row.
        """
        require_list(data)
        if len(data) > MAX_NESTED:
            message = self.error_messages["max_length"].format(max_length=MAX_NESTED)
            raise serializers.ValidationError(message, code="max_length")
        stored = {self._identity(row): row for row in self._stored_rows([self.owner.instance])}
        entries: list[Values] = []
        errors: dict[str, Any] = {}
        keys = set()
        for index, entry in enumerate(data):
            self.child.instance = stored.pop(self._identity(entry), None)
            try:
                values = self.run_child_validation(entry)
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
                continue
            if (key := self._key(values)) in keys:
                errors[str(index)] = [ErrorDetail(NESTED_TWICE, "unique")]
            keys.add(key)
            entries.append(values | ({"pk": self.child.instance.pk} if self.child.instance else {}))
        self.child.instance = None
        if errors:
            raise serializers.ValidationError(errors)
        return entries

    def _stored_rows(self, owners: Iterable[Model | None]) -> Iterable[Any]:
        """Return the stored rows that belong to these owners; None among them is an owner that is not saved yet."""
        saved = [owner for owner in owners if owner is not None]
        rows = self.child.model._default_manager
        return rows.filter(**{f"{self.relation}__in": saved}).order_by("pk") if saved else []

    def _key(self, entry: Model | Values) -> tuple[Any, ...]:
        """Return the values of a validated entry, or of a row, that are unique among the rows of one owner."""
        model, relation = self.child.model, self.relation
        constraints = [each for each in model._meta.constraints if isinstance(each, UniqueConstraint)]
        names = next(constraint.fields for constraint in constraints if relation in constraint.fields)
        row = entry if isinstance(entry, Model) else model(**own_values(model, entry))
        return tuple(getattr(row, model._meta.get_field(name).attname) for name in names if name != relation)

    def replace(self, pairs: list[tuple[Model, list[Values]]]) -> set[int]:
        """Make validated entries the nested rows of each owner. Return the ids of the owners whose rows have changed.

        Raises `PermissionDenied` unless the user may add, change and delete nested rows, as far as that is needed.
        """
        model, relation = self.child.model, self.relation
        stored: dict[int, list[Model]] = {}
        for row in self._stored_rows([owner for owner, _ in pairs]):
            stored.setdefault(getattr(row, f"{relation}_id"), []).append(row)
        new: list[Model] = []
        changed: list[tuple[Model, list[str]]] = []
        removed: list[Model] = []
        reentered: list[Model] = []
        for owner, entries in pairs:
            rows = {row.pk: row for row in stored.get(owner.pk, [])}
            by_id = {entry["pk"]: rows.pop(entry["pk"]) for entry in entries if entry.get("pk") in rows}
            by_key = {self._key(row): row for row in rows.values()}
            for entry in entries:
                row = by_id.get(entry.get("pk"))
                if row is None and (row := by_key.pop(self._key(entry), None)) is not None:
                    reentered.append(row)
                if row is None:
                    new.append(model(**{relation: owner}, **own_values(model, entry)))
                    continue
                defaults = {
                    str(field.source): self.child.value_if_omitted(str(field.source))
                    for field in self.child.writable_fields.values()
                }
                if names := assign(row, defaults | entry):
                    changed.append((row, names))
            removed += by_key.values()
        user = self.context["request"].user
        for verb, affected in (("delete", removed), ("change", changed), ("add", new)):
            if affected:
                require_permission(user, verb, model)
        if removed:
            model._default_manager.filter(pk__in=[row.pk for row in removed]).delete()
        save_changes(changed)
        reentered = self.child.update_reentered(reentered)
        model._default_manager.bulk_create(new)
        return {getattr(row, f"{relation}_id") for row in (*new, *(row for row, _ in changed), *removed, *reentered)}


class RowSerializer(StrictModelSerializer):
    """A row of a resource. `Meta.path` and `Meta.key` make its address."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "url")
    # For each derived field, the paths of all columns from which it is derived, or the expression that is its value.
    # The fast read path (`api/fast/layouts.py`) reads no other columns: the field's method may use nothing else of the
    # row, and of the context only `base` and `on`.
    derives: ClassVar[dict[str, tuple[str, ...] | Expression]] = {}

    def __init__(self, *args: Any, shape: Shape = PLAIN, **kwargs: Any) -> None:
        """Take the shape of the rows. That of nested rows is `PLAIN` unless their field is declared with another."""
        self.shape = shape
        super().__init__(*args, **kwargs)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields of the shape, in order.

        With `documenting` in the context, for the OpenAPI document, return all that any request can get.
        """
        address = {
            "id": serializers.IntegerField(read_only=True, help_text="The row's number; it never changes."),
            "url": UrlField(self.Meta.path, getattr(self.Meta, "key", "pk")),
        }
        fields = address | super().get_fields() | address  # in front, and not replaced by other fields of these names
        documenting = self.context.get("documenting", False)
        expanded: dict[str, serializers.Field] = {}
        for name, field in list(fields.items()):
            if not isinstance(field, Expandable):
                continue
            if documenting or name in self.shape.expand:
                expanded[name] = field.expanded_field()
            if field.short is None and not documenting and name not in self.shape.details:
                del fields[name]
            else:
                fields[name] = field.row_field()
        fields = {name: field for name, field in fields.items() if self._is_requested(name)}
        return fields | ({"expanded": ExpandedSerializer(expanded)} if expanded else {})

    def _is_requested(self, name: str) -> bool:
        """Return whether the request asks for a field, or always gets it."""
        is_selected = not self.shape.fields or name in self.shape.fields
        return name in self.required_members or (is_selected and name not in self.shape.omit)

    def served_names(self) -> Iterable[str]:
        """Return the names of all members that a representation can have, `expanded` included."""
        return [*self.field_names(), "expanded"]

    @classmethod
    def field_names(cls) -> list[str]:
        """Return the names that the parameter `fields` accepts."""
        return [*cls.required_members, *cls.omissible_names()]

    @classmethod
    def omissible_names(cls) -> list[str]:
        """Return the names that the parameter `omit` accepts."""
        return [name for name in cls.Meta.fields if name not in cls.required_members]

    @classmethod
    def expansions(cls) -> list[str]:
        """Return the names that the parameter `expand` accepts."""
        return sorted(name for name, field in cls._declared_fields.items() if isinstance(field, Expandable))

    @classmethod
    def hidden(cls) -> frozenset[str]:
        """Return the names of the members that lists do not have, only details."""
        return frozenset(name for name in cls.expansions() if cls._declared_fields[name].short is None)  # type: ignore[attr-defined]  # expansions are `Expandable`


def bounds(*names: str) -> tuple[str, ...]:
    """Return the names of the three fields of each uncertain date: its EDTF text, and the two days that bound it."""
    return tuple(f"{name}{side}" for name in names for side in ("", "_earliest", "_latest"))


STAMPS = ("created_at", "updated_at")
