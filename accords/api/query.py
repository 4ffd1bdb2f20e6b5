"""Strict reading of query strings: nothing is ignored."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from django.core.exceptions import ValidationError

from accords.api.errors import ErrorItem, InvalidParameter, InvalidParameters

Value = TypeVar("Value")
MAX_PARAMETERS = 50
MAX_VALUE_LENGTH = 4096
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class UndecodableError(ValueError):
    """A name or value that is not text."""


def decode(part: str) -> str:
    """Decode a name or value of a query string. Raises `UndecodableError`."""
    if BAD_ESCAPE.search(part):
        raise UndecodableError("A % must be followed by two hexadecimal digits.")
    try:
        text = unquote_to_bytes(part.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError as error:
        raise UndecodableError("It is not UTF-8.") from error
    if CONTROL.search(text):
        raise UndecodableError("Control characters are not allowed.")
    return text


def pairs(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a query string in order. Raises `InvalidParameters` if one is not text."""
    items, errors = [], []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        try:
            items.append((decode(name), decode(value)))
        except UndecodableError as error:
            errors.append(
                ErrorItem(re.sub(r"[^\w.-]", "?", name, flags=re.ASCII)[:50] or "?", "undecodable", str(error))
            )
    if errors:
        raise InvalidParameters(errors)
    return items


def name_errors(items: list[tuple[str, str]], known: Collection[str], lists: Collection[str]) -> list[ErrorItem]:
    """Return the errors of names and of the presence of values: unknown, repeated, empty, too long."""
    errors: list[ErrorItem] = []
    if not items:
        return errors
    for name, times in Counter(name for name, _ in items).items():
        if name not in known:
            errors.append(ErrorItem(name[:50] or "?", "unknown_parameter", unknown(name, known, "parameter")))
        elif times > 1 and name not in lists:
            detail = "Give it once."
            if f"{name}__in" in known:
                detail += f" To ask for several values, use {name}__in."
            errors.append(ErrorItem(name, "repeated_parameter", detail))
    reported = {item.where for item in errors}
    for name, value in items:
        if name in known and not value.strip() and name not in reported:
            reported.add(name)
            errors.append(ErrorItem(name, "empty_parameter", "It has no value. Leave it out if you do not mean it."))
        elif len(value) > MAX_VALUE_LENGTH:
            errors.append(ErrorItem(name[:50], "too_long", f"At most {MAX_VALUE_LENGTH} characters."))
    return errors


# What other APIs call a parameter, and what it is called here: the first of these names that the address has.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("limit", "per_page", "perpage", "pagesize", "size", "top", "take", "first", "rows"), ("page_size",)
    ),
    **dict.fromkeys(("max", "max_results", "number", "n", "results_per_page", "count_per_page"), ("page_size",)),
    **dict.fromkeys(("offset", "page", "skip", "start", "start_index", "page_number", "page_token"), ("cursor",)),
    **dict.fromkeys(("starting_after", "after", "before", "next", "from", "p", "marker", "continue"), ("cursor",)),
    **dict.fromkeys(("sort", "sort_by", "sortby", "order", "order_by", "orderby", "o", "sorting"), ("ordering",)),
    **dict.fromkeys(("since", "modified_since", "updated_since", "changed_since"), ("updated_at__gte",)),
    **dict.fromkeys(("updated_after", "modified_after", "updated_at", "modified", "updated"), ("updated_at__gte",)),
    **dict.fromkeys(("until", "updated_before", "modified_before", "updated_until"), ("updated_at__lte",)),
    **dict.fromkeys(("created", "created_at", "created_after", "created_since"), ("created_at__gte",)),
    **dict.fromkeys(("created_before", "created_until"), ("created_at__lte",)),
    **dict.fromkeys(("search", "query", "text", "keyword", "keywords", "term", "find", "filter"), ("q",)),
    **dict.fromkeys(("include", "embed", "with", "populate", "depth", "nested", "relations"), ("expand",)),
    **dict.fromkeys(("select", "only", "attributes", "columns", "properties", "field"), ("fields",)),
    **dict.fromkeys(("exclude", "defer", "without", "except"), ("omit",)),
    **dict.fromkeys(("total", "with_total", "include_total", "totals", "with_count"), ("count",)),
    **dict.fromkeys(("id", "ids", "pk", "uuid"), ("id__in",)),
    **dict.fromkeys(("day", "date", "as_of", "today", "asof", "at"), ("on", "in_force_on", "date_before")),
    **dict.fromkeys(("lang", "locale"), ("language",)),
    **dict.fromkeys(("name", "label", "title"), ("title__icontains", "q")),
    **dict.fromkeys(("type", "category"), ("kind", "type", "instrument", "target")),
    **dict.fromkeys(("kind",), ("type", "instrument")),
    **dict.fromkeys(("country_code", "nation"), ("country",)),
    **dict.fromkeys(("deadline", "due_date", "expires", "expiry", "expiration"), ("due_before", "ends_before")),
    **dict.fromkeys(("agreement_id", "agreement_slug", "deal"), ("agreement",)),
    **dict.fromkeys(("published", "is_public", "public"), ("is_published",)),
}


def likely_name(name: str, known: Collection[str]) -> str:
    """Return the known parameter that is most likely meant by an unknown name; blank if none is near.

    It is what other APIs call so, else a known name that begins with this one, else the nearest spelling.
    """
    # `pageSize`, `$top`, `ids[]` and `page-size` as they would be written here
    normalized = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("$_[]").replace("-", "_")
    meant = (*OTHER_NAMES.get(normalized, ()), normalized)
    if match := next((candidate for candidate in meant if candidate in known), ""):
        return match
    is_long_enough = len(normalized) > 2  # too many names begin with two letters
    longer = [candidate for candidate in known if is_long_enough and candidate.startswith(f"{normalized}_")]
    return next(iter(longer or get_close_matches(normalized, known, 1)), "")


def unknown(name: str, known: Collection[str], noun: str = "name") -> str:
    """Return the message for an unknown name: the name that may be meant, and all names that there are."""
    nearest = likely_name(name[:50], known)
    suggestion = f" Did you mean {nearest}?" if nearest else ""
    return f"Unknown {noun}.{suggestion} Known: {', '.join(sorted(known)) or 'none'}."


def read(query: str, known: Collection[str], lists: Collection[str] = ()) -> tuple[dict[str, str], list[ErrorItem]]:
    """Return the parameters of a query string that can be read, and what is wrong with the others.

    `lists` names those that may be repeated: their values are joined by commas. Raises `InvalidParameters` where the
    string as a whole cannot be read.
    """
    items = pairs(query)
    if len({name for name, _ in items}) > MAX_PARAMETERS:
        raise InvalidParameters([ErrorItem("?", "too_many_parameters", f"At most {MAX_PARAMETERS} parameters.")])
    errors = name_errors(items, known, lists)
    bad = {item.where for item in errors}
    values: dict[str, str] = {}
    for name, value in items:
        if name not in bad and name in known:
            values[name] = f"{values[name]},{value}" if name in values else value
    return values, errors


def error_items(name: str, error: ValidationError) -> list[ErrorItem]:
    """Return the errors of a parameter's value."""
    return [ErrorItem(name, str(item.code), item.messages[0]) for item in error.error_list]


def none(query: str) -> None:
    """Raise `InvalidParameters` if there is any parameter, at an address that takes none."""
    if errors := read(query, ())[1]:
        raise InvalidParameters(errors)


def names(text: str, known: Iterable[str]) -> frozenset[str]:
    """Return the names in a comma-separated list. Raises `InvalidParameter` for unknown, empty and repeated ones."""
    items, known = text.split(","), list(known)
    for name in items:
        if name not in known:
            raise InvalidParameter("unknown_name", unknown(name, known))
    if len(set(items)) < len(items):
        raise InvalidParameter("repeated_name", "Name each once.")
    return frozenset(items)


class ErrorCollector:
    """Collects every error of a query string before one exception reports them all."""

    def __init__(self, items: list[ErrorItem]) -> None:
        """Start with the errors so far."""
        self.items = items

    def read(self, parameters: dict[str, str], name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return the value of a parameter, or its default; an error is kept."""
        if name not in parameters:
            return default
        try:
            return parse(parameters[name])
        except InvalidParameter as error:
            self.items.append(ErrorItem(name, error.code, error.detail))
        except ValidationError as error:
            self.items += error_items(name, error)
        return default

    def raise_errors(self) -> None:
        """Raise `InvalidParameters` if there are any."""
        if self.items:
            raise InvalidParameters(self.items)
