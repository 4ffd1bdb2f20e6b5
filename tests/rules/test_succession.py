"""Amendments and the consolidated text: a table of small texts, and invariants."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.rules.status import Lifecycle, Span, in_force
from accords.rules.succession import (
    NEVER,
    Provision,
    consolidate,
    find_succession,
    last_day_before_replacement,
    provision_begins,
    reachable,
)
from accords.rules.terms import Terms
from tests.examples import examples

BASE = [Provision(1, "base", "1", 1), Provision(2, "base", "2", 2), Provision(3, "base", "3", 3)]


def on(text: str) -> Span:
    day = date.fromisoformat(text)
    return Span(day, day)


def amending(pk: int, modification: str, clause: int, begins: str, number: str = "", **fields: Any) -> Provision:
    names = {"agreement": "first", "number": number or str(pk), "position": pk, "begins": on(begins)} | fields
    return Provision(pk, modifies=clause, modification=modification, **names)


def text(provisions: list[Provision], day: str, of: str = "base") -> list[str]:
    found = consolidate(of, provisions, date.fromisoformat(day))
    return [f"{one.number}: {one.agreement} {one.id}" for one in found.clauses]


TEXTS: list[tuple[str, list[Provision], str, list[str]]] = [
    ("no amendment", [], "2025-01-01", ["1: base 1", "2: base 2", "3: base 3"]),
    (
        "the day before it applies",
        [amending(10, "substitution", 2, "2025-01-01")],
        "2024-12-31",
        ["1: base 1", "2: base 2", "3: base 3"],
    ),
    (
        "a substitute keeps the number of the clause that it replaces",
        [amending(10, "substitution", 2, "2025-01-01")],
        "2025-01-01",
        ["1: base 1", "2: first 10", "3: base 3"],
    ),
    ("a repeal", [amending(10, "repeal", 2, "2025-01-01")], "2025-01-01", ["1: base 1", "3: base 3"]),
    (
        "an insertion stands after the clause that it names",
        [amending(10, "insertion", 1, "2025-01-01", "1a")],
        "2025-01-01",
        ["1: base 1", "1a: first 10", "2: base 2", "3: base 3"],
    ),
    (
        "what was inserted after a clause stays when that is repealed",
        [amending(10, "insertion", 2, "2025-01-01", "2a"), amending(11, "repeal", 2, "2026-01-01", agreement="second")],
        "2026-01-01",
        ["1: base 1", "2a: first 10", "3: base 3"],
    ),
    (
        "an amendment of an amendment",
        [
            amending(10, "substitution", 2, "2025-01-01"),
            amending(20, "substitution", 10, "2026-01-01", agreement="second"),
        ],
        "2026-06-01",
        ["1: base 1", "2: second 20", "3: base 3"],
    ),
    (
        "two substitutes of one clause: the later stands",
        [
            amending(20, "substitution", 2, "2026-01-01", agreement="second"),
            amending(10, "substitution", 2, "2025-01-01"),
        ],
        "2026-06-01",
        ["1: base 1", "2: second 20", "3: base 3"],
    ),
    (
        "what was inserted after an earlier substitute stands after the later one",
        [
            amending(10, "substitution", 2, "2025-01-01"),
            amending(11, "insertion", 10, "2025-06-01", "2b", agreement="second"),
            amending(12, "insertion", 2, "2024-01-01", "2a", agreement="third"),
            amending(20, "substitution", 2, "2026-01-01", agreement="fourth"),
        ],
        "2026-06-01",
        ["1: base 1", "2: fourth 20", "2a: third 12", "2b: second 11", "3: base 3"],
    ),
    (
        "an insertion with the number of the clause after which it stands is not lost when that is replaced again",
        [
            amending(10, "substitution", 2, "2025-01-01"),
            amending(11, "insertion", 10, "2025-06-01", "2", agreement="second"),
            amending(20, "substitution", 2, "2026-01-01", agreement="third"),
        ],
        "2026-06-01",
        ["1: base 1", "2: third 20", "2 (second): second 11", "3: base 3"],
    ),
    (
        "a substitute of an insertion gives way to other clauses as that did",
        [
            amending(10, "insertion", 1, "2025-01-01", "2"),
            amending(20, "substitution", 10, "2026-01-01", "9", agreement="second"),
        ],
        "2026-06-01",
        ["1: base 1", "2 (second): second 20", "2: base 2", "3: base 3"],
    ),
    (
        "a substitute of an amended clause stands in place of the amendment's amendment",
        [
            amending(10, "substitution", 2, "2025-01-01"),
            amending(11, "substitution", 10, "2026-01-01", agreement="second"),
            amending(20, "substitution", 2, "2027-01-01", agreement="third"),
        ],
        "2027-01-01",
        ["1: base 1", "2: third 20", "3: base 3"],
    ),
    (
        "of a substitute and an amendment of an earlier one, the later stands",
        [
            amending(10, "substitution", 2, "2025-01-01"),
            amending(20, "substitution", 2, "2026-01-01", agreement="second"),
            amending(30, "substitution", 10, "2027-01-01", agreement="third"),
        ],
        "2027-01-01",
        ["1: base 1", "2: third 30", "3: base 3"],
    ),
    (
        "repealed for good: a repealed amendment does not bring back what it replaced",
        [amending(10, "substitution", 2, "2025-01-01"), amending(20, "repeal", 10, "2026-01-01", agreement="second")],
        "2026-06-01",
        ["1: base 1", "3: base 3"],
    ),
    (
        "an insertion whose number is taken names its agreement",
        [amending(10, "insertion", 1, "2025-01-01", "2")],
        "2025-01-01",
        ["1: base 1", "2 (first): first 10", "2: base 2", "3: base 3"],
    ),
    (
        "clauses of an amendment that change nothing are its own",
        [Provision(10, "first", "1", 1)],
        "2025-01-01",
        ["1: base 1", "2: base 2", "3: base 3"],
    ),
]


@pytest.mark.parametrize(("changes", "day", "expected"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_the_text_as_it_stood_on_a_day(changes: list[Provision], day: str, expected: list[str]) -> None:
    assert text([*BASE, *changes], day) == expected


def test_an_amendment_has_a_text_of_its_own() -> None:
    own = [Provision(9, "first", "1", 1), amending(10, "substitution", 2, "2025-01-01")]
    later = amending(20, "repeal", 9, "2026-01-01", agreement="second")
    assert text([*BASE, *own, later], "2026-01-01", of="first") == ["10: first 10"]


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        ((), ""),
        (("",), ""),
        (("", "stated"), "stated"),
        (("", "editorial"), "editorial"),
        (("stated", "editorial"), "editorial"),
    ],
)
def test_a_successor_without_dates_does_not_weaken_the_evidence(bases: tuple[str, ...], expected: str) -> None:
    undated = [Lifecycle(Terms(), "announced", rests_on=basis) for basis in bases]
    assert find_succession(undated).rests_on == expected


@pytest.mark.parametrize(
    ("begins", "rests_on", "day", "shown", "certainty"),
    [
        (on("2025-06-01"), "stated", "2025-06-01", 10, "certain"),
        (Span(date(2025, 6, 1), date(2025, 6, 30)), "stated", "2025-05-31", 2, "certain"),
        (Span(date(2025, 6, 1), date(2025, 6, 30)), "stated", "2025-06-15", 2, "possible"),
        (Span(date(2025, 6, 1), date(2025, 6, 30)), "stated", "2025-06-30", 10, "certain"),
        (on("2025-06-01"), "editorial", "2025-06-01", 10, "possible"),
        (Span(date(2025, 6, 1), date.max), "stated", "2026-01-01", 2, "possible"),
    ],
)
def test_a_text_is_certain_only_under_every_reading(
    begins: Span, rests_on: str, day: str, shown: int, certainty: str
) -> None:
    change = Provision(10, "first", "10", 1, begins, 2, "substitution", rests_on)
    found = consolidate("base", [*BASE, change], date.fromisoformat(day))
    assert found.certainty == certainty
    assert [(one.id, one.certainty) for one in found.clauses] == [(1, "certain"), (shown, certainty), (3, "certain")]


def test_of_two_modifications_whose_order_is_not_known_either_may_stand() -> None:
    year, day = Span(date(2022, 1, 1), date(2022, 12, 31)), on("2022-06-01")
    for modification in ("substitution", "repeal"):
        first = Provision(10, "first", "10", 1, year, 2, modification)
        second = Provision(20, "second", "20", 2, day, 2, "substitution")
        found = consolidate("base", [*BASE, first, second], date(2023, 1, 1))
        assert found.certainty == "possible"
        assert (
            last_day_before_replacement(first, [first, second])
            == last_day_before_replacement(second, [first, second])
            == Span(date(2022, 5, 31), date.max)
        )
    insertions = [
        Provision(pk, "first", f"1{pk}", pk, begins, 1, "insertion") for pk, begins in ((30, year), (31, day))
    ]
    assert consolidate("base", [*BASE, *insertions], date(2023, 1, 1)).certainty == "possible"


def test_what_replaces_a_substitute_comes_after_it_however_uncertain_both_are() -> None:
    first = Provision(10, "first", "10", 1, Span(date(2022, 1, 1), date(2022, 12, 31)), 2, "substitution")
    of_first = Provision(11, "second", "11", 2, on("2022-06-01"), 10, "substitution")
    found = consolidate("base", [*BASE, first, of_first], date(2023, 1, 1))
    assert (found.certainty, [one.id for one in found.clauses]) == ("certain", [1, 11, 3])
    assert last_day_before_replacement(first, [first, of_first]) == Span(date(2022, 5, 31), date(2022, 12, 30))
    assert last_day_before_replacement(of_first, [first, of_first]) == NEVER


def test_a_replaced_clause_ends_the_day_before_the_one_that_replaces_it() -> None:
    first, second = amending(10, "substitution", 2, "2025-01-01"), amending(20, "repeal", 2, "2026-01-01")
    inserted = amending(30, "insertion", 2, "2024-01-01")
    changes = [first, second, inserted]
    assert last_day_before_replacement(BASE[1], changes) == on("2024-12-31")
    assert last_day_before_replacement(first, changes) == on("2025-12-31")
    assert (
        last_day_before_replacement(second, changes)
        == last_day_before_replacement(inserted, changes)
        == last_day_before_replacement(BASE[0], changes)
        == NEVER
    )


def test_an_amended_amendment_is_replaced_with_the_clause_that_it_replaced() -> None:
    first, of_first = amending(10, "substitution", 2, "2025-01-01"), amending(11, "substitution", 10, "2026-01-01")
    second, early = amending(20, "substitution", 2, "2027-01-01"), amending(21, "repeal", 20, "2026-06-01")
    assert last_day_before_replacement(of_first, [first, of_first, second]) == on("2026-12-31")
    assert last_day_before_replacement(first, [first, of_first, second]) == on("2025-12-31")
    assert last_day_before_replacement(of_first, [first, of_first, second, early]) == on("2026-12-31")
    assert last_day_before_replacement(of_first, [first, second]) == on("2026-12-31"), (
        "a draft, which is not among the others"
    )


def test_a_clause_that_amends_begins_with_its_agreement_or_on_its_own_day() -> None:
    applies = Lifecycle(Terms(effective="2025-03-01"), "in_force")
    assert provision_begins("", applies) == on("2025-03-01")
    assert provision_begins("2025-01-01", applies) == on("2025-01-01")
    assert provision_begins("2025-01", Lifecycle(Terms(effective="2025-03-01"), "signed")) == Span(
        date(2025, 1, 1), date.max
    )
    given_up = Lifecycle(Terms(effective="2025-03-01"), "terminated", "2024-06-01")
    assert provision_begins("", given_up) == provision_begins("2025-01-01", given_up) == NEVER


def test_what_can_be_reached_is_found_once_even_in_a_cycle() -> None:
    assert reachable(1, {1: [2, 3], 2: [4], 3: [4], 4: [1]}) == [2, 3, 4]


quick = settings(max_examples=examples(75), deadline=None, database=None)
DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
EDTF = DAYS.map(str) | DAYS.map(lambda day: str(day)[:7]) | DAYS.map(lambda day: str(day)[:4])


@st.composite
def provisions(draw: st.DrawFn, uncertain: bool = True) -> list[Provision]:
    """Return a base text and modifications of any provision before them, in any order of time."""
    found = [*BASE]
    for pk in range(10, 10 + draw(st.integers(0, 8))):
        low, high = sorted([draw(DAYS), draw(DAYS)])
        target = draw(st.sampled_from([one.id for one in found]))
        kind = draw(st.sampled_from(["substitution", "repeal", "insertion"]))
        number = draw(st.sampled_from(["1", "2", "2a", "4"]))
        agreement, rests_on = draw(st.sampled_from(["first", "second"])), draw(st.sampled_from(["stated", "editorial"]))
        begins = Span(low, high if uncertain else low)
        found.append(Provision(pk, agreement, number, pk, begins, target, kind, rests_on))
    return draw(st.permutations(found))


@quick
@given(provisions(), DAYS)
def test_a_consolidated_text_has_each_number_and_each_clause_once(found: list[Provision], day: date) -> None:
    clauses = consolidate("base", found, day).clauses
    assert len({one.number for one in clauses}) == len({one.id for one in clauses}) == len(clauses)


def standing(found: list[Provision], day: date) -> set[int]:
    """Return the ids of the provisions that apply on a day and are not certainly replaced."""
    by_id = {one.id: one for one in found}

    def applies(one: Provision) -> bool:
        return one.modifies is None or (one.begins.high <= day and applies(by_id[one.modifies]))

    applying = {one.id for one in found if applies(one) and one.modification != "repeal"}
    return applying - {one.id for one in found if last_day_before_replacement(one, found).high < day}


@quick
@given(provisions(uncertain=False), DAYS)
def test_a_consolidated_text_has_the_clauses_that_apply_and_are_not_replaced(found: list[Provision], day: date) -> None:
    assert {one.id for one in consolidate("base", found, day).clauses} == standing(found, day)


@quick
@given(provisions(), DAYS, st.data())
def test_what_is_certain_of_a_text_is_so_under_every_reading_of_the_dates(
    found: list[Provision], day: date, data: st.DataObject
) -> None:
    text = consolidate("base", found, day)
    assert {one.id for one in text.clauses} <= standing(found, day)
    exact = [data.draw(st.dates(*one.begins)) if one.modifies else date.min for one in found]
    reading = [replace(one, begins=Span(begins, begins)) for one, begins in zip(found, exact, strict=True)]
    read = consolidate("base", reading, day)
    certain = {(one.number, one.id) for one in text.clauses if one.certainty == "certain"}
    assert {pk for _, pk in certain} <= {one.id for one in read.clauses}
    if text.certainty == "certain":
        assert [(one.number, one.id) for one in text.clauses] == [(one.number, one.id) for one in read.clauses]
    for one in found:
        low, high = last_day_before_replacement(one, found)
        assert (
            low
            <= last_day_before_replacement(next(other for other in reading if other.id == one.id), reading).low
            <= high
        )


CHAINS = st.lists(st.tuples(DAYS, st.none() | st.integers(1, 4000)), min_size=2, max_size=5)


def agreement(effective: str, ends: str = "", **fields: Any) -> Lifecycle:
    return Lifecycle(Terms(effective=effective, ends=ends, renewal_mode="evergreen"), "in_force", **fields)


@quick
@given(CHAINS, DAYS)
def test_of_a_chain_of_supersessions_at_most_one_agreement_is_in_force(
    chain: list[tuple[date, int | None]], day: date
) -> None:
    bare = [
        agreement(str(start), str(date.fromordinal(start.toordinal() + length)) if length else "")
        for start, length in chain
    ]
    whole = [
        Lifecycle(one.terms, one.status, superseded=find_succession(bare[number + 1 :]).last_day)
        for number, one in enumerate(bare)
    ]
    assert sum(in_force(one, day) for one in whole) <= 1


@quick
@given(st.lists(EDTF, min_size=2, max_size=4), DAYS)
def test_with_uncertain_dates_at_most_one_of_a_chain_is_certainly_in_force(dates: list[str], day: date) -> None:
    bare = [agreement(text) for text in dates]
    whole = [
        Lifecycle(one.terms, one.status, superseded=find_succession(bare[number + 1 :]).last_day)
        for number, one in enumerate(bare)
    ]
    assert sum(in_force(one, day, "certain") for one in whole) <= 1
