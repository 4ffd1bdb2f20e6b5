"""Orders of rows: declared names only, always ending on the primary key, nulls always last."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy

from accords.api.problems import BadParameter
from accords.api.query import unknown

MAX_KEYS = 5


class OrderKey(NamedTuple):
    """One key of an order: a column of the model, its direction, and whether it can be null."""

    column: str
    descending: bool
    nullable: bool

    def order_by(self, backwards: bool) -> OrderBy:
        """The key as SQL. Nulls come last, so they come first when a page is read backwards."""
        descending = self.descending != backwards
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.column), descending=descending, **(nulls if self.nullable else {}))

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Rows that come after a value of this key, in the reading direction; None where none can."""
        if value is None:
            return Q((f"{self.column}__isnull", False)) if backwards else None
        comparison = "lt" if self.descending != backwards else "gt"
        rest = Q((f"{self.column}__{comparison}", value))
        return rest | Q((f"{self.column}__isnull", True)) if self.nullable and not backwards else rest

    def from_on(self, value: Any, backwards: bool) -> Q:
        """Rows that do not come before a value of this key; all rows, where it can be null."""
        if self.nullable:
            return Q()
        return Q((f"{self.column}__{'lte' if self.descending != backwards else 'gte'}", value))

    def same(self, value: Any) -> Q:
        """Rows that have this value."""
        return Q((f"{self.column}__isnull", True)) if value is None else Q((self.column, value))


def keys(model: type[Model], names: list[str], columns: Mapping[str, str]) -> tuple[OrderKey, ...]:
    """The keys for declared names such as `-due`, and the primary key at the end."""
    made = []
    for name in names:
        field: Any = model._meta.get_field(columns[name.lstrip("-")])
        made.append(OrderKey(field.attname, name.startswith("-"), field.null or field.generated))
    if not any(key.column == "id" for key in made):
        made.append(OrderKey("id", bool(made) and made[-1].descending, nullable=False))
    return tuple(made)


def parse(text: str, columns: Mapping[str, str]) -> list[str]:
    """The names in `ordering`. Raises `BadParameter` for unknown, repeated and too many names."""
    names = text.split(",")
    plain = [name.removeprefix("-") for name in names]
    for name in plain:
        if name not in columns:
            raise BadParameter("unknown_name", unknown(name, columns))
    if len(set(plain)) < len(plain) or len(plain) > MAX_KEYS:
        raise BadParameter("ordering", f"At most {MAX_KEYS} names, each once.")
    return names


class Part(NamedTuple):
    """Rows that follow each other in a list: those of a condition, in their order."""

    condition: Q
    order: tuple[OrderKey, ...]


def parts(order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool) -> list[Part]:
    """What comes after a row with these values (or all rows), in parts that an index gives in order on any database.

    Rows with a value of the first key are one part and rows without it another: where an index has its nulls is
    not for us to say.
    """
    first, rest = order[0], order[1:]
    if not first.nullable:
        return [Part(Q() if values is None else after(order, values, backwards), order)]
    stated = Part(Q((f"{first.column}__isnull", False)), (first._replace(nullable=False), *rest))
    both = [stated, Part(Q((f"{first.column}__isnull", True)), rest)]
    if backwards:
        both.reverse()
    if values is None:
        return both
    here, *later = both[(values[0] is None) != backwards :]
    values = values[1:] if values[0] is None else values
    return [here._replace(condition=here.condition & after(here.order, values, backwards)), *later]


def after(order: tuple[OrderKey, ...], values: list[Any], backwards: bool) -> Q:
    """Rows that come after a row with these values: greater in the first key that differs.

    That the first key is not less follows, and is said so that an index can begin there.
    """
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(order, values, strict=True):
        beyond = key.beyond(value, backwards)
        if beyond is not None:
            found |= same & beyond
        same &= key.same(value)
    return order[0].from_on(values[0], backwards) & found
