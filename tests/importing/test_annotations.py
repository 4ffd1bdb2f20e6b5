"""Reading an annotation: values are never guessed from their form, and every node knows its line."""

import pytest

from accords.importing.annotations import LineErrors, MappingNode, read


def faults_of(content: bytes) -> list[str]:
    """Return the errors of a file of this content."""
    faults = LineErrors("x.annotation.yaml")
    read(content, faults)
    return [f"{fault.line}: {fault.message}" for fault in faults]


def reading(content: str) -> MappingNode:
    """Read content without errors."""
    faults = LineErrors("x.annotation.yaml")
    entries = read(content.encode(), faults)
    assert not faults
    return entries


@pytest.mark.parametrize(
    "typed", ["NO", "yes", "2025-10-30", "XXXX-04", "47", "1e3", "~", "null", "0x1F", "12:30", "57.0"]
)
def test_every_scalar_stays_the_text_that_was_typed(typed: str) -> None:
    assert reading(f"country: {typed}")["country"] == typed


def test_every_part_knows_its_line() -> None:
    entries = reading("# a comment\nrow:\n  one: 1\n  two:\n    - a\n    - {b: c}\n")
    assert entries.line_of("row") == entries["row"].line == 2
    assert entries["row"].line_of("two") == 4
    assert [item.line for item in entries["row"]["two"]] == [5, 6]
    assert entries["row"].line_of("absent") == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a: 1\nb: 2\na: 3", "3: this key stands here twice"),
        (b"a:\n  b: 1\n  b: 2", "3: this key stands here twice"),
        (b"a: 1\nb:\n", "2: nothing is entered; leave the key out where no source says anything"),
        (b"a: 1\nb: []", "2: nothing is entered; leave the key out where no source says anything"),
        (b"a: &x 1\nb: *x", "2: references (*name) are not accepted"),
        (b"a: 1\n- b", "2: expected <block end>, but found '-'"),
        (b"a: 1\nb: caf\xe9", "2: this is not UTF-8"),
        (b"- a", "1: a mapping of names to values is needed here, not a list"),
        (b'a: 1\nb: "\\UFFFFFFFF"', "2: a character or a number is out of range"),
        (b'a: 1\nb: "\\U00110000"', "2: a character or a number is out of range"),
        (b"%YAML 1." + b"9" * 5000, "1: a character or a number is out of range"),
        (b"a: 1\nb: 2\nc: \x01x", "3: control characters and halves of characters are not accepted"),
        (b"", "1: a mapping of names to values is needed here, not a text"),
        (b"a: 1\n? [b]\n: c", "2: a text is needed here, not a list"),
    ],
)
def test_a_malformed_annotation_is_refused_with_its_line(content: bytes, fault: str) -> None:
    assert fault in faults_of(content)


def test_an_annotation_runs_no_code() -> None:
    faults = faults_of(b"a: !!python/object/apply:os.system ['echo']")
    assert faults == ["1: types (tag:yaml.org,2002:python/object/apply:os.system) are not accepted"]
