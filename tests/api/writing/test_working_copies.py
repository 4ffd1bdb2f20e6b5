"""Working copies: made by editors, compared, put in place as a whole by publishers, withdrawn; two of one agreement."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from accords.models import Agreement, Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement
from accords.services import renewals_changed
from accords.working_copies import MODELS, compare, make_working_copy, rows_of, values_of
from tests import factories
from tests.api.addresses import BASE
from tests.api.callers import caller
from tests.api.test_query_contract import problem
from tests.api.writing.test_guarded import ANY, JSON, QUOTE, send
from tests.clients import Client
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db
ORIGINAL = f"{BASE}/agreements/rare-metals"


@pytest.fixture(scope="module")
def cited_deal(module_deal: FixtureRows) -> FixtureRows:
    """Return the published deal with a citation for every claim, which all tests of the module share."""
    return cite(module_deal)


@pytest.fixture
def deal(cited_deal: FixtureRows, db: None) -> FixtureRows:
    """Return the published deal, to be changed."""
    return deepcopy(cited_deal)


@factories.without_validation()
def cite(made: FixtureRows) -> FixtureRows:
    """Add a clause in a clause and an event after an event, and citations of all claims."""
    chapter = factories.clause(made.agreement, "C")
    Clause.objects.filter(pk=made.clause.pk).update(parent=chapter)
    later = factories.event(made.agreement, "E2", after=made.event)
    for row in (made.agreement, made.clause, made.statement, chapter, later):
        factories.citation(row, "un accord d'un an", made.source)
    factories.cite_claims(made.agreement, made.source, "renégocié chaque année")
    renewals_changed([made.agreement.pk], on=date(2026, 11, 23))
    return made


def evidence(row: Any) -> dict[str, Any]:
    """Return the member that confirms all citations of a row."""
    return {"confirm": list(Citation.objects.filter(**{row._meta.model_name: row}).values_list("pk", flat=True))}


def make(client: Client, address: str = ORIGINAL) -> str:
    answer = send(client, "POST", f"{address}/working-copy")
    assert answer.status_code == 201, answer.content
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def row_of(address: str, model: Any, **values: Any) -> Any:
    return rows_of(model, Agreement.objects.get(slug=address.rpartition("/")[2])).get(**values)


def comparison(client: Client, copy: str) -> Any:
    answer = client.get(f"{copy}/working-copy")
    assert answer.status_code == 200
    return answer.json()


def content(slug: str) -> list[Any]:
    """Return what an agreement and its rows say, without ids."""
    agreement = Agreement.objects.get(slug=slug)
    found = []
    for model in MODELS:
        values = values_of(model, rows_of(model, agreement), {})
        plain = [
            {name: one for name, one in row.items() if not isinstance(one, int) or isinstance(one, bool)}
            for row in values.values()
        ]
        found.append(sorted(plain, key=repr))
    return found


def test_a_working_copy_is_a_whole_draft_that_nobody_else_sees(deal: factories.FixtureRows, client: Client) -> None:
    before, editor = content("rare-metals"), caller("editor")
    copy = make(editor)
    assert copy == f"{BASE}/agreements/rare-metals-copy-1"
    assert content("rare-metals-copy-1") == content("rare-metals") == before
    assert not Agreement.objects.get(slug="rare-metals-copy-1").is_published
    assert row_of(copy, Clause, number="1").parent == row_of(copy, Clause, number="C")
    assert row_of(copy, Event, number="E2").after == row_of(copy, Event, number="E1")
    assert row_of(copy, Statement, number="S1").clause == row_of(copy, Clause, number="1")
    problem(client.get(copy), 404)
    assert client.get(f"{ORIGINAL}/working-copy").json()["working_copies"] == []
    assert client.get(f"{BASE}/agreements?count=exact").json()["count"] == 1
    assert editor.get(f"{ORIGINAL}/working-copy").json()["working_copies"] == ["rare-metals-copy-1"]
    assert comparison(editor, copy)["changes"] == []


def test_who_may_make_one(deal: factories.FixtureRows) -> None:
    publisher = caller("publisher")
    for role, status in (("anonymous", 401), ("stranger", 403), ("read_token", 403), ("write_token", 201)):
        assert send(caller(role), "POST", f"{ORIGINAL}/working-copy").status_code == status, role
    copy = f"{BASE}/agreements/rare-metals-copy-1"
    problem(send(caller("editor"), "POST", f"{copy}/working-copy"), 409)
    problem(send(publisher, "POST", f"{ORIGINAL}/publish"), 409)
    for role, status in (("anonymous", 401), ("blind_writer", 404), ("service", 403)):
        assert send(caller(role), "POST", f"{copy}/publish").status_code == status, role


def test_a_working_copy_is_compared_and_published_as_a_whole(deal: factories.FixtureRows, client: Client) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    copy = make(editor)
    clause, chapter = row_of(copy, Clause, number="1"), row_of(copy, Clause, number="C")
    quote = row_of(copy, Citation, clause=clause, field="value")
    path = f"{BASE}/clauses/{clause.pk}"
    assert send(editor, "PATCH", path, {"value": 12, "number": "2", "confirm": [quote.pk]}).status_code == 200
    new = {
        "agreement": copy.rpartition("/")[2],
        "number": "1",
        "position": 1,
        "type": "purchase",
        "standing": "outcome",
    }
    new |= {"modality": "obligation", "parent": chapter.pk, "citations": [QUOTE]}
    added = send(
        editor, "POST", f"{BASE}/clauses", new | {"parties": [{"party": "china", "role": "obligor", "explicit": True}]}
    )
    assert added.status_code == 201, added.content
    said = row_of(copy, Statement, number="S1")
    assert (
        send(
            editor, "PATCH", f"{BASE}/statements/{said.pk}", {"clause": added.json()["id"]} | evidence(said)
        ).status_code
        == 200
    )
    assert send(publisher, "DELETE", f"{BASE}/statements/{row_of(copy, Statement, number='S2').pk}").status_code == 204
    assert send(editor, "PATCH", copy, {"title": "Corrected"}).status_code == 200

    shown = comparison(publisher, copy)
    assert (shown["working_copy_of"], shown["conflicts"], shown["uncited"]) == ("rare-metals", [], [])
    changes = {(change["row"], change["kind"]): change["changes"] for change in shown["changes"]}
    assert {"field": "value", "before": "47", "after": "12", "meanwhile": False} in changes[
        (f"/clauses/{deal.clause.pk}", "changed")
    ]
    assert (f"/clauses/{added.json()['id']}", "created") in changes
    assert (f"/statements/{deal.denial.pk}", "deleted") in changes
    assert any(row.startswith("/citations/") for row, _kind in changes), "evidence is part of it"

    for user in (editor, publisher):
        error = problem(send(user, "PATCH", copy, {"is_published": True}), 400)["errors"][0]
        assert (error["pointer"], error["code"]) == ("/is_published", "working_copy")
    assert client.get(f"{BASE}/clauses/{deal.clause.pk}").json()["value"] == 47
    done = send(publisher, "POST", f"{copy}/publish")
    assert done.status_code == 200, done.content
    assert (done.json()["slug"], done.json()["title"]) == ("rare-metals", "Corrected")
    tariff = client.get(f"{BASE}/clauses/{deal.clause.pk}").json()
    assert (tariff["value"], tariff["number"], tariff["agreement"]) == (12, "2", "rare-metals")
    moved = client.get(f"{BASE}/clauses/{added.json()['id']}").json()
    assert (moved["number"], moved["agreement"], len(moved["citations"]), len(moved["parties"])) == (
        "1",
        "rare-metals",
        1,
        1,
    )
    assert moved["parent"] == Clause.objects.get(number="C").pk
    assert client.get(f"{BASE}/statements/{deal.statement.pk}").json()["clause"] == added.json()["id"]
    problem(client.get(f"{BASE}/statements/{deal.denial.pk}"), 404)
    problem(publisher.get(copy), 404)
    assert Agreement.objects.count() == 1
    problem(send(publisher, "PATCH", f"{BASE}/clauses/{deal.clause.pk}", {"value": 13}), 409)
    found = client.get(f"{BASE}/clauses?q=Corrected&highlight=true")
    assert found.status_code in (200, 400)


def test_nothing_uncited_is_published_with_a_working_copy(deal: factories.FixtureRows) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    copy = make(editor)
    clause = row_of(copy, Clause, number="1")
    assert send(editor, "PATCH", f"{BASE}/clauses/{clause.pk}", {"value": 12}).status_code == 200
    assert comparison(publisher, copy)["uncited"] == [f"{clause}: value"]
    refused = problem(send(publisher, "POST", f"{copy}/publish"), 409)
    assert [(error["code"], f"/api/v1/clauses/{clause.pk}" in error["detail"]) for error in refused["errors"]] == [
        ("uncited", True)
    ]


def test_of_two_working_copies_the_second_keeps_the_first_and_shows_conflicts(deal: factories.FixtureRows) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    first, second = make(editor), make(editor)
    assert second.endswith("-copy-2")
    for copy, value, scope in ((first, 12, "partial"), (second, 13, "all")):
        clause = row_of(copy, Clause, number="1")
        quotes = list(Citation.objects.filter(clause=clause).values_list("pk", flat=True))
        change = {"value": value, "scope": scope, "confirm": quotes}
        assert send(editor, "PATCH", f"{BASE}/clauses/{clause.pk}", change).status_code == 200
    assert send(editor, "PATCH", first, {"title": "First"}).status_code == 200
    assert send(publisher, "POST", f"{first}/publish").status_code == 200
    place = f"/clauses/{deal.clause.pk}/value"
    assert comparison(publisher, second)["conflicts"] == [place]
    refused = problem(send(publisher, "POST", f"{second}/publish"), 409)
    assert [(error["code"], place in error["detail"]) for error in refused["errors"]] == [("changed_meanwhile", True)]
    assert Clause.objects.get(pk=deal.clause.pk).value == 12
    refused = problem(send(publisher, "POST", f"{second}/publish", {"overwrite": [place, "/title"]}), 409)
    assert [(error["code"], error["pointer"]) for error in refused["errors"]] == [("no_conflict", "/overwrite/1")]
    assert send(publisher, "POST", f"{second}/publish", {"overwrite": [place]}).status_code == 200
    clause = Clause.objects.get(pk=deal.clause.pk)
    assert (clause.value, clause.scope, clause.agreement.title) == (13, "all", "First")


def test_a_row_that_was_deleted_or_changed_meanwhile_is_a_conflict(deal: factories.FixtureRows) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    copy = make(editor)
    event = row_of(copy, Event, number="E2")
    assert send(editor, "PATCH", f"{BASE}/events/{event.pk}", {"place": "Busan"} | evidence(event)).status_code == 200
    assert send(publisher, "DELETE", f"{BASE}/statements/{row_of(copy, Statement, number='S2').pk}").status_code == 204
    quote = evidence(deal.denial)
    assert (
        send(publisher, "PATCH", f"{BASE}/statements/{deal.denial.pk}", {"speaker_label": "lui"} | quote).status_code
        == 200
    )
    assert (
        send(
            publisher, "DELETE", f"{BASE}/events/{Event.objects.get(agreement=deal.agreement, number='E2').pk}"
        ).status_code
        == 204
    )
    conflicts = comparison(publisher, copy)["conflicts"]
    assert sorted(conflicts)[-1] == f"/statements/{deal.denial.pk}"
    assert f"/events/{event.pk}" in conflicts
    problem(send(publisher, "POST", f"{copy}/publish"), 409)
    assert send(publisher, "POST", f"{copy}/publish", {"overwrite": conflicts}).status_code == 200
    assert not Statement.objects.filter(pk=deal.denial.pk).exists()
    assert Event.objects.get(number="E2").agreement == deal.agreement


def test_a_body_of_another_form_is_refused(deal: factories.FixtureRows) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    copy = make(editor)

    def pointers(body: str) -> list[str]:
        answer = publisher.generic("POST", f"{copy}/publish", body, content_type=JSON)
        return [error.get("pointer", "") for error in problem(answer, 400)["errors"]]

    for body in ("[]", "0", "null", '""'):
        assert pointers(body) == [""], body
        problem(editor.generic("POST", f"{ORIGINAL}/working-copy", body, content_type=JSON), 400)
    for overwrite in ("null", '"/title"', '{"a": 1}', "5"):
        assert pointers(f'{{"overwrite": {overwrite}}}') == ["/overwrite"], overwrite
    assert pointers('{"overwrite": [1]}') == ["/overwrite/0"]


def test_who_made_a_working_copy_withdraws_it(deal: factories.FixtureRows) -> None:
    Renewal.objects.filter(pk=deal.renewal.pk).update(status="concluded", outcome=deal.agreement)
    editor, before = caller("editor"), content("rare-metals")
    copy = make(editor)
    problem(caller("service").delete(f"{copy}/working-copy", headers=ANY), 403)
    problem(editor.delete(f"{copy}/working-copy"), 428)
    assert editor.delete(f"{copy}/working-copy", headers=ANY).status_code == 204
    assert (content("rare-metals"), Agreement.objects.count()) == (before, 1)
    second = make(editor)
    answer = caller("publisher").delete(second, headers=ANY)
    assert answer.status_code == 204, answer.content
    problem(editor.delete(f"{ORIGINAL}/working-copy", headers=ANY), 409)


def test_recorded_outcomes_and_terms_are_put_in_place(deal: factories.FixtureRows) -> None:
    editor, publisher = caller("editor"), caller("publisher")
    assert send(publisher, "PATCH", ORIGINAL, {"title": "Computed"}).status_code == 200
    copy = make(editor)
    due = row_of(copy, Renewal, kind="renegotiation", sequence=2)
    assert (
        send(editor, "PATCH", f"{BASE}/renewals/{due.pk}", {"status": "concluded", "citations": [QUOTE]}).status_code
        == 200
    )
    terms = {"effective": "2025-11-10"} | evidence(Agreement.objects.get(slug="rare-metals-copy-1"))
    assert send(editor, "PATCH", copy, terms).status_code == 200
    assert send(publisher, "POST", f"{copy}/publish").status_code == 200
    row = Renewal.objects.get(agreement=deal.agreement, kind="renegotiation", sequence=2)
    assert (row.status, row.due) == ("concluded", "2027-11-10")
    assert ClauseParty.objects.count() == Participation.objects.count() == 1


def test_a_key_makes_one_working_copy(deal: factories.FixtureRows) -> None:
    editor = caller("editor")
    answers = [editor.post(f"{ORIGINAL}/working-copy", {}, JSON, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Agreement.objects.count() == 2


def test_every_change_has_the_pointer_of_its_row(deal: factories.FixtureRows) -> None:
    copy = make_working_copy(agreement=deal.agreement, on=date(2026, 11, 23))
    names = {Citation: "citations", Statement: "statements", Event: "events", Renewal: "renewals"}
    names |= {ClauseParty: "clause-parties", Participation: "participations", Clause: "clauses"}
    expected = {f"/{name}/{rows_of(model, deal.agreement)[0].pk}" for model, name in names.items()}
    for model in names:
        rows_of(model, copy)[0].delete()
    assert {change.pointer for change in compare(copy).changes} >= expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("short", "short-copy-1"),
        ("a" * 100, f"{'a' * 88}-copy-1"),
        (f"{'a' * 87}-{'b' * 12}", f"{'a' * 87}-copy-1"),
    ],
)
def test_the_slug_of_a_working_copy_is_valid(slug: str, expected: str, db: None) -> None:
    original = factories.agreement(slug)
    copy = make_working_copy(agreement=original, on=date(2026, 11, 23))
    copy.full_clean()
    assert copy.slug == expected
    assert make_working_copy(agreement=original, on=date(2026, 11, 23)).slug == f"{expected[:-1]}2"


def test_the_working_copy_of_an_amendment_is_no_amendment(deal: factories.FixtureRows) -> None:
    amendment = factories.agreement("amendment", amends=deal.agreement, effective="2026-01-01", status="in_force")
    factories.clause(amendment, "1", modifies=deal.clause, modification="substitution")
    renewals_changed([amendment.pk], on=date(2026, 11, 23))
    publisher, address = caller("publisher"), f"{ORIGINAL}/consolidated?on=2026-03-01"
    before = publisher.get(address).json()
    assert "amendment" in [entry["agreement"] for entry in before["clauses"]]
    make(publisher, f"{BASE}/agreements/amendment")
    assert publisher.get(address).json() == before
