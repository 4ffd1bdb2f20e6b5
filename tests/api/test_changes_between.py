"""What a renegotiation did: the successor's terms, parties and clauses against those of the agreement it replaces."""

import json
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.models import Agreement
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_schema import DOCUMENT
from tests.clients import Client
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db

ADDRESS = f"{BASE}/agreements/second/changes-from/rare-metals"


@pytest.fixture(scope="module")
def module_second(module_deal: FixtureRows) -> Agreement:
    """Create the successor of the deal, once for this module."""
    return succeed(module_deal.agreement)


@pytest.fixture
def second(module_second: Agreement, db: None) -> Agreement:
    """Return the successor, to be changed."""
    return deepcopy(module_second)


@factories.without_validation()
def succeed(first: Agreement) -> Agreement:
    """Create a successor: longer, with a lower tariff, one clause and one party more."""
    fields = {"effective": "2026-11-05", "term": "P2Y", "max_renewals": 3, "clauses_complete": True}
    agreement = factories.agreement("second", supersedes=first, **fields)
    tariff = {"type": "tariff", "standing": "outcome", "scope": "partial", "title": "Clause 1"}
    owed = factories.clause(agreement, "2", baseline_value="47", value="40.5", unit="%", **tariff)
    factories.clause_party(owed, factories.Party.objects.get(slug="america"), explicit=True)
    factories.clause(agreement, "1", type="purchase", commodity="soja", title="Soybeans", hs_codes=["1201"])
    factories.participation(agreement, factories.Party.objects.get(slug="china"), since="2026-11-05")
    factories.participation(agreement, factories.Party.objects.get(slug="america"))
    return agreement


def get(client: Client, path: str = ADDRESS) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def change(field: str, before: Any, after: Any, delta: Any = None, unit: str = "") -> dict[str, Any]:
    return {"field": field, "before": before, "after": after, "delta": delta, "delta_unit": unit}


def test_it_says_which_agreements_and_whether_their_clauses_are_complete(second: Agreement, client: Client) -> None:
    body = get(client)
    assert (body["agreement"], body["other"]) == ("second", "rare-metals")
    assert body["clauses_complete"] == {"before": False, "after": True}


def test_the_terms_of_the_agreements_are_compared(second: Agreement, client: Client) -> None:
    assert get(client)["terms"] == [
        change("effective", "2025-10-30", "2026-11-05"),
        change("term", "P1Y", "P2Y"),
        change("max_renewals", None, 3),
    ]
    Agreement.objects.filter(slug="rare-metals").update(max_renewals=1)
    assert get(client)["terms"][-1] == change("max_renewals", 1, 3, 2)


def test_the_parties_are_compared(second: Agreement, client: Client) -> None:
    parties = get(client)["parties"]
    assert parties["added"] == [{"party": "america", "role": "party"}]
    assert (parties["dropped"], parties["unchanged"]) == ([], [])
    (changed,) = parties["changed"]
    assert changed["before"] == changed["after"] == {"party": "china", "role": "party"}
    assert changed["changes"] == [change("since", "", "2026-11-05")]
    back = get(client, f"{BASE}/agreements/rare-metals/changes-from/second")["parties"]
    assert (back["added"], back["dropped"]) == ([], parties["added"])


def test_the_clauses_are_compared_with_the_deltas_of_their_quantities(second: Agreement, client: Client) -> None:
    clauses = get(client)["clauses"]
    assert [(one["number"], one["type"], one["title"]) for one in clauses["added"]] == [("1", "purchase", "Soybeans")]
    assert (clauses["dropped"], clauses["unchanged"]) == ([], [])
    (changed,) = clauses["changed"]
    assert (changed["before"]["number"], changed["after"]["number"]) == ("1", "2")
    assert changed["matched_by"] == ["type", "parties"]
    america = {"party": "america", "role": "obligor"}
    assert changed["changes"] == [
        change("number", "1", "2"),
        change("baseline_value", 57, 47, -10, "percentage point"),
        change("value", 47, 40.5, -6.5, "percentage point"),
        change("parties", [america | {"explicit": False}], [america | {"explicit": True}]),
    ]
    ids = {one.number: one.pk for one in second.clauses.all()}
    assert (changed["after"]["id"], clauses["added"][0]["id"]) == (ids["2"], ids["1"])


def test_an_agreement_changed_nothing_of_itself(second: Agreement, client: Client) -> None:
    body = get(client, f"{BASE}/agreements/rare-metals/changes-from/rare-metals")
    assert body["terms"] == []
    for name in ("parties", "clauses"):
        assert not (body[name]["added"])
        assert not (body[name]["dropped"])
        assert not (body[name]["changed"])
        assert len(body[name]["unchanged"]) == 1


def test_the_parent_of_a_clause_is_reported_by_its_number(second: Agreement, client: Client) -> None:
    old, new = Agreement.objects.get(slug="rare-metals"), second
    for agreement, number in ((old, "A"), (new, "B")):
        chapter = factories.clause(agreement, number, type="other", commodity="x")
        factories.clause(agreement, "9", parent=chapter, type="visit", commodity="y")
    (changed,) = [one for one in get(client)["clauses"]["changed"] if one["after"]["number"] == "9"]
    assert changed["changes"] == [change("parent", "A", "B")]


def test_slugs_are_found_in_any_case_and_there_is_nothing_to_ask(second: Agreement, client: Client) -> None:
    whole = get(client)
    assert get(client, f"{BASE}/agreements/SECOND/changes-from/Rare-Metals/") == whole
    refused = client.get(f"{ADDRESS}?fields=terms")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "unknown_parameter")


@pytest.mark.parametrize("hidden", ["rare-metals", "second"])
def test_both_must_be_there_and_visible(hidden: str, second: Agreement, client: Client, editor: Client) -> None:
    Agreement.objects.filter(slug=hidden).update(is_published=False)
    missing = client.get(ADDRESS)
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["detail"] == client.get(f"{BASE}/agreements/second/changes-from/none").json()["detail"]
    assert editor.get(ADDRESS).status_code == 200


def test_the_number_of_queries_does_not_depend_on_the_number_of_clauses(second: Agreement, client: Client) -> None:
    def query_count() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(client)
        return len(queries)

    few = query_count()
    for number in range(10, 30):
        owed = factories.clause(second, str(number), commodity=f"goods {number}")
        factories.clause_party(owed, factories.Party.objects.get(slug="china"))
    assert query_count() == few
    assert few <= 6


def test_the_answer_is_as_the_schema_says(second: Agreement, client: Client) -> None:
    """The schema that is served: tests/api/test_schema.py."""
    operation = DOCUMENT["paths"][f"{BASE}/agreements/{{slug}}/changes-from/{{other}}"]["get"]
    assert operation["operationId"] == "agreements_changes"
    assert [parameter["name"] for parameter in operation["parameters"]] == ["slug", "other"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"] | {
        "components": DOCUMENT["components"]
    }
    jsonschema.Draft202012Validator(json.loads(json.dumps(schema))).validate(get(client))
