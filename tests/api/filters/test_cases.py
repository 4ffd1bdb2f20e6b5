"""Each filter finds its rows and no others; every filter has a case."""

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ValidationError

from accords.api.filters.filter_types import BooleanField, InstantField, UncertainDateFilter, UnknownDateFilter
from accords.api.query import unknown_message
from accords.api.urls import RESOURCES
from accords.models import Participation
from tests import factories
from tests.api.addresses import BASE, Address, walk
from tests.api.filters.cases import CASES
from tests.api.world import FIRST_DAY, MODELS, World, add_draft, build
from tests.clients import Client

EVERYWHERE = {"id__in", "created_at__gte", "created_at__lte", "updated_at__gte", "updated_at__lte"}


@pytest.fixture(scope="module")
def module_world(module_transaction: None) -> World:
    """Create the published world and the draft, which no filter finds or counts for the public."""
    world = build()
    add_draft(world)
    return world


def found_names(client: Client, world: World, noun: str, query: str) -> set[str]:
    """Return the names of the rows that a query finds."""
    response = client.get(f"{BASE}/{noun}?{resolve(world, query)}&count=exact")
    assert response.status_code == 200, response.content
    page = response.json()
    assert (page["next"], page["count"]) == (None, len(page["results"]))
    return {world.name(noun, row["id"]) for row in page["results"]}


def resolve(world: World, query: str) -> str:
    """Replace placeholders in a query by ids of rows and the sha256 of a source."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "participations":
            return str(Participation.objects.get(party__slug=found[2], agreement__is_published=True).pk)
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
    assert found_names(client, world, noun, query) == expected


@pytest.mark.parametrize("noun", CASES)
def test_no_filter_is_without_a_case_that_keeps_a_row_and_drops_another(noun: str, world: World) -> None:
    filters: dict[str, Any] = RESOURCES[noun].filterset_class.base_filters
    in_cases = {
        name
        for query, found in CASES[noun].items()
        if found and found != set(world.published(noun))
        for name in parse_qs(query)
    }
    uncertain = {
        name for name, kind in filters.items() if isinstance(kind, UncertainDateFilter | UnknownDateFilter)
    }  # test_uncertain.py
    assert filters.keys() - in_cases - uncertain - EVERYWHERE == ({"is_published"} if noun == "agreements" else set())


@pytest.mark.parametrize("noun", MODELS)
def test_rows_are_found_by_id_and_by_when_they_were_made_and_changed(noun: str, world: World, client: Client) -> None:
    in_order = [row.pk for row in sorted(world.published(noun).values(), key=lambda row: row.pk)]

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
    assert found_names(editor, world, "agreements", "is_published=false") == {"draft"}
    assert found_names(editor, world, "agreements", "is_published=true") == {"rare-metals", "genocide", "old-deal"}
    assert found_names(client, world, "agreements", "is_published=false") == set()


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
        ("clauses", "certainty=certain", "requires_other_parameter"),
        ("clauses", "explicit=yes", "not_boolean"),
        ("clauses", "type=Tariff", "invalid_choice"),
        ("clauses", "type__in=tariff,", "empty_value"),
        ("clauses", "type=tariff,", "empty_value"),
        ("clauses", "type=tariff&type=Tariff", "invalid_choice"),
        ("clauses", "number=1&number=2", "repeated_parameter"),
        ("clauses", "obligor=US&obligor=CN", "repeated_parameter"),
        ("clauses", "value=1e5", "not_a_number"),
        ("clauses", "value=0.0000000000000001", "not_a_number"),
        ("clauses", "value=1234567890.1234567", "not_a_number"),
        ("clauses", "value=100000000000000.000000000000001", "not_a_number"),
        ("clauses", "hs_code=1234567", "malformed"),
        ("renewals", "due_within=PT1H", "not_a_duration"),
        ("renewals", "due_within=P1.5Y", "not_a_duration"),
        ("renewals", "due_within=P0D", "not_a_duration"),
        ("renewals", "due_within=-P1D", "not_a_duration"),
        ("events", "country=cn", "malformed"),
        ("statements", "clause__isnull=2", "not_boolean"),
        ("citations", "target=source", "invalid_choice"),
        ("agreements", "q=%C2%AB%C2%BB", "words"),
        ("agreements", "title__icontains=%25", "no_words"),
    ],
)
def test_a_value_that_means_nothing_is_refused(noun: str, query: str, code: str, world: World, client: Client) -> None:
    body = client.get(f"{BASE}/{noun}?{query}").json()
    assert [(fault["parameter"], fault["code"]) for fault in body["errors"]] == [(query.partition("=")[0], code)]


def test_every_error_is_reported_at_once(world: World, client: Client) -> None:
    query = "type=x&certainty=y&value__gte=2&value__lte=1&obligor=nobody&explicit=2&in_force_on=2026-02-30&nonsense=1"
    body = client.get(f"{BASE}/clauses?{query}&fields=nothing&page_size=0").json()
    assert {(fault["parameter"], fault["code"]) for fault in body["errors"]} == {
        ("type", "invalid_choice"),
        ("certainty", "invalid_choice"),
        ("value__gte", "inverted_range"),
        ("obligor", "unknown_party"),
        ("explicit", "not_boolean"),
        ("in_force_on", "impossible_date"),
        ("nonsense", "unknown_parameter"),
        ("fields", "unknown_name"),
        ("page_size", "page_size"),
    }


@pytest.mark.parametrize(
    "repeated", ["type=tariff&type=purchase", "type=tariff,purchase", "type__in=tariff&type__in=purchase"]
)
def test_a_list_is_separated_by_commas_or_repeated(repeated: str, world: World, client: Client) -> None:
    assert found_names(client, world, "clauses", repeated) == {"rare-metals/2", "rare-metals/3"}
    numbers = "number__in=4&number__in=4.1,II"
    assert found_names(client, world, "clauses", numbers) == {"rare-metals/4", "rare-metals/4.1", "genocide/II"}


def test_the_next_page_of_a_repeated_list_is_of_the_same_list(world: World, client: Client) -> None:
    first = client.get(f"{BASE}/clauses?type=tariff&type=purchase&page_size=1").json()
    assert [row["type"] for page in (first, client.get(first["next"]).json()) for row in page["results"]] == [
        *("tariff", "purchase")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("TRUE", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False)],
)
def test_a_boolean_is_read_in_any_case_and_as_a_digit(text: str, expected: bool) -> None:
    assert BooleanField().clean(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "03:04:05"),
        ("2026-01-02t03:04:05z", "03:04:05"),
        ("2026-01-02 03:04:05Z", "03:04:05"),
        ("2026-01-02T03:04:05+0000", "03:04:05"),
        ("2026-01-02T03:04:05+00:00", "03:04:05"),
        ("2026-01-02T03:04:05-00:00", "03:04:05"),
        ("2026-01-02T03:04:05 00:00", "03:04:05"),  # + as it arrives where it was not written as %2B
        ("2026-01-02T03:04:05+00", "03:04:05"),
        ("2026-01-02T05:04:05+0200", "03:04:05"),
        ("2026-01-01T23:34:05-03:30", "03:04:05"),
        ("2026-01-02T03:04:05.1Z", "03:04:05.100000"),
        ("2026-01-02T03:04:05.1234567Z", "03:04:05.123456"),
        ("2026-01-02T03:04:05.123456789Z", "03:04:05.123456"),
        ("2026-01-02T03:04:05.123456000Z", "03:04:05.123456"),
        ("2026-01-02T03:04:05.999999999999999999999Z", "03:04:05.999999"),
    ],
)
def test_an_instant_has_any_number_of_fraction_digits_and_any_form_of_offset(text: str, expected: str) -> None:
    assert InstantField().clean(text).isoformat() == f"2026-01-02T{expected}+00:00"


def test_a_lower_bound_between_two_microseconds_is_the_later_one() -> None:
    field = InstantField(round_up=True)
    assert field.clean("2026-01-02T03:04:05.1234567Z").microsecond == 123457
    assert field.clean("2026-01-02T03:04:05.1234560Z").microsecond == 123456
    with pytest.raises(ValidationError, match="no such instant"):
        field.clean("9999-12-31T23:59:59.9999999Z")


@pytest.mark.parametrize(
    ("noun", "name", "meant"),
    [
        ("clauses", "limit", "page_size"),
        ("clauses", "per_page", "page_size"),
        ("clauses", "pageSize", "page_size"),
        ("clauses", "offset", "cursor"),
        ("clauses", "page", "cursor"),
        ("clauses", "sort", "ordering"),
        ("clauses", "order_by", "ordering"),
        ("clauses", "orderBy", "ordering"),
        ("clauses", "since", "updated_at__gte"),
        ("clauses", "updated_since", "updated_at__gte"),
        ("clauses", "updated_at__gt", "updated_at__gte"),
        ("clauses", "until", "updated_at__lte"),
        ("clauses", "search", "q"),
        ("clauses", "include", "expand"),
        ("clauses", "select", "fields"),
        ("clauses", "exclude", "omit"),
        ("clauses", "id", "id__in"),
        ("clauses", "title", "title__icontains"),
        ("clauses", "title__contains", "title__icontains"),
        ("clauses", "kind", "type"),
        ("clauses", "date", "in_force_on"),
        ("clauses", "total", "count"),
        ("parties", "type", "kind"),
        ("parties", "name", "q"),
        ("renewals", "due", "due_before"),
        ("renewals", "date", "on"),
        ("renewals", "limit", "page_size"),
        ("agreements", "statuss", "status"),
        ("agreements", "published", "is_published"),
    ],
)
def test_an_unknown_name_is_answered_with_the_name_that_is_meant(noun: str, name: str, meant: str) -> None:
    known = Address(noun, noun, RESOURCES[noun], True).parameters
    assert unknown_message(name, known, "parameter").startswith(f"Unknown parameter. Did you mean {meant}? Known: ")


def test_an_organization_of_two_letters_is_found_by_its_slug(world: World, client: Client) -> None:
    """A code of two letters is a state's, but a slug may have two letters too."""
    assert found_names(client, world, "agreements", "party=xi") == {"rare-metals"}
    assert found_names(client, world, "agreements", "party=un") == {"genocide"}


def test_only_who_affirms_a_clause_asserts_it(db: None, client: Client) -> None:
    clause = factories.clause(factories.agreement("asserted"))
    for polarity in ("positive", "negative", "unknown"):
        speaker = factories.party(polarity)
        factories.statement(
            clause.agreement, polarity, kind="assertion", polarity=polarity, speaker=speaker, clause=clause
        )
        found = client.get(f"/api/v1/clauses?asserted_by={polarity}").json()["results"]
        assert len(found) == (polarity == "positive"), polarity
