"""One agreement changes another: it takes its place or amends its clauses, and parties join and leave."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    """A clause of the consolidated text: its number there, its id, and the agreement that it comes from."""

    number: str
    id: int
    agreement: str
    certainty: Certainty


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
    if not effective:
        return of_agreement
    earliest, latest = edtf.bounds(effective)
    may_never = of_agreement.high == date.max
    return Span(earliest or date.min, date.max if may_never or latest is None else latest)


def replaced(provision: Provision, others: Iterable[Provision]) -> Span:
    """Return the last day before a clause is substituted or repealed; NEVER if it is not.

    A substitute is itself replaced by the next substitution or repeal of the same clause.
    """
    ends = [other.begins for other in others if other.modification in REPLACING and _takes_place_of(other, provision)]
    return day_before(Span(min(end.low for end in ends), min(end.high for end in ends))) if ends else NEVER


def consolidated(agreement: str, provisions: Sequence[Provision], on: date) -> Consolidation:
    """Return the text of an agreement as it stood on a day, clause by clause.

    `provisions` are the clauses of the agreement and of all that amend it, directly or in turn. A modification
    counts from the day on which it certainly applies; a clause that another reading of the dates, or leaving out
    what rests on the editors' own dates, would replace is `possible`. A substitute takes the number of the clause
    that it replaces, an insertion stands after the clause that it names and keeps its own number, unless that is
    taken.
    """
    text = _clauses_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.high, on)]
    )
    early = _clauses_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.low, on)]
    )
    stated = _clauses_when_applied(
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
            number, provision.id, provision.agreement, "certain" if (number, provision) in sure else "possible"
        )
        for number, provision in text
    ]
    return Consolidation(clauses, "certain" if text == early == stated else "possible")


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


def _takes_place_of(other: Provision, provision: Provision) -> bool:
    if other.modifies == provision.id:
        return True
    is_rival = provision.modification in REPLACING and other.modifies == provision.modifies
    return is_rival and other.id != provision.id and _order(other) > _order(provision)


def _clauses_when_applied(agreement: str, provisions: Sequence[Provision]) -> list[tuple[str, Provision]]:
    """Return the clauses that stand when all of these provisions apply, each with its number in the text."""
    modifying: dict[int, list[Provision]] = defaultdict(list)
    for provision in sorted(provisions, key=_order):
        if provision.modifies is not None:
            modifying[provision.modifies].append(provision)
    original_clauses = sorted(
        (provision for provision in provisions if provision.agreement == agreement),
        key=lambda provision: (provision.position, provision.id),
    )
    entries = [
        entry
        for clause in original_clauses
        for entry in _entries_in_place_of(clause, clause.number, modifying, frozenset())
    ]
    return list(_with_unique_numbers(entries))


def _entries_in_place_of(
    clause: Provision, number: str, modifying: Mapping[int, Sequence[Provision]], seen: frozenset[int]
) -> Iterator[tuple[str, Provision]]:
    """Yield the clause or its latest substitute, then all that is inserted after it, with their numbers."""
    if clause.id in seen:
        return
    seen |= {clause.id}
    changes = modifying.get(clause.id, ())
    replacing = [change for change in changes if change.modification in REPLACING]
    if not replacing:
        yield number, clause
    for change in replacing:
        entries = list(_entries_in_place_of(change, number, modifying, seen))
        is_current = change is replacing[-1] and change.modification == SUBSTITUTION
        # What stands where an earlier substitute stood is gone; what was inserted after it stays.
        yield from entries if is_current else (entry for entry in entries if entry[0] != number)
    for change in changes:
        if change.modification == INSERTION:
            yield from _entries_in_place_of(change, change.number, modifying, seen)


def _with_unique_numbers(entries: Sequence[tuple[str, Provision]]) -> Iterator[tuple[str, Provision]]:
    """Yield the entries, a number and its clause, so that no number comes twice.

    A number that is taken is followed by the agreement of its clause, in parentheses, and by the clause's id if that is
    taken too. An insertion gives way to every other clause, also to a later one.
    """
    taken: set[str] = set()
    numbers_not_inserted = {number for number, clause in entries if clause.modification != INSERTION}
    for number, clause in entries:
        if number in taken or (clause.modification == INSERTION and number in numbers_not_inserted):
            number = f"{number} ({clause.agreement})"
        if number in taken:
            number = f"{number} {clause.id}"
        taken.add(number)
        yield number, clause
