"""Published rows change only with the permission to publish and with evidence (P23): every field, role and write."""

import json
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.db import models, transaction

from accords.missing_citations import RELATED_MODELS, needs_own_citation
from accords.models import Agreement, Citation, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.citations import MEMBERS, claim_columns, claims
from accords.services import PublicationGuard, Uncited, confirm, may_publish
from tests import factories
from tests.api.addresses import BASE
from tests.api.callers import caller, user
from tests.api.test_query_contract import problem
from tests.api.writing.test_write_contract import stored
from tests.clients import Client
from tests.factories import FixtureRows

pytestmark = pytest.mark.django_db
JSON, ANY = "application/json", {"If-Match": "*"}
WRITTEN: list[Any] = [Agreement, *RELATED_MODELS, Citation]
QUOTE = {"source": "press", "exact": "la Chine achètera du soja américain"}


class Case(NamedTuple):
    """A field of a row of the published deal, and another value for it, with what must change with it."""

    noun: str
    field: str
    value: Any
    also: dict[str, Any] = {}


AGREEMENT = {
    "subject": "le soja",
    "instrument": "treaty",
    "status": "in_force",
    "status_since": "2026",
    "clauses_complete": True,
    "announced": "2025-10",
    "signed": "2025-10-30",
    "effective": "2025-11-01",
    "ends": "2030",
    "effective_condition": "après la signature",
    "term": "P2Y",
    "term_from": "la première livraison",
    "renewal_mode": "automatic",
    "renewal_intervals": ["P3Y"],
    "renewal_condition": "sauf refus",
    "option_holder": "china",
    "notice_period": "P1M",
    "notice_opens": "P6M",
    "max_renewals": 3,
    "unlimited": True,
    "supersedes": "other",
    "amends": "third",
    "parties": [{"party": "china", "role": "party"}, {"party": "america", "role": "mediator"}],
}
CLAUSE = {
    "number": "1 bis",
    "type": "purchase",
    "standing": "term",
    "modality": "prohibition",
    "text": "de 57 % à 12 %",
    "commodity": "soja",
    "scope": "all",
    "scope_note": "tout",
    "baseline_value": 58,
    "value": 12,
    "comparator": "at_most",
    "unit": "t",
    "per": "P1Y",
    "effective": "2026",
    "ends": "2027",
    "period": "P30D",
    "trigger": "la livraison",
    "survives": True,
    "modifies": "another",
    "modification": "substitution",
    "parent": "chapter",
    "parties": [{"party": "china", "role": "obligor", "explicit": True}],
}
STATEMENT = {
    "kind": "assertion",
    "speaker": "china",
    "speaker_label": "Pékin",
    "polarity": "negative",
    "certainty": "certain",
    "proposition": "Something else",
    "clause": None,
    "event": None,
    "mentions": ["america"],
}
EVENT = {
    "kind": "signature",
    "country": "FR",
    "place": "Busan",
    "date": "2025-10-30",
    "date_text": "jeudi",
    "duration": "PT2H",
    "approximate": True,
    "status": "planned",
    "after": "later",
    "reciprocates": "later",
    "participants": ["china"],
}
RENEWAL = {
    "kind": "review",
    "due": "2027",
    "offset": "P2Y",
    "basis": "editorial",
    "status": "missed",
    "outcome": "other",
}
ALSO = {
    "text": {"language": "fr"},
    "modifies": {"modification": "substitution"},
    "modification": {"modifies": "another"},
    "outcome": {"status": "concluded"},
}
VALUES: dict[type[models.Model], tuple[str, dict[str, Any]]] = {
    Agreement: ("agreements", AGREEMENT),
    Clause: ("clauses", CLAUSE),
    Statement: ("statements", STATEMENT),
    Event: ("events", EVENT),
    Renewal: ("renewals", RENEWAL),
}
CASES = [
    Case(noun, field, value, ALSO.get(field, {}))
    for noun, values in VALUES.values()
    for field, value in values.items()
    if not (noun == "statements" and field in ("clause", "event"))  # to leave them out needs no evidence
]


class Deal(NamedTuple):
    """A published agreement of which every claim is cited, and its rows by the noun of the API."""

    rows: dict[str, Any]
    keys: dict[str, Any]

    def path(self, noun: str) -> str:
        row = self.rows[noun]
        return f"{BASE}/{noun}/{row.slug if noun == 'agreements' else row.pk}"

    def body(self, case: Case) -> dict[str, Any]:
        """Return the change, with ids in place of the names of rows."""
        sent = {case.field: case.value} | case.also
        return {name: self.keys.get(value, value) if isinstance(value, str) else value for name, value in sent.items()}


@pytest.fixture(scope="module")
def cited_deal(module_deal: FixtureRows) -> Deal:
    """Return the published deal with a citation for every claim, which all tests of the module share."""
    return cite(module_deal)


@pytest.fixture
def deal(cited_deal: Deal, db: None) -> Deal:
    """Return the published deal, to be changed."""
    return deepcopy(cited_deal)


@factories.without_validation()
def cite(made: FixtureRows) -> Deal:
    """Add rows to the deal, and citations of all its claims."""
    other, _third = (factories.agreement(slug, is_published=False) for slug in ("other", "third"))
    Agreement.objects.filter(pk=made.agreement.pk).update(amends=other)
    chapter, later = factories.clause(made.agreement, "C"), factories.event(made.agreement, "E9", country="")
    stated = factories.renewal(made.agreement, 1, kind="renewal", basis="stated", due="2028")
    rows = [made.agreement, made.clause, made.statement, made.event, made.denial, made.renewal, chapter, later, stated]
    for row in rows:
        factories.citation(row, "un accord d'un an", made.source)
    factories.cite_claims(made.agreement, made.source, "renégocié chaque année")
    nouns = {
        "agreements": made.agreement,
        "clauses": made.clause,
        "statements": made.statement,
        "events": made.event,
        "renewals": stated,
    }
    another = factories.clause(other, "X")
    return Deal(nouns, {"another": another.pk, "chapter": chapter.pk, "later": later.pk})


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    raw = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, path, raw, content_type=JSON, headers=ANY)


def test_every_claim_of_every_row_has_a_case() -> None:
    for model, (_noun, values) in VALUES.items():
        names = {field.name for field in claim_columns(model)} | {*MEMBERS.get(model, {})}
        assert names == {*values}, model


@pytest.mark.parametrize("role", ["editor", "write_token"])
def test_who_may_not_publish_changes_no_field_of_what_is_published(role: str, deal: Deal) -> None:
    client, before = caller(role), stored(*WRITTEN)
    cases = CASES if role == "editor" else {case.noun: case for case in CASES}.values()  # both roles lack the same
    refused = [send(client, "PATCH", deal.path(case.noun), deal.body(case)) for case in cases]
    for noun, row in deal.rows.items():
        changes: dict[str, Any] = {}
        for case in CASES:
            changes |= deal.body(case) if case.noun == noun else {}
        path, document = deal.path(noun), client.get(deal.path(noun)).json()
        refused.append(send(client, "PUT", path, document | changes))
        refused.append(send(client, "PATCH", path, changes | {"citations": [QUOTE]}))
        refused.append(send(client, "PATCH", path, {"confirm": [document["citations"][0]["id"]]}))
        refused.append(send(client, "POST", f"{BASE}/{noun}/bulk", {"update": [{"id": row.pk, "etag": "*"}]}))
    for answer in refused:
        assert "POST /api/v1/agreements/rare-metals/working-copy" in problem(answer, 403)["detail"]
    assert stored(*WRITTEN) == before


def test_who_may_not_publish_adds_and_deletes_nothing_that_is_public(deal: Deal) -> None:
    client, before = caller("editor"), stored(*WRITTEN)
    clause = {"agreement": "rare-metals", "number": "9", "position": 9, "type": "purchase", "standing": "outcome"}
    statement = {"agreement": "rare-metals", "number": "S9", "kind": "assertion", "polarity": "positive"}
    renewal = {"agreement": "rare-metals", "kind": "review", "sequence": 1, "basis": "stated", "due": "2027"}
    new = {
        "clauses": clause | {"modality": "obligation"},
        "statements": statement | {"proposition": "So"},
        "events": {"agreement": "rare-metals", "number": "E7", "kind": "visit", "status": "held"},
        "renewals": renewal,
        "citations": QUOTE | {"clause": deal.rows["clauses"].pk},
    }
    for noun, body in new.items():
        quoted = body | ({} if noun == "citations" else {"citations": [QUOTE]})
        problem(send(client, "POST", f"{BASE}/{noun}", quoted), 403)
        problem(send(client, "POST", f"{BASE}/{noun}/bulk", {"create": [body]}), 403)
    quote = Citation.objects.filter(clause=deal.rows["clauses"]).first()
    assert quote is not None
    problem(send(client, "PATCH", f"{BASE}/citations/{quote.pk}", {"exact": "du soja"}), 403)
    for path in ("sources/press", "parties/china"):
        name = "title" if "sources" in path else "name"
        assert "Ask a publisher" in problem(send(client, "PATCH", f"{BASE}/{path}", {name: "Other"}), 403)["detail"]
    assert stored(*WRITTEN) == before


def change(deal: Deal, case: Case) -> None:
    """Make a change in the database, as a write of any kind does."""
    row, body = deal.rows[case.noun], deal.body(case)
    if case.field == "parties":
        members = MEMBERS[type(row)]["parties"]
        for entry in body["parties"]:
            values = entry | {"party": Party.objects.get(slug=entry["party"])}
            members.model.objects.get_or_create(**{members.owner: row}, **values)
        return
    values = {name: related(row, name, value) for name, value in body.items()}
    if case.field in MEMBERS.get(type(row), {}):
        getattr(row, case.field).set(values[case.field])
    else:
        type(row).objects.filter(pk=row.pk).update(**values)


def related(row: Any, name: str, value: Any) -> Any:
    """Return rows for slugs and ids."""
    field = row._meta.get_field(name)
    if not field.is_relation or value is None:
        return value
    if isinstance(value, list):
        return field.related_model.objects.filter(slug__in=value)
    return field.related_model.objects.get(**{"slug" if isinstance(value, str) else "pk": value})


def test_every_changed_value_needs_evidence_whoever_writes_it(deal: Deal) -> None:
    publisher = user("somebody", "publisher")
    Agreement.objects.update(is_published=True)
    press = Source.objects.get(slug="press")
    for case in CASES:
        with transaction.atomic():
            row = deal.rows[case.noun]
            guard = PublicationGuard(may_publish(publisher), [row])
            change(deal, case)
            with pytest.raises(Uncited) as error:
                guard.check([row])
            named = [(missing.row, missing.field) for missing in error.value.missing]
            assert {row, *(each for each, _field in named)} <= {row, *Participation.objects.all()}, case
            assert case.field in [field or "parties" for _row, field in named], case
            confirm(Citation.objects.filter(**{case.noun[:-1]: row}))
            for name in deal.body(case):
                column = claims(type(row)).get(name)
                if case.noun == "agreements" and column is not None and needs_own_citation(column):
                    factories.citation(row, QUOTE["exact"], press, name)
            guard.check([row])
            transaction.set_rollback(True)


def test_a_changed_value_is_refused_until_it_is_cited_again(deal: Deal) -> None:
    client = caller("publisher")
    Agreement.objects.update(is_published=True)
    for case in {case.noun: case for case in CASES}.values():
        path, body, before = deal.path(case.noun), deal.body(case), stored(*WRITTEN)
        refused = problem(send(client, "PATCH", path, body), 409)
        assert {error["code"] for error in refused["errors"]} == {"uncited"}, case
        assert f"/{case.field}" in {error["pointer"] for error in refused["errors"]}, case
        assert stored(*WRITTEN) == before
        kept = Citation.objects.filter(**{case.noun[:-1]: deal.rows[case.noun]})
        sent = [quoted(one) | {"id": one.pk} for one in kept] + [QUOTE | {"field": name} for name in body]
        assert send(client, "PATCH", path, body | {"citations": sent}).status_code == 200, case


def test_evidence_is_confirmed_in_the_same_act(deal: Deal) -> None:
    client, path = caller("publisher"), deal.path("clauses")
    quote = Citation.objects.get(clause=deal.rows["clauses"], field="value")
    whole = Citation.objects.get(clause=deal.rows["clauses"], field="")
    refused = problem(send(client, "PATCH", path, {"value": 12}), 409)
    assert [error["pointer"] for error in refused["errors"]] == ["/value"]
    problem(send(client, "PATCH", path, {"value": 12, "confirm": [whole.pk]}), 409)
    wrong = problem(send(client, "PATCH", path, {"value": 12, "confirm": [quote.pk, 10**9]}), 400)
    assert [(error["pointer"], error["code"]) for error in wrong["errors"]] == [("/confirm/1", "does_not_exist")]
    done = send(client, "PATCH", path, {"value": 12, "confirm": [quote.pk]})
    assert (done.status_code, done.json()["value"]) == (200, 12)
    assert done.json()["citations"] == client.get(path).json()["citations"]
    assert send(client, "PATCH", path, {"value": 13, "citations": [quoted(quote), quoted(whole)]}).status_code == 200
    read_back = [one | {"id": one["id"]} for one in client.get(path).json()["citations"]]
    problem(send(client, "PATCH", path, {"value": 14, "citations": read_back}), 409)


def quoted(citation: Citation) -> dict[str, Any]:
    return {"source": "press", "exact": citation.exact, "field": citation.field}


def test_a_title_and_an_order_need_no_evidence(deal: Deal) -> None:
    client = caller("publisher")
    assert send(client, "PATCH", deal.path("agreements"), {"title": "Renamed"}).status_code == 200
    assert send(client, "PATCH", deal.path("clauses"), {"position": 7, "title": "Renamed"}).status_code == 200


def test_a_claim_that_is_taken_back_needs_no_evidence(deal: Deal) -> None:
    client = caller("publisher")
    assert send(client, "PATCH", deal.path("clauses"), {"value": None, "baseline_value": None}).status_code == 200
    assert send(client, "DELETE", deal.path("statements")).status_code == 204


def test_nobody_adds_what_no_source_says_to_what_is_published(deal: Deal) -> None:
    client, before = caller("publisher"), stored(*WRITTEN)
    clause = {"agreement": "rare-metals", "number": "9", "position": 9, "type": "purchase", "standing": "outcome"}
    clause |= {"modality": "obligation"}
    refused = problem(send(client, "POST", f"{BASE}/clauses", clause), 409)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/citations", "uncited")]
    refused = problem(send(client, "POST", f"{BASE}/clauses/bulk", {"create": [clause]}), 409)
    assert [error["pointer"] for error in refused["errors"]] == ["/create/0/citations"]
    assert stored(*WRITTEN) == before
    assert send(client, "POST", f"{BASE}/clauses", clause | {"citations": [QUOTE]}).status_code == 201


def test_the_last_citation_of_a_public_claim_stays(deal: Deal) -> None:
    client, clause = caller("publisher"), deal.rows["clauses"]
    path = f"{BASE}/citations"
    quote, whole = (Citation.objects.get(clause=clause, field=field).pk for field in ("value", ""))
    assert send(client, "DELETE", f"{path}/{whole}").status_code == 204, "another vouches for the whole row"
    refused = problem(send(client, "DELETE", f"{path}/{quote}"), 409)
    [error] = refused["errors"]
    assert f"/api/v1/clauses/{clause.pk}" in error["detail"]
    assert "`confirm`" not in error["detail"], "a deletion has no body"
    problem(send(client, "POST", f"{path}/bulk", {"delete": [{"id": quote, "etag": "*"}]}), 409)
    problem(send(client, "PATCH", deal.path("clauses"), {"citations": []}), 409)
    problem(
        send(
            client, "PATCH", f"{path}/{quote}", {"clause": None, "statement": deal.rows["statements"].pk, "field": ""}
        ),
        409,
    )
    assert Citation.objects.filter(pk=quote, clause=clause).exists()


def test_an_outcome_of_a_computed_date_needs_evidence_and_its_date_none(deal: Deal) -> None:
    client = caller("publisher")
    computed = Renewal.objects.get(agreement__slug="rare-metals", basis="computed", sequence=1)
    Citation.objects.filter(renewal=computed).delete()
    path = f"{BASE}/renewals/{computed.pk}"
    assert [
        error["pointer"] for error in problem(send(client, "PATCH", path, {"status": "missed"}), 409)["errors"]
    ] == ["/citations"]
    assert send(client, "PATCH", path, {"status": "missed", "citations": [QUOTE]}).status_code == 200


def test_in_a_draft_everything_may_be_changed_and_nothing_stale_is_published(deal: Deal) -> None:
    Agreement.objects.update(is_published=False)
    editor, publisher, path = caller("editor"), caller("publisher"), deal.path("clauses")
    assert send(editor, "PATCH", path, {"value": 12}).status_code == 200
    refused = problem(send(publisher, "PATCH", deal.path("agreements"), {"is_published": True}), 409)
    assert f"`value` of /api/v1/clauses/{deal.rows['clauses'].pk}" in refused["errors"][0]["detail"]
    quote = Citation.objects.get(clause=deal.rows["clauses"], field="value")
    assert send(editor, "PATCH", path, {"confirm": [quote.pk]}).status_code == 200
    assert send(publisher, "PATCH", deal.path("agreements"), {"is_published": True}).status_code == 200


def test_shared_rows_that_nothing_public_shows_are_free(deal: Deal) -> None:
    editor = caller("editor")
    factories.party("nobody")
    factories.source("unused")
    assert send(editor, "PATCH", f"{BASE}/parties/nobody", {"name": "Somebody"}).status_code == 200
    assert send(editor, "PATCH", f"{BASE}/sources/unused", {"title": "Used"}).status_code == 200
    assert send(caller("publisher"), "PATCH", f"{BASE}/sources/press", {"title": "Other"}).status_code == 200
    assert Source.objects.filter(title="Other").exists()


def test_what_is_cited_of_a_party_is_cited_again(deal: Deal) -> None:
    client, press = caller("publisher"), Source.objects.get(slug="press")
    party = f"{BASE}/parties/china"
    assert send(client, "PATCH", party, {"country": ""}).status_code == 200, "it was never cited"
    quote = factories.citation(deal.rows["agreements"].participations.get().party, "la Chine", press, "name")
    refused = problem(send(client, "PATCH", party, {"name": "Cathay"}), 409)
    assert [error["pointer"] for error in refused["errors"]] == ["/name"]
    assert f"`name` of {party} as it is now" in refused["errors"][0]["detail"]
    assert send(client, "PATCH", party, {"name": "Cathay", "confirm": [quote.pk]}).status_code == 200


def test_the_evidence_of_a_loaded_fixture_is_guarded_from_the_first_change(deal: Deal) -> None:
    Citation.objects.update(supported=None)
    client, path = caller("publisher"), deal.path("clauses")
    assert send(client, "PATCH", path, {"title": "Renamed"}).status_code == 200
    for value in (12, 13):
        problem(send(client, "PATCH", path, {"value": value}), 409)


def test_the_evidence_of_a_loaded_participation_is_guarded_with_its_agreement(deal: Deal) -> None:
    agreement = deal.rows["agreements"]
    participation = agreement.participations.get()
    Citation.objects.filter(agreement=agreement, field="parties").delete()
    factories.citation(participation, "la Chine", Source.objects.get(slug="press"))
    Citation.objects.update(supported=None)
    guard = PublicationGuard(True, [participation])
    participation.since = "2027"
    participation.save()
    with pytest.raises(Uncited):
        guard.check([participation])
