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

OUTER = "outer"  # names the values by which nested rows are found
NOTHING = models.Value(None, output_field=models.IntegerField())
Shown = dict[str, Any]
Related = Mapping[str, QuerySet[Any]]  # the rows behind relations, by their path


class RequestContext(NamedTuple):
    """What rows need to know of the request: the address of the API, and the day."""

    base: str
    on: date


def related(queryset: QuerySet[Any], prefix: str = "") -> dict[str, QuerySet[Any]]:
    """Return the query sets of all prefetched relations, nested ones included, by path.

    Django has no public name for what a query set prefetches, nor for its order (see `_many`): tried with 5.2 and 6.1.
    """
    found: dict[str, QuerySet[Any]] = {}
    for lookup in queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
        if isinstance(lookup, Prefetch) and lookup.queryset is not None:
            path = prefix + lookup.prefetch_to
            found |= {path: lookup.queryset} | related(lookup.queryset, f"{path}__")
    return found


def below(rows: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the entries below a relation, without its name in their paths."""
    return {path.removeprefix(f"{name}__"): found for path, found in rows.items() if path.startswith(f"{name}__")}


@cache
def stub_class(model: type[Model]) -> type:
    """Return a class with the properties and methods of a model, but without its ORM.

    A stub is not changed, so what a property returns is kept.
    """
    own = [vars(base) for base in reversed(model.__mro__) if base.__module__.startswith("accords.")]
    names: dict[str, Any] = {}
    for name, value in ((name, value) for part in own for name, value in part.items()):
        if isinstance(value, property) and value.fget:
            names[name] = cached_property(value.fget)
        elif isinstance(value, FunctionType):
            names[name] = value
    return type(model.__name__, (), names)


def stub_maker(model: type[Model], columns: Mapping[str, int]) -> Callable[[Row], Any]:
    """Return a function that makes a row's stub, and those of related rows, from columns by path and place."""
    own = stub_class(model)
    plain = [(path, place, reader(model, path)) for path, place in columns.items() if "__" not in path]
    behind = {path.partition("__")[0] for path in columns if "__" in path}
    relations = [(name, stub_maker(_target(model, name), below(columns, name))) for name in behind]

    def make(row: Row) -> Any:
        made = own()
        made.__dict__ = {name: read(row[place]) if read else row[place] for name, place, read in plain}
        for name, other in relations:
            made.__dict__[name] = other(row)
        return made

    return make if columns else lambda row: None


def reader(model: type[Model], name: str) -> Callable[[Any], Any] | None:
    """Return what converts a column's value from the text that a database or JSON has for it; None if nothing does."""
    field = next((one for one in model._meta.concrete_fields if name in (one.name, one.attname)), None)
    if isinstance(field, models.JSONField):
        return strings
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return lambda value: date.fromisoformat(value) if isinstance(value, str) else value
    return None


def _target(model: type[Model], relation: str) -> type[Model]:
    target: Any = model._meta.get_field(relation).related_model
    found: type[Model] = target
    return found


def number(value: Any) -> int | float:
    """Convert a decimal to a JSON number without trailing zeros."""
    return int(value) if value == int(value) else float(value)


def strings(value: Any) -> Any:
    """Decode a list of strings. Most are empty."""
    return [] if value == "[]" else orjson.loads(value)


def converter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return what converts a column's value, unless null, to JSON; None if nothing is needed."""
    kind = field.output_field if isinstance(field, models.GeneratedField) else field
    if isinstance(kind, models.DecimalField):
        return number if connection.vendor == "postgresql" else None  # SQLite keeps 57.0 as 57
    return strings if isinstance(kind, models.JSONField) else None


# Sets a member of JSON rows that is more than its column, from the rows of the database and their stubs.
Fix = Callable[[list[Shown], list[Row], list[Any], "FixContext"], None]


def conversion(name: str, convert: Callable[[Any], Any]) -> Fix:
    """Return a fix that converts the values of a column."""

    def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: "FixContext") -> None:
        for each in shown:
            if (value := each[name]) is not None:
                each[name] = convert(value)

    return fix


def to_short_form(short: Any, full: Any) -> Callable[[Any], Any] | None:
    """Return a function that makes the short form of a relation of its expanded rows: slugs in place of nested rows.

    None if the field `short` is not such a form of `full`.
    """

    def slug(row: Shown | None) -> str | None:
        return row["slug"] if row else None

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
            return lambda rows: [row | {name: slug(row[name]) for name in slugs} for row in rows]
    return None


def short_form_fix(name: str, shorten: Callable[[Any], Any], within: str, relation: str) -> Fix:
    """Return a fix that makes the short form of a relation of its expanded rows, which the member `within` has."""

    def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: "FixContext") -> None:
        for each in shown:
            each[name] = shorten(each[within].get(relation))

    return fix


class FixContext(NamedTuple):
    """What fixes need besides the rows: the request, the serializer, and the nested rows of each relation."""

    context: RequestContext
    serializer: Any
    nested: list[dict[Any, Any]]


class Nested(NamedTuple):
    """Rows behind a relation, read for all rows at once."""

    name: str
    place: int  # the column of the outer row that leads to them
    statement: CompiledQuery
    layout: "Layout"
    owner: int  # the column of theirs with the value of that one
    many: bool
    only: str | None  # the one field of each that is shown, if not all of it

    def read(self, outer: list[Row]) -> list[Row]:
        """Read the related rows of all outer rows."""
        wanted = sorted({row[self.place] for row in outer if row[self.place] is not None})
        return self.statement.run({OUTER: wanted}) if wanted else []

    def shown(self, outer: list[Row], found: list[Row], context: RequestContext) -> dict[Any, Any]:
        """Return the related rows as JSON shows them, by the value of the outer row."""
        shown: list[Any] = self.layout.shown(found, context)
        if self.only:
            shown = [row[self.only] for row in shown]
        if not self.many:
            return {row[self.owner]: value for row, value in zip(found, shown, strict=True)}
        groups: dict[Any, list[Any]] = {row[self.place]: [] for row in outer}
        for row, value in zip(found, shown, strict=True):
            groups[row[self.owner]].append(value)
        return groups


class Layout:
    """How the rows of one serializer are read and shown. The columns of fields come first, in their order."""

    def __init__(self, serializer: Any, queryset: QuerySet[Any], rows: Related) -> None:
        """Plan every field; `rows` are those behind relations, as far as the caller sees them."""
        self.serializer, self.related = serializer, rows
        self.model: type[Model] = queryset.model
        self.names: list[str] = [*serializer.fields]
        self.columns: list[Any] = [NOTHING] * len(self.names)
        self.places: dict[str, int] = {}  # columns as the database has them, by path
        self.fixes: list[Fix] = []
        self.nested: list[Nested] = []
        self.folded = False  # whether each row has the rows nested in it behind its columns: see folding.py
        self.derives = False  # whether the serializer's own methods are called
        self.last_serializer: tuple[RequestContext | None, Any] = None, None
        self.derived: dict[str, int] = {}  # columns that what follows from a row is derived of, by path
        short_forms: list[Fix] = []
        for place, (name, field) in enumerate(serializer.fields.items()):
            fix = self._short_form_fix(name, field)
            if fix:
                short_forms.append(fix)
            else:
                self._plan(place, name, field)
        self.fixes += short_forms  # after the expanded rows are there
        self.make_own = stub_maker(self.model, self.derived)

    def column(self, name: str) -> int:
        """Read a column or annotation, by its path, as the database has it; its place."""
        if name not in self.places:
            self.places[name] = len(self.columns)
            self.columns.append(JsonColumn(F(name)))
        return self.places[name]

    def field(self, name: str) -> Any:
        """Return the model's field of this name or column; None for an annotation."""
        for field in self.model._meta.concrete_fields:
            if name in (field.name, field.attname):
                return field
        return None

    def compiled(self, queryset: QuerySet[Any], limit: int | None = None, prepare: bool = False) -> CompiledQuery:
        """Compile the statement that reads the columns; `prepare` it if it finds rows by their keys."""
        return CompiledQuery(queryset.prefetch_related(None).values_list(*self.columns)[:limit], prepare)

    def shown(self, rows: list[Row], context: RequestContext) -> list[Shown]:
        """Return rows as the serializer shows them."""
        serializer = self.serializer_for(context) if self.derives else None
        behind = zip(self.nested, self.nested_rows(rows), strict=True)
        env = FixContext(context, serializer, [nested.shown(rows, found, context) for nested, found in behind])
        names, owns = self.names, [self.make_own(row) for row in rows] if self.derived else []
        shown = [dict(zip(names, row, strict=False)) for row in rows]
        for fix in self.fixes:
            fix(shown, rows, owns, env)
        return shown

    def serializer_for(self, context: RequestContext) -> Any:
        """Return the serializer with the request's context: that of the last request, if the context is the same."""
        last_context, serializer = self.last_serializer
        if last_context != context:
            serializer = type(self.serializer)(context={"base": context.base, "on": context.on})
            self.last_serializer = context, serializer
        return serializer

    def nested_rows(self, rows: list[Row]) -> list[list[Row]]:
        """Return the related rows of each relation, for all these rows together."""
        if not self.folded:
            return [nested.read(rows) for nested in self.nested]
        first = len(self.columns)
        return [
            [found for row in rows for found in row[place] or ()] for place in range(first, first + len(self.nested))
        ]

    def _plan(self, place: int, name: str, field: Any) -> None:
        source = field.source_attrs[0] if field.source_attrs else ""
        if isinstance(field, UrlField):
            self._url(name, field)
        elif isinstance(field, ExpandedSerializer):
            self._expand(name, field)
        elif isinstance(field, serializers.ListSerializer):
            self._many(name, source, field.child)
        elif isinstance(field, SlugListField):
            self._many(name, source, None)
        elif isinstance(field, serializers.BaseSerializer):
            self._one(name, source, field)
        elif name in getattr(self.serializer, "derives", ()):
            self._derive(name, field)
        elif isinstance(field, SlugRelatedField):
            self.columns[place] = self._slug(source)
        else:
            self._plain(place, name, source)

    def _expand(self, name: str, expanded: ExpandedSerializer) -> None:
        """Plan a member that holds related rows, and texts, in full; what is null is left out of it."""

        def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: FixContext) -> None:
            for each in shown:
                each[name] = {}

        self.fixes.append(fix)
        for relation, field in expanded.fields.items():
            source = field.source_attrs[0]
            if isinstance(field, serializers.ListSerializer):
                self._many(relation, source, field.child, within=name)
            elif isinstance(field, serializers.BaseSerializer):
                self._one(relation, source, field, within=name)
            else:
                self._column_within(relation, self.column(source), name)

    def _short_form_fix(self, name: str, field: Any) -> Fix | None:
        """Return a fix for a relation that is expanded too, so that its rows are read once; None for other fields.

        Both forms have the same rows: what the user may see of `related`.
        """
        for within, expanded in self.serializer.fields.items():
            for relation, full in expanded.fields.items() if isinstance(expanded, ExpandedSerializer) else ():
                shorten = to_short_form(field, full) if full.source == field.source else None
                if shorten:
                    return short_form_fix(name, shorten, within, relation)
        return None

    def _column_within(self, name: str, place: int, within: str) -> None:
        def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: FixContext) -> None:
            for each, row in zip(shown, rows, strict=True):
                each[within][name] = row[place]

        self.fixes.append(fix)

    def _plain(self, place: int, name: str, source: str) -> None:
        self.columns[place] = JsonColumn(F(source))
        self.places[source] = place
        field = self.field(source)
        convert = converter(field) if field is not None else None
        if convert is not None:
            self.fixes.append(conversion(name, convert))

    def _url(self, name: str, field: UrlField) -> None:
        place = self.column("id" if field.key == "pk" else field.key)
        path = f"/{field.path}/"

        def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: FixContext) -> None:
            base = env.context.base + path
            for each, row in zip(shown, rows, strict=True):
                each[name] = f"{base}{row[place]}"

        self.fixes.append(fix)

    def _derive(self, name: str, field: Any) -> None:
        self.derives = True
        for path in self.serializer.derives[name]:
            if path not in self.derived:
                self.derived[path] = self.column(path)
        alike = not self.serializer.derives[name]  # follows from the request alone
        method = isinstance(field, serializers.SerializerMethodField) and field.method_name

        def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: FixContext) -> None:
            get = getattr(env.serializer, method) if method else attrgetter(field.source)
            if alike and rows:
                get = constant(get(None))
            for each, own in zip(shown, owns or rows, strict=True):
                each[name] = get(own)

        self.fixes.append(fix)

    def _slug(self, relation: str) -> Any:
        """Return an expression for the slug of a related row; null if the user may not see the row."""
        if relation not in self.related:
            return JsonColumn(F(f"{relation}__slug"))
        seen = self.related[relation].order_by().filter(pk=OuterRef(f"{relation}_id"))
        return models.Subquery(seen.values("slug")[:1])

    def _one(self, name: str, relation: str, serializer: Any, within: str = "") -> None:
        target: Any = self.model._meta.get_field(relation).related_model
        queryset = self.related.get(relation, target._default_manager.all())
        layout = Layout(serializer, queryset, below(self.related, relation))
        owner = layout.column("id")
        statement = layout.compiled(queryset.order_by().filter(InList("pk", OUTER)), prepare=True)
        self._add_nested(
            Nested(name, self.column(f"{relation}_id"), statement, layout, owner, many=False, only=None), within
        )

    def _many(self, name: str, relation: str, serializer: Any, within: str = "") -> None:
        """Plan a relation to many rows; without a serializer, they are shown by their slugs."""
        queryset = self.related[relation]
        back: Any = self.model._meta.get_field(relation)
        owner = back.field.name if back.auto_created else back.related_query_name()
        only = None if serializer is not None else "slug"
        layout = Layout(serializer or SlugSerializer(), queryset, below(self.related, relation))
        ordering = queryset.query.order_by
        # Said in one call, so that a table between is joined once, and only where it has rows.
        queryset = queryset.filter(Q((f"{owner}__isnull", False)) & Q(InList(owner, OUTER)))
        place = layout.column(owner)
        statement = layout.compiled(queryset.order_by(F(owner), *ordering), prepare=True)
        self._add_nested(Nested(name, self.column("id"), statement, layout, place, many=True, only=only), within)

    def _add_nested(self, nested: Nested, within: str) -> None:
        """Read nested rows with the rows, and put them into each row under their name, or into its member `within`."""
        place, number = nested.place, len(self.nested)
        self.nested.append(nested)

        def fix(shown: list[Shown], rows: list[Row], owns: list[Any], env: FixContext) -> None:
            found = env.nested[number]
            for each, row in zip(shown, rows, strict=True):
                value = found.get(row[place])
                if not within:
                    each[nested.name] = value
                elif value is not None:
                    each[within][nested.name] = value

        self.fixes.append(fix)


class SlugSerializer(serializers.Serializer[Any]):
    """A row by its slug alone."""

    slug = serializers.CharField()
