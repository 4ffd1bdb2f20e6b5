"""Orders and keyset pages: a cursor names the row after which a page begins, so no page costs more than another.

Orders have declared names only, always end on the primary key, and have nulls last. Why pages are made so is told in
docs/decisions/keyset-pages.md.

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
from django.core.exceptions import ValidationError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Field, Func, IntegerField, Lookup, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api.errors import InvalidParameter
from accords.api.query import ErrorCollector, unknown
from accords.db.compiled_query import BoundParameter, call_when_bound
from accords.db.search_index import TIERS, in_tier
from accords.models.base import BaseQuerySet

PAGING_PARAMETERS = ("ordering", "page_size", "cursor", "count")
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_KEYS = 5
LAST_ID = 2**63 - 1  # the largest that a database can have
BOUND = "bound"  # stands for a value on which the SQL does not depend
RELEVANCE = "relevance"  # how well rows match `q`: the tier of their match, best first
TIER_FIELD: "Field[Any, Any]" = IntegerField()
signer = signing.Signer(salt="accords.api.cursor")


class OrderKey(NamedTuple):
    """One key of an order: a column of the model, its direction, whether it can be null, the field of its values.

    `path` is where the database finds the values, if that is not the column. In a search, the id is read from the
    search index, which gives its own ids in order, but not those of the table joined to it.
    """

    column: str
    descending: bool
    nullable: bool
    field: Field
    path: str = ""

    @property
    def source(self) -> str:
        """The name under which the database finds the values."""
        return self.path or self.column

    def order_by(self, backwards: bool) -> OrderBy:
        """Return the key as SQL. Nulls come last, so they come first when a page is read backwards."""
        descending = self.descending != backwards
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.source), descending=descending, **(nulls if self.nullable else {}))

    def after_value(self, value: Any, backwards: bool) -> Q | None:
        """Return the condition of rows that come after a value of this key, in reading direction; None if none can."""
        if value is None:
            return Q((f"{self.source}__isnull", False)) if backwards else None
        comparison = "lt" if self.descending != backwards else "gt"
        rest = Q((f"{self.source}__{comparison}", value))
        return rest | Q((f"{self.source}__isnull", True)) if self.nullable and not backwards else rest

    def at_or_after(self, value: Any, backwards: bool) -> Q:
        """Return the condition of rows that do not come before a value of this key; of all rows if it can be null."""
        if self.nullable:
            return Q()
        return Q((f"{self.source}__{'lte' if self.descending != backwards else 'gte'}", value))

    def same(self, value: Any) -> Q:
        """Return the condition of rows that have this value."""
        return Q((f"{self.source}__isnull", True)) if value is None else Q((self.source, value))


def order_keys(
    model: type[Model], names: list[str], columns: Mapping[str, str], searched: bool = False
) -> tuple[OrderKey, ...]:
    """Return the keys of an `ordering` such as `-due`, with the primary key at the end which makes it unique."""
    keys = [
        OrderKey(RELEVANCE, False, False, TIER_FIELD)
        if name == RELEVANCE
        else _key(model, columns[name.lstrip("-")], name.startswith("-"))
        for name in names
    ]
    if not any(key.column == "id" for key in keys):
        keys.append(_key(model, "id", bool(keys) and keys[-1].descending))
    return tuple(key._replace(path="indexed__row_id") if searched and key.column == "id" else key for key in keys)


def _key(model: type[Model], column: str, descending: bool) -> OrderKey:
    field: Any = model._meta.get_field(column)
    values = field.output_field if field.generated else field
    return OrderKey(field.attname, descending, field.null or field.generated, values)


def parse_ordering(text: str, columns: Mapping[str, str], searched: bool = False) -> list[str]:
    """Return the names in `ordering`. Raises `InvalidParameter` for unknown, repeated and too many names."""
    names = text.split(",")
    if names == [RELEVANCE] and searched:
        return names
    plain = [name.removeprefix("-") for name in names]
    for name in plain:
        if name == RELEVANCE:
            raise InvalidParameter("ordering", "`relevance` stands alone, best first, and only beside `q`.")
        if name not in columns:
            raise InvalidParameter("unknown_name", unknown(name, columns))
    if len(set(plain)) < len(plain) or len(plain) > MAX_KEYS:
        raise InvalidParameter("ordering", f"At most {MAX_KEYS} names, each once.")
    return names


class OrderedPart(NamedTuple):
    """Rows that follow each other in a list: those of a condition, in their order.

    `start` has the cursor's values if the condition is that of rows after them. For bands, `between` takes its place.
    """

    condition: Q
    order: tuple[OrderKey, ...]
    start: list[Any] | None = None
    tier: int = 0  # of relevance

    def of(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the part's rows of a query set, each with its relevance, if the order has it."""
        rows = queryset.filter(self.condition)
        return rows.annotate(relevance=Value(self.tier)) if self.tier else rows

    def after(self, values: list[Any], backwards: bool) -> "OrderedPart":
        """Return the rest of the part after a row with these values of its order's keys."""
        return self._replace(condition=self.condition & after(self.order, values, backwards))

    def between(self, low: Any, high: Any, backwards: bool) -> Q:
        """Return the condition for rows whose first key lies between two values, in an order by it and the id.

        Of the bounds on one side only the narrowest is written: an index follows one, and might follow the wider.
        """
        column, descending = self.order[0].column, self.order[0].descending != backwards
        # (first key, id) where reading begins: the bound, or the cursor if it lies behind that
        start, narrowest = ((high, LAST_ID), min) if descending else ((low, 0), max)
        if self.start is not None:
            later = call_when_bound(lambda *values: narrowest(values[:2], values[2:]), *start, *self.start)
            start = (call_when_bound(itemgetter(0), later), call_when_bound(itemgetter(1), later))
        end = Q((f"{column}__gte", low)) if descending else Q((f"{column}__lte", high))
        return Q(RowAfter(self.order, [*start], backwards)) & end


def parts(
    order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool, search_query: Any = None
) -> list[OrderedPart]:
    """Return the parts of a list after a row with these values, or of the whole list, each in the order of an index.

    Rows with a value of the first key are one part and rows without another: databases sort nulls differently.
    """
    first, rest = order[0], order[1:]
    if first.column == RELEVANCE:
        return _tiers(search_query, rest, values, backwards)
    if not first.nullable:
        return [OrderedPart(Q(), order) if values is None else _from(order, values, backwards)]
    stated = (first._replace(nullable=False), *rest)
    with_value_and_without = [
        OrderedPart(Q((f"{first.column}__isnull", False)), stated),
        OrderedPart(Q((f"{first.column}__isnull", True)), rest),
    ]
    if backwards:
        with_value_and_without.reverse()
    if values is None:
        return with_value_and_without
    part_of_cursor, *later = with_value_and_without[(values[0] is None) != backwards :]
    if values[0] is None:
        return [part_of_cursor.after(values[1:], backwards), *later]
    return [_from(stated, values, backwards), *later]


def _tiers(
    search_query: Any, rest: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool
) -> list[OrderedPart]:
    """Return a part for each tier of relevance, from that of the cursor's row on."""
    tiers = [OrderedPart(in_tier(search_query, tier), rest, tier=tier) for tier in TIERS]
    if backwards:
        tiers.reverse()
    if values is None:
        return tiers
    part_of_cursor, *later = tiers[[part.tier for part in tiers].index(values[0]) :]
    return [part_of_cursor.after(values[1:], backwards), *later]


def fixed_values(order: tuple[OrderKey, ...], values: list[Any]) -> list[Any]:
    """Return the values of a cursor on which the SQL depends, nulls and tiers, and `BOUND` in place of the others."""
    return [
        value if value is None or key.column == RELEVANCE else BOUND for key, value in zip(order, values, strict=True)
    ]


def _from(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> OrderedPart:
    return OrderedPart(after(order, values, backwards), order, values)


def after(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> Q:
    """Return the condition of rows that come after a row with these values: greater in the first key that differs.

    It is one comparison of rows where the keys allow that, so that an index begins right there; otherwise the bound of
    the first key stands in front.
    """
    if has_one_direction(order):
        return Q(RowAfter(order, values, backwards))
    found, same = Q(pk__in=[]), Q()  # no rows, all rows
    for key, value in zip(order, values, strict=True):
        after_value = key.after_value(value, backwards)
        if after_value is not None:
            found |= same & after_value
        same &= key.same(value)
    return order[0].at_or_after(values[0], backwards) & found


def has_one_direction(order: tuple[OrderKey, ...]) -> bool:
    """Return whether all keys have one direction and none can be null."""
    return len({key.descending for key in order}) == 1 and not any(key.nullable for key in order)


class RowValue(Func):
    """Several values as one row: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = IntegerField()  # required by Django; a row has no field of its own, and nothing reads this one


class RowAfter(Lookup):
    """Whether a row's keys, one after the other, come after values: SQL's comparison of rows."""

    def __init__(self, order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> None:
        """Take an order of which all keys have one direction and none can be null (`has_one_direction`)."""
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
    """Where a page begins: after the row with these values of the order's keys, reading onwards or backwards."""

    values: list[Any]
    backwards: bool

    def encode(self, order: tuple[OrderKey, ...]) -> str:
        """Return the cursor as opaque, signed text."""
        plain = [value if value is None or isinstance(value, int) else _iso(value) for value in self.values]
        return signer.sign_object([_order_name(order), int(self.backwards), plain])

    @classmethod
    def decode(cls, text: str, order: tuple[OrderKey, ...]) -> "Cursor":
        """Decode a cursor. Raises `InvalidParameter` if its signature is wrong, or it is for another list or order."""
        try:
            order_name, backwards, plain = signer.unsign_object(text)
            values = [key.field.to_python(value) for key, value in zip(order, plain, strict=True)]
        except (signing.BadSignature, ValueError, TypeError, ValidationError) as error:
            raise InvalidParameter("cursor", "This cursor is not one of ours. Start again without it.") from error
        if order_name != _order_name(order):
            raise InvalidParameter("cursor", "This cursor belongs to another list or ordering. Start again without it.")
        return cls(values, bool(backwards))


def _iso(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _order_name(order: tuple[OrderKey, ...]) -> str:
    """Return the model and the keys of an order, so that a cursor of another list with the same keys is refused."""
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
    """Rows that follow each other, in order: those of one query set, or of several bands that are to be merged."""

    bands: list[Any]
    reverse: bool = False  # whether the merged rows run downwards by the order's values


def segments(
    queryset: BaseQuerySet, order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool
) -> list[Segment]:
    """Return the segments of a list after a row with these values, or of the whole list, in this direction."""
    return [_segment(queryset, part, backwards) for part in parts(order, values, backwards, queryset.search_query)]


def _segment(queryset: BaseQuerySet, part: OrderedPart, backwards: bool) -> Segment:
    """Return one part's rows. Where the query set has bands in a plain order, an index gives each band in order."""
    sorting = [key.order_by(backwards) for key in part.order]
    bands = queryset.date_bands(part.order[0].column) if is_plain(part.order) else []
    if not bands:
        return Segment([part.of(queryset).order_by(*sorting)])
    between = [band.rows.filter(part.between(band.low, band.high, backwards)) for band in bands]
    return Segment([rows.order_by(*sorting) for rows in between], part.order[0].descending != backwards)


def page_of(rows: list[Any], size: int, cursor: Cursor | None) -> Page:
    """Return the page of rows that were read in the cursor's direction, at most `size + 1`: the last tells of more."""
    more, rows = len(rows) > size, rows[:size]
    if cursor is not None and cursor.backwards:
        # after them is at least the row of the cursor
        return Page(rows[::-1], more_before=bool(rows) and more, more_after=bool(rows))
    return Page(rows, more_before=bool(rows) and cursor is not None, more_after=more)


def is_plain(order: tuple[OrderKey, ...]) -> bool:
    """Return whether an order is that of one column that is never null, and of the id in the same direction."""
    return [key.column for key in order[1:]] == ["id"] and has_one_direction(order)


def links(
    request: Request, parameters: dict[str, str], order: tuple[OrderKey, ...], page: Page
) -> dict[str, str | None]:
    """Return the addresses of the pages after and before one, or null."""
    path = request.build_absolute_uri(request.path.rstrip("/"))
    after = page.more_after and Cursor([getattr(page.rows[-1], key.column) for key in order], backwards=False)
    before = page.more_before and Cursor([getattr(page.rows[0], key.column) for key in order], backwards=True)
    sides = (("next", after), ("previous", before))
    return {name: link(path, parameters, order, side) if side else None for name, side in sides}


def link(path: str, parameters: dict[str, str], order: tuple[OrderKey, ...], cursor: Cursor) -> str:
    """Return the address of the page at a cursor, with all other parameters kept."""
    return f"{path}?{urlencode(parameters | {'cursor': cursor.encode(order)})}"


class KeysetPagination(BasePagination):
    """Pages of query sets, for views without a compiled plan, in the order that their parameters ask for."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        paging: Paging = view.paging
        self.view, self.count = view, queryset.count() if paging.counted else None
        cursor = paging.cursor
        is_backwards = cursor is not None and cursor.backwards
        if cursor is not None:
            queryset = queryset.filter(after(paging.order, cursor.values, is_backwards))
        rows = queryset.order_by(*(key.order_by(is_backwards) for key in paging.order))[: paging.size + 1]
        self.page = page_of([*rows], paging.size, cursor)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        counted = {} if self.count is None else {"count": self.count}
        sides = links(self.view.request, self.view.parameters, self.view.paging.order, self.page)
        return Response({**counted, **sides, "results": data})


def parse_count(text: str) -> bool:
    """Return whether to count. Raises `InvalidParameter` for anything but `exact`."""
    if text != "exact":
        raise InvalidParameter("count", "It must be exact, or left out.")
    return True


class Paging(NamedTuple):
    """How a list is paged."""

    order: tuple[OrderKey, ...]
    size: int
    cursor: Cursor | None
    counted: bool


def parse_paging(
    parameters: dict[str, str],
    model: type[Model],
    columns: Mapping[str, str],
    default: str,
    errors: ErrorCollector,
    searched: bool = False,
) -> Paging:
    """Return how the request wants its list paged.

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
