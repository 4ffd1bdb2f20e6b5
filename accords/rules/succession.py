"""Changes of an agreement by others that replace it or amend its clauses, and by parties that join and leave."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from accords.rules import edtf
from accords.rules.status import NEVER, Certainty, Lifecycle, Span, day_before, effect_begins, weakest

SUBSTITUTION, REPEAL, INSERTION = "substitution", "repeal", "insertion"
REPLACING = (SUBSTITUTION, REPEAL)
ALWAYS = Span(date.min, date.min)


class Succession(NamedTuple):
    """The last day before a successor replaces an agreement, and what that day rests on.

    That is "" without a successor, and if its successors state no date or term.
    """

    last_day: Span = NEVER
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

    `original` is the id of the clause that it replaces, directly or in turn, and which the agreement had at first or an
    amendment inserted; its own id if it replaces none.
    """

    number: str
    id: int
    original: int
    agreement: str
    certainty: Certainty


class _Entry(NamedTuple):
    """An entry of a text: its number, its clause (None after a repeal), and the clause that it had first.

    `is_certain` says whether the order of the modifications is the same however their dates are read.
    """

    number: str
    clause: Provision | None
    original: Provision
    is_inserted: bool
    is_certain: bool


class Consolidation(NamedTuple):
    """The text of an agreement on a day; `certain` only if every reading of the dates yields the same text."""

    clauses: list[ConsolidatedClause]
    certainty: Certainty


def find_succession(successors: Iterable[Lifecycle]) -> Succession:
    """Return when an agreement is over because of its successors: direct ones, and those of these in turn.

    Successors of successors count, so that of a chain at most one agreement is in force on a day, even where the
    last took effect before the one that it replaces. The outcome of a concluded renewal is a successor as well.
    Pass only published successors.
    """
    starts = [(effect_begins(successor), successor.rests_on) for successor in successors]
    if not starts:
        return Succession()
    first = Span(min(span.low for span, _ in starts), min(span.high for span, _ in starts))
    basis = weakest(basis for span, basis in starts if span.low <= first.high)
    return Succession(day_before(first), basis)


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
    """Return the first day on which a clause amends another: its own date (EDTF) if stated, else that of its agreement.

    An amendment that may never take effect amends nothing with certainty, whatever its clauses say.
    """
    agreement_begins = effect_begins(agreement)
    if not effective or agreement_begins == NEVER:
        return agreement_begins
    earliest, latest = edtf.bounds(effective)
    may_never_begin = agreement_begins.high == date.max
    return Span(earliest or date.min, date.max if may_never_begin or latest is None else latest)


def last_day_before_replacement(provision: Provision, others: Iterable[Provision]) -> Span:
    """Return the last day before a clause is substituted or repealed; NEVER if it is not.

    A substitute is itself replaced by the next substitution or repeal of the same clause, or of another substitute.
    Where the dates do not say which of two is the next, either may be replaced, and neither certainly is.
    """
    by_id = {each.id: each for each in (*others, provision)}
    original, seen = provision, {provision.id}
    while original.modification in REPLACING and original.modifies is not None and original.modifies not in seen:
        seen.add(original.modifies)
        original = by_id.get(original.modifies) or Provision(original.modifies, "", "", 0)
    in_turn = _with_replacements(original, _modifications_by_clause(by_id.values()))
    itself = next(each for each in in_turn if each.id == provision.id)  # with the days of its place in the order
    possible_days, certain_days = [date.max], [date.max]
    for other in in_turn:
        if other is not itself and not _applies_before(other, itself, in_turn):
            possible_days.append(max(other.begins.low, itself.begins.low))
            if _applies_before(itself, other, in_turn):
                certain_days.append(other.begins.high)
    return day_before(Span(min(possible_days), min(certain_days)))


def consolidate(agreement: str, provisions: Sequence[Provision], on: date) -> Consolidation:
    """Return the text of an agreement as it was on a day, clause by clause.

    `provisions` are the clauses of the agreement and of all that amend it, directly or in turn. A modification
    counts from the day on which it certainly applies; a clause that another reading of the dates, or leaving out
    what rests on the editors' own dates, would replace is `possible`. A substitute takes the number of the clause
    that it replaces. An insertion comes after the clause that it names, and keeps its own number unless that is
    taken.
    """
    text = _text_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.high, on)]
    )
    earliest_text = _text_when_applied(
        agreement, [provision for provision in provisions if _applies(provision, provision.begins.low, on)]
    )
    stated_text = _text_when_applied(
        agreement,
        [
            provision
            for provision in provisions
            if provision.rests_on == "stated" and _applies(provision, provision.begins.high, on)
        ],
    )
    certain_entries = {*earliest_text} & {*stated_text}
    clauses = [
        ConsolidatedClause(
            entry.number,
            entry.clause.id,
            entry.original.id,
            entry.clause.agreement,
            "certain" if entry.is_certain and entry in certain_entries else "possible",
        )
        for entry in text
        if entry.clause is not None
    ]
    is_certain = text == earliest_text == stated_text and all(entry.is_certain for entry in text)
    return Consolidation(clauses, "certain" if is_certain else "possible")


def takes_part(since: str, until: str, on: date, certainty: Certainty = "possible") -> bool:
    """Return whether a party takes part on a day, from the date `since` to the date `until` (EDTF), both included.

    Blank is from the start, or to the end, of the agreement. Whether the agreement is in force is not checked. Queries
    use `ParticipationQuerySet.taking_part_on`; tests compare the two. Raises EdtfError.
    """
    first_day, last_day = edtf.bounds(since), edtf.bounds(until)
    if certainty == "possible":
        has_joined = first_day.earliest is None or first_day.earliest <= on
        return has_joined and (last_day.latest is None or on <= last_day.latest)
    has_joined = not since or (first_day.latest is not None and first_day.latest <= on)
    has_not_left = not until or (last_day.earliest is not None and on <= last_day.earliest)
    return has_joined and has_not_left


def _applies(provision: Provision, begins: date, on: date) -> bool:
    """Return whether a provision is part of the text on a day if it begins on `begins`; original clauses always are."""
    return not provision.modification or begins <= on


def _order_of_application(provision: Provision) -> tuple[date, date, int, int]:
    """Return the sort key of modifications of one clause."""
    return provision.begins.high, provision.begins.low, provision.position, provision.id


def _modifications_by_clause(provisions: Iterable[Provision]) -> dict[int, list[Provision]]:
    """Return the modifications by the id of the clause that they modify, in the order in which they apply."""
    modifications: dict[int, list[Provision]] = defaultdict(list)
    for provision in sorted(provisions, key=_order_of_application):
        if provision.modifies is not None:
            modifications[provision.modifies].append(provision)
    return modifications


def _with_replacements(clause: Provision, modifications: Mapping[int, Sequence[Provision]]) -> list[Provision]:
    """Return a clause and its replacements, direct or in turn, in the order in which they apply.

    The replacement of a substitute applies no earlier than the substitute.
    """
    replacements = {clause.id: clause}
    queue = [clause]
    for current in queue:  # it grows while it is read
        for change in modifications.get(current.id, ()):
            if change.modification in REPLACING and change.id not in replacements:
                low, high = (max(days) for days in zip(change.begins, current.begins, strict=True))
                replacements[change.id] = replace(change, begins=Span(low, high))
                queue.append(replacements[change.id])
    return sorted(queue, key=lambda each: (each.begins.high, each.begins.low))


def _applies_before(one: Provision, other: Provision, in_turn: Sequence[Provision]) -> bool:
    """Return whether one provision applies before the other, however their dates are read.

    `in_turn` has both, in the order in which they apply. A replacement applies after what it replaces.
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
    """Return the entries of an agreement's text, in order, if all of these provisions apply."""
    modifications = _modifications_by_clause(provisions)
    original_clauses = sorted(
        (provision for provision in provisions if provision.agreement == agreement),
        key=lambda provision: (provision.position, provision.id),
    )
    entries = [entry for clause in original_clauses for entry in _entries_for(clause, modifications, frozenset())]
    return list(_with_unique_numbers(entries))


def _entries_for(
    clause: Provision,
    modifications: Mapping[int, Sequence[Provision]],
    seen: frozenset[int],
    *,
    is_inserted: bool = False,
    is_certain: bool = True,
) -> Iterator[_Entry]:
    """Yield the entry of a clause, with its latest substitute, then those of the clauses inserted after it.

    `seen` has the ids of the clauses whose entries come before: modifications in a cycle end there.
    """
    if clause.id in seen:
        return
    in_turn = _with_replacements(clause, modifications)
    last = in_turn[-1]
    is_certain = is_certain and all(_applies_before(each, last, in_turn) for each in in_turn[:-1])
    is_in_text = last is clause or last.modification == SUBSTITUTION
    yield _Entry(clause.number, last if is_in_text else None, clause, is_inserted, is_certain)
    seen |= {each.id for each in in_turn}
    changes = (change for each in in_turn for change in modifications.get(each.id, ()))
    insertions = sorted((change for change in changes if change.modification == INSERTION), key=_order_of_application)
    for insertion in insertions:
        others = [other for other in insertions if other is not insertion]
        is_in_order = all(
            _applies_before(other, insertion, insertions) or _applies_before(insertion, other, insertions)
            for other in others
        )
        yield from _entries_for(insertion, modifications, seen, is_inserted=True, is_certain=is_in_order)


def _with_unique_numbers(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """Yield the entries so that no number comes twice.

    A number that is taken is followed by the agreement of its clause, in parentheses, and by the clause's id if that is
    taken too. Of an insertion and another clause with the same number, the insertion is renamed, wherever it is.
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
