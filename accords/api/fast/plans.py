"""Plans: every statement that requests of one shape need, compiled once, and how their rows are read."""

from collections.abc import Hashable
from copy import copy
from threading import Lock
from typing import Any, NamedTuple

import orjson
from cachetools import LRUCache
from django.conf import settings
from django.db import connection
from django.db.models import F

from accords.api import pagination
from accords.api.fast.nested_json import nest_as_json
from accords.api.fast.rows import Layout, Representation, RequestContext, prefetched_querysets
from accords.api.http import State
from accords.api.pagination import Cursor, OrderKey, Page, Paging, Segment
from accords.db.compiled_query import BoundParameter, CompiledQuery, InList, JsonColumn, Row, Values

MOST_PLANS = 512  # of some 50 kB each
_plans: LRUCache[Hashable, Any] = LRUCache(MOST_PLANS)
_lock = Lock()


def cached_plan(key: Hashable, make: Any) -> Any:
    """Return the plan of a key; `make` makes it if there is none. Two threads may make the same one: either will do."""
    with _lock:
        plan = _plans.get(key)
    if plan is None:
        plan = make()
        with _lock:
            _plans[key] = plan
    return plan


def cursor_value(key: OrderKey, value: Any) -> Any:
    """Convert a key's value to Python, for a cursor: dates come as text, SQLite's decimals as floats."""
    return value if value is None else key.field.to_python(str(value) if isinstance(value, float) else value)


class Versioned(NamedTuple):
    """The representation of a row, and its state: None where the model has no versions."""

    representation: Representation
    state: State | None


class KeyPlan:
    """How one row is read by its key."""

    def __init__(self, serializer: Any, queryset: Any, lookup: str) -> None:
        """Compile the statement that finds a row by its column `lookup`."""
        self.layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        versioned = any(field.name == "version" for field in queryset.model._meta.fields)
        self.state_places = [self.layout.add_column("id"), self.layout.add_column("version")] if versioned else []
        matches = queryset.filter(**{lookup: BoundParameter.named("key")}).order_by()
        self.statement = self.layout.compiled(matches, prepare=True)
        if connection.vendor == "postgresql":
            nest_as_json(self.layout, self.statement)

    def read(self, key: Any, context: RequestContext) -> "Versioned | None":
        """Return the row; None if there is none that the user may see."""
        rows = self.statement.run({"key": key})
        if self.layout.has_nested_json:  # all related rows are in one last column, as JSON
            rows = [(*columns, *orjson.loads(nested)) for *columns, nested in rows]
        representations = self.layout.represent(rows, context)
        return Versioned(representations[0], self._state(rows[0])) if representations else None

    def _state(self, row: Row) -> State | None:
        return State(*(row[place] for place in self.state_places)) if self.state_places else None


class IdsPlan:
    """How rows with versions are read by their ids."""

    def __init__(self, serializer: Any, queryset: Any) -> None:
        """Compile the statement, and those of nested rows."""
        self.layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        self.state_places = [self.layout.add_column("id"), self.layout.add_column("version")]
        self.statement = self.layout.compiled(queryset.filter(InList("pk", "ids")).order_by(), prepare=True)

    def read(self, ids: list[int], context: RequestContext) -> dict[int, Versioned]:
        """Return the rows that the user may see, by id."""
        rows = self.statement.run({"ids": ids})
        states = [State(*(row[place] for place in self.state_places)) for row in rows]
        representations = self.layout.represent(rows, context)
        return {state.row: Versioned(row, state) for row, state in zip(representations, states, strict=True)}


class Merged(NamedTuple):
    """How bands are merged: the first keys of each are read and sorted, then the rows of the first among them by id.

    Dates sort as the text that they are in JSON.
    """

    key_query: CompiledQuery  # reads the values of the order's keys, of all bands
    reverse: bool
    by_id: CompiledQuery
    id_place: int
    limit: int

    def run(self, values: Values) -> list[Row]:
        """Return the first rows of all bands together."""
        keys = sorted(self.key_query.run(values), reverse=self.reverse)
        ids = [key[-1] for key in keys[: self.limit]]
        rows = {row[self.id_place]: row for row in self.by_id.run({**values, "ids": ids})}
        return [rows[pk] for pk in ids if pk in rows]  # one may have been deleted in between


class Ordered(NamedTuple):
    """How rows are read and represented, and the places of the columns that order them."""

    layout: Layout
    key_places: list[int]

    @classmethod
    def of(cls, serializer: Any, queryset: Any, order: tuple[OrderKey, ...]) -> "Ordered":
        """Return how to read the rows of a query set, including the columns that they are ordered by."""
        layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        return cls(layout, [layout.add_column(key.column) for key in order])


class ListPlan:
    """How a page of rows is read."""

    def __init__(self, ordered: Ordered, queryset: Any, paging: Paging, prepare: bool) -> None:
        """Compile the query set, which is filtered already. For `prepare` see `CompiledQuery`.

        Of the cursor only its direction, its nulls and its tier of relevance matter. How many rows are read is written
        into the SQL: PostgreSQL plans for few rows only where it sees the number.
        """
        self.layout, self.key_places = ordered
        order, size, cursor, counted = paging
        self.order, self.limit = order, size + 1  # a row more than the page has tells whether there is another page
        fixed_values = cursor and pagination.fixed_values(order, cursor.values)
        values = fixed_values and [
            BoundParameter(_at(place)) if value is pagination.BOUND else value
            for place, value in enumerate(fixed_values)
        ]
        backwards = cursor is not None and cursor.backwards
        self.segments = [
            self.merge(segment, queryset, prepare)
            if len(segment.bands) > 1
            else self.layout.compiled(segment.bands[0], self.limit, prepare)
            for segment in pagination.segments(queryset, order, values, backwards)
        ]
        self.count_statement = count_statement(queryset, settings.COUNT_LIMIT) if counted else None

    def read(self, values: dict[str, Any], cursor: Cursor | None) -> Page:
        """Return one page of the database's rows."""
        rows: list[Row] = []
        for segment in self.segments:
            if len(rows) < self.limit:
                rows += segment.run(values)
        return pagination.page_of(rows[: self.limit], self.limit - 1, cursor)

    def merge(self, segment: Segment, queryset: Any, prepare: bool) -> "Merged":
        """Compile the bands of a segment, to be merged."""
        by_id = self.layout.compiled(queryset.order_by().filter(InList("pk", "ids")), prepare=True)
        columns = [key.column for key in self.order]
        bands = [
            CompiledQuery(band.values_list(*(JsonColumn(F(column)) for column in columns))[: self.limit])
            for band in segment.bands
        ]
        return Merged(union(bands, prepare), segment.reverse, by_id, self.key_places[-1], self.limit)

    def cursor_values(self, row: Row) -> list[Any]:
        """Return the values of the order's keys in a row, as a cursor has them."""
        return [cursor_value(key, row[place]) for key, place in zip(self.order, self.key_places, strict=True)]

    def count(self, values: Values, page: Page) -> int | None:
        """Return the number of rows on all pages, if the request asks for it: at most one more than are counted."""
        if self.count_statement is None:
            return None
        is_whole = not (values["cursor"] or page.more_after)
        return len(page.rows) if is_whole else self.count_statement.run(values)[0][0]


def count_statement(queryset: Any, limit: int) -> CompiledQuery:
    """Compile the statement that counts rows, and stops one after the limit, unless that is 0."""
    statement = CompiledQuery(queryset.order_by().values_list("pk")[: limit + 1 if limit else None])
    statement.write(f"SELECT COUNT(*) FROM ({statement.sql}) counted", statement.params)  # noqa: S608 - our own SQL
    return statement


def union(queries: list[CompiledQuery], prepare: bool) -> CompiledQuery:
    """Compile several queries into one statement that returns all their rows."""
    statement = copy(queries[0])
    statement.prepare = prepare
    sql = " UNION ALL ".join(f"SELECT * FROM ({query.sql}) band{number}" for number, query in enumerate(queries))  # noqa: S608 - our own SQL
    statement.write(sql, [param for query in queries for param in query.params])
    return statement


def _at(place: int) -> Any:
    return lambda values: values["cursor"][place]
