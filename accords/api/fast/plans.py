"""Plans: the statements that requests of one shape need, compiled once, with the layouts that represent their rows."""

from collections.abc import Hashable
from copy import copy
from threading import Lock
from typing import Any, NamedTuple

import orjson
from cachetools import LRUCache
from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet

from accords.api import pagination
from accords.api.fast.layouts import Layout, Representation, RequestContext, prefetched_querysets
from accords.api.fast.nested_json import nest_as_json
from accords.api.http import State
from accords.api.pagination import Cursor, OrderKey, Page, Paging, Segment
from accords.db.compiled_query import BoundParameter, CompiledQuery, InList, JsonColumn, Row, Values

MAX_PLANS = 512  # a plan has some 50 kB
_plans: LRUCache[Hashable, Any] = LRUCache(MAX_PLANS)
_lock = Lock()


def cached_plan(key: Hashable, make: Any) -> Any:
    """Return the plan of a key, made by `make` if it is not cached.

    It is made without the lock, so two threads may both make it. The plans are the same: either may stay.
    """
    with _lock:
        plan = _plans.get(key)
    if plan is None:
        plan = make()
        with _lock:
            _plans[key] = plan
    return plan


def cursor_value(key: OrderKey, value: Any) -> Any:
    """Convert the value of a key to Python. Compiled queries return dates as text, and SQLite decimals as floats."""
    return value if value is None else key.field.to_python(str(value) if isinstance(value, float) else value)


class Versioned(NamedTuple):
    """The representation of a row, and its state, which is None if the model has no versions."""

    representation: Representation
    state: State | None


class KeyPlan:
    """The plan of a row that is found by its key."""

    def __init__(self, serializer: Any, queryset: QuerySet[Any], lookup: str) -> None:
        """Compile the statement that finds a row by its column `lookup`."""
        self.layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        has_versions = any(field.name == "version" for field in queryset.model._meta.fields)
        # the indexes of the columns of `State`
        self.state_indexes = [self.layout.add_column("id"), self.layout.add_column("version")] if has_versions else []
        matches = queryset.filter(**{lookup: BoundParameter.named("key")}).order_by()
        self.statement = self.layout.compile_query(matches, prepare=True)
        # SQLite runs in this process: there, further statements cost less than writing and reading JSON.
        if connection.vendor == "postgresql":
            nest_as_json(self.layout, self.statement)

    def read(self, key: Any, context: RequestContext) -> "Versioned | None":
        """Return the row; None if there is none that the user may see."""
        rows = self.statement.run({"key": key})
        if self.layout.has_nested_json:  # the last column has all related rows
            rows = [(*columns, *orjson.loads(nested)) for *columns, nested in rows]
        representations = self.layout.represent(rows, context)
        return Versioned(representations[0], self._state(rows[0])) if representations else None

    def _state(self, row: Row) -> State | None:
        """Return the state of a row; None if the model has no versions."""
        return State(*(row[index] for index in self.state_indexes)) if self.state_indexes else None


class IdsPlan:
    """The plan of rows with versions that are found by their ids."""

    def __init__(self, serializer: Any, queryset: QuerySet[Any]) -> None:
        self.layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        self.state_indexes = [self.layout.add_column("id"), self.layout.add_column("version")]
        self.statement = self.layout.compile_query(queryset.filter(InList("pk", "ids")).order_by(), prepare=True)

    def read(self, ids: list[int], context: RequestContext) -> dict[int, Versioned]:
        """Return the rows that the user may see, by id."""
        rows = self.statement.run({"ids": ids})
        states = [State(*(row[index] for index in self.state_indexes)) for row in rows]
        representations = self.layout.represent(rows, context)
        return {
            state.row_id: Versioned(representation, state)
            for representation, state in zip(representations, states, strict=True)
        }


class MergedBands(NamedTuple):
    """The statements that read the first rows of several bands together.

    The first keys of each band are read and sorted in Python, then the rows that come first are read by their ids.
    Dates sort as the text that they are in JSON.
    """

    key_statement: CompiledQuery  # reads the values of the order's keys, of all bands
    reverse: bool
    row_statement: CompiledQuery  # reads rows by their ids
    id_index: int  # of the column of the id in a row
    limit: int

    def run(self, values: Values) -> list[Row]:
        """Return the first rows of all bands together."""
        keys = sorted(self.key_statement.run(values), reverse=self.reverse)
        ids = [key[-1] for key in keys[: self.limit]]
        rows = {row[self.id_index]: row for row in self.row_statement.run({**values, "ids": ids})}
        return [rows[pk] for pk in ids if pk in rows]  # one may have been deleted between the statements


class OrderedLayout(NamedTuple):
    """A layout, and the indexes in its rows of the columns that order them."""

    layout: Layout
    key_indexes: list[int]

    @classmethod
    def for_order(cls, serializer: Any, queryset: QuerySet[Any], order: tuple[OrderKey, ...]) -> "OrderedLayout":
        """Return the layout of a serializer, with the columns of the order's keys added."""
        layout = Layout(serializer, queryset, prefetched_querysets(queryset))
        return cls(layout, [layout.add_column(key.column) for key in order])


class ListPlan:
    """The plan of a page of rows."""

    def __init__(self, ordered_layout: OrderedLayout, queryset: Any, paging: Paging, *, prepare: bool) -> None:
        """Compile the query set, which is filtered already. For `prepare` see `CompiledQuery`.

        Of the cursor only its direction, its nulls and its tier of relevance matter. The number of rows is part of the
        SQL and no parameter: PostgreSQL plans for few rows only if it sees the number.
        """
        self.layout, self.key_indexes = ordered_layout
        order, size, cursor, counted = paging
        self.order, self.limit = order, size + 1  # a row more than the page has shows whether there is another page
        fixed_values = cursor and pagination.fixed_values(order, cursor.values)
        values = fixed_values and [
            BoundParameter(_cursor_value_reader(index)) if value is pagination.CURSOR_VALUE else value
            for index, value in enumerate(fixed_values)
        ]
        backwards = cursor is not None and cursor.backwards
        self.segments = [
            self._merge_bands(segment, queryset, prepare=prepare)
            if len(segment.bands) > 1
            else self.layout.compile_query(segment.bands[0], self.limit, prepare=prepare)
            for segment in pagination.segments(queryset, order, values, backwards)
        ]
        self.count_statement = count_statement(queryset, settings.COUNT_LIMIT) if counted else None

    def read(self, values: dict[str, Any], cursor: Cursor | None) -> Page:
        """Return one page of rows as tuples of the layout's columns."""
        rows: list[Row] = []
        for segment in self.segments:
            if len(rows) < self.limit:
                rows += segment.run(values)
        return pagination.page_of(rows[: self.limit], self.limit - 1, cursor)

    def _merge_bands(self, segment: Segment, queryset: QuerySet[Any], *, prepare: bool) -> MergedBands:
        """Compile the statements for the bands of a segment."""
        row_statement = self.layout.compile_query(queryset.order_by().filter(InList("pk", "ids")), prepare=True)
        columns = [JsonColumn(F(key.column)) for key in self.order]
        bands = [CompiledQuery(band.values_list(*columns)[: self.limit]) for band in segment.bands]
        key_statement = union_all(bands, prepare=prepare)
        return MergedBands(key_statement, segment.reverse, row_statement, self.key_indexes[-1], self.limit)

    def cursor_values(self, row: Row) -> list[Any]:
        """Return the values of the order's keys in a row, as a cursor has them."""
        return [cursor_value(key, row[index]) for key, index in zip(self.order, self.key_indexes, strict=True)]

    def count(self, values: Values, page: Page) -> int | None:
        """Return the number of rows on all pages, at most `COUNT_LIMIT` + 1; None unless the request asks for it."""
        if self.count_statement is None:
            return None
        is_only_page = not (values["cursor"] or page.more_after)
        return len(page.rows) if is_only_page else self.count_statement.run(values)[0][0]


def count_statement(queryset: QuerySet[Any], limit: int) -> CompiledQuery:
    """Compile the statement that counts rows. It stops at one more than the limit; with 0 there is no limit."""
    statement = CompiledQuery(queryset.order_by().values_list("pk")[: limit + 1 if limit else None])
    statement.set_sql(f"SELECT COUNT(*) FROM ({statement.sql}) counted", statement.params)  # noqa: S608 - our own SQL
    return statement


def union_all(queries: list[CompiledQuery], *, prepare: bool) -> CompiledQuery:
    """Return one statement that reads the rows of several. For `prepare` see `CompiledQuery`."""
    statement = copy(queries[0])
    statement.prepare = prepare
    sql = " UNION ALL ".join(f"SELECT * FROM ({query.sql}) band{number}" for number, query in enumerate(queries))  # noqa: S608 - our own SQL
    statement.set_sql(sql, [param for query in queries for param in query.params])
    return statement


def _cursor_value_reader(index: int) -> Any:
    """Return a function that reads one value of the cursor from the values of a run."""
    return lambda values: values["cursor"][index]
