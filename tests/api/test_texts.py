"""Two texts in the style of real ones, entered through the API with a citation for each fact, and read back."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.api.texts import Encoding
from tests.api.texts.reseller import RESELLER_CONTRACT
from tests.api.texts.treaty import RIVER_TREATY
from tests.clients import Client

pytestmark = pytest.mark.django_db
API = "/api/v1"
TEXTS = {"reseller contract": RESELLER_CONTRACT, "river treaty": RIVER_TREATY}
FACTS = [
    pytest.param(query, member, expected, id=f"{name}: {fact}")
    for name, text in TEXTS.items()
    for fact, query, member, expected in text.facts
]


def enter(client: Client, text: Encoding) -> None:
    """Send all rows, those of a resource in one request, then publish the agreements."""

    def create(resource: str, bodies: list[dict[str, Any]]) -> None:
        if bodies:
            response = client.post(f"{API}/{resource}/bulk", {"create": bodies}, content_type="application/json")
            assert response.status_code == 200, (resource, response.json())

    create("sources", text.sources)
    create("parties", text.parties)
    for agreement in text.agreements:  # which amend each other
        create("agreements", [agreement])
        amended, slug = agreement.get("amends"), agreement["slug"]
        bodies = [dict(clause) for clause in text.clauses if clause["agreement"] == slug]
        for clause in bodies:
            if "modifies" in clause:
                found = client.get(f"{API}/clauses", {"agreement": amended, "number": clause["modifies"]}).json()
                clause["modifies"] = found["results"][0]["id"]
        create("clauses", bodies)
    create("events", text.events)
    for agreement in text.agreements:
        response = client.patch(
            f"{API}/agreements/{agreement['slug']}",
            {"is_published": True},
            content_type="application/json",
            headers={"If-Match": "*"},
        )
        assert response.status_code == 200, response.json()


@pytest.fixture(scope="module")
def texts(module_transaction: None) -> Any:
    writer = Client()
    writer.force_login(User.objects.create_superuser("editor"))
    for text in TEXTS.values():
        enter(writer, text)


def members(value: Any, path: str) -> Any:
    """Return the value at a path of names, in each entry of a list."""
    for name in path.split(".") if path else ():
        value = [entry[name] for entry in value] if isinstance(value, list) else value[name]
    return value


@pytest.mark.usefixtures("texts")
@pytest.mark.parametrize(("query", "member", "expected"), FACTS)
def test_each_fact_is_asked_for_and_found(query: str, member: str, expected: Any, client: Client) -> None:
    response = client.get(f"{API}/{query}")
    assert response.status_code == 200, response.json()
    body = response.json()
    assert members(body.get("results", body), member) == expected


@pytest.mark.usefixtures("texts")
def test_an_amendment_is_compared_by_what_it_touches(client: Client) -> None:
    body = client.get(f"{API}/agreements/reseller-amendment-1/changes-from/reseller-agreement").json()
    [pair] = body["clauses"]["changed"]
    assert (pair["before"]["number"], pair["matched_by"]) == ("4", ["modifies"])
    assert {"field": "value", "before": 120000, "after": 150000, "delta": 30000, "delta_unit": "EUR"} in pair["changes"]
    assert [clause["number"] for clause in body["clauses"]["dropped"]] == ["7"]
    assert [clause["number"] for clause in body["clauses"]["added"]] == ["9a"]
    assert body["terms"] == body["clauses"]["unchanged"] == body["parties"]["added"] == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_some_thirty_five_facts_and_says_which_did_not_fit(name: str) -> None:
    assert len(TEXTS[name].facts) >= 35
    assert TEXTS[name].misfits
