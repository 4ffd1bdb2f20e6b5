"""Comparison of two agreements: entries of two lists are matched with each other, and compared field by field.

An entry maps names of fields to values: text, numbers, booleans, None, or lists of these. That an entry is in one list
only means nothing if the other list is not complete.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from accords.rules.text import fold

Entry = Mapping[str, Any]

# The fields by which two clauses are matched, the most reliable first. `owed` has the parties and their roles. A number
# alone comes last: after an insertion, the same number can belong to another clause.
CLAUSE_ROUNDS = (
    ("number", "type", "commodity", "owed"),
    ("number", "type", "commodity"),
    ("type", "commodity", "owed"),
    ("type", "commodity"),
    ("number", "type"),
    ("type", "owed"),
    ("number",),
)


class Change(NamedTuple):
    """A field that differs.

    `delta` is `after` less `before` where both are numbers in the same unit, else None; `delta_unit` is its unit.
    """

    field: str
    before: Any
    after: Any
    delta: Decimal | int | None
    delta_unit: str


class Pair(NamedTuple):
    """Two matched entries, and the fields by which they were matched."""

    before: Entry
    after: Entry
    matched_by: tuple[str, ...]


class Matched(NamedTuple):
    """The entries of two lists: the pairs in the order of the later list, and the entries of one list only."""

    pairs: list[Pair]
    dropped: list[Entry]
    added: list[Entry]


def match(before: Sequence[Entry], after: Sequence[Entry], rounds: Iterable[tuple[str, ...]]) -> Matched:
    """Match the entries of two lists in rounds, each by the fields that it names.

    A round matches two entries with the same values, if neither list has another one with these; case and accents do
    not matter. It leaves out entries in which one of its fields is empty.
    """
    pairs: list[Pair] = []
    dropped, added = list(before), list(after)  # what no round has matched so far
    for fields in rounds:
        earlier, later = _unique_entries(dropped, fields), _unique_entries(added, fields)
        matches = [Pair(earlier[key], later[key], fields) for key in later if key in earlier]
        matched_ids = {id(entry) for pair in matches for entry in (pair.before, pair.after)}
        dropped, added = ([entry for entry in entries if id(entry) not in matched_ids] for entries in (dropped, added))
        pairs += matches
    return Matched(pairs, dropped, added)


def changes(before: Entry, after: Entry, fields: Iterable[str], units: Mapping[str, str]) -> list[Change]:
    """Return the changes of those of the fields that differ. `units` maps a quantity's field to that of its unit."""
    return [_change(field, before, after, units) for field in fields if before[field] != after[field]]


def delta_unit(unit: str) -> str:
    """Return the unit of the difference of two quantities; two percentages differ by percentage points."""
    return "percentage point" if unit == "%" else unit


def _unique_entries(entries: Iterable[Entry], fields: tuple[str, ...]) -> dict[tuple[Any, ...], Entry]:
    """Return the entries by their values of these fields, without those with an empty value or the same as another."""
    keyed_entries = [(tuple(_folded(entry[field]) for field in fields), entry) for entry in entries]
    counts = Counter(key for key, _ in keyed_entries)
    return {key: entry for key, entry in keyed_entries if counts[key] == 1 and all(key)}


def _folded(value: Any) -> Any:
    """Return a value without case and accents, if it is a text."""
    return fold(value) if isinstance(value, str) else value


def _change(field: str, before: Entry, after: Entry, units: Mapping[str, str]) -> Change:
    """Return the change of a field, with the difference of two numbers unless they have different units."""
    old, new = before[field], after[field]
    unit_field = units.get(field, "")
    unit = after[unit_field] if unit_field else ""
    if not (_is_number(old) and _is_number(new)) or (unit_field and before[unit_field] != unit):
        return Change(field, old, new, None, "")
    return Change(field, old, new, new - old, delta_unit(unit))


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)  # a bool is an int
