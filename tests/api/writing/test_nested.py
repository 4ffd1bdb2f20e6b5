"""Nested rows: written with their parent, their effect on other rows, and rows that others need."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accords.models import Clause, ClauseParty, Renewal
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_query_contract import problem
from tests.api.world import MARKER, World, with_draft
from tests.api.writing.bodies import QUOTE, publishable, sound
from tests.api.writing.test_write_contract import body_errors, stored
from tests.clients import Client

JSON = "application/json"
ANY = {"If-Match": "*"}


@pytest.fixture
def tariff(world: World) -> str:
    """Return the path of a clause with two parties and two citations."""
    return f"{BASE}/clauses/{world.clauses['rare-metals/2'].pk}"


def patch(client: Client, path: str, **fields: Any) -> Any:
    return client.patch(path, fields, content_type=JSON, headers=ANY)


# Rows below


def test_an_entry_that_stays_keeps_its_identity(world: World, writer: Client, tariff: str) -> None:
    before = {row.role: row.pk for row in ClauseParty.objects.filter(clause=world.clauses["rare-metals/2"])}
    parties = [
        {"party": "america", "role": "obligor", "explicit": True},
        {"party": "xi", "role": "affected", "explicit": False},
    ]
    answer = patch(writer, tariff, parties=parties)
    assert answer.json()["parties"] == parties
    after = {row.role: row.pk for row in ClauseParty.objects.filter(clause=world.clauses["rare-metals/2"])}
    assert after["obligor"] == before["obligor"]
    assert after.keys() == {"obligor", "affected"}


def test_a_change_of_what_is_below_is_a_change_of_the_row(writer: Client, tariff: str) -> None:
    read = writer.get(tariff)
    answer = patch(writer, tariff, parties=[])
    assert answer.json()["parties"] == []
    assert answer.json()["updated_at"] > read.json()["updated_at"]
    stale = writer.patch(tariff, {}, content_type=JSON, headers={"If-Match": read.headers["ETag"]})
    problem(stale, 412)


def test_one_bad_entry_keeps_everything_as_it_was(writer: Client, tariff: str) -> None:
    before = stored()
    parties = [
        {"party": "china", "role": "obligor", "explicit": True},
        {"party": "china", "role": "owner", "explicit": 1},
    ]
    citations = [QUOTE, {"source": "press", "exact": "not there"}, {"source": "nobody", "exact": "x"}, 7]
    found = body_errors(patch(writer, tariff, title="Other", type="tarif", parties=parties, citations=citations))
    assert found == {
        "/type": "invalid_choice",
        "/parties/1/role": "invalid_choice",
        "/parties/1/explicit": "wrong_type",
        "/citations/1/exact": "quote",
        "/citations/2/source": "does_not_exist",
        "/citations/3": "wrong_type",
    }
    assert stored() == before


def test_a_quote_is_found_where_it_stands(writer: Client, tariff: str) -> None:
    [cited] = patch(writer, tariff, citations=[{"source": "press", "exact": "🌾", "field": "title"}]).json()[
        "citations"
    ]
    assert factories.TEXT[cited["start"] : cited["end"]] == "🌾"
    assert factories.TEXT[: cited["start"]].endswith(cited["prefix"])
    assert len(cited["prefix"]) == 32


def test_a_quote_that_stands_twice_is_refused_with_its_places(writer: Client, tariff: str) -> None:
    twice = {"source": "press", "exact": "Les droits de douane"}
    answer = problem(patch(writer, tariff, citations=[twice]), 400)
    places = [place for place in range(len(factories.TEXT)) if factories.TEXT.startswith(twice["exact"], place)]
    assert ", ".join(map(str, places)) in answer["errors"][0]["detail"]
    for more in ({"start": places[1]}, {"suffix": " restent"}):
        [cited] = patch(writer, tariff, citations=[twice | more]).json()["citations"]
        assert cited["start"] == places[1]


def test_a_citation_whose_words_change_is_found_anew(world: World, writer: Client) -> None:
    path = f"{BASE}/citations/{world.citations['value'].pk}"
    row = patch(writer, path, exact="soja américain").json()
    assert factories.TEXT[row["start"] : row["end"]] == "soja américain"
    assert factories.TEXT[: row["start"]].endswith(row["prefix"])


def test_citations_that_stay_are_the_same_rows(world: World, writer: Client, tariff: str) -> None:
    before = [one["id"] for one in writer.get(tariff).json()["citations"]]
    sent = [{"source": "press", "exact": "de 57 % à 47 %", "field": "value"}, QUOTE]
    after = [one["id"] for one in patch(writer, tariff, citations=sent).json()["citations"]]
    assert world.citations["value"].pk in after
    assert world.citations["baseline"].pk not in after
    assert len({*before} & {*after}) == 1


def test_what_is_below_takes_its_own_permissions(caller: Callable[..., Client], tariff: str) -> None:
    may, before = caller("change_clause", "view_agreement"), stored()
    for fields in ({"parties": []}, {"citations": []}, {"citations": [QUOTE]}):
        problem(patch(may, tariff, title="Other", **fields), 403)
    assert stored() == before


# Publishing and drafts


def test_only_who_may_publish_publishes(world: World, caller: Callable[..., Client], writer: Client) -> None:
    may = caller("add_agreement", "change_agreement", "view_agreement", "add_participation", "add_citation")
    body = publishable(world)
    problem(may.post(f"{BASE}/agreements", body, content_type=JSON), 403)
    response = may.post(f"{BASE}/agreements", body | {"is_published": False}, content_type=JSON)
    path = f"{BASE}/agreements/made-9"
    assert response.json()["is_published"] is False
    problem(patch(may, path, is_published=True), 403)
    assert patch(may, path, is_published=False, title="Mine").status_code == 200
    assert patch(writer, path, is_published=True).json()["is_published"] is True
    problem(patch(may, path, is_published=False), 403)


def test_replacing_an_agreement_does_not_withdraw_it(published_world: World, writer: Client) -> None:
    path, body = (
        f"{BASE}/agreements/rare-metals",
        publishable(published_world) | {"slug": "rare-metals", "amends": "genocide"},
    )
    del body["is_published"]
    answer = writer.put(path, body, content_type=JSON, headers=ANY)
    assert answer.status_code == 200, answer.content
    row = answer.json()
    assert (row["is_published"], row["announced"], row["supersedes"]) == (True, "", None)


def test_who_may_not_see_drafts_makes_none(published_world: World, caller: Callable[..., Client]) -> None:
    may, before = caller("add_agreement", "add_party", "add_participation", "add_citation"), stored()
    for noun in ("agreements", "parties"):
        problem(may.post(f"{BASE}/{noun}", sound(noun, published_world).body, content_type=JSON), 403)
    assert stored() == before


# What follows


def test_renewal_dates_follow_from_the_terms_at_once(world: World, writer: Client) -> None:
    path = f"{BASE}/agreements/rare-metals"
    row = patch(writer, path, effective="2026-02-01", term="P6M", renewal_intervals=["P6M"]).json()
    computed = [one["due"] for one in row["renewals"] if one["basis"] == "computed"]
    assert computed[:3] == ["2026-08-01", "2027-02-01", "2027-08-01"]


def test_what_is_replaced_no_longer_renews(world: World, writer: Client) -> None:
    patch(writer, f"{BASE}/agreements/genocide", title="Convention")
    late = Renewal.objects.filter(
        agreement__slug="genocide", kind="renewal", due_earliest__gte="2030-01-01", basis="computed"
    )
    assert late.exists()
    body = publishable(world) | {"supersedes": "genocide", "effective": "2028-01-01", "status": "in_force"}
    assert writer.post(f"{BASE}/agreements", body, content_type=JSON).status_code == 201
    assert not late.exists()
    assert writer.delete(f"{BASE}/agreements/made-9", headers=ANY).status_code == 204
    assert late.exists()


def test_a_computed_date_that_does_not_follow_is_refused(world: World, writer: Client) -> None:
    before = stored()
    body = {"agreement": "rare-metals", "kind": "review", "sequence": 3, "basis": "computed", "due": "2027"}
    assert problem(writer.post(f"{BASE}/renewals", body, content_type=JSON), 409)["type"].endswith("follows-from-terms")
    path = f"{BASE}/renewals/{world.renewals['rare-metals/renegotiation/2'].pk}"
    problem(writer.delete(path, headers=ANY), 409)
    for change in ({"due": "2030-01-01"}, {"offset": "P3Y"}):
        problem(writer.patch(path, change, content_type=JSON, headers=ANY), 409)
    assert stored() == before


def test_derived_columns_follow_from_what_is_written(world: World, writer: Client, tariff: str) -> None:
    row = patch(writer, tariff, effective="2026-04", value=40.5).json()
    assert (row["effective_earliest"], row["effective_latest"]) == ("2026-04-01", "2026-04-30")
    assert (row["delta"], row["delta_unit"]) == (-16.5, "percentage point")
    source = writer.post(f"{BASE}/sources", sound("sources", world).body, content_type=JSON)
    changed = patch(writer, f"{BASE}/sources/made-9", text="Autre chose.").json()
    assert changed["sha256"] != source.json()["sha256"]


# What stays


def test_a_row_that_others_need_stays_and_they_are_named(world: World, writer: Client, tariff: str) -> None:
    before = stored()
    statement = world.statements["rare-metals/S1"].pk
    assert f"statement {statement}" in problem(writer.delete(tariff, headers=ANY), 409)["detail"]
    for path in ("parties/china", "sources/press", "agreements/old-deal"):
        problem(writer.delete(f"{BASE}/{path}", headers=ANY), 409)
    assert stored() == before


def test_rows_that_the_caller_may_not_see_are_not_named(published_world: World, caller: Callable[..., Client]) -> None:
    may = caller("delete_party", "publish_agreement")
    with with_draft(published_world):
        answer = problem(may.delete(f"{BASE}/parties/trump", headers=ANY), 409)
        hidden = published_world.statements["draft"].pk
    assert f"statement {hidden}" not in answer["detail"]
    assert "may not see" in answer["detail"]
    assert MARKER not in json.dumps(answer)


def test_a_text_that_is_cited_does_not_change(world: World, writer: Client) -> None:
    assert body_errors(patch(writer, f"{BASE}/sources/press", text="Other words.")) == {"/text": "cited"}


def test_a_denial_cannot_be_given_a_clause(world: World, writer: Client) -> None:
    path = f"{BASE}/statements/{world.statements['rare-metals/S2'].pk}"
    found = body_errors(patch(writer, path, clause=world.clauses["rare-metals/1"].pk, polarity="positive"))
    assert found == {"/clause": "denial_with_clause", "/polarity": "denial_not_negative"}


def test_what_goes_with_a_row_takes_its_own_permissions(world: World, caller: Callable[..., Client]) -> None:
    path = f"{BASE}/clauses/{world.clauses['rare-metals/4'].pk}"
    world.clauses["rare-metals/4.1"].delete()
    problem(caller("delete_clause", "view_agreement").delete(path, headers=ANY), 403)
    assert caller("delete_clause", "delete_clauseparty", "view_agreement").delete(path, headers=ANY).status_code == 204
    assert not Clause.objects.filter(pk=world.clauses["rare-metals/4"].pk).exists()


def test_numbers_that_look_alike_and_page_ends_in_texts(world: World, writer: Client) -> None:
    body = sound("clauses", world).body | {"number": "９ ", "text": "Page 1\fPage 2", "language": "en"}
    response = writer.post(f"{BASE}/clauses", body, content_type=JSON)
    assert response.status_code == 201, response.content
    assert (response.json()["number"], response.json()["text"]) == ("9", "Page 1\nPage 2")
    assert body_errors(writer.post(f"{BASE}/clauses", body | {"number": "9\u00a0"}, content_type=JSON), 409) == {
        "/number": "unique"
    }
