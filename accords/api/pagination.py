"""Keyset pages: a cursor names the row after which a page begins, so no page costs more than another."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model
from rest_framework.request import Request

from accords.api import ordering
from accords.api.errors import InvalidParameter
from accords.api.ordering import OrderKey, Part
from accords.models.base import BaseQuerySet

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
signer = signing.Signer(salt="accords.api.cursor")


class Cursor(NamedTuple):
    """Where a page begins: after the row with these values of the order's keys, reading onwards or backwards."""

    values: list[Any]
    backwards: bool

    def encode(self, order: tuple[OrderKey, ...]) -> str:
        """Encode the cursor as opaque, signed text."""
        plain = [value if value is None or isinstance(value, int) else _iso(value) for value in self.values]
        return signer.sign_object([_name(order), int(self.backwards), plain])


def _iso(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _name(order: tuple[OrderKey, ...]) -> str:
    """Return the model and order of a cursor: rows of other lists have ids and titles too."""
    keys = [f"{'-' if key.descending else ''}{key.column}" for key in order]
    return ",".join([*(key.field.model.__name__ for key in order if key.column == "id"), *keys])


def decode(text: str, model: type[Model], order: tuple[OrderKey, ...]) -> Cursor:
    """Decode a cursor. Raises `InvalidParameter` if it is not ours or belongs to another list or order."""
    try:
        name, backwards, plain = signer.unsign_object(text)
        values = [key.field.to_python(value) for key, value in zip(order, plain, strict=True)]
    except (signing.BadSignature, ValueError, TypeError, ValidationError) as error:
        raise InvalidParameter("cursor", "This cursor is not one of ours. Start again without it.") from error
    if name != _name(order):
        raise InvalidParameter("cursor", "This cursor belongs to another list or ordering. Start again without it.")
    return Cursor(values, bool(backwards))


def page_size(text: str) -> int:
    """Return the number of rows on a page. Raises `InvalidParameter`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise InvalidParameter("page_size", f"It must be a whole number from 1 to {MAX_PAGE_SIZE}.")
    return int(text)


class Page(NamedTuple):
    """Rows in order, and whether there are more on either side."""

    rows: list[Any]
    more_before: bool
    more_after: bool


class Passage(NamedTuple):
    """Rows that follow each other, in order: those of one query set, or of several strands that are to be merged."""

    strands: list[Any]
    reverse: bool = False  # whether the merged rows run downwards by the order's values


def passages(
    queryset: BaseQuerySet, order: tuple[OrderKey, ...], values: list[Any] | None, backwards: bool
) -> list[Passage]:
    """Return the rows after these values (or all) in the reading direction, in segments that an index returns."""
    return [
        _passage(queryset, part, backwards) for part in ordering.parts(order, values, backwards, queryset.search_query)
    ]


def _passage(queryset: BaseQuerySet, part: Part, backwards: bool) -> Passage:
    """Return the rows of a part. If the query set has bands of a plain order, indexes return each band in order."""
    sorting = [key.order_by(backwards) for key in part.order]
    strands = queryset.date_bands(part.order[0].column) if is_plain(part.order) else []
    if not strands:
        return Passage([part.of(queryset).order_by(*sorting)])
    between = [strand.rows.filter(part.between(strand.low, strand.high, backwards)) for strand in strands]
    return Passage([rows.order_by(*sorting) for rows in between], part.order[0].descending != backwards)


def page(rows: list[Any], size: int, cursor: Cursor | None) -> Page:
    """Return the page of rows that were read in the cursor's direction, one more than its size if there are more."""
    more, rows = len(rows) > size, rows[:size]
    if cursor is not None and cursor.backwards:
        return Page(rows[::-1], more_before=bool(rows) and more, more_after=bool(rows))
    return Page(rows, more_before=bool(rows) and cursor is not None, more_after=more)


def is_plain(order: tuple[OrderKey, ...]) -> bool:
    """Return whether an order is by one column that is never null, and by the id in the same direction."""
    return [key.column for key in order[1:]] == ["id"] and ordering.is_even(order)


def links(request: Request, given: dict[str, str], order: tuple[OrderKey, ...], page: Page) -> dict[str, str | None]:
    """Return the addresses of the next and the previous page, or null."""
    path = request.build_absolute_uri(request.path.rstrip("/"))
    after = page.more_after and Cursor([getattr(page.rows[-1], key.column) for key in order], backwards=False)
    before = page.more_before and Cursor([getattr(page.rows[0], key.column) for key in order], backwards=True)
    sides = (("next", after), ("previous", before))
    return {name: link(path, given, order, side) if side else None for name, side in sides}


def link(path: str, given: dict[str, str], order: tuple[OrderKey, ...], cursor: Cursor) -> str:
    """Return the address of the page at a cursor, with all other parameters of the request."""
    return f"{path}?{urlencode(given | {'cursor': cursor.encode(order)})}"
