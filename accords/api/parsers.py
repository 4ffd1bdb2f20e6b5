"""The body of a request, read strictly: JSON in UTF-8 of bounded size and depth, in which nothing is ambiguous."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from accords.api.errors import ErrorItem, InvalidBody, LengthRequired, TooLarge
from accords.db.fields import CONTROL_CHARACTERS

MAX_BYTES = 2**20  # of most bodies
LARGE_BYTES = 8 * 2**20  # of bulk requests and of sources: a consolidated treaty has 3 MB
MAX_DEPTH = 32
MAX_FAULTS = 100  # reported of one body
MAX_DIGITS = 40
STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")


class Impossible(NamedTuple):
    """A number that no field takes, until its place in the body is known."""

    code: str
    detail: str


class Repeating(dict[str, Any]):
    """An object that names a member twice; `names` are those."""

    names: list[str]


def whole(text: str) -> int | Impossible:
    """A whole number of 64 bits."""
    if len(text) <= 20 and -(2**63) <= int(text) < 2**63:
        return int(text)
    return Impossible("number_out_of_range", "A whole number must fit into 64 bits.")


def decimal(text: str) -> Decimal | Impossible:
    """A number with a point or an exponent, to the digit."""
    if len(text) <= MAX_DIGITS and isfinite(float(text)):
        return Decimal(text)
    return Impossible("number_out_of_range", f"A number must be finite and have at most {MAX_DIGITS} characters.")


def not_a_number(text: str) -> Impossible:
    """NaN and the infinities, which are no JSON (RFC 8259, 6)."""
    return Impossible("not_a_number", f"{text} is not a number in JSON.")


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that names a member twice says so."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeating = Repeating(found)
    repeating.names = [name for name, _ in pairs if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return repeating


def depth(text: str) -> int:
    """How deep arrays and objects lie in each other, without reading them."""
    deepest = level = 0
    for bracket in BRACKET.finditer(STRING.sub("", text)):
        level += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def step(name: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def plain(text: str) -> str:
    """A name that can be shown in a pointer: what cannot be stored or shown stands as U+FFFD."""
    return CONTROL_CHARACTERS.sub("\ufffd", text)[:200]


def faults_of_text(text: str, pointer: str, what: str) -> Iterator[ErrorItem]:
    """The character that no text may have, if there is one."""
    if found := CONTROL_CHARACTERS.search(text):
        told = f"The character U+{ord(found[0]):04X} at position {found.start()} of the {what} is not allowed."
        yield ErrorItem(pointer, "control_character", told)


def faults_in(value: Any, pointer: str = "") -> Iterator[ErrorItem]:
    """Everything in a body that no field takes, each with its place."""
    if isinstance(value, Impossible):
        yield ErrorItem(pointer, value.code, value.detail)
    elif isinstance(value, str):
        yield from faults_of_text(value, pointer, "text")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from faults_in(item, f"{pointer}{step(position)}")
    elif isinstance(value, dict):
        yield from faults_in_members(value, pointer)


def faults_in_members(value: dict[str, Any], pointer: str) -> Iterator[ErrorItem]:
    """What is wrong with the names of an object, and in its members."""
    for name in getattr(value, "names", ()):
        yield ErrorItem(
            f"{pointer}{step(plain(name))}", "repeated_member", "It stands twice in this object: give it once."
        )
    for name, member in value.items():
        place = f"{pointer}{step(plain(name))}"
        yield from faults_of_text(name, place, "name")
        yield from faults_in(member, place)


def decoded(raw: bytes) -> str:
    """The text of a body. Raises `InvalidBody` for what is not UTF-8, or lies too deep to be read."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        told = f"The body is not UTF-8: see the byte at position {error.start}."
        raise InvalidBody([ErrorItem("", "not_utf8", told)]) from error
    if not text.strip():
        raise InvalidBody([ErrorItem("", "empty_body", "A JSON body is needed.")])
    if depth(text) > MAX_DEPTH:
        told = f"Arrays and objects may lie in each other {MAX_DEPTH} deep at most."
        raise InvalidBody([ErrorItem("", "too_deep", told)])
    return text


def read(raw: bytes) -> Any:
    """The value of a JSON text, numbers with a point as `Decimal`. Raises `InvalidBody` with every fault."""
    text = decoded(raw)
    hooks: dict[str, Any] = {"parse_int": whole, "parse_float": decimal, "parse_constant": not_a_number}
    try:
        value = json.loads(text, object_pairs_hook=members, **hooks)
    except ValueError as error:
        told = f"The body is not JSON: {error}."
        raise InvalidBody([ErrorItem("", "not_json", told)]) from error
    faults = list(faults_in(value))
    if faults:
        raise InvalidBody(faults[:MAX_FAULTS])
    return value


def refuse_body(request: Request, max_bytes: int = MAX_BYTES) -> None:
    """Raise an error for a body that its headers rule out: too large, of unknown length, or not plain JSON."""
    meta = request.META
    if "HTTP_TRANSFER_ENCODING" in meta:
        raise LengthRequired
    length = meta.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise LengthRequired
    if len(length) > 18 or int(length) > max_bytes:
        raise TooLarge(f"The body may have at most {max_bytes} bytes.")
    coding = meta.get("HTTP_CONTENT_ENCODING", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(coding[:50], "Content-Encoding: send the body as it is, not compressed.")
    if int(length):
        refuse_media_type(meta.get("CONTENT_TYPE", ""))


def refuse_media_type(given: str) -> None:
    """Raise `UnsupportedMediaType` for anything but JSON in UTF-8."""
    media, *parameters = (part.strip().lower() for part in given.split(";"))
    allowed = {"charset=utf-8", 'charset="utf-8"', ""}
    if media != "application/json" or not set(parameters) <= allowed:
        raise UnsupportedMediaType(given[:50], "Content-Type: only application/json, in UTF-8, is read here.")


class StrictJSONParser(BaseParser):
    """The parser of all writes."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value of the body. Raises `InvalidBody` or `TooLarge`."""
        max_bytes = getattr((parser_context or {}).get("view"), "max_body_bytes", MAX_BYTES)
        raw = stream.read(max_bytes + 1)
        if len(raw) > max_bytes:
            raise TooLarge(f"The body may have at most {max_bytes} bytes.")
        return read(raw)
