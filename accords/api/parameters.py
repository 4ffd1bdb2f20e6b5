"""The parameters that every resource takes besides its filters: shape, order and page."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from accords.api import ordering, pagination
from accords.api.errors import ErrorItem, InvalidParameter, InvalidParameters
from accords.api.query import error_items, unknown
from accords.api.serializers.base import RowSerializer, Shape

Value = TypeVar("Value")
NONE: frozenset[str] = frozenset()
SHAPING = ("fields", "omit", "expand")
PAGING = ("ordering", "page_size", "cursor", "count")


def names(text: str, known: Iterable[str]) -> frozenset[str]:
    """Return the names in a comma-separated list. Raises `InvalidParameter` for unknown, empty and repeated ones."""
    given, known = text.split(","), list(known)
    for name in given:
        if name not in known:
            raise InvalidParameter("unknown_name", unknown(name, known))
    if len(set(given)) < len(given):
        raise InvalidParameter("repeated_name", "Name each once.")
    return frozenset(given)


def count(text: str) -> bool:
    """Return whether to count. Raises `InvalidParameter` for anything but `exact`."""
    if text != "exact":
        raise InvalidParameter("count", "It must be exact, or left out.")
    return True


class ErrorCollector:
    """Collects all errors of a query string."""

    def __init__(self, found: list[ErrorItem]) -> None:
        """Start with errors that were found before."""
        self.found = found

    def read(self, given: dict[str, str], name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return the value of a parameter, or its default. An error is collected."""
        if name not in given:
            return default
        try:
            return parse(given[name])
        except InvalidParameter as error:
            self.found.append(ErrorItem(name, error.code, error.detail))
        except ValidationError as error:
            self.found += error_items(name, error)
        return default

    def tell(self) -> None:
        """Raise `InvalidParameters` if there are any."""
        if self.found:
            raise InvalidParameters(self.found)


class Paging(NamedTuple):
    """How a list is paged."""

    order: tuple[ordering.OrderKey, ...]
    size: int
    cursor: pagination.Cursor | None
    counted: bool


def shape(
    given: dict[str, str], serializer: type[RowSerializer], faults: ErrorCollector, always: frozenset[str]
) -> Shape:
    """Return the shape of the request; `always` are members of the row, unless `fields` or `omit` leave them out."""
    if not given.keys() & {*SHAPING}:
        return Shape(details=always)
    known = serializer.field_names()
    fields = faults.read(given, "fields", lambda text: names(text, known), NONE)
    dispensable = [name for name in known if name not in serializer.always]
    omit = faults.read(given, "omit", lambda text: names(text, dispensable), NONE)
    expand = faults.read(given, "expand", lambda text: names(text, serializer.expansions()), NONE)
    for name, other in (("fields", fields), ("expand", expand)):
        if both := sorted(other & omit):
            faults.found.append(ErrorItem("omit", "contradiction", f"{', '.join(both)}: {name} asks for it."))
    kept = frozenset(name for name in always if not fields or name in fields) - omit
    return Shape(fields, omit, expand, kept | (fields & serializer.hidden()))


def paging(
    given: dict[str, str],
    model: type[Model],
    columns: Mapping[str, str],
    default: str,
    faults: ErrorCollector,
    searched: bool = False,
) -> Paging:
    """Return the order and page of the request; `searched` says whether it is a search."""
    wanted = faults.read(
        given, "ordering", lambda text: ordering.parse(text, columns, searched), ordering.parse(default, columns)
    )
    order = ordering.keys(model, wanted, columns, searched)
    return Paging(
        order,
        faults.read(given, "page_size", pagination.page_size, pagination.DEFAULT_PAGE_SIZE),
        faults.read(given, "cursor", lambda text: pagination.decode(text, model, order), None),
        faults.read(given, "count", count, False),
    )
