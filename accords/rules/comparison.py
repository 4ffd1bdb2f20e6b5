"""What a later agreement changed of an earlier one: lists of plain entries matched with each other, and compared.

An entry maps the names of fields to values: text, numbers, yes or no, None, or lists of these. What it means that an
entry is in one list only is for the reader to know: where a list is not complete, nothing follows from it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from accords.rules.text import fold

Entry = Mapping[str, Any]

# By what two clauses are taken for the same, the surest first. `owed` holds who owes, is owed and is affected. A number
# alone comes last: where clauses were put in between, the same number stands for something else.
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
    """Two entries taken for the same, and the fields by which they were."""

    before: Entry
    after: Entry
    by: tuple[str, ...]


class Matched(NamedTuple):
    """The entries of two lists: the pairs in the order of the later list, and what only one of them has."""

    pairs: list[Pair]
    dropped: list[Entry]
    added: list[Entry]


def match(before: Sequence[Entry], after: Sequence[Entry], rounds: Iterable[tuple[str, ...]]) -> Matched:
    """Pair the entries of two lists, round by round by the fields that each round names.

    A round pairs two entries that have the same values there, if neither list has another with the same; case and
    accents do not matter. A round says nothing of an entry in which one of its fields is empty.
    """
    pairs: list[Pair] = []
    before, after = list(before), list(after)
    for names in rounds:
        mine, theirs = _once(before, names), _once(after, names)
        found = [Pair(mine[key], theirs[key], names) for key in theirs if key in mine]
        before = [entry for entry in before if not any(entry is pair.before for pair in found)]
        after = [entry for entry in after if not any(entry is pair.after for pair in found)]
        pairs += found
    return Matched(pairs, before, after)


def changes(before: Entry, after: Entry, names: Iterable[str], units: Mapping[str, str]) -> list[Change]:
    """The fields among `names` that differ. `units` names, for a field that is a quantity, the field of its unit."""
    return [_change(name, before, after, units) for name in names if before[name] != after[name]]


def delta_unit(unit: str) -> str:
    """The unit of the difference of two quantities: of two percentages it is in percentage points, not per cent."""
    return "percentage point" if unit == "%" else unit


def _once(entries: Iterable[Entry], names: tuple[str, ...]) -> dict[tuple[Any, ...], Entry]:
    """The entries by their values of these fields, without those that have an empty one, or the same as another."""
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
