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
    by: tuple[str, ...]


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
    before, after = list(before), list(after)
    for names in rounds:
        earlier, later = _unique(before, names), _unique(after, names)
        matches = [Pair(earlier[key], later[key], names) for key in later if key in earlier]
        matched = {id(entry) for pair in matches for entry in (pair.before, pair.after)}
        before, after = ([entry for entry in entries if id(entry) not in matched] for entries in (before, after))
        pairs += matches
    return Matched(pairs, before, after)


def changes(before: Entry, after: Entry, names: Iterable[str], units: Mapping[str, str]) -> list[Change]:
    """Return the fields among `names` that differ. `units` maps the field of a quantity to the field of its unit."""
    return [_change(name, before, after, units) for name in names if before[name] != after[name]]


def delta_unit(unit: str) -> str:
    """Return the unit of the difference of two quantities; two percentages differ by percentage points."""
    return "percentage point" if unit == "%" else unit


def _unique(entries: Iterable[Entry], names: tuple[str, ...]) -> dict[tuple[Any, ...], Entry]:
    """Return the entries by their values of these fields, without those with an empty value or the same as another."""
    keyed = [(tuple(_comparable(entry[name]) for name in names), entry) for entry in entries]
    times = Counter(key for key, _ in keyed)
    return {key: entry for key, entry in keyed if times[key] == 1 and all(key)}


def _comparable(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _change(name: str, before: Entry, after: Entry, units: Mapping[str, str]) -> Change:
    old, new = before[name], after[name]
    measured = units.get(name, "")
    unit = after[measured] if measured else ""
    if not (_is_number(old) and _is_number(new)) or (measured and before[measured] != unit):
        return Change(name, old, new, None, "")
    return Change(name, old, new, new - old, delta_unit(unit))


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)
