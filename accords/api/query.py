"""The query string, read strictly: nothing in it is ever ignored."""

import re
from collections import Counter
from collections.abc import Collection
from difflib import get_close_matches
from urllib.parse import unquote_to_bytes

from accords.api.errors import ErrorItem, InvalidParameters

MAX_PARAMETERS = 50
MAX_VALUE_LENGTH = 4096
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Undecodable(ValueError):
    """A name or value that is not text."""


def decode(part: str) -> str:
    """A name or value of a query string as text. Raises `Undecodable` for broken escapes and what is not text."""
    if BAD_ESCAPE.search(part):
        raise Undecodable("A % must be followed by two hexadecimal digits.")
    try:
        text = unquote_to_bytes(part.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError as error:
        raise Undecodable("It is not UTF-8.") from error
    if CONTROL.search(text):
        raise Undecodable("Control characters are not allowed.")
    return text


def pairs(query: str) -> list[tuple[str, str]]:
    """The names and values of a query string in order. Raises `InvalidParameters` for what is not text."""
    found, faults = [], []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        try:
            found.append((decode(name), decode(value)))
        except Undecodable as error:
            faults.append(
                ErrorItem(re.sub(r"[^\w.-]", "?", name, flags=re.ASCII)[:50] or "?", "undecodable", str(error))
            )
    if faults:
        raise InvalidParameters(faults)
    return found


def faults_of(given: list[tuple[str, str]], known: Collection[str]) -> list[ErrorItem]:
    """What is wrong with the names and the mere presence of values: unknown, repeated, empty, too long."""
    faults: list[ErrorItem] = []
    if not given:
        return faults
    for name, times in Counter(name for name, _ in given).items():
        if name not in known:
            faults.append(ErrorItem(name[:50] or "?", "unknown_parameter", unknown(name, known)))
        elif times > 1:
            faults.append(
                ErrorItem(
                    name,
                    "repeated_parameter",
                    "Give it once; where several values are allowed, separate them with commas.",
                )
            )
    for name, value in dict(given).items():
        if name in known and not value.strip():
            faults.append(ErrorItem(name, "empty_parameter", "It has no value. Leave it out if you do not mean it."))
        elif len(value) > MAX_VALUE_LENGTH:
            faults.append(ErrorItem(name[:50], "too_long", f"At most {MAX_VALUE_LENGTH} characters."))
    return faults


def unknown(name: str, known: Collection[str]) -> str:
    """What to say of a name that does not exist: the nearest one, and all that do."""
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"There is no such name here. {hint}Known: {', '.join(sorted(known)) or 'none'}."


def read(query: str, known: Collection[str]) -> tuple[dict[str, str], list[ErrorItem]]:
    """The parameters of a query string that can be read, and what is wrong with the others.

    Raises `InvalidParameters` where the string as a whole cannot be read.
    """
    given = pairs(query)
    if len(given) > MAX_PARAMETERS:
        raise InvalidParameters([ErrorItem("?", "too_many_parameters", f"At most {MAX_PARAMETERS} parameters.")])
    faults = faults_of(given, known)
    bad = {fault.where for fault in faults}
    return {name: value for name, value in given if name not in bad and name in known}, faults


def none(query: str) -> None:
    """Raise `InvalidParameters` if there is any parameter, at an address that takes none."""
    if faults := read(query, ())[1]:
        raise InvalidParameters(faults)
