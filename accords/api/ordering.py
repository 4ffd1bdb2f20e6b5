"""Orders of rows: declared names only, always ending on the primary key, nulls always last."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Field, Func, IntegerField, Lookup, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy

from accords.api.errors import InvalidParameter
from accords.api.query import unknown
from accords.db.parameters import BoundParameter, derived
from accords.db.search_index import TIERS, in_tier

MAX_KEYS = 5
LAST_ID = 2**63 - 1
BOUND = "bound"  # stands for a value that SQL does not depend on
RELEVANCE = "relevance"  # how well rows match `q`: the tier of their match, best first
TIER: "Field[Any, Any]" = IntegerField()


class OrderKey(NamedTuple):
    """One key of an order: a column of the model, its direction, whether it can be null, the field of its values.

    `path` is where the database finds the values, if that is not the column: the index gives its own ids in order, but
    not those of the rows beside it.
    """

    column: str
    descending: bool
    nullable: bool
    field: Field
    path: str = ""

    @property
    def source(self) -> str:
        """Where the database finds the values."""
        return self.path or self.column

    def order_by(self, backwards: bool) -> OrderBy:
        """The key as SQL. Nulls come last, so they come first when a page is read backwards."""
        descending = self.descending != backwards
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.source), descending=descending, **(nulls if self.nullable else {}))

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Rows that come after a value of this key, in the reading direction; None where none can."""
        if value is None:
            return Q((f"{self.source}__isnull", False)) if backwards else None
        comparison = "lt" if self.descending != backwards else "gt"
        rest = Q((f"{self.source}__{comparison}", value))
        return rest | Q((f"{self.source}__isnull", True)) if self.nullable and not backwards else rest

    def from_on(self, value: Any, backwards: bool) -> Q:
        """Rows that do not come before a value of this key; all rows, where it can be null."""
        if self.nullable:
            return Q()
        return Q((f"{self.source}__{'lte' if self.descending != backwards else 'gte'}", value))

    def same(self, value: Any) -> Q:
        """Rows that have this value."""
        return Q((f"{self.source}__isnull", True)) if value is None else Q((self.source, value))


def keys(
    model: type[Model], names: list[str], columns: Mapping[str, str], searched: bool = False
) -> tuple[OrderKey, ...]:
    """The keys for declared names such as `-due`, and the primary key at the end; in a search, the index's."""
    made = [
        OrderKey(RELEVANCE, False, False, TIER)
        if name == RELEVANCE
        else _key(model, columns[name.lstrip("-")], name.startswith("-"))
        for name in names
    ]
    if not any(key.column == "id" for key in made):
        made.append(_key(model, "id", bool(made) and made[-1].descending))
    return tuple(key._replace(path="indexed__row_id") if searched and key.column == "id" else key for key in made)


def _key(model: type[Model], column: str, descending: bool) -> OrderKey:
    field: Any = model._meta.get_field(column)
    values = field.output_field if field.generated else field
    return OrderKey(field.attname, descending, field.null or field.generated, values)


def parse(text: str, columns: Mapping[str, str], searched: bool = False) -> list[str]:
    """The names in `ordering`. Raises `InvalidParameter` for unknown, repeated and too many names."""
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


class Part(NamedTuple):
    """Rows that follow each other in a list: those of a condition, in their order, after a row with these values."""

    condition: Q
    order: tuple[OrderKey, ...]
    start: list[Any] | None = None
    tier: int = 0  # of relevance

    def of(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The part's rows of a query set, each with its relevance, if the order has it."""
        rows = queryset.filter(self.condition)
        return rows.annotate(relevance=Value(self.tier)) if self.tier else rows

    def between(self, low: Any, high: Any, backwards: bool) -> Q:
        """The condition, for rows known to have the first key between two values, in an order by it and the id.

        Of what bounds the key on a side only the narrowest is said: an index follows one, and may take the other.
        """
        column, descending = self.order[0].column, self.order[0].descending != backwards
        edge, narrowest = ((high, LAST_ID), min) if descending else ((low, 0), max)
        if self.start is not None:
            begin = derived(lambda *both: narrowest(both[:2], both[2:]), *edge, *self.start)
            edge = (derived(itemgetter(0), begin), derived(itemgetter(1), begin))
        other = Q((f"{column}__gte", low)) if descending else Q((f"{column}__lte", high))
        return Q(Beyond(self.order, [*edge], backwards)) & other


def parts(order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool, asked: Any = None) -> list[Part]:
    """What comes after a row with these values (or all rows), in parts that an index gives in order on any database.

    Rows with a value of the first key are one part and rows without it another: where an index has its nulls is
    not for us to say. Tiers of relevance, to what is `asked`, are parts too.
    """
    first, rest = order[0], order[1:]
    if first.column == RELEVANCE:
        return _tiers(asked, rest, values, backwards)
    if not first.nullable:
        return [Part(Q(), order) if values is None else _from(order, values, backwards)]
    stated = (first._replace(nullable=False), *rest)
    both = [Part(Q((f"{first.column}__isnull", False)), stated), Part(Q((f"{first.column}__isnull", True)), rest)]
    if backwards:
        both.reverse()
    if values is None:
        return both
    here, *later = both[(values[0] is None) != backwards :]
    if values[0] is None:
        return [here._replace(condition=here.condition & after(rest, values[1:], backwards)), *later]
    return [_from(stated, values, backwards), *later]


def _tiers(asked: Any, rest: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool) -> list[Part]:
    """Each tier of relevance is a part: what comes after a row begins within the row's own."""
    made = [Part(in_tier(asked, tier), rest, tier=tier) for tier in TIERS]
    if backwards:
        made.reverse()
    if values is None:
        return made
    here, *later = made[[part.tier for part in made].index(values[0]) :]
    return [here._replace(condition=here.condition & after(rest, values[1:], backwards)), *later]


def turns(order: tuple[OrderKey, ...], values: list[Any]) -> list[Any]:
    """What of a cursor's values decides the SQL: nulls and tiers; `BOUND` stands for all others."""
    return [
        value if value is None or key.column == RELEVANCE else BOUND for key, value in zip(order, values, strict=True)
    ]


def _from(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> Part:
    return Part(after(order, values, backwards), order, values)


def after(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> Q:
    """Rows that come after a row with these values: greater in the first key that differs.

    Said as one comparison of rows where the keys allow it, so that an index begins right there; else with the bound
    of the first key, which follows.
    """
    if is_even(order):
        return Q(Beyond(order, values, backwards))
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(order, values, strict=True):
        beyond = key.beyond(value, backwards)
        if beyond is not None:
            found |= same & beyond
        same &= key.same(value)
    return order[0].from_on(values[0], backwards) & found


def is_even(order: tuple[OrderKey, ...]) -> bool:
    """Whether all keys have one direction and none can be null."""
    return len({key.descending for key in order}) == 1 and not any(key.nullable for key in order)


class RowValue(Func):
    """Several values as one row: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = IntegerField()  # no one field describes a row, and none is asked


class Beyond(Lookup):
    """Whether a row's keys, one after the other, come after values: SQL's comparison of rows."""

    def __init__(self, order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> None:
        """The order must be even."""
        bound = [
            value if isinstance(value, BoundParameter) else Value(value, output_field=key.field)
            for key, value in zip(order, values, strict=True)
        ]
        super().__init__(RowValue(*(F(key.source) for key in order)), RowValue(*bound))
        self.operator = "<" if order[0].descending != backwards else ">"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        keys, params = compiler.compile(self.lhs)
        values, more = compiler.compile(self.rhs)
        return f"{keys} {self.operator} {values}", [*params, *more]
