"""Strict parsing of query strings: what cannot be used is an error, and nothing is ignored."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import TypeVar
from urllib.parse import unquote_plus, unquote_to_bytes

from django.core.exceptions import ValidationError

from accords.api.errors import ErrorItem, InvalidParameter, InvalidParameters

Value = TypeVar("Value")
MAX_PARAMETERS = 50
MAX_VALUE_LENGTH = 4096
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")


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
    if CONTROL_CHARACTER.search(text):
        raise UndecodableError("Control characters are not allowed.")
    return text


def pairs(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a query string in order. Raises `InvalidParameters` if one is not text."""
    parameters, errors = [], []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        try:
            parameters.append((decode(name), decode(value)))
        except UndecodableError as error:
            printable_name = re.sub(r"[^\w.-]", "?", name, flags=re.ASCII)[:50] or "?"
            errors.append(ErrorItem(printable_name, "undecodable", str(error)))
    if errors:
        raise InvalidParameters(errors)
    return parameters


def sort_by_name(query: str) -> str:
    """Return a query string sorted by the names of its parameters, without empty parts.

    Repeated parameters, such as `ordering`, stay in order.
    """
    return "&".join(sorted(filter(None, query.split("&")), key=lambda part: unquote_plus(part.partition("=")[0])))


def parameter_errors(
    parameters: list[tuple[str, str]], allowed: Collection[str], repeatable: Collection[str]
) -> list[ErrorItem]:
    """Return the errors of unknown and repeated names, and of values that are empty or too long."""
    errors: list[ErrorItem] = []
    if not parameters:
        return errors
    for name, times in Counter(name for name, _ in parameters).items():
        if name not in allowed:
            errors.append(ErrorItem(name[:50] or "?", "unknown_parameter", unknown_message(name, allowed, "parameter")))
        elif times > 1 and name not in repeatable:
            detail = "Give it once."
            if f"{name}__in" in allowed:
                detail += f" To ask for several values, use {name}__in."
            errors.append(ErrorItem(name, "repeated_parameter", detail))
    reported = {item.where for item in errors}
    for name, value in parameters:
        if name in allowed and not value.strip() and name not in reported:
            reported.add(name)
            errors.append(ErrorItem(name, "empty_parameter", "It has no value. Leave it out if you do not mean it."))
        elif len(value) > MAX_VALUE_LENGTH:
            errors.append(ErrorItem(name[:50], "too_long", f"At most {MAX_VALUE_LENGTH} characters."))
    return errors


# Names of parameters in other APIs, and the names here. The first of these that an address takes is proposed.
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


def likely_name(name: str, allowed: Collection[str]) -> str:
    """Return the allowed name that is most likely meant by an unknown one; "" if none is similar.

    It is the one with the same meaning as the name in other APIs, else one that begins with the name, else the one with
    the most similar spelling.
    """
    # `pageSize`, `$top`, `ids[]` and `page-size` in the notation of this API
    normalized = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("$_[]").replace("-", "_")
    synonyms = (*OTHER_NAMES.get(normalized, ()), normalized)
    if synonym := next((candidate for candidate in synonyms if candidate in allowed), ""):
        return synonym
    is_long_enough = len(normalized) > 2  # too many names begin with two letters
    longer_names = [candidate for candidate in allowed if is_long_enough and candidate.startswith(f"{normalized}_")]
    return next(iter(longer_names or get_close_matches(normalized, allowed, 1)), "")


def unknown_message(name: str, allowed: Collection[str], noun: str = "name") -> str:
    """Return the error message for an unknown name. It has the name that is likely meant, and all allowed names."""
    candidate = likely_name(name[:50], allowed)
    suggestion = f" Did you mean {candidate}?" if candidate else ""
    return f"Unknown {noun}.{suggestion} Known: {', '.join(sorted(allowed)) or 'none'}."


def read(
    query: str, allowed: Collection[str], repeatable: Collection[str] = ()
) -> tuple[dict[str, str], list[ErrorItem]]:
    """Return the parameters of a query string by name, without those that have errors, and the errors.

    The values of `repeatable` parameters are joined by commas. Raises `InvalidParameters` if the whole string cannot be
    parsed.
    """
    parameters = pairs(query)
    if len({name for name, _ in parameters}) > MAX_PARAMETERS:
        raise InvalidParameters([ErrorItem("?", "too_many_parameters", f"At most {MAX_PARAMETERS} parameters.")])
    errors = parameter_errors(parameters, allowed, repeatable)
    names_with_errors = {item.where for item in errors}
    values: dict[str, str] = {}
    for name, value in parameters:
        if name not in names_with_errors and name in allowed:
            values[name] = f"{values[name]},{value}" if name in values else value
    return values, errors


def error_items(name: str, error: ValidationError) -> list[ErrorItem]:
    """Return the items for the errors of a parameter's value."""
    return [ErrorItem(name, str(item.code), item.messages[0]) for item in error.error_list]


def refuse_parameters(query: str) -> None:
    """Raise `InvalidParameters` if a query string has any parameter."""
    if errors := read(query, ())[1]:
        raise InvalidParameters(errors)


def parse_names(text: str, allowed: Collection[str]) -> frozenset[str]:
    """Return the names in a comma-separated list. Raises `InvalidParameter` for unknown, empty and repeated ones."""
    names = text.split(",")
    for name in names:
        if name not in allowed:
            raise InvalidParameter("unknown_name", unknown_message(name, allowed))
    if len(set(names)) < len(names):
        raise InvalidParameter("repeated_name", "Name each once.")
    return frozenset(names)


class ErrorCollector:
    """The errors of a query string, collected so that one exception reports them all."""

    def __init__(self, items: list[ErrorItem]) -> None:
        self.items = items

    def read(self, parameters: dict[str, str], name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return the parsed value of a parameter; its default if it is missing, or has an error, which is collected."""
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
        """Raise `InvalidParameters` if any errors were collected."""
        if self.items:
            raise InvalidParameters(self.items)
