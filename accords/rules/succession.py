"""One agreement changes another: it takes its place or amends its clauses, and parties join and leave."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from accords.rules import edtf
from accords.rules.status import NEVER, Certainty, Lifecycle, Span, day_before, takes_effect

SUBSTITUTION, REPEAL, INSERTION = "substitution", "repeal", "insertion"
REPLACING = (SUBSTITUTION, REPEAL)
ALWAYS = Span(date.min, date.min)


class Succession(NamedTuple):
    """The last day before a successor takes an agreement's place, and what that day rests on ("" if none does)."""

    before: Span = NEVER
    rests_on: str = ""


@dataclass(frozen=True)
class Provision:
    """A clause as the consolidation sees it.

    `begins` is the first day on which it applies; `modifies` is the id of the clause of the amended agreement that
    it replaces, repeals or is inserted after, as `modification` says; `rests_on` is what `begins` rests on.
    """

    id: int
    agreement: str
    number: str
    position: int
    begins: Span = ALWAYS
    modifies: int | None = None
    modification: str = ""
    rests_on: str = "stated"


class ConsolidatedClause(NamedTuple):
    """A clause of the consolidated text: its number there, its id, and the agreement that it comes from.

    `original` is the id of the clause in whose place it stands: the first in the text, or the one that was inserted.
    """

    number: str
    id: int
    original: int
    agreement: str
    certainty: Certainty


class _Entry(NamedTuple):
    """A place in a text: its number, the clause that stands there (None after a repeal), and the one that stood first.

    `is_certain` says whether the order of the modifications is the same however their dates are read.
    """

    number: str
    clause: Provision | None
    original: Provision
    is_inserted: bool
    is_certain: bool


class Consolidation(NamedTuple):
    """The text of an agreement on a day; `certain` only if every reading of the dates gives the same text."""

    clauses: list[ConsolidatedClause]
    certainty: Certainty


def superseded(successors: Iterable[Lifecycle]) -> Succession:
    """Return when an agreement is over because of its successors: direct ones, and those of these in turn.

    Successors of successors count, so that of a chain at most one agreement is in force on a day, even where the
    last took effect before the one that it replaces. The outcome of a concluded renewal is a successor as well.
    Only successors that anyone may read should be handed in.
    """
    starts = [(takes_effect(successor), successor.rests_on) for successor in successors]
    if not starts:
        return Succession()
    first = Span(min(span.low for span, _ in starts), min(span.high for span, _ in starts))
    bases = {basis for span, basis in starts if span.low <= first.high}
    return Succession(day_before(first), "stated" if bases == {"stated"} else "editorial")


def reachable(start: int, edges: Mapping[int, Iterable[int]]) -> list[int]:
    """Return the ids that can be reached from `start`, each once and without `start`, nearest first."""
    reached: dict[int, None] = {}
    queue = list(edges.get(start, ()))
    for node in queue:  # it grows while it is read
        if node != start and node not in reached:
            reached[node] = None
            queue.extend(edges.get(node, ()))
    return list(reached)


def provision_begins(effective: str, agreement: Lifecycle) -> Span:
    """Return the first day on which a clause amends another: its own date if stated, else that of its agreement.

    An amendment that may never take effect amends nothing with certainty, whatever its clauses say.
    """
    of_agreement = takes_effect(agreement)
    if not effective or of_agreement == NEVER:
        return of_agreement
    earliest, latest = edtf.bounds(effective)
    may_never = of_agreement.high == date.max
    return Span(earliest or date.min, date.max if may_never or latest is None else latest)


def replaced(provision: Provision, others: Iterable[Provision]) -> Span:
    """Return the last day before a clause is substituted or repealed; NEVER if it is not.

    A substitute is itself replaced by the next substitution or repeal of the same clause, or of another substitute.
    Where the dates do not say which of two is the next, either may be replaced, and neither certainly is.
    """
    by_id = {one.id: one for one in (*others, provision)}
    original, passed = provision, {provision.id}
    while original.modification in REPLACING and original.modifies is not None and original.modifies not in passed:
        passed.add(original.modifies)
        original = by_id.get(original.modifies) or Provision(original.modifies, "", "", 0)
    in_turn = _with_replacements(original, _modifications_by_clause(by_id.values()))
    own = next(one for one in in_turn if one.id == provision.id)
    possibly, certainly = [date.max], [date.max]
    for other in in_turn:
        if other is not own and not _is_before(other, own, in_turn):
            possibly.append(max(other.begins.low, own.begins.low))
            if _is_before(own, other, in_turn):
                certainly.append(other.begins.high)
    return day_before(Span(min(possibly), min(certainly)))


def consolidated(agreement: str, provisions: Sequence[Provision], on: date) -> Consolidation:
    """Return the text of an agreement as it stood on a day, clause by clause.

    `provisions` are the clauses of the agreement and of all that amend it, directly or in turn. A modification
    counts from the day on which it certainly applies; a clause that another reading of the dates, or leaving out
    what rests on the editors' own dates, would replace is `possible`. A substitute takes the number of the clause
    that it replaces, an insertion stands after the clause that it names and keeps its own number, unless that is
    taken.
    """
    text = _text_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.high, on)]
    )
    early = _text_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.low, on)]
    )
    stated = _text_when_applied(
        agreement,
        [
            provision
            for provision in provisions
            if provision.rests_on == "stated" and _applies(provision, provision.begins.high, on)
        ],
    )
    sure = {*early} & {*stated}
    clauses = [
        ConsolidatedClause(
            entry.number,
            entry.clause.id,
            entry.original.id,
            entry.clause.agreement,
            "certain" if entry.is_certain and entry in sure else "possible",
        )
        for entry in text
        if entry.clause is not None
    ]
    is_certain = text == early == stated and all(entry.is_certain for entry in text)
    return Consolidation(clauses, "certain" if is_certain else "possible")


def takes_part(since: str, until: str, on: date, certainty: Certainty = "possible") -> bool:
    """Return whether a party that joined and left on these dates (EDTF) takes part on a day.

    Blank is from the start, and to the end, of the agreement. Whether that is in force is another question.
    """
    joined, left = edtf.bounds(since), edtf.bounds(until)
    if certainty == "possible":
        return (joined.earliest is None or joined.earliest <= on) and (left.latest is None or on <= left.latest)
    has_joined = not since or (joined.latest is not None and joined.latest <= on)
    has_not_left = not until or (left.earliest is not None and on <= left.earliest)
    return has_joined and has_not_left


def _applies(provision: Provision, begins: date, on: date) -> bool:
    return not provision.modification or begins <= on


def _order(provision: Provision) -> tuple[date, date, int, int]:
    return provision.begins.high, provision.begins.low, provision.position, provision.id


def _modifications_by_clause(provisions: Iterable[Provision]) -> dict[int, list[Provision]]:
    """Return the modifications by the id of the clause that they modify, in the order in which they apply."""
    modifications: dict[int, list[Provision]] = defaultdict(list)
    for provision in sorted(provisions, key=_order):
        if provision.modifies is not None:
            modifications[provision.modifies].append(provision)
    return modifications


def _with_replacements(clause: Provision, modifications: Mapping[int, Sequence[Provision]]) -> list[Provision]:
    """Return a clause and all that replaces it, directly or in turn, in the order in which they apply.

    What replaces a substitute applies no earlier than that.
    """
    found = {clause.id: clause}
    queue = [clause]
    for current in queue:  # it grows while it is read
        for change in modifications.get(current.id, ()):
            if change.modification in REPLACING and change.id not in found:
                low, high = (max(days) for days in zip(change.begins, current.begins, strict=True))
                found[change.id] = replace(change, begins=Span(low, high))
                queue.append(found[change.id])
    return sorted(queue, key=lambda one: (one.begins.high, one.begins.low))


def _is_before(one: Provision, other: Provision, in_turn: Sequence[Provision]) -> bool:
    """Return whether one provision applies before the other, however their dates are read.

    `in_turn` has both, in the order in which they apply. What replaces another applies after it.
    """
    by_id, replaced_by_other = {each.id: each for each in in_turn}, other
    while replaced_by_other is not in_turn[0] and replaced_by_other.modifies in by_id:
        replaced_by_other = by_id[replaced_by_other.modifies]
        if replaced_by_other is one:
            return True
    if one.begins == other.begins and one.begins.low == one.begins.high:
        return in_turn.index(one) < in_turn.index(other)
    return one.begins.high < other.begins.low


def _text_when_applied(agreement: str, provisions: Sequence[Provision]) -> list[_Entry]:
    """Return the places of an agreement's text when all of these provisions apply, in order."""
    modifications = _modifications_by_clause(provisions)
    original_clauses = sorted(
        (provision for provision in provisions if provision.agreement == agreement),
        key=lambda provision: (provision.position, provision.id),
    )
    entries = [
        entry for clause in original_clauses for entry in _entries_in_place_of(clause, modifications, frozenset())
    ]
    return list(_with_unique_numbers(entries))


def _entries_in_place_of(
    clause: Provision,
    modifications: Mapping[int, Sequence[Provision]],
    seen: frozenset[int],
    *,
    is_inserted: bool = False,
    is_certain: bool = True,
) -> Iterator[_Entry]:
    """Yield the clause or its latest substitute, then all that is inserted after these."""
    if clause.id in seen:
        return
    in_turn = _with_replacements(clause, modifications)
    last = in_turn[-1]
    is_certain = is_certain and all(_is_before(one, last, in_turn) for one in in_turn[:-1])
    stands = last is clause or last.modification == SUBSTITUTION
    yield _Entry(clause.number, last if stands else None, clause, is_inserted, is_certain)
    seen |= {one.id for one in in_turn}
    changes = (change for one in in_turn for change in modifications.get(one.id, ()))
    insertions = sorted((change for change in changes if change.modification == INSERTION), key=_order)
    for insertion in insertions:
        others = [one for one in insertions if one is not insertion]
        is_in_order = all(
            _is_before(one, insertion, insertions) or _is_before(insertion, one, insertions) for one in others
        )
        yield from _entries_in_place_of(insertion, modifications, seen, is_inserted=True, is_certain=is_in_order)


def _with_unique_numbers(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """Yield the entries so that no number comes twice.

    A number that is taken is followed by the agreement of its clause, in parentheses, and by the clause's id if that is
    taken too. An insertion gives way to every other clause, also to a later one.
    """
    taken: set[str] = set()
    numbers_not_inserted = {entry.number for entry in entries if entry.clause and not entry.is_inserted}
    for entry in entries:
        if entry.clause is None:
            yield entry
            continue
        number = entry.number
        if number in taken or (entry.is_inserted and number in numbers_not_inserted):
            number = f"{number} ({entry.clause.agreement})"
        if number in taken:
            number = f"{number} {entry.clause.id}"
        taken.add(number)
        yield entry._replace(number=number)
