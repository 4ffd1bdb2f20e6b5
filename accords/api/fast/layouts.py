"""Layouts: the columns that the fields of a serializer need, and representations made of rows of these columns."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from operator import attrgetter
from types import FunctionType
from typing import Any, NamedTuple

import orjson
from django.db import connection, models
from django.db.models import F, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import cached_property
from rest_framework import serializers

from accords.api.serializers.base import ExpandedSerializer, UrlField
from accords.api.serializers.fields import SlugListField, SlugRelatedField
from accords.db.compiled_query import CompiledQuery, InList, JsonColumn, Row, constant

OUTER = "outer"  # the name of the bound parameter with the values of outer rows by which nested rows are found
NO_COLUMN = models.Value(None, output_field=models.IntegerField())  # a null in the row, for a member that a setter sets
Representation = dict[str, Any]
QuerySetsByPath = Mapping[str, QuerySet[Any]]  # the query sets of related rows, by the path of their relation


class RequestContext(NamedTuple):
    """What representations of rows depend on besides the rows."""

    base: str  # the address of the API
    on: date  # the day for which questions about time are answered


def prefetched_querysets(queryset: QuerySet[Any], prefix: str = "") -> dict[str, QuerySet[Any]]:
    """Return the query set of each relation that is prefetched with one, by its path (`parties__represents`).

    Lookups without a query set are left out: a relation to many rows must be prefetched with one (see `_plan_to_many`).
    Django has no public name for the lookups of a query set, nor for its order: tried with 5.2 and 6.1.
    """
    by_path: dict[str, QuerySet[Any]] = {}
    for lookup in queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # private to Django
        if isinstance(lookup, Prefetch) and lookup.queryset is not None:
            path = prefix + lookup.prefetch_to
            by_path |= {path: lookup.queryset} | prefetched_querysets(lookup.queryset, f"{path}__")
    return by_path


def entries_below(relation: str, by_path: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a mapping whose path begins with a relation, by the rest of their path."""
    prefix = f"{relation}__"
    return {path.removeprefix(prefix): entry for path, entry in by_path.items() if path.startswith(prefix)}


@cache
def stub_class(model: type[Model]) -> type:
    """Return a class with the properties and methods that accords defines for a model, and none of Django's.

    Its instances, called stubs, replace model instances where a serializer derives a field, as they are much faster to
    make. They have only the columns that `derives` names, so that any other access raises `AttributeError`. They do not
    change, so properties become cached properties. Other kinds of members are left out.
    """
    namespaces = [vars(base) for base in reversed(model.__mro__) if base.__module__.startswith("accords.")]
    members: dict[str, Any] = {}
    for name, value in ((name, value) for namespace in namespaces for name, value in namespace.items()):
        if isinstance(value, property) and value.fget:
            members[name] = cached_property(value.fget)
        elif isinstance(value, FunctionType):
            members[name] = value
    return type(model.__name__, (), members)


def stub_maker(model: type[Model], columns: Mapping[str, int]) -> Callable[[Row], Any]:
    """Return a function that makes the stub of a row, with the stubs of related rows.

    `columns` has the indexes of columns in the row, by path (`agreement__status`). Without columns there is no stub.
    """
    new_stub = stub_class(model)
    own_columns = [(path, index, to_python(model, path)) for path, index in columns.items() if "__" not in path]
    relations = {path.partition("__")[0] for path in columns if "__" in path}
    related_makers = [
        (name, stub_maker(_related_model(model, name), entries_below(name, columns))) for name in relations
    ]

    def make_stub(row: Row) -> Any:
        stub = new_stub()
        attributes = {name: convert(row[index]) if convert else row[index] for name, index, convert in own_columns}
        for name, make_related_stub in related_makers:
            attributes[name] = make_related_stub(row)
        stub.__dict__ = attributes  # faster than `setattr` for each of them
        return stub

    return make_stub if columns else lambda row: None


def to_python(model: type[Model], name: str) -> Callable[[Any], Any] | None:
    """Return the function that converts a column's value to that of a model instance; None if none is needed.

    Fields may be derived from lists that are not null, dates, texts, whole numbers and booleans. Instants stay text,
    and decimals stay what the driver returns: no field is derived from them.
    """
    field = next((field for field in model._meta.concrete_fields if name in (field.name, field.attname)), None)
    if isinstance(field, models.JSONField):
        return decode_list
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return lambda value: date.fromisoformat(value) if isinstance(value, str) else value
    return None


def _related_model(model: type[Model], relation: str) -> type[Model]:
    field: Any = model._meta.get_field(relation)
    related_model: type[Model] = field.related_model
    return related_model


def json_number(value: Any) -> int | float:
    """Convert a decimal to a number that JSON writes without trailing zeros."""
    return int(value) if value == int(value) else float(value)


def decode_list(value: Any) -> Any:
    """Decode a list of strings. Most are empty: these are not parsed."""
    return [] if value == "[]" else orjson.loads(value)


def to_json(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return the function that converts a column's value, unless null, to its JSON value; None if it is the same."""
    value_field = field.output_field if isinstance(field, models.GeneratedField) else field
    if isinstance(value_field, models.DecimalField):
        return json_number if connection.vendor == "postgresql" else None  # SQLite stores 57.0 as 57
    return decode_list if isinstance(value_field, models.JSONField) else None


# A function that sets one member of representations, from their rows and, if the member is derived, their stubs.
MemberSetter = Callable[[list[Representation], list[Row], list[Any], "SetterContext"], None]


def conversion_setter(name: str, convert: Callable[[Any], Any]) -> MemberSetter:
    """Return a setter that converts the values of a column."""

    def set_member(
        representations: list[Representation], rows: list[Row], stubs: list[Any], context: "SetterContext"
    ) -> None:
        for representation in representations:
            if (value := representation[name]) is not None:
                representation[name] = convert(value)

    return set_member


def short_form_maker(short: Any, full: Any) -> Callable[[Any], Any] | None:
    """Return a function that makes the short form of a relation (slugs) from its full form (representations of rows).

    `short` and `full` are the fields of both forms. Return None if the one cannot be made from the other.
    """

    def slug(full_value: Representation | None) -> str | None:
        return full_value["slug"] if full_value else None

    # For a list such as `parties`, whose entries have a slug where those of the full form have a row.
    def shorten_entries(full_entries: list[Representation]) -> list[Representation]:
        entries = [entry.copy() for entry in full_entries]
        for entry in entries:
            for name in slug_names:
                entry[name] = slug(entry[name])
        return entries

    if isinstance(short, SlugRelatedField):
        return slug
    if isinstance(short, SlugListField):
        return lambda full_values: [slug(full_value) for full_value in full_values]
    if isinstance(short, serializers.ListSerializer) and isinstance(full, serializers.ListSerializer):
        children: Any = short.child, full.child
        short_fields, full_fields = (child.fields for child in children)
        slug_names = {
            name
            for name, field in short_fields.items()
            if isinstance(field, SlugRelatedField) and isinstance(full_fields.get(name), serializers.BaseSerializer)
        }
        if [*short_fields] == [*full_fields] and slug_names:
            return shorten_entries
    return None


def short_form_setter(name: str, make_short: Callable[[Any], Any], container: str, relation: str) -> MemberSetter:
    """Return a setter of the member `name`: the short form of a relation that `container` (`expanded`) has in full."""

    def set_member(
        representations: list[Representation], rows: list[Row], stubs: list[Any], context: "SetterContext"
    ) -> None:
        for representation in representations:
            representation[name] = make_short(representation[container].get(relation))

    return set_member


class SetterContext(NamedTuple):
    """What setters need besides the rows."""

    request: RequestContext
    serializer: Any  # None unless a field is derived
    nested: list[dict[Any, Any]]  # for each of `Layout.nested`, the representations by the value at `outer_index`


class Nested(NamedTuple):
    """The statement and the layout of the rows of one relation, for all outer rows at once."""

    name: str
    outer_index: int  # of the column of an outer row by whose value its related rows are found
    statement: CompiledQuery
    layout: "Layout"
    inner_index: int  # of the column of a related row that has the same value
    many: bool
    only_field: str | None  # the one field that represents a related row (a slug), instead of an object

    def read(self, outer_rows: list[Row]) -> list[Row]:
        """Read the related rows of all outer rows."""
        index = self.outer_index
        outer_values = sorted({row[index] for row in outer_rows if row[index] is not None})
        return self.statement.run({OUTER: outer_values}) if outer_values else []

    def represent(self, outer_rows: list[Row], related_rows: list[Row], context: RequestContext) -> dict[Any, Any]:
        """Return the representations of related rows, by the value of the outer row by which they are found."""
        representations: list[Any] = self.layout.represent(related_rows, context)
        if self.only_field:
            representations = [representation[self.only_field] for representation in representations]
        if not self.many:
            pairs = zip(related_rows, representations, strict=True)
            return {row[self.inner_index]: representation for row, representation in pairs}
        groups: dict[Any, list[Any]] = {row[self.outer_index]: [] for row in outer_rows}
        for row, representation in zip(related_rows, representations, strict=True):
            groups[row[self.inner_index]].append(representation)
        return groups


class Layout:
    """The columns that one serializer needs, and the setters that make representations of rows with these columns.

    The columns of fields come first, in the order of the fields.
    """

    def __init__(self, serializer: Any, queryset: QuerySet[Any], related: QuerySetsByPath) -> None:
        """Plan every field. `related` has the query sets of related rows that the user may see."""
        self.serializer, self.related = serializer, related
        self.model: type[Model] = queryset.model
        self.names: list[str] = [*serializer.fields]
        self.blank: Representation = dict.fromkeys(self.names)
        self.columns: list[Any] = [NO_COLUMN] * len(self.names)
        self.indexes: dict[str, int] = {}  # of the columns in a row, by path
        self.setters: list[MemberSetter] = []
        self.nested: list[Nested] = []
        self.has_nested_json = False  # whether a row has, behind its columns, a list of rows for each of `nested`
        self.has_derived_fields = False  # whether a field is derived: the serializer's own methods are called
        self.last_serializer: tuple[RequestContext | None, Any] = None, None
        self.stub_indexes: dict[str, int] = {}  # of the columns from which fields are derived, by path
        short_form_setters: list[MemberSetter] = []
        for index, (name, field) in enumerate(serializer.fields.items()):
            setter = self._find_short_form(name, field)
            if setter:
                short_form_setters.append(setter)
            else:
                self._plan_field(index, name, field)
        self.setters += short_form_setters  # the last ones: they need the member `expanded` that others have set
        self.make_stub = stub_maker(self.model, self.stub_indexes)

    def add_column(self, path: str) -> int:
        """Add the column or annotation with this path, unless it is there, and return its index in a row."""
        if path not in self.indexes:
            self.indexes[path] = len(self.columns)
            self.columns.append(JsonColumn(F(path)))
        return self.indexes[path]

    def model_field(self, name: str) -> Any:
        """Return the model's field with this name or attribute (`agreement_id`); None for an annotation."""
        for field in self.model._meta.concrete_fields:
            if name in (field.name, field.attname):
                return field
        return None

    def compile_query(self, queryset: QuerySet[Any], limit: int | None = None, *, prepare: bool) -> CompiledQuery:
        """Compile the statement that reads the columns of at most `limit` rows. For `prepare` see `CompiledQuery`."""
        return CompiledQuery(queryset.prefetch_related(None).values_list(*self.columns)[:limit], prepare)

    def represent(self, rows: list[Row], context: RequestContext) -> list[Representation]:
        """Return the representations of rows, as the serializer would make them."""
        serializer = self.serializer_for(context) if self.has_derived_fields else None
        relations = zip(self.nested, self.nested_rows(rows), strict=True)
        nested = [relation.represent(rows, related_rows, context) for relation, related_rows in relations]
        setter_context = SetterContext(context, serializer, nested)
        names, stubs = self.names, [self.make_stub(row) for row in rows] if self.stub_indexes else []
        # A copy has room for all members, while an empty dict would be enlarged several times.
        representations = [self.blank.copy() for _ in rows]
        for representation, row in zip(representations, rows, strict=True):
            representation.update(zip(names, row))  # noqa: B905 - a row has more columns than names; `strict` costs 1 %
        for set_member in self.setters:
            set_member(representations, rows, stubs, setter_context)
        return representations

    def serializer_for(self, context: RequestContext) -> Any:
        """Return a serializer with this context, for derived fields. That of the last request is kept for the next."""
        last_context, serializer = self.last_serializer
        if last_context != context:
            serializer = type(self.serializer)(context={"base": context.base, "on": context.on})
            self.last_serializer = context, serializer
        return serializer

    def nested_rows(self, rows: list[Row]) -> list[list[Row]]:
        """Return the related rows of all these rows, a list for each of `nested`.

        If the statement has read them as JSON, they are in the rows already, with null for an empty list.
        """
        if not self.has_nested_json:
            return [nested.read(rows) for nested in self.nested]
        first = len(self.columns)
        indexes = range(first, first + len(self.nested))
        return [[related_row for row in rows for related_row in row[index] or ()] for index in indexes]

    def _plan_field(self, index: int, name: str, field: Any) -> None:
        """Plan how a field is read and represented. `index` is that of its own column, if it has one."""
        source = field.source_attrs[0] if field.source_attrs else ""
        if isinstance(field, UrlField):
            self._plan_url(name, field)
        elif isinstance(field, ExpandedSerializer):
            self._plan_expanded(name, field)
        elif isinstance(field, serializers.ListSerializer):
            self._plan_to_many(name, source, field.child)
        elif isinstance(field, SlugListField):
            self._plan_to_many(name, source, None)
        elif isinstance(field, serializers.BaseSerializer):
            self._plan_to_one(name, source, field)
        elif isinstance(derivation := getattr(self.serializer, "derives", {}).get(name), tuple):
            self._plan_derived(name, field, derivation)
        elif derivation is not None:  # an expression
            self.columns[index] = derivation
        elif isinstance(field, SlugRelatedField):
            self.columns[index] = self._related_slug(source)
        else:
            self._plan_column(index, name, source)

    def _plan_expanded(self, name: str, expanded: ExpandedSerializer) -> None:
        """Plan the member `expanded`: related rows in full, and texts. A row that is null is left out."""

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            for representation in representations:
                representation[name] = {}

        self.setters.append(set_member)
        for relation, field in expanded.fields.items():
            source = field.source_attrs[0]
            if isinstance(field, serializers.ListSerializer):
                self._plan_to_many(relation, source, field.child, container=name)
            elif isinstance(field, serializers.BaseSerializer):
                self._plan_to_one(relation, source, field, container=name)
            else:
                self._plan_column_in(name, relation, self.add_column(source))

    def _find_short_form(self, name: str, field: Any) -> MemberSetter | None:
        """Return a setter for a relation that is also expanded, so that its rows are read once; None for others."""
        for container, expanded in self.serializer.fields.items():
            for relation, full in expanded.fields.items() if isinstance(expanded, ExpandedSerializer) else ():
                make_short = short_form_maker(field, full) if full.source == field.source else None
                if make_short:
                    return short_form_setter(name, make_short, container, relation)
        return None

    def _plan_column_in(self, container: str, name: str, index: int) -> None:
        """Plan a column that is a member of the member `container` (`expanded`)."""

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            for representation, row in zip(representations, rows, strict=True):
                representation[container][name] = row[index]

        self.setters.append(set_member)

    def _plan_column(self, index: int, name: str, source: str) -> None:
        """Plan a field that is one column or annotation."""
        self.columns[index] = JsonColumn(F(source))
        self.indexes[source] = index
        field = self.model_field(source)
        convert = to_json(field) if field is not None else None
        if convert is not None:
            self.setters.append(conversion_setter(name, convert))

    def _plan_url(self, name: str, field: UrlField) -> None:
        """Plan the address of the row."""
        index = self.add_column("id" if field.key == "pk" else field.key)
        path = f"/{field.path}/"

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            base = context.request.base + path
            for representation, row in zip(representations, rows, strict=True):
                representation[name] = f"{base}{row[index]}"

        self.setters.append(set_member)

    def _plan_derived(self, name: str, field: Any, paths: tuple[str, ...]) -> None:
        """Plan a field that a method of the serializer or a property of the row derives from columns and the day."""
        self.has_derived_fields = True
        self.stub_indexes |= {path: self.add_column(path) for path in paths}
        is_same_for_all = not paths  # it depends on the request only
        method = isinstance(field, serializers.SerializerMethodField) and field.method_name

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            derive = getattr(context.serializer, method) if method else attrgetter(field.source)
            if is_same_for_all and rows:
                derive = constant(derive(None))
            # Without stubs all derived fields depend on the request only, and ignore the row.
            for representation, stub in zip(representations, stubs or rows, strict=True):
                representation[name] = derive(stub)

        self.setters.append(set_member)

    def _related_slug(self, relation: str) -> Any:
        """Return an expression for the slug of a related row; null if the user may not see the row."""
        if relation not in self.related:
            return JsonColumn(F(f"{relation}__slug"))
        visible = self.related[relation].order_by().filter(pk=OuterRef(f"{relation}_id"))
        return models.Subquery(visible.values("slug")[:1])

    def _plan_to_one(self, name: str, relation: str, serializer: Any, container: str = "") -> None:
        """Plan a relation to one row. For `container` see `_add_nested`.

        A relation without a query set in `related` leads to rows that every user may see who sees the row itself.
        """
        related_model: Any = _related_model(self.model, relation)
        queryset = self.related.get(relation, related_model._default_manager.all())
        layout = Layout(serializer, queryset, entries_below(relation, self.related))
        outer_index, inner_index = self.add_column(f"{relation}_id"), layout.add_column("id")
        statement = layout.compile_query(queryset.order_by().filter(InList("pk", OUTER)), prepare=True)
        nested = Nested(name, outer_index, statement, layout, inner_index, many=False, only_field=None)
        self._add_nested(nested, container)

    def _plan_to_many(self, name: str, relation: str, serializer: Any, container: str = "") -> None:
        """Plan a relation to many rows. Without a serializer they are represented by their slugs."""
        queryset = self.related[relation]
        field: Any = self.model._meta.get_field(relation)
        # The lookup from the related rows to these: their foreign key, or the other side of a many-to-many field.
        reverse_lookup = field.field.name if field.auto_created else field.related_query_name()
        only_field = None if serializer is not None else "slug"
        layout = Layout(serializer or SlugSerializer(), queryset, entries_below(relation, self.related))
        ordering = queryset.query.order_by
        # `InList` alone would make an outer join of a many-to-many table: `isnull=False` makes it an inner join. One
        # call of `filter` makes both use the same join, which `order_by` and the column share.
        queryset = queryset.filter(Q((f"{reverse_lookup}__isnull", False)) & Q(InList(reverse_lookup, OUTER)))
        outer_index, inner_index = self.add_column("id"), layout.add_column(reverse_lookup)
        statement = layout.compile_query(queryset.order_by(F(reverse_lookup), *ordering), prepare=True)
        nested = Nested(name, outer_index, statement, layout, inner_index, many=True, only_field=only_field)
        self._add_nested(nested, container)

    def _add_nested(self, nested: Nested, container: str) -> None:
        """Plan to read a relation together with the rows, as a member of each row or of its member `container` (or "").

        A related row that is missing is null in the row, and left out of `container`.
        """
        outer_index, number = nested.outer_index, len(self.nested)
        self.nested.append(nested)

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            by_outer_value = context.nested[number]
            for representation, row in zip(representations, rows, strict=True):
                value = by_outer_value.get(row[outer_index])
                if not container:
                    representation[nested.name] = value
                elif value is not None:
                    representation[container][nested.name] = value

        self.setters.append(set_member)


class SlugSerializer(serializers.Serializer[Any]):
    """A row that is represented by its slug only."""

    slug = serializers.CharField()
