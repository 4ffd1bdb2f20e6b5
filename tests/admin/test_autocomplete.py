"""Autocomplete: the right rows are proposed, and impossible ids are refused."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from accords.models import Agreement, Statement
from tests import factories
from tests.admin.forms import NOUNS, UntouchedForms, url
from tests.clients import Client

PICK = "/admin/autocomplete/"


def proposals(client: Client, field: str, term: str = "", **query: Any) -> list[str]:
    """Return the proposals for a relation, such as `clause.parent`, for a typed term."""
    model, name = field.split(".")
    parameters = {"app_label": "accords", "model_name": model, "field_name": name, "term": term} | query
    answer = client.get(PICK, parameters)
    assert answer.status_code == 200
    return [found["text"] for found in answer.json()["results"]]


def test_a_row_is_found_by_its_words(editor: Client, deal: factories.FixtureRows) -> None:
    assert proposals(editor, "clauseparty.party", "chi") == ["China"]
    assert proposals(editor, "clauseparty.party", "CHÎ") == ["China"]
    assert proposals(editor, "clause.agreement", "metals") == ["Agreement rare-metals"]
    assert proposals(editor, "statement.speaker", "nobody") == []


def test_rows_of_an_agreement_are_named_with_it_or_kept_to_it(editor: Client, deal: factories.FixtureRows) -> None:
    other = factories.deal("other")
    assert set(proposals(editor, "citation.clause")) == {
        "1 Clause 1 · Agreement rare-metals",
        "1 Clause 1 · Agreement other",
    }
    assert proposals(editor, "clause.parent", agreement=other.agreement.pk) == ["1 Clause 1"]
    assert proposals(editor, "clause.parent", agreement="abc") == []


def test_a_page_offers_rows_of_its_own_agreement(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    page = untouched.form(url(deal.statement, "change")).html
    assert page.count(f'data-ajax--url="{PICK}?agreement={deal.agreement.pk}"') >= 2


def test_proposals_are_for_those_who_may_see_them(someone: Any, client: Client) -> None:
    query = {"app_label": "accords", "model_name": "citation", "field_name": "clause"}
    assert client.get(PICK, query).status_code == 302
    assert someone("view_party").get(PICK, query).status_code == 403
    assert someone("view_clause").get(PICK, query).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"term": "\0"},
        {"page": "9" * 5000},
        {"page": "-1"},
        {"field_name": "clauses"},
        {"field_name": "title"},
        {"model_name": "nothing"},
        {"app_label": "auth", "model_name": "user", "field_name": "groups"},
        {"agreement": str(2**63)},
        {"model_name": "citation", "field_name": "event", "agreement": str(2**63)},
    ],
)
def test_no_address_makes_proposals_fail(editor: Client, deal: factories.FixtureRows, query: dict[str, str]) -> None:
    parameters = {"app_label": "accords", "model_name": "agreement", "field_name": "supersedes"} | query
    assert editor.get(PICK, parameters).status_code in (200, 403, 404)


def test_ids_that_cannot_be_any_are_refused_beside_their_field(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    values, address = ("abc", str(2**63), "٣", "9" * 5000), url(deal.statement, "change")
    for value in values:
        assert {"speaker", "mentions"} <= untouched.refused(address, speaker=value, mentions=[value]).keys(), value
    rows = {f"participations-{index}-party": value for index, value in enumerate(values)}
    total = {"participations-TOTAL_FORMS": str(len(rows))}
    assert rows.keys() <= untouched.refused(url(deal.agreement, "change"), **rows, **total).keys()


@pytest.mark.parametrize("noun", NOUNS)
def test_an_address_can_fill_in_nothing_impossible(
    editor: Client, deal: factories.FixtureRows, noun: type[Any]
) -> None:
    """The values take turns among the fields. A statement has a field of each kind that is chosen or typed."""
    values = ["abc", str(2**63), "\0,1"]
    for turn in range(len(values) if noun is Statement else 1):
        initial = {field.name: values[(turn + n) % 3] for n, field in enumerate(noun._meta.get_fields())}
        assert editor.get(url(noun, "add"), initial).status_code == 200


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_ids_that_cannot_be_any_lead_to_the_front_page(editor: Client, page: str) -> None:
    """Each page of each model has one of the ids, and that of agreements all."""
    values = ["99999999999999999999", "abc", "-1", "%00", "_00", "1" * 5000]
    for number, noun in enumerate(admin.site._registry, len(page)):  # not the same one on each page
        for value in values if noun is Agreement else [values[number % 6]]:
            answer = editor.get(reverse(f"admin:{noun._meta.app_label}_{noun._meta.model_name}_{page}", args=[value]))
            assert answer.status_code == 302, (noun, value)


def test_an_address_fills_in_what_is_there(editor: Client, deal: factories.FixtureRows) -> None:
    page = editor.get(url(Statement, "add"), {"agreement": deal.agreement.pk, "mentions": f"{deal.china.pk}"})
    assert "Agreement rare-metals</option>" in page.content.decode()
