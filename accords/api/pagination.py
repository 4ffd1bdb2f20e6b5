"""Orders and keyset pages: a cursor has the values of the row after which a page begins, so all pages cost the same.

Orders consist of declared names, end on the primary key, and have nulls last. docs/decisions/keyset-pages.md has the
reasons.

A list is read in parts, each in one order: rows with a value of the first key and rows without, or the tiers of a
search. The rows of a part are a segment: one query set, or several bands that are merged.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core import signing
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Field, Func, IntegerField, Lookup, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.errors import InvalidParameter
from accords.api.query import ErrorCollector, unknown_message
from accords.db.compiled_query import BoundParameter, call_when_bound
from accords.db.search_index import TIERS, tier_condition
from accords.models.base import BaseQuerySet

PAGING_PARAMETERS = ("ordering", "page_size", "cursor", "count")
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_KEYS = 5
LAST_ID = 2**63 - 1  # the largest one in the database
CURSOR_VALUE = "cursor value"  # replaces a value on which the SQL does not depend
RELEVANCE = "relevance"  # the order by how well rows match `q`: by the tier of their match, best first
TIER_FIELD: "Field[Any, Any]" = IntegerField()
signer = signing.Signer(salt="accords.api.cursor")


class OrderKey(NamedTuple):
    """One key of an order: a column of the model and its direction."""

    column: str
    descending: bool
    nullable: bool
    field: Field  # of its values
    # The lookup path of the same values in another table. In a search the id is read from the search index, which
    # returns its own ids in order, but not those of the table that is joined to it.
    path: str = ""

    @property
    def source(self) -> str:
        """The lookup path of the values."""
        return self.path or self.column

    def order_by(self, backwards: bool) -> OrderBy:
        """Return the argument of the query set's `order_by`. Nulls come last, so backwards they come first."""
        descending = self.descending != backwards
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.source), descending=descending, **(nulls if self.nullable else {}))

    def after_value(self, value: Any, backwards: bool) -> Q | None:
        """Return the condition for rows after a value of this key in reading direction; None if there can be none."""
        if value is None:
            return Q((f"{self.source}__isnull", False)) if backwards else None
        comparison = "lt" if self.descending != backwards else "gt"
        condition = Q((f"{self.source}__{comparison}", value))
        return condition | Q((f"{self.source}__isnull", True)) if self.nullable and not backwards else condition

    def at_or_after(self, value: Any, backwards: bool) -> Q:
        """Return the condition for rows at or after a value of this key; an empty one if the key can be null."""
        if self.nullable:
            return Q()
        return Q((f"{self.source}__{'lte' if self.descending != backwards else 'gte'}", value))

    def same(self, value: Any) -> Q:
        """Return the condition for rows with this value."""
        return Q((f"{self.source}__isnull", True)) if value is None else Q((self.source, value))


def order_keys(
    model: type[Model], names: list[str], columns: Mapping[str, str], searched: bool = False
) -> tuple[OrderKey, ...]:
    """Return the keys of an ordering such as `["-due"]`, with the primary key at the end, so that the order is unique.

    `columns` has the column of each name. `searched` says whether the list is that of a search.
    """
    keys = [
        OrderKey(RELEVANCE, descending=False, nullable=False, field=TIER_FIELD)
        if name == RELEVANCE
        else _column_key(model, columns[name.lstrip("-")], descending=name.startswith("-"))
        for name in names
    ]
    if not any(key.column == "id" for key in keys):
        # In the direction of the key before it, so that an index on both has this order.
        keys.append(_column_key(model, "id", descending=bool(keys) and keys[-1].descending))
    return tuple(key._replace(path="indexed__row_id") if searched and key.column == "id" else key for key in keys)


def _column_key(model: type[Model], column: str, *, descending: bool) -> OrderKey:
    """Return the key of a column. A generated one is null if a value from which it is computed is null."""
    field: Any = model._meta.get_field(column)
    value_field = field.output_field if field.generated else field
    return OrderKey(field.attname, descending, field.null or field.generated, value_field)


def parse_ordering(text: str, columns: Mapping[str, str], searched: bool = False) -> list[str]:
    """Return the names in `ordering`, with their signs. Raises `InvalidParameter`."""
    names = text.split(",")
    if names == [RELEVANCE] and searched:
        return names
    unsigned_names = [name.removeprefix("-") for name in names]
    for name in unsigned_names:
        if name == RELEVANCE:
            raise InvalidParameter("ordering", "`relevance` stands alone, best first, and only beside `q`.")
        if name not in columns:
            raise InvalidParameter("unknown_name", unknown_message(name, columns))
    if len(set(unsigned_names)) < len(unsigned_names) or len(unsigned_names) > MAX_KEYS:
        raise InvalidParameter("ordering", f"At most {MAX_KEYS} names, each once.")
    return names


class OrderedPart(NamedTuple):
    """A part of a list: the rows of a condition, in an order.

    `start` has the values of the cursor if the condition is that of rows after them. Bands ignore the condition:
    `between` makes one of `start`.
    """

    condition: Q
    order: tuple[OrderKey, ...]
    start: list[Any] | None = None
    tier: int = 0  # of relevance

    def filter_rows(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of a query set that are in this part, in a search by relevance annotated with their tier."""
        rows = queryset.filter(self.condition)
        return rows.annotate(relevance=Value(self.tier)) if self.tier else rows

    def rest_after(self, values: list[Any], backwards: bool) -> "OrderedPart":
        """Return the rest of the part after a row with these values of the keys of its order."""
        return self._replace(condition=self.condition & after_values(self.order, values, backwards))

    def between(self, low: Any, high: Any, backwards: bool) -> Q:
        """Return the condition for rows after the cursor whose first key lies between two values.

        The order is that of the first key and the id. At each side the condition has only one bound, the narrowest:
        a database uses one bound to enter an index, and of two it might use the wider.
        """
        column, descending = self.order[0].column, self.order[0].descending != backwards
        # The first key and the id at which reading begins: those of the bound, or of the cursor if it is further on.
        start, narrowest = ((high, LAST_ID), min) if descending else ((low, 0), max)
        if self.start is not None:
            first_row = call_when_bound(lambda *values: narrowest(values[:2], values[2:]), *start, *self.start)
            start = (call_when_bound(itemgetter(0), first_row), call_when_bound(itemgetter(1), first_row))
        end = Q((f"{column}__gte", low)) if descending else Q((f"{column}__lte", high))
        return Q(RowAfter(self.order, [*start], backwards)) & end


def parts(
    order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool, search_query: Any = None
) -> list[OrderedPart]:
    """Return the parts of a list after a row with these values (None: of the whole list), each in an index's order.

    Rows with a value of the first key are one part and rows without another: databases sort nulls differently.
    """
    first, rest = order[0], order[1:]
    if first.column == RELEVANCE:
        return _tier_parts(search_query, rest, values, backwards)
    if not first.nullable:
        return [OrderedPart(Q(), order) if values is None else _part_after(order, values, backwards)]
    order_with_value = (first._replace(nullable=False), *rest)
    both_parts = [
        OrderedPart(Q((f"{first.column}__isnull", False)), order_with_value),
        OrderedPart(Q((f"{first.column}__isnull", True)), rest),
    ]
    if backwards:
        both_parts.reverse()
    if values is None:
        return both_parts
    cursor_is_in_second_part = (values[0] is None) != backwards
    part_of_cursor, *later_parts = both_parts[1 if cursor_is_in_second_part else 0 :]
    if values[0] is None:
        return [part_of_cursor.rest_after(values[1:], backwards), *later_parts]
    return [_part_after(order_with_value, values, backwards), *later_parts]


def _tier_parts(
    search_query: Any, rest: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool
) -> list[OrderedPart]:
    """Return a part for each tier of relevance, beginning with that of the cursor's row."""
    tier_parts = [OrderedPart(tier_condition(search_query, tier), rest, tier=tier) for tier in TIERS]
    if backwards:
        tier_parts.reverse()
    if values is None:
        return tier_parts
    part_of_cursor, *later_parts = tier_parts[[part.tier for part in tier_parts].index(values[0]) :]
    return [part_of_cursor.rest_after(values[1:], backwards), *later_parts]


def fixed_values(order: tuple[OrderKey, ...], values: list[Any]) -> list[Any]:
    """Return the values of a cursor on which the SQL depends: nulls and tiers. `CURSOR_VALUE` replaces the others."""
    return [
        value if value is None or key.column == RELEVANCE else CURSOR_VALUE
        for key, value in zip(order, values, strict=True)
    ]


def _part_after(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> OrderedPart:
    """Return the part of the rows after a row with these values."""
    return OrderedPart(after_values(order, values, backwards), order, values)


def after_values(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> Q:
    """Return the condition for rows after a row with these values: after its value in the first key that differs.

    If the keys allow it, it is one comparison of row values, by which a database enters an index at that row. Otherwise
    it begins with a bound for the first key, for the same purpose.
    """
    if has_one_direction(order):
        return Q(RowAfter(order, values, backwards))
    is_after, has_same_values = Q(pk__in=[]), Q()  # no rows, all rows
    for key, value in zip(order, values, strict=True):
        after_value = key.after_value(value, backwards)
        if after_value is not None:
            is_after |= has_same_values & after_value
        has_same_values &= key.same(value)
    return order[0].at_or_after(values[0], backwards) & is_after


def has_one_direction(order: tuple[OrderKey, ...]) -> bool:
    """Return whether all keys have one direction and none can be null."""
    return len({key.descending for key in order}) == 1 and not any(key.nullable for key in order)


class RowValue(Func):
    """Several values as one row value of SQL: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = IntegerField()  # Django requires one, but nothing uses it


class RowAfter(Lookup):
    """Whether the keys of a row come after values: a comparison of row values in SQL, `(due, id) > (…, …)`."""

    def __init__(self, order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> None:
        """Take an order for which `has_one_direction` is true."""
        values = [
            value if isinstance(value, BoundParameter) else Value(value, output_field=key.field)
            for key, value in zip(order, values, strict=True)
        ]
        super().__init__(RowValue(*(F(key.source) for key in order)), RowValue(*values))
        self.operator = "<" if order[0].descending != backwards else ">"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        keys, params = compiler.compile(self.lhs)
        values, more = compiler.compile(self.rhs)
        return f"{keys} {self.operator} {values}", [*params, *more]


class Cursor(NamedTuple):
    """The row after which a page begins, by its values of the order's keys."""

    values: list[Any]
    backwards: bool  # whether the page is read towards the beginning of the list

    def encode(self, order: tuple[OrderKey, ...]) -> str:
        """Return the cursor as opaque, signed text."""
        json_values = [value if value is None or isinstance(value, int) else _as_text(value) for value in self.values]
        return signer.sign_object([_order_name(order), int(self.backwards), json_values])

    @classmethod
    def decode(cls, text: str, order: tuple[OrderKey, ...]) -> "Cursor":
        """Decode a cursor. Raises `InvalidParameter` if its signature is wrong, or it is for another list or order."""
        try:
            order_name, backwards, json_values = signer.unsign_object(text)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise InvalidParameter("cursor", "This cursor is not one of ours. Start again without it.") from error
        if order_name != _order_name(order):
            raise InvalidParameter("cursor", "This cursor belongs to another list or ordering. Start again without it.")
        values = [key.field.to_python(value) for key, value in zip(order, json_values, strict=True)]
        return cls(values, bool(backwards))


def _as_text(value: Any) -> str:
    """Return the text of a value from which its field's `to_python` restores it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _order_name(order: tuple[OrderKey, ...]) -> str:
    """Return the model and the keys of an order: a cursor is not valid for another list with the same keys."""
    keys = [f"{'-' if key.descending else ''}{key.column}" for key in order]
    return ",".join([*(key.field.model.__name__ for key in order if key.column == "id"), *keys])


def parse_page_size(text: str) -> int:
    """Return the number of rows on a page. Raises `InvalidParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise InvalidParameter("page_size", f"It must be a whole number from 1 to {MAX_PAGE_SIZE}.")
    return int(text)


class Page(NamedTuple):
    """Rows in order, and whether there are more on either side."""

    rows: list[Any]
    more_before: bool
    more_after: bool


class Segment(NamedTuple):
    """The rows of a part in order: those of one query set, or of several bands that are to be merged."""

    bands: list[Any]
    reverse: bool = False  # whether merged rows are in descending order


def segments(
    queryset: BaseQuerySet, order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool
) -> list[Segment]:
    """Return the segments of a list after a row with these values (None: of the whole list), in reading direction."""
    return [_segment(queryset, part, backwards) for part in parts(order, values, backwards, queryset.search_query)]


def _segment(queryset: BaseQuerySet, part: OrderedPart, backwards: bool) -> Segment:
    """Return the segment of a part. It has bands if the query set has them for the order, each in that of an index."""
    order_by = [key.order_by(backwards) for key in part.order]
    bands = queryset.date_bands(part.order[0].column) if is_single_column(part.order) else []
    if not bands:
        return Segment([part.filter_rows(queryset).order_by(*order_by)])
    rows_of_bands = [band.rows.filter(part.between(band.low, band.high, backwards)) for band in bands]
    is_descending = part.order[0].descending != backwards
    return Segment([rows.order_by(*order_by) for rows in rows_of_bands], reverse=is_descending)


def page_of(rows: list[Any], size: int, cursor: Cursor | None) -> Page:
    """Return the page of rows that were read in the cursor's direction.

    They are at most `size + 1` rows: one more than the page has shows that there is another page.
    """
    more, rows = len(rows) > size, rows[:size]
    if cursor is not None and cursor.backwards:
        # At least the row of the cursor comes after them.
        return Page(rows[::-1], more_before=bool(rows) and more, more_after=bool(rows))
    return Page(rows, more_before=bool(rows) and cursor is not None, more_after=more)


def is_single_column(order: tuple[OrderKey, ...]) -> bool:
    """Return whether an order is that of one column without nulls, and of the id in the same direction."""
    return [key.column for key in order[1:]] == ["id"] and has_one_direction(order)


def links(
    request: Request, parameters: dict[str, str], order: tuple[OrderKey, ...], page: Page
) -> dict[str, str | None]:
    """Return the addresses of the pages `next` and `previous`; None if there is none."""
    path = request.build_absolute_uri(request.path.rstrip("/"))
    after = page.more_after and Cursor([getattr(page.rows[-1], key.column) for key in order], backwards=False)
    before = page.more_before and Cursor([getattr(page.rows[0], key.column) for key in order], backwards=True)
    cursors = (("next", after), ("previous", before))
    return {name: link(path, parameters, order, cursor) if cursor else None for name, cursor in cursors}


def link(path: str, parameters: dict[str, str], order: tuple[OrderKey, ...], cursor: Cursor) -> str:
    """Return the address of the page at a cursor, with the other parameters of the request."""
    return f"{path}?{urlencode(parameters | {'cursor': cursor.encode(order)})}"


class KeysetPagination(BasePagination):
    """Keyset pages for views without a compiled plan, with the paging that the view has parsed (`view.paging`)."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page, and keep the page and the number of all rows for the response."""
        paging: Paging = view.paging
        self.view, self.count = view, queryset.count() if paging.counted else None
        cursor = paging.cursor
        is_backwards = cursor is not None and cursor.backwards
        if cursor is not None:
            queryset = queryset.filter(after_values(paging.order, cursor.values, is_backwards))
        rows = queryset.order_by(*(key.order_by(is_backwards) for key in paging.order))[: paging.size + 1]
        self.page = page_of([*rows], paging.size, cursor)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        count = {} if self.count is None else {"count": self.count}
        page_links = links(self.view.request, self.view.parameters, self.view.paging.order, self.page)
        return Response({**count, **page_links, "results": data})


def parse_count(text: str) -> bool:
    """Return True for `exact`, the only value of `count`. Raises `InvalidParameter` for others."""
    if text != "exact":
        raise InvalidParameter("count", "It must be exact, or left out.")
    return True


class Paging(NamedTuple):
    """The page of a list that a request asks for."""

    order: tuple[OrderKey, ...]
    size: int
    cursor: Cursor | None  # None: the first page
    counted: bool


def parse_paging(
    parameters: dict[str, str],
    model: type[Model],
    columns: Mapping[str, str],
    default: str,
    errors: ErrorCollector,
    searched: bool = False,
) -> Paging:
    """Return the page that the request asks for. Errors are collected.

    `columns` has the column of each name that `ordering` takes, `default` is the ordering of a request without one, and
    `searched` says whether the list is that of a search.
    """
    names = errors.read(
        parameters, "ordering", lambda text: parse_ordering(text, columns, searched), parse_ordering(default, columns)
    )
    order = order_keys(model, names, columns, searched)
    return Paging(
        order,
        errors.read(parameters, "page_size", parse_page_size, DEFAULT_PAGE_SIZE),
        errors.read(parameters, "cursor", lambda text: Cursor.decode(text, order), None),
        errors.read(parameters, "count", parse_count, False),
    )
