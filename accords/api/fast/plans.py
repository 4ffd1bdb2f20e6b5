"""Plans: every statement that requests of one shape need, compiled once, and how their rows are read."""

from collections.abc import Hashable
from copy import copy
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

import orjson
from cachetools import LRUCache
from django.conf import settings
from django.db import connection
from django.db.models import F

from accords.api import pagination
from accords.api.fast.nested_json import fold
from accords.api.fast.rows import Layout, RequestContext, Shown, related
from accords.api.http import State
from accords.api.pagination import Cursor, OrderKey, Page, Paging, Segment
from accords.db.compiled_query import BoundParameter, CompiledQuery, InList, JsonColumn, Row, Values

MOST_PLANS = 512  # of some 50 kB each
_plans: LRUCache[Hashable, Any] = LRUCache(MOST_PLANS)
_lock = Lock()


def plan(key: Hashable, make: Any) -> Any:
    """Return the plan of a key; made, if it is not there."""
    with _lock:
        found = _plans.get(key)
    if found is None:
        found = make()
        with _lock:
            _plans[key] = found
    return found


def python_value(key: OrderKey, value: Any) -> Any:
    """Return a key's value as Python has it. SQLite has decimals as floats, and instants without their zone, UTC."""
    found = value if value is None else key.field.to_python(str(value) if isinstance(value, float) else value)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found


class Versioned(NamedTuple):
    """A row as it is shown, and its state."""

    shown: Shown
    state: State | None


class KeyPlan:
    """How one row is read by its key."""

    def __init__(self, serializer: Any, queryset: Any, lookup: str) -> None:
        """Compile the statement that finds a row by its column `lookup`."""
        self.layout = Layout(serializer, queryset, related(queryset))
        versioned = any(field.name == "version" for field in queryset.model._meta.fields)
        self.state = [self.layout.column("id"), self.layout.column("version")] if versioned else []
        found = queryset.filter(**{lookup: BoundParameter.named("key")}).order_by()
        self.statement = self.layout.compiled(found, prepare=True)
        if connection.vendor == "postgresql":
            fold(self.layout, self.statement)

    def read(self, key: Any, context: RequestContext) -> "Versioned | None":
        """Return the row; None if there is none that the user may see."""
        found = self.statement.run({"key": key})
        if self.layout.folded:
            found = [(*columns, *orjson.loads(nested)) for *columns, nested in found]
        shown = self.layout.shown(found, context)
        return Versioned(shown[0], self._state(found[0])) if shown else None

    def _state(self, row: Row) -> State | None:
        return State(*(row[place] for place in self.state)) if self.state else None


class IdsPlan:
    """How rows with versions are read by their ids."""

    def __init__(self, serializer: Any, queryset: Any) -> None:
        """Compile the statement, and those of nested rows."""
        self.layout = Layout(serializer, queryset, related(queryset))
        self.state = [self.layout.column("id"), self.layout.column("version")]
        self.statement = self.layout.compiled(queryset.filter(InList("pk", "ids")).order_by(), prepare=True)

    def read(self, ids: list[int], context: RequestContext) -> dict[int, Versioned]:
        """Return the rows that the user may see, by id."""
        found = self.statement.run({"ids": ids})
        states = [State(*(row[place] for place in self.state)) for row in found]
        shown = self.layout.shown(found, context)
        return {state.row: Versioned(row, state) for row, state in zip(shown, states, strict=True)}


class Merged(NamedTuple):
    """Bands of rows that are merged: first their keys, then the rows of the first among them."""

    keys: CompiledQuery  # the values of the order's keys, of all bands
    reverse: bool
    by_id: CompiledQuery
    place: int  # of the id in a row
    limit: int

    def run(self, values: Values) -> list[Row]:
        """Return the first rows of all bands together."""
        keys = sorted(self.keys.run(values), reverse=self.reverse)
        ids = [key[-1] for key in keys[: self.limit]]
        rows = {row[self.place]: row for row in self.by_id.run({**values, "ids": ids})}
        return [rows[pk] for pk in ids if pk in rows]  # one may be gone meanwhile


class Ordered(NamedTuple):
    """How rows are read and shown, and the places of the columns that order them."""

    layout: Layout
    keys: list[int]

    @classmethod
    def of(cls, serializer: Any, queryset: Any, order: tuple[OrderKey, ...]) -> "Ordered":
        """Return those of a query set, with the columns of its order."""
        layout = Layout(serializer, queryset, related(queryset))
        return cls(layout, [layout.column(key.column) for key in order])


class ListPlan:
    """How a page of rows is read."""

    def __init__(self, ordered: Ordered, queryset: Any, paging: Paging, prepare: bool) -> None:
        """Compile the query set, which is filtered already. Of the cursor only its direction and its nulls matter.

        How many rows are read is written into the SQL: PostgreSQL plans for few rows only where it sees the number.
        `prepare` the statements if one plan suits all values.
        """
        self.layout, self.keys = ordered
        order, size, cursor, counted = paging
        self.order, self.limit = order, size + 1
        null_pattern = cursor and pagination.fixed_values(order, cursor.values)
        values = null_pattern and [
            BoundParameter(_at(place)) if turn is pagination.BOUND else turn for place, turn in enumerate(null_pattern)
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
        return pagination.page(rows[: self.limit], self.limit - 1, cursor)

    def merge(self, segment: Segment, queryset: Any, prepare: bool) -> "Merged":
        """Compile several bands that are merged."""
        by_id = self.layout.compiled(queryset.order_by().filter(InList("pk", "ids")), prepare=True)
        columns = [key.column for key in self.order]
        bands = [
            CompiledQuery(band.values_list(*(JsonColumn(F(column)) for column in columns))[: self.limit])
            for band in segment.bands
        ]
        return Merged(union(bands, prepare), segment.reverse, by_id, self.keys[-1], self.limit)

    def key(self, row: Row) -> list[Any]:
        """Return the values of the order's keys in a row."""
        return [row[place] for place in self.keys]

    def values(self, row: Row) -> list[Any]:
        """Return the values of the order's keys in a row, as Python has them."""
        return [python_value(key, value) for key, value in zip(self.order, self.key(row), strict=True)]

    def count(self, values: Values, page: Page) -> int | None:
        """Return the number of rows on all pages, if the request asks for it: at most one more than are counted."""
        if self.count_statement is None:
            return None
        is_whole = not (values["cursor"] or page.more_after)
        return len(page.rows) if is_whole else self.count_statement.run(values)[0][0]


def count_statement(queryset: Any, limit: int) -> CompiledQuery:
    """Compile the query that counts rows, and stops behind the limit, unless that is 0."""
    found = CompiledQuery(queryset.order_by().values_list("pk")[: limit + 1 if limit else None])
    found.write(f"SELECT COUNT(*) FROM ({found.sql}) counted", found.params)  # noqa: S608 - our own SQL
    return found


def union(queries: list[CompiledQuery], prepare: bool) -> CompiledQuery:
    """Compile several queries into one that returns all their rows."""
    found = copy(queries[0])
    found.prepare = prepare
    sql = " UNION ALL ".join(f"SELECT * FROM ({query.sql}) band{number}" for number, query in enumerate(queries))  # noqa: S608 - our own SQL
    found.write(sql, [param for query in queries for param in query.params])
    return found


def _at(place: int) -> Any:
    return lambda values: values["cursor"][place]
