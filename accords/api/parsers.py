"""The parser of request bodies: unambiguous JSON in UTF-8, of limited size and depth."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from accords.api.errors import MAX_ERRORS, ErrorItem, InvalidBody, LengthRequired, TooLarge
from accords.db.fields import BREAKS, CONTROL_CHARACTERS

MAX_BYTES = 2**20  # of most bodies
LARGE_BYTES = 8 * 2**20  # of bulk requests and of sources: a consolidated treaty has 3 MB
MAX_DEPTH = 32  # of arrays and objects in each other
MAX_NUMBER_LENGTH = 40  # characters of a number with a point or an exponent
# A string, up to the end of the text if it is not closed. The possessive `*+` does not backtrack in such a string.
STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")


class InvalidNumber(NamedTuple):
    """A number that no field accepts. It replaces the value until `check_value` reports it with its JSON pointer."""

    code: str
    detail: str


class RepeatedMembers(dict[str, Any]):
    """An object in which several members have the same name."""

    names: list[str]  # names that occur more than once


def parse_integer(text: str) -> int | InvalidNumber:
    """Return a whole number. The length is checked first: converting a very long one takes long."""
    if len(text) <= 20 and -(2**63) <= int(text) < 2**63:
        return int(text)
    return InvalidNumber("number_out_of_range", "A whole number must fit into 64 bits.")


def parse_decimal(text: str) -> Decimal | InvalidNumber:
    """Return a number with a point or an exponent, with all its digits.

    One of more than `MAX_NUMBER_LENGTH` characters, or too large for a float, such as 1e400, is an `InvalidNumber`.
    """
    if len(text) <= MAX_NUMBER_LENGTH and isfinite(float(text)):
        return Decimal(text)
    message = f"A number must be smaller than 1.8e308 and have at most {MAX_NUMBER_LENGTH} characters."
    return InvalidNumber("number_out_of_range", message)


def parse_constant(text: str) -> InvalidNumber:
    """Return an error for NaN, Infinity or -Infinity, which Python parses but JSON does not have (RFC 8259, 6)."""
    return InvalidNumber("not_a_number", f"{text} is not a number in JSON.")


def parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; `RepeatedMembers` if names occur more than once."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    repeated = RepeatedMembers(members)
    repeated.names = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    return repeated


def depth(text: str) -> int:
    """Return how deeply arrays and objects are nested, without parsing them: Python's parser is recursive."""
    max_level = level = 0
    for bracket in BRACKET.finditer(STRING.sub("", text)):
        level += 1 if bracket[0] in "[{" else -1
        max_level = max(max_level, level)
    return max_level


def pointer_step(name: str | int) -> str:
    """Return one step of a JSON pointer (RFC 6901), with control characters replaced by U+FFFD, and shortened."""
    printable = CONTROL_CHARACTERS.sub("\ufffd", str(name))[:200]
    return "/" + printable.replace("~", "~0").replace("/", "~1")


def check_text(text: str, pointer: str, noun: str) -> Iterator[ErrorItem]:
    """Yield an error for the first character that no text may have, if any. `noun` names the text in the message."""
    if match := CONTROL_CHARACTERS.search(text.translate(BREAKS)):
        detail = f"The character U+{ord(match[0]):04X} at position {match.start()} of the {noun} is not allowed."
        yield ErrorItem(pointer, "control_character", detail)


def check_value(value: Any, pointer: str = "") -> Iterator[ErrorItem]:
    """Yield an error for each value and name in a body that no field accepts."""
    if isinstance(value, InvalidNumber):
        yield ErrorItem(pointer, value.code, value.detail)
    elif isinstance(value, str):
        yield from check_text(value, pointer, "text")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from check_value(item, pointer + pointer_step(index))
    elif isinstance(value, dict):
        for name in value.names if isinstance(value, RepeatedMembers) else ():
            detail = "This member occurs more than once in the object."
            yield ErrorItem(pointer + pointer_step(name), "repeated_member", detail)
        for name, member in value.items():
            member_pointer = pointer + pointer_step(name)
            yield from check_text(name, member_pointer, "name")
            yield from check_value(member, member_pointer)


def parse_json(raw: bytes) -> Any:
    """Return the value of a JSON text, numbers with a point or an exponent as `Decimal`.

    Raises `InvalidBody` with the first `MAX_ERRORS` errors.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise invalid_body("not_utf8", f"The body is not UTF-8: see the byte at position {error.start}.") from error
    if not text.strip():
        raise invalid_body("empty_body", "A JSON body is required.")
    if depth(text) > MAX_DEPTH:
        raise invalid_body("too_deep", f"Arrays and objects may be nested at most {MAX_DEPTH} deep.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=parse_object,
            parse_int=parse_integer,
            parse_float=parse_decimal,
            parse_constant=parse_constant,
        )
    except ValueError as error:
        raise invalid_body("not_json", f"The body is not JSON: {error}.") from error
    if items := list(islice(check_value(value), MAX_ERRORS)):
        raise InvalidBody(items)
    return value


def invalid_body(code: str, detail: str) -> InvalidBody:
    """Return an error about the body as a whole: its JSON pointer is empty."""
    return InvalidBody([ErrorItem("", code, detail)])


def refuse_body(request: Request, max_bytes: int = MAX_BYTES) -> None:
    """Raise an error for a body that its headers show to be invalid.

    Raises `LengthRequired`, `TooLarge`, or `UnsupportedMediaType` if it is compressed or no JSON in UTF-8.
    """
    meta = request.META
    if "HTTP_TRANSFER_ENCODING" in meta:
        raise LengthRequired
    length = meta.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise LengthRequired
    if len(length) > 18 or int(length) > max_bytes:  # `int` refuses thousands of digits
        raise TooLarge(f"The body may have at most {max_bytes} bytes.")
    coding = meta.get("HTTP_CONTENT_ENCODING", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType(coding[:50], "Compressed bodies are not accepted.")
    if int(length):
        require_json(meta.get("CONTENT_TYPE", ""))


def require_json(content_type: str) -> None:
    """Raise `UnsupportedMediaType` unless a `Content-Type` is that of JSON in UTF-8."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    allowed_parameters = {"charset=utf-8", 'charset="utf-8"', ""}
    if media_type != "application/json" or not set(parameters) <= allowed_parameters:
        raise UnsupportedMediaType(content_type[:50], "Content-Type must be application/json in UTF-8.")


class StrictJSONParser(BaseParser):
    """The parser of all writes. The attribute `max_body_bytes` of a view limits the size."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the value of the body. Raises `InvalidBody` or `TooLarge`."""
        max_bytes = getattr((parser_context or {}).get("view"), "max_body_bytes", MAX_BYTES)
        raw = stream.read(max_bytes + 1)
        if len(raw) > max_bytes:
            raise TooLarge(f"The body may have at most {max_bytes} bytes.")
        return parse_json(raw)
