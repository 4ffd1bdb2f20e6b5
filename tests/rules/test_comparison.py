"""Comparing two lists: which items are the same, and how they differ."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accords.rules.comparison import CLAUSE_ROUNDS, Change, Entry, changes, delta_unit, match

CHINA, AMERICA = frozenset({("obligor", "china")}), frozenset({("obligor", "america")})
NOBODY: frozenset[tuple[str, str]] = frozenset()
Short = tuple[str, str, str, frozenset[tuple[str, str]]]


def clause(number: str, type: str, commodity: str = "", owed: frozenset[tuple[str, str]] = NOBODY) -> Entry:  # noqa: A002
    return {"number": number, "type": type, "commodity": commodity, "owed": owed}


def matched(before: list[Short], after: list[Short]) -> dict[str, Any]:
    """Return the numbers of the pairs with the fields that matched them, and of the rest."""
    found = match([clause(*one) for one in before], [clause(*one) for one in after], CLAUSE_ROUNDS)
    return {
        "pairs": {(pair.before["number"], pair.after["number"]): pair.matched_by for pair in found.pairs},
        "dropped": [entry["number"] for entry in found.dropped],
        "added": [entry["number"] for entry in found.added],
    }


SAME = ("number", "type", "commodity", "owed")
TABLE = {
    "the same clause": (
        [("1", "tariff", "soja", CHINA)],
        [("1", "tariff", "soja", CHINA)],
        {("1", "1"): SAME},
        [],
        [],
    ),
    "nothing in common": ([("1", "tariff", "", CHINA)], [("2", "visit", "", AMERICA)], {}, ["1"], ["2"]),
    "another number, the same goods and parties": (
        [("3", "purchase", "soja", CHINA)],
        [("4", "purchase", "Soja", CHINA)],
        {("3", "4"): ("type", "commodity", "owed")},
        [],
        [],
    ),
    "a clause put in between": (
        [("1", "tariff", "", AMERICA), ("2", "purchase", "soja", CHINA)],
        [("1", "tariff", "", AMERICA), ("2", "purchase", "gaz", CHINA), ("3", "purchase", "soja", CHINA)],
        {("1", "1"): ("number", "type"), ("2", "3"): ("type", "commodity", "owed")},
        [],
        ["2"],
    ),
    "other goods under the same number": (
        [("2", "purchase", "soja", CHINA)],
        [("2", "purchase", "gaz", CHINA)],
        {("2", "2"): ("number", "type")},
        [],
        [],
    ),
    "another number and no goods, but the same parties": (
        [("4", "law_enforcement", "", CHINA)],
        [("9", "law_enforcement", "", CHINA)],
        {("4", "9"): ("type", "owed")},
        [],
        [],
    ),
    "another subject under the same number, and nothing else to take it for": (
        [("5", "review", "", NOBODY)],
        [("5", "visit", "", NOBODY)],
        {("5", "5"): ("number",)},
        [],
        [],
    ),
    "two that could be the same are not guessed": (
        [("1", "purchase", "soja", CHINA), ("2", "purchase", "soja", CHINA)],
        [("8", "purchase", "soja", CHINA)],
        {},
        ["1", "2"],
        ["8"],
    ),
    "empty goods and parties say nothing": (
        [("1", "other", "", NOBODY)],
        [("2", "other", "", NOBODY)],
        {},
        ["1"],
        ["2"],
    ),
    "accents do not count": (
        [("1", "cooperation", "métaux rares", NOBODY)],
        [("2", "cooperation", "Metaux rares", NOBODY)],
        {("1", "2"): ("type", "commodity")},
        [],
        [],
    ),
    "swapped numbers": (
        [("1", "purchase", "soja", CHINA), ("2", "purchase", "gaz", CHINA)],
        [("1", "purchase", "gaz", CHINA), ("2", "purchase", "soja", CHINA)],
        {("1", "2"): ("type", "commodity", "owed"), ("2", "1"): ("type", "commodity", "owed")},
        [],
        [],
    ),
}


@pytest.mark.parametrize(("before", "after", "pairs", "dropped", "added"), TABLE.values(), ids=TABLE)
def test_clauses_are_matched_by_the_surest_signs_first(
    before: list[Short], after: list[Short], pairs: Any, dropped: list[str], added: list[str]
) -> None:
    assert matched(before, after) == {"pairs": pairs, "dropped": dropped, "added": added}


def test_fields_that_differ_are_reported_with_both_values() -> None:
    before = {"title": "Old", "text": "same", "flag": True, "list": ["a"]}
    after = {"title": "New", "text": "same", "flag": False, "list": ["a", "b"]}
    assert changes(before, after, before, {}) == [
        Change("title", "Old", "New", None, ""),
        Change("flag", True, False, None, ""),
        Change("list", ["a"], ["a", "b"], None, ""),
    ]


@pytest.mark.parametrize(
    ("before", "after", "delta", "unit"),
    [
        ((Decimal(57), "%"), (Decimal(47), "%"), Decimal(-10), "percentage point"),
        ((Decimal("0.3"), "t"), (Decimal("0.1"), "t"), Decimal("-0.2"), "t"),
        ((Decimal(57), "%"), (Decimal(47), "t"), None, ""),
        ((None, ""), (Decimal(47), "%"), None, ""),
        ((Decimal(57), "%"), (None, ""), None, ""),
    ],
)
def test_quantities_have_a_delta_in_their_unit(before: Any, after: Any, delta: Any, unit: str) -> None:
    names = ("value", "unit")
    found = changes(
        dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True)), names, {"value": "unit"}
    )
    assert found[0] == Change("value", before[0], after[0], delta, unit)


def test_a_number_without_a_unit_has_a_delta_too() -> None:
    assert changes({"most": 2}, {"most": 5}, ["most"], {}) == [Change("most", 2, 5, 3, "")]
    assert changes({"most": None}, {"most": 5}, ["most"], {}) == [Change("most", None, 5, None, "")]


def test_the_difference_of_percentages_is_in_percentage_points() -> None:
    assert (delta_unit("%"), delta_unit("t"), delta_unit("")) == ("percentage point", "t", "")


entries = st.lists(
    st.builds(
        clause,
        st.sampled_from("12345"),
        st.sampled_from(["tariff", "purchase"]),
        st.sampled_from(["", "soja", "gaz"]),
        st.sampled_from([NOBODY, CHINA, AMERICA]),
    ),
    max_size=6,
    unique_by=lambda entry: entry["number"],
)


@given(entries, entries)
def test_every_entry_is_reported_once(before: list[Entry], after: list[Entry]) -> None:
    found = match(before, after, CLAUSE_ROUNDS)
    mine = [pair.before["number"] for pair in found.pairs] + [entry["number"] for entry in found.dropped]
    theirs = [pair.after["number"] for pair in found.pairs] + [entry["number"] for entry in found.added]
    assert sorted(mine) == sorted(entry["number"] for entry in before)
    assert sorted(theirs) == sorted(entry["number"] for entry in after)


@given(entries)
def test_a_list_is_the_same_as_itself(entries: list[Entry]) -> None:
    found = match(entries, entries, CLAUSE_ROUNDS)
    assert not found.dropped
    assert not found.added
    assert all(pair.before is pair.after for pair in found.pairs)
