"""The number of queries of a request: the same for three rows of each resource and for six."""

from typing import NamedTuple

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.models import Agreement, Party, Source
from tests import factories
from tests.api.addresses import BASE, LISTS, SLUGGED, Address, by_address
from tests.api.world import MODELS
from tests.clients import Client
from tests.factories import without_validation

FEW, MANY = 3, 6
# The most queries that a list may make, and the same with everything expanded; then a row by itself.
LIST_COSTS = {
    "agreements": (2, 15),
    "clauses": (2, 5),
    "parties": (1, 2),
    "renewals": (2, 4),
    "statements": (2, 5),
    "events": (2, 4),
    "sources": (1, 2),
    "citations": (1, 2),
    "agreement renewals": (3, 5),
}
BELOW_COSTS = {"annotated": 3, "projection?anchor=2025-10-30": 1}
ROW_COSTS = {
    "agreements": 14,
    "clauses": 3,
    "parties": 1,
    "renewals": 2,
    "statements": 3,
    "events": 3,
    "sources": 1,
    "citations": 1,
}
"""On SQLite; on PostgreSQL one statement reads a row with all that is nested in it."""


def create_deal(number: int) -> None:
    """Create an agreement with one row of each kind, with as many relations as possible."""
    suffix = f"-{number}"
    press = factories.source(f"press{suffix}")
    state = factories.party(f"state{suffix}")
    speaker = factories.party(f"speaker{suffix}", represents=state)
    speaker.represents.represents = factories.party(f"union{suffix}")
    factories.save(speaker.represents)
    before = factories.agreement(f"before{suffix}", status="terminated")
    agreement = factories.agreement(f"deal{suffix}", supersedes=before)
    clause = factories.clause(agreement)
    event = factories.event(agreement)
    statement = factories.statement(agreement, speaker=speaker, clause=clause, event=event)
    due = factories.renewal(agreement, status="concluded", outcome=factories.agreement(f"after{suffix}"))
    for who in (state, speaker, Party.objects.get(slug=f"union{suffix}")):
        factories.participation(agreement, who)
        factories.clause_party(clause, who)
        event.participants.add(who)
        statement.mentions.add(who)
    for target in (agreement, clause, event, statement, due):
        factories.citation(target, "soja américain", press)


def add_related(agreement: Agreement, number: int) -> None:
    """Add a row of each kind to an agreement."""
    clause = factories.clause(agreement, f"n{number}")
    event = factories.event(agreement, f"n{number}")
    statement = factories.statement(agreement, f"n{number}", clause=clause, event=event)
    due = factories.renewal(agreement, number + 2)
    for target in (clause, event, statement, due):
        factories.citation(target, "les métaux rares", Source.objects.get(slug="press-0"))


def create_deals(first: int, last: int) -> None:
    """Create agreements by number, and as many related rows of the first of them."""
    for number in range(first, last):
        create_deal(number)
        if number:
            add_related(Agreement.objects.get(slug="deal-0"), number)


class Costs(NamedTuple):
    """Queries by address and shape, with few rows and with many."""

    few: dict[str, int]
    many: dict[str, int]


@pytest.fixture(scope="module")
def costs(module_transaction: None) -> Costs:
    """Count the queries of every path with three rows of each resource, and with six."""
    with without_validation():
        create_deals(0, FEW)
    caller, paths, narrow, plain = editor(), all_paths(), narrow_paths(), plain_paths()
    few = {**query_counts(Client(), paths | narrow), **query_counts(caller, plain, "editor ")}
    with without_validation():
        create_deals(FEW, MANY)
    return Costs(few, {**query_counts(Client(), paths), **query_counts(caller, plain, "editor ")})


def editor() -> Client:
    """Return a client that may view drafts."""
    user = User.objects.create_user("editor")
    user.user_permissions.add(Permission.objects.get(codename="view_agreement"))
    client = Client()
    client.force_login(user)
    return client


def query_count(client: Client, path: str) -> int:
    """Return the number of queries of a request."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200, response.content
    return len(queries)


def list_path(address: Address) -> str:
    return f"{BASE}/{address.path}".replace("rare-metals", "deal-0")


def widest_query(address: Address) -> str:
    """Return the query with every expansion."""
    return f"expand={','.join(address.view.serializer_class.expansions())}"


def few_fields(address: Address) -> list[list[str]]:
    """Return the fields of a list four at a time; those that a row has only if it is expanded by themselves."""
    serializer = address.view.serializer_class
    shown = [name for name in serializer.field_names() if name not in serializer.hidden()]
    return [shown[start : start + 4] for start in range(0, len(shown), 4)] + [[name] for name in serializer.hidden()]


def narrow_paths() -> dict[str, str]:
    """Return the paths of each resource's list with few fields, and with each of those that it hides, by name."""
    shapes = [(address, f"fields={','.join(names)}") for address in LISTS[:-1] for names in few_fields(address)]
    shapes += [(address, f"expand={name}") for address in LISTS[:-1] for name in address.view.serializer_class.hidden()]
    return {f"{address.name}?{shape}": f"{list_path(address)}?{shape}" for address, shape in shapes}


def plain_paths() -> dict[str, str]:
    """Return the paths of each list, by name."""
    return {f"{address.name}?": f"{list_path(address)}?page_size=200" for address in LISTS}


def all_paths() -> dict[str, str]:
    """Return the paths of each list with all expansions, of rows, and of what belongs to an agreement, by name."""
    found = plain_paths() | {add_related: f"{BASE}/agreements/deal-0/{add_related}" for add_related in BELOW_COSTS}
    for address in LISTS:
        for shape in (widest_query(address), "count=exact"):
            found[f"{address.name}?{shape}"] = f"{list_path(address)}?{shape}&page_size=200"
    for noun, model in MODELS.items():
        row = (
            model._default_manager.order_by("pk").last()
            if noun != "agreements"
            else Agreement.objects.get(slug="deal-0")
        )
        found[noun] = f"{BASE}/{noun}/{row.slug if noun in SLUGGED else row.pk}"
    return found


def query_counts(client: Client, paths: dict[str, str], who: str = "") -> dict[str, int]:
    """Return the number of queries of each path."""
    return {who + name: query_count(client, path) for name, path in paths.items()}


def test_no_answer_costs_more_for_more_rows(costs: Costs, db: None) -> None:
    """With all expansions: what one of them asks for each row, they ask together too."""
    uncounted = {name: cost for name, cost in costs.many.items() if not name.endswith("?count=exact")}
    assert uncounted == {name: costs.few[name] for name in uncounted}


@pytest.mark.parametrize(**by_address(LISTS))
def test_a_list_costs_what_is_written_here(address: Address, costs: Costs, db: None) -> None:
    plain, wide = costs.many[f"{address.name}?"], costs.many[f"{address.name}?{widest_query(address)}"]
    assert (plain, wide) == LIST_COSTS[address.name]
    assert costs.few[f"{address.name}?count=exact"] == plain  # the page has all rows
    assert costs.many[f"{address.name}?count=exact"] in (plain, plain + 1)


@pytest.mark.parametrize(**by_address(LISTS[:-1]))
def test_a_narrow_row_costs_no_more_than_a_whole_one(address: Address, costs: Costs, db: None) -> None:
    for names in few_fields(address):
        shape = f"expand={names[0]}" if names[0] in address.view.serializer_class.hidden() else ""
        assert costs.few[f"{address.name}?fields={','.join(names)}"] <= costs.few[f"{address.name}?{shape}"], names


def test_a_row_and_what_stands_below_an_agreement_cost_what_is_written_here(costs: Costs, db: None) -> None:
    expected = dict.fromkeys(ROW_COSTS, 1) if connection.vendor == "postgresql" else ROW_COSTS
    assert {noun: costs.many[noun] for noun in MODELS} == expected
    assert {add_related: costs.many[add_related] for add_related in BELOW_COSTS} == BELOW_COSTS


def test_someone_who_is_logged_in_costs_four_queries_more_and_none_for_each_row(costs: Costs, db: None) -> None:
    """The session, the user, and the permissions of the user and the user's groups."""
    for name in plain_paths():
        assert costs.many[f"editor {name}"] <= costs.many[name] + 4, name


def test_filters_cost_one_query_each_at_most(costs: Costs, db: None, client: Client) -> None:
    for address in LISTS:
        plain = costs.many[f"{address.name}?"]
        assert query_count(client, f"{list_path(address)}?created_at__gte=2000-01-01T00:00:00Z") <= plain
        if "party" in address.parameters:
            assert query_count(client, f"{list_path(address)}?party=state-0") <= plain + 1


def test_a_refused_request_costs_nothing(costs: Costs, db: None, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        for address in LISTS[:-1]:
            assert client.get(f"{list_path(address)}?nonsense=1").status_code == 400
    assert len(queries) == 0
