"""The parser of bodies: the values that it reads, and each error with its place."""

import json
from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.api.errors import InvalidBody
from accords.api.parsers import MAX_BYTES, MAX_DEPTH, depth, parse_json
from accords.db.fields import CONTROL_CHARACTERS
from tests.examples import examples

TEXT = st.text().filter(lambda text: not CONTROL_CHARACTERS.search(text))
NUMBER = st.integers(-(2**63), 2**63 - 1)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


def errors(raw: bytes) -> dict[str, str]:
    """Return the codes of the errors of a body, by pointer."""
    with pytest.raises(InvalidBody) as refused:
        parse_json(raw)
    return {fault.where: fault.code for fault in refused.value.items}


@settings(max_examples=examples(50))
@given(VALUE)
def test_what_is_json_is_read_as_it_was_written(value: Any) -> None:
    for ascii_only in (True, False):
        assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_decimals_are_kept_to_the_digit() -> None:
    assert parse_json(b"[0.1, 1e-2, 57.0000, 123456789012.3456]") == [
        *map(Decimal, ["0.1", "1e-2", "57.0000", "123456789012.3456"])
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    {
        b"": {"": "empty_body"},
        b" \n": {"": "empty_body"},
        b"{": {"": "not_json"},
        b"{} {}": {"": "not_json"},
        b"{'a': 1}": {"": "not_json"},
        b'{"a": 1,}': {"": "not_json"},
        b'{"a": "\x00"}': {"": "not_json"},
        b'{"a": "line\nbreak"}': {"": "not_json"},
        b"\xef\xbb\xbf{}": {"": "not_json"},
        b'"\xff"': {"": "not_utf8"},
        b'"\xed\xa0\x80"': {"": "not_utf8"},
        '{"a": 1}'.encode("utf-16"): {"": "not_utf8"},
        b'{"a": 1, "a": 1}': {"/a": "repeated_member"},
        b'{"p": [{"a~/b": 1, "a~/b": 2}]}': {"/p/0/a~0~1b": "repeated_member"},
        b'{"a": NaN, "b": [-Infinity, Infinity]}': {
            "/a": "not_a_number",
            "/b/0": "not_a_number",
            "/b/1": "not_a_number",
        },
        b'{"a": 9223372036854775808, "b": 1e999}': {"/a": "number_out_of_range", "/b": "number_out_of_range"},
        b"[-9223372036854775809, 0.12345678901234567890123456789012345678901]": {
            "/0": "number_out_of_range",
            "/1": "number_out_of_range",
        },
        b'{"a": "\\u0000", "b": ["\\ud800"]}': {"/a": "control_character", "/b/0": "control_character"},
        b'{"\\u0007": 1}': {"/\ufffd": "control_character"},
    }.items(),
)
def test_what_is_ambiguous_or_fits_nowhere_is_refused_with_its_place(raw: bytes, expected: dict[str, str]) -> None:
    assert errors(raw) == expected


def test_depth_is_counted_before_anything_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert errors(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)) == {"": "too_deep"}
    assert errors(b'{"a":' * 100_000) == {"": "too_deep"}
    assert depth(json.dumps('[[[["{\\')) == 0


@pytest.mark.parametrize("piece", [b"[", b'"', b'\\"', b'"\\', b"\\", b"9", b"-", b'{"a":1},', b'"\\u0000",', b"{},"])
def test_no_body_of_the_largest_size_takes_long(piece: bytes) -> None:
    for start in (b"[", b'"'):
        began = perf_counter()
        with pytest.raises(InvalidBody):
            parse_json(start + piece * ((MAX_BYTES - 1) // len(piece)))
        assert perf_counter() - began < 5
