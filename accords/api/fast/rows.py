"""From a serializer to the columns that its rows need, and from a database's rows to what the serializer shows."""

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

OUTER = "outer"  # the parameter that has the values by which the rows nested in outer rows are found
NO_COLUMN = models.Value(None, output_field=models.IntegerField())  # for a member that a setter sets
Representation = dict[str, Any]
QuerySetsByPath = Mapping[str, QuerySet[Any]]  # the rows behind relations, by the path of the relation


class RequestContext(NamedTuple):
    """What rows need to know of the request: the address of the API, and the day."""

    base: str
    on: date


def prefetched_querysets(queryset: QuerySet[Any], prefix: str = "") -> dict[str, QuerySet[Any]]:
    """Return the query set of each relation that is prefetched with one, by its path (`parties__represents`).

    Lookups without a query set are left out: a relation to many rows must be prefetched with one (see `_to_many`).
    Django has no public name for what a query set prefetches, nor for its order: tried with 5.2 and 6.1.
    """
    by_path: dict[str, QuerySet[Any]] = {}
    for lookup in queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
        if isinstance(lookup, Prefetch) and lookup.queryset is not None:
            path = prefix + lookup.prefetch_to
            by_path |= {path: lookup.queryset} | prefetched_querysets(lookup.queryset, f"{path}__")
    return by_path


def under(relation: str, by_path: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries whose path leads through a relation, by the rest of their path."""
    prefix = f"{relation}__"
    return {path.removeprefix(prefix): entry for path, entry in by_path.items() if path.startswith(prefix)}


@cache
def stub_class(model: type[Model]) -> type:
    """Return a class with the properties and methods that a model has from accords, and none of Django's.

    Its instances, called stubs, stand for rows where a serializer derives a field. They have only the columns that
    `derives` names: anything else is an AttributeError. They are not changed, so what a property returns is kept.
    Members of other kinds, `cached_property` among them, are left out.
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
    """Return a function that makes a row's stub, with those of related rows; `columns` has their places, by path."""
    new_stub = stub_class(model)
    own = [(path, place, to_python(model, path)) for path, place in columns.items() if "__" not in path]
    relations = {path.partition("__")[0] for path in columns if "__" in path}
    makers = [(name, stub_maker(_target(model, name), under(name, columns))) for name in relations]

    def make(row: Row) -> Any:
        stub = new_stub()
        stub.__dict__ = {name: convert(row[place]) if convert else row[place] for name, place, convert in own}
        for name, make_related in makers:
            stub.__dict__[name] = make_related(row)
        return stub

    return make if columns else lambda row: None


def to_python(model: type[Model], name: str) -> Callable[[Any], Any] | None:
    """Return the function that makes of a column's value what a model instance has; None if it is the same.

    Lists are never null. Instants stay text.
    """
    field = next((field for field in model._meta.concrete_fields if name in (field.name, field.attname)), None)
    if isinstance(field, models.JSONField):
        return decode_list
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return lambda value: date.fromisoformat(value) if isinstance(value, str) else value
    return None


def _target(model: type[Model], relation: str) -> type[Model]:
    field: Any = model._meta.get_field(relation)
    target: type[Model] = field.related_model
    return target


def json_number(value: Any) -> int | float:
    """Convert a decimal to a JSON number without trailing zeros."""
    return int(value) if value == int(value) else float(value)


def decode_list(value: Any) -> Any:
    """Decode a list of strings. Most are empty."""
    return [] if value == "[]" else orjson.loads(value)


def to_json(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return the function that makes of a column's value, unless null, what JSON has; None if it is the same."""
    kind = field.output_field if isinstance(field, models.GeneratedField) else field
    if isinstance(kind, models.DecimalField):
        return json_number if connection.vendor == "postgresql" else None  # SQLite keeps 57.0 as 57
    return decode_list if isinstance(kind, models.JSONField) else None


# Sets one member of representations, from the rows of the database and, where a field is derived, their stubs.
MemberSetter = Callable[[list[Representation], list[Row], list[Any], "SetterContext"], None]


def conversion_setter(name: str, convert: Callable[[Any], Any]) -> MemberSetter:
    """Return a setter that converts the values of a column."""

    def set_member(
        representations: list[Representation], rows: list[Row], stubs: list[Any], context: "SetterContext"
    ) -> None:
        for each in representations:
            if (value := each[name]) is not None:
                each[name] = convert(value)

    return set_member


def to_short_form(short: Any, full: Any) -> Callable[[Any], Any] | None:
    """Return a function that makes the short form of a relation (slugs) from its long form (rows).

    None if the field `short` is no such form of `full`.
    """

    def slug(row: Representation | None) -> str | None:
        return row["slug"] if row else None

    def shorten(rows: list[Representation]) -> list[Representation]:
        short_rows = [row.copy() for row in rows]
        for row in short_rows:
            for name in slugs:
                row[name] = slug(row[name])
        return short_rows

    if isinstance(short, SlugRelatedField):
        return slug
    if isinstance(short, SlugListField):
        return lambda rows: [slug(row) for row in rows]
    if isinstance(short, serializers.ListSerializer) and isinstance(full, serializers.ListSerializer):
        children: Any = short.child, full.child
        fields, in_full = (child.fields for child in children)
        slugs = {
            name
            for name, field in fields.items()
            if isinstance(field, SlugRelatedField) and isinstance(in_full.get(name), serializers.BaseSerializer)
        }
        if [*fields] == [*in_full] and slugs:
            return shorten
    return None


def short_form_setter(name: str, shorten: Callable[[Any], Any], within: str, relation: str) -> MemberSetter:
    """Return a setter that makes the short form of a relation from its long form, which is in the member `within`."""

    def set_member(
        representations: list[Representation], rows: list[Row], stubs: list[Any], context: "SetterContext"
    ) -> None:
        for each in representations:
            each[name] = shorten(each[within].get(relation))

    return set_member


class SetterContext(NamedTuple):
    """What setters need besides the rows."""

    request: RequestContext
    serializer: Any  # None where no field is derived
    nested: list[dict[Any, Any]]  # for each of `Layout.nested`, the representations by the value at `outer_place`


class Nested(NamedTuple):
    """How the rows of one relation are read, for all outer rows at once, and shown."""

    name: str
    outer_place: int  # of the value in an outer row by which its related rows are found
    statement: CompiledQuery
    layout: "Layout"
    inner_place: int  # of the same value in a related row
    many: bool
    only_field: str | None  # the one field that is shown of each row, in place of the row

    def read(self, outer: list[Row]) -> list[Row]:
        """Read the related rows of all outer rows."""
        place = self.outer_place
        wanted = sorted({row[place] for row in outer if row[place] is not None})
        return self.statement.run({OUTER: wanted}) if wanted else []

    def represent(self, outer: list[Row], related: list[Row], context: RequestContext) -> dict[Any, Any]:
        """Return the representations of related rows, by the value in the outer row by which they are found."""
        representations: list[Any] = self.layout.represent(related, context)
        if self.only_field:
            representations = [row[self.only_field] for row in representations]
        if not self.many:
            return {row[self.inner_place]: value for row, value in zip(related, representations, strict=True)}
        groups: dict[Any, list[Any]] = {row[self.outer_place]: [] for row in outer}
        for row, value in zip(related, representations, strict=True):
            groups[row[self.inner_place]].append(value)
        return groups


class Layout:
    """How the rows of one serializer are read and shown. The columns of fields come first, in their order."""

    def __init__(self, serializer: Any, queryset: QuerySet[Any], related: QuerySetsByPath) -> None:
        """Plan every field; `related` has the rows behind relations, as far as the caller may see them."""
        self.serializer, self.related = serializer, related
        self.model: type[Model] = queryset.model
        self.names: list[str] = [*serializer.fields]
        self.blank: Representation = dict.fromkeys(self.names)
        self.columns: list[Any] = [NO_COLUMN] * len(self.names)
        self.places: dict[str, int] = {}  # of columns in a row, before any setter, by path
        self.setters: list[MemberSetter] = []
        self.nested: list[Nested] = []
        self.has_nested_json = False  # whether a row has, behind its columns, a list of rows for each of `nested`
        self.derives = False  # whether a field is derived: the serializer's own methods are called
        self.last_serializer: tuple[RequestContext | None, Any] = None, None
        self.stub_places: dict[str, int] = {}  # of the columns from which fields are derived, by path
        short_forms: list[MemberSetter] = []
        for place, (name, field) in enumerate(serializer.fields.items()):
            setter = self._short_form_setter(name, field)
            if setter:
                short_forms.append(setter)
            else:
                self._plan(place, name, field)
        self.setters += short_forms  # last, for they take the rows that other setters have expanded
        self.make_stub = stub_maker(self.model, self.stub_places)

    def add_column(self, path: str) -> int:
        """Add the column or annotation with this path, unless it is there, and return its place in a row."""
        if path not in self.places:
            self.places[path] = len(self.columns)
            self.columns.append(JsonColumn(F(path)))
        return self.places[path]

    def field(self, name: str) -> Any:
        """Return the model's field with this name or attribute (`agreement_id`); None for an annotation."""
        for field in self.model._meta.concrete_fields:
            if name in (field.name, field.attname):
                return field
        return None

    def compiled(self, queryset: QuerySet[Any], limit: int | None = None, prepare: bool = False) -> CompiledQuery:
        """Compile the statement that reads the columns of at most `limit` rows. For `prepare` see `CompiledQuery`."""
        return CompiledQuery(queryset.prefetch_related(None).values_list(*self.columns)[:limit], prepare)

    def represent(self, rows: list[Row], context: RequestContext) -> list[Representation]:
        """Return rows as the serializer shows them."""
        serializer = self.serializer_for(context) if self.derives else None
        relations = zip(self.nested, self.nested_rows(rows), strict=True)
        nested = [relation.represent(rows, related, context) for relation, related in relations]
        setter_context = SetterContext(context, serializer, nested)
        names, stubs = self.names, [self.make_stub(row) for row in rows] if self.stub_places else []
        # A copy has room for all members, unlike a dict that is filled.
        representations = [self.blank.copy() for _ in rows]
        for each, row in zip(representations, rows, strict=True):
            each.update(zip(names, row))  # noqa: B905 - saying `strict` costs 1 % of a page
        for set_member in self.setters:
            set_member(representations, rows, stubs, setter_context)
        return representations

    def serializer_for(self, context: RequestContext) -> Any:
        """Return the serializer with the request's context: that of the last request, if the context is the same."""
        last_context, serializer = self.last_serializer
        if last_context != context:
            serializer = type(self.serializer)(context={"base": context.base, "on": context.on})
            self.last_serializer = context, serializer
        return serializer

    def nested_rows(self, rows: list[Row]) -> list[list[Row]]:
        """Return the related rows of each relation, for all these rows together.

        Where the statement has read them as JSON, they are in the rows already; a list is null if it would be empty.
        """
        if not self.has_nested_json:
            return [nested.read(rows) for nested in self.nested]
        first = len(self.columns)
        places = range(first, first + len(self.nested))
        return [[related for row in rows for related in row[place] or ()] for place in places]

    def _plan(self, place: int, name: str, field: Any) -> None:
        """Plan how a field is read and represented, by its kind; `place` is that of its own column, if it has one."""
        source = field.source_attrs[0] if field.source_attrs else ""
        if isinstance(field, UrlField):
            self._url(name, field)
        elif isinstance(field, ExpandedSerializer):
            self._expand(name, field)
        elif isinstance(field, serializers.ListSerializer):
            self._to_many(name, source, field.child)
        elif isinstance(field, SlugListField):
            self._to_many(name, source, None)
        elif isinstance(field, serializers.BaseSerializer):
            self._to_one(name, source, field)
        elif isinstance(premises := getattr(self.serializer, "derives", {}).get(name), tuple):
            self._derive(name, field, premises)
        elif premises is not None:
            self.columns[place] = premises
        elif isinstance(field, SlugRelatedField):
            self.columns[place] = self._slug(source)
        else:
            self._plain(place, name, source)

    def _expand(self, name: str, expanded: ExpandedSerializer) -> None:
        """Plan the member `expanded`: related rows and texts in full; a row that is null is left out."""

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            for each in representations:
                each[name] = {}

        self.setters.append(set_member)
        for relation, field in expanded.fields.items():
            source = field.source_attrs[0]
            if isinstance(field, serializers.ListSerializer):
                self._to_many(relation, source, field.child, within=name)
            elif isinstance(field, serializers.BaseSerializer):
                self._to_one(relation, source, field, within=name)
            else:
                self._column_within(relation, self.add_column(source), name)

    def _short_form_setter(self, name: str, field: Any) -> MemberSetter | None:
        """Return a setter for a relation that is expanded too, so that its rows are read once; else None."""
        for within, expanded in self.serializer.fields.items():
            for relation, full in expanded.fields.items() if isinstance(expanded, ExpandedSerializer) else ():
                shorten = to_short_form(field, full) if full.source == field.source else None
                if shorten:
                    return short_form_setter(name, shorten, within, relation)
        return None

    def _column_within(self, name: str, place: int, within: str) -> None:
        """Put a column into the member `within` of each row."""

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            for each, row in zip(representations, rows, strict=True):
                each[within][name] = row[place]

        self.setters.append(set_member)

    def _plain(self, place: int, name: str, source: str) -> None:
        """Plan a field that shows its own column."""
        self.columns[place] = JsonColumn(F(source))
        self.places[source] = place
        field = self.field(source)
        convert = to_json(field) if field is not None else None
        if convert is not None:
            self.setters.append(conversion_setter(name, convert))

    def _url(self, name: str, field: UrlField) -> None:
        """Plan the address of the row."""
        place = self.add_column("id" if field.key == "pk" else field.key)
        path = f"/{field.path}/"

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            base = context.request.base + path
            for each, row in zip(representations, rows, strict=True):
                each[name] = f"{base}{row[place]}"

        self.setters.append(set_member)

    def _derive(self, name: str, field: Any, premises: tuple[str, ...]) -> None:
        """Plan a field that a method of the serializer or a property of the row derives from columns and the day."""
        self.derives = True
        self.stub_places |= {path: self.add_column(path) for path in premises}
        is_same_for_all = not premises  # it follows from the request alone
        method = isinstance(field, serializers.SerializerMethodField) and field.method_name

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            get = getattr(context.serializer, method) if method else attrgetter(field.source)
            if is_same_for_all and rows:
                get = constant(get(None))
            for each, stub in zip(representations, stubs or rows, strict=True):
                each[name] = get(stub)

        self.setters.append(set_member)

    def _slug(self, relation: str) -> Any:
        """Return an expression for the slug of a related row; null if the caller may not see the row."""
        if relation not in self.related:
            return JsonColumn(F(f"{relation}__slug"))
        visible = self.related[relation].order_by().filter(pk=OuterRef(f"{relation}_id"))
        return models.Subquery(visible.values("slug")[:1])

    def _to_one(self, name: str, relation: str, serializer: Any, within: str = "") -> None:
        """Plan a relation to one row; without a query set in `related`, every row may be seen."""
        target: Any = self.model._meta.get_field(relation).related_model
        queryset = self.related.get(relation, target._default_manager.all())
        layout = Layout(serializer, queryset, under(relation, self.related))
        outer, inner = self.add_column(f"{relation}_id"), layout.add_column("id")
        statement = layout.compiled(queryset.order_by().filter(InList("pk", OUTER)), prepare=True)
        self._add_nested(Nested(name, outer, statement, layout, inner, many=False, only_field=None), within)

    def _to_many(self, name: str, relation: str, serializer: Any, within: str = "") -> None:
        """Plan a relation to many rows; without a serializer, they are shown by their slugs."""
        queryset = self.related[relation]
        field: Any = self.model._meta.get_field(relation)
        # a foreign key to these rows, or a many-to-many relation, by the name that leads back
        back = field.field.name if field.auto_created else field.related_query_name()
        only_field = None if serializer is not None else "slug"
        layout = Layout(serializer or SlugSerializer(), queryset, under(relation, self.related))
        ordering = queryset.query.order_by
        # one call of `filter`, so that a table between is joined once, and only where it has rows
        queryset = queryset.filter(Q((f"{back}__isnull", False)) & Q(InList(back, OUTER)))
        outer, inner = self.add_column("id"), layout.add_column(back)
        statement = layout.compiled(queryset.order_by(F(back), *ordering), prepare=True)
        self._add_nested(Nested(name, outer, statement, layout, inner, many=True, only_field=only_field), within)

    def _add_nested(self, nested: Nested, within: str) -> None:
        """Read nested rows with the rows, and put them into each row under their name, or into its member `within`."""
        place, number = nested.outer_place, len(self.nested)
        self.nested.append(nested)

        def set_member(
            representations: list[Representation], rows: list[Row], stubs: list[Any], context: SetterContext
        ) -> None:
            by_outer_value = context.nested[number]
            for each, row in zip(representations, rows, strict=True):
                value = by_outer_value.get(row[place])
                if not within:
                    each[nested.name] = value
                elif value is not None:
                    each[within][nested.name] = value

        self.setters.append(set_member)


class SlugSerializer(serializers.Serializer[Any]):
    """A row of which only the slug is shown."""

    slug = serializers.CharField()
