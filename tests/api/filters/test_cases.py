"""Each filter keeps the rows that answer it and drops the others; no filter is without a case."""

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from accords.api.filters.kinds import UncertainDayKind, UnknownDayKind
from accords.api.urls import RESOURCES
from tests.api.addresses import BASE, walk
from tests.api.filters.cases import CASES
from tests.api.world import FIRST_DAY, MODELS, World, add_draft
from tests.clients import Client

EVERYWHERE = {"id__in", "created_at__gte", "created_at__lte", "updated_at__gte", "updated_at__lte"}


def ask(client: Client, world: World, noun: str, query: str) -> set[str]:
    """The names of the rows that answer a query."""
    return {world.name(noun, row["id"]) for row in walk(client, f"{BASE}/{noun}?{resolve(world, query)}")}


def resolve(world: World, query: str) -> str:
    """The query with rows' ids, and a source's sha256, in their places."""

    def value(found: re.Match[str]) -> str:
        row = world.rows(found[1])[found[2]]
        return str(row.sha256 if found[1] == "sources" else row.pk)

    return re.sub(r"\{(\w+):([^}]+)\}", value, query)


@pytest.mark.parametrize(
    ("noun", "query", "expected"),
    [(noun, query, expected) for noun, cases in CASES.items() for query, expected in cases.items()],
)
def test_a_filter_finds_its_rows_and_no_others(
    noun: str, query: str, expected: set[str], world: World, client: Client
) -> None:
    assert ask(client, world, noun, query) == expected


@pytest.mark.parametrize("noun", CASES)
def test_no_filter_is_without_a_case_that_keeps_a_row_and_drops_another(noun: str, whole: World) -> None:
    kinds: dict[str, Any] = RESOURCES[noun].filterset_class.kinds()  # type: ignore[attr-defined]
    told = {
        name
        for query, found in CASES[noun].items()
        if found and found != set(whole.rows(noun))
        for name in parse_qs(query)
    }
    by_kind = {
        name for name, kind in kinds.items() if isinstance(kind, UncertainDayKind | UnknownDayKind)
    }  # test_uncertain.py
    assert kinds.keys() - told - by_kind - EVERYWHERE == ({"is_published"} if noun == "agreements" else set())


@pytest.mark.parametrize("noun", MODELS)
def test_rows_are_found_by_id_and_by_when_they_were_made_and_changed(noun: str, world: World, client: Client) -> None:
    in_order = [row.pk for row in sorted(world.rows(noun).values(), key=lambda row: row.pk)]

    def found(query: str) -> list[int]:
        return [row["id"] for row in walk(client, f"{BASE}/{noun}?ordering=id&{query}")]

    moment = f"{FIRST_DAY:%Y-%m-%d}T01:00:00Z"
    assert found(f"id__in={in_order[0]},{in_order[2]},999999") == [in_order[0], in_order[2]]
    for field in ("created_at", "updated_at"):
        assert found(f"{field}__gte={moment}") == in_order[1:]
        assert found(f"{field}__lte={moment}") == in_order[:2]
        assert found(f"{field}__lte=2025-12-31T22:30:00-02:30") == in_order[:2]
        assert found(f"{field}__lte=2026-01-01T02:30:00%2B01:30") == in_order[:2]
        assert found(f"{field}__gte=2026-01-01T01:00:00.000001Z") == in_order[2:]


def test_whether_it_is_published_can_be_asked_by_those_who_see_both(
    world: World, client: Client, editor: Client
) -> None:
    add_draft(world)
    assert ask(editor, world, "agreements", "is_published=false") == {"draft"}
    assert ask(editor, world, "agreements", "is_published=true") == {"rare-metals", "genocide", "old-deal"}
    assert ask(client, world, "agreements", "is_published=false") == set()
    world.agreements.pop("draft")


def test_the_same_filters_stand_below_an_agreement(world: World, client: Client) -> None:
    path = f"{BASE}/agreements/genocide/renewals"
    assert {row["kind"] for row in walk(client, path)} == {"renewal", "notice_deadline", "review"}
    assert [row["kind"] for row in walk(client, f"{path}?due_after=2000-01-01")] == ["notice_deadline"]
    assert [row["kind"] for row in walk(client, f"{path}?due_unknown=true")] == ["review"]


@pytest.mark.parametrize(
    ("noun", "query", "code"),
    [
        ("clauses", "obligor=nobody", "unknown_party"),
        ("clauses", "obligor=XX", "unknown_party"),
        ("clauses", "obligor=u%C5%BF", "unknown_party"),  # ſ is not s, though its capital is S
        ("clauses", "agreement=nothing", "unknown_agreement"),
        ("clauses", "agreement__in=rare-metals,nothing", "unknown_agreement"),
        ("clauses", "parent=999", "unknown_clause"),
        ("clauses", "source=nothing", "unknown_source"),
        ("clauses", "certainty=certain", "means_nothing_alone"),
        ("clauses", "explicit=True", "not_boolean"),
        ("clauses", "type=Tariff", "unknown_word"),
        ("clauses", "type__in=tariff,", "empty_value"),
        ("clauses", "value=1e5", "not_a_number"),
        ("clauses", "value=0.00001", "not_a_number"),
        ("clauses", "value=100000000000", "not_a_number"),
        ("clauses", "hs_code=1234567", "malformed"),
        ("renewals", "due_within=PT1H", "not_a_duration"),
        ("renewals", "due_within=P1.5Y", "not_a_duration"),
        ("renewals", "due_within=P0D", "not_a_duration"),
        ("renewals", "due_within=-P1D", "not_a_duration"),
        ("events", "country=cn", "malformed"),
        ("statements", "clause__isnull=1", "not_boolean"),
        ("citations", "target=party", "malformed"),
        ("agreements", "q=%C2%AB%C2%BB", "words"),
        ("agreements", "title__icontains=%25", "words"),
    ],
)
def test_a_value_that_means_nothing_is_refused(noun: str, query: str, code: str, world: World, client: Client) -> None:
    told = client.get(f"{BASE}/{noun}?{query}").json()
    assert [(fault["parameter"], fault["code"]) for fault in told["errors"]] == [(query.partition("=")[0], code)]


def test_an_organization_of_two_letters_is_found_by_its_slug(world: World, client: Client) -> None:
    """A code of two letters is a state's, but a slug may have two letters too."""
    assert ask(client, world, "agreements", "party=xi") == {"rare-metals"}
    assert ask(client, world, "agreements", "party=un") == {"genocide"}
