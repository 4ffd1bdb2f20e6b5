"""Without the permission to delete, editors may delete their own rows of a draft, and undo at the desk."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from accords.models import Agreement, Citation, Clause, ClauseParty, Participation, Party, Renewal, Source, Statement
from tests import factories
from tests.admin.desk_data import WORDS, address, data, passage, problems, tariff
from tests.admin.forms import UntouchedForms, form_data, open_form, refused, url
from tests.clients import Client

pytestmark = pytest.mark.django_db
CLAUSE = {"type": "tariff", "standing": "outcome", "modality": "obligation"}


def new_editor(name: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    may = [f"{verb}_" for verb in ("view", "add", "change")]
    permissions = Permission.objects.filter(content_type__app_label="accords")
    user.user_permissions.set([one for one in permissions if one.codename.startswith(tuple(may))])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def module_draft(module_deal: factories.FixtureRows) -> Agreement:
    return factories.agreement("draft", is_published=False)


@pytest.fixture
def draft(module_draft: Agreement, deal: factories.FixtureRows) -> Agreement:
    return deepcopy(module_draft)


@pytest.fixture(scope="module")
def module_forms(module_draft: Agreement) -> UntouchedForms:
    return UntouchedForms()


@pytest.fixture
def add_clause(module_forms: UntouchedForms) -> Callable[[Client, Agreement, str], Clause]:
    """Return a function that adds a clause as an editor does. The form is the same for all editors."""

    def added(client: Client, agreement: Agreement, title: str) -> Clause:
        module_forms.client = client
        answer = module_forms.submit(url(Clause, "add"), agreement=str(agreement.pk), title=title, **CLAUSE)
        assert answer.status_code == 302
        return Clause.objects.get(title=title)

    return added


def can_delete(client: Client, row: Any) -> bool:
    """Delete a row on its page, and return whether that is possible; the link to it must agree."""
    page = client.get(url(row, "change")).content.decode()
    status = client.post(url(row, "delete"), {"post": "yes"}).status_code
    assert ('class="deletelink"' in page) == (status == 302)
    assert type(row)._default_manager.filter(pk=row.pk).exists() == (status != 302)
    return status == 302


def test_an_editor_deletes_own_rows_of_a_draft_and_no_others(
    deal: factories.FixtureRows, draft: Agreement, add_clause: Any
) -> None:
    mine, colleague = new_editor("mine"), new_editor("colleague")
    own, theirs = add_clause(mine, draft, "Own"), add_clause(colleague, draft, "Theirs")
    public = add_clause(mine, deal.agreement, "Public")
    Agreement.objects.filter(pk=deal.agreement.pk).update(is_published=True)
    assert not can_delete(mine, theirs)
    assert not can_delete(mine, public)
    assert not can_delete(mine, deal.clause)
    assert can_delete(mine, own)
    with_theirs = add_clause(mine, draft, "With a citation of a colleague's")
    form = passage(deal.source) | {"target": f"clause:{with_theirs.pk}"}
    assert colleague.post(address(deal.source, "cite"), form).status_code == 200
    assert "doesn't have permission to delete" in mine.get(url(with_theirs, "delete")).content.decode().replace(
        "&#x27;", "'"
    )
    assert mine.post(url(with_theirs, "delete"), {"post": "yes"}).status_code == 403
    assert Clause.objects.filter(pk=with_theirs.pk).exists()


def test_an_own_draft_is_deleted_whole_and_what_it_became_once_public_is_not() -> None:
    mine = new_editor("mine")
    fields = form_data(
        mine,
        url(Agreement, "add"),
        title="New",
        slug="new",
        instrument="treaty",
        status="unknown",
        effective="2025-01-31",
        term="P1Y",
        renewal_mode="negotiated",
        renewal_interval="P1Y",
    )
    assert mine.post(url(Agreement, "add"), fields | {"form_id": ""}).status_code == 302
    agreement = Agreement.objects.get(slug="new")
    assert agreement.renewals.exists()
    assert can_delete(mine, agreement)
    mine.post(url(Agreement, "add"), fields | {"form_id": ""})
    Agreement.objects.update(is_published=True)
    assert not can_delete(mine, Agreement.objects.get(slug="new"))


def test_a_restored_row_belongs_to_whoever_restored_it(draft: Agreement, add_clause: Any) -> None:
    mine, colleague = new_editor("mine"), new_editor("colleague")
    clause = add_clause(mine, draft, "Own")
    assert can_delete(mine, clause)
    record = Clause.history.filter(id=clause.pk).first()
    assert colleague.post(reverse("admin:accords_clause_restore", args=[clause.pk, record.pk])).status_code == 302
    assert not can_delete(mine, clause)
    assert can_delete(colleague, clause)


def test_own_sources_and_parties_are_deleted_until_something_refers_to_them(draft: Agreement) -> None:
    mine = new_editor("mine")
    fields = form_data(mine, url(Source, "add"), title="Typo", slug="typo", kind="article", language="fr", text="Texte")
    assert mine.post(url(Source, "add"), fields).status_code == 302
    assert can_delete(mine, Source.objects.get(slug="typo"))
    fields = form_data(mine, url(Party, "add"), name="Typo", slug="typo", kind="organization")
    assert mine.post(url(Party, "add"), fields).status_code == 302
    party = Party.objects.get(slug="typo")
    factories.participation(draft, party)
    assert mine.post(url(party, "delete"), {"post": "yes"}).status_code == 200
    assert Party.objects.filter(pk=party.pk).exists()


def test_rows_of_a_table_are_deleted_only_if_they_are_own(
    deal: factories.FixtureRows, draft: Agreement, add_clause: Any
) -> None:
    mine, colleague = new_editor("mine"), new_editor("colleague")
    theirs, own = add_clause(colleague, draft, "Theirs"), add_clause(mine, draft, "Own")
    cited = add_clause(mine, draft, "Cited by a colleague")
    colleague.post(address(deal.source, "cite"), passage(deal.source) | {"target": f"clause:{cited.pk}"})
    page = url(draft, "change")
    form = open_form(mine, page)
    assert re.search(r'name="clauses-0-DELETE"[^>]* disabled', form.html)
    assert re.search(r'name="clauses-1-DELETE"(?![^>]* disabled)', form.html)
    found = refused(mine, page, form.sent(**{"clauses-2-DELETE": "on"}))
    assert found["clauses"] == ["You may not delete what others entered: citation."]
    deleted = form.sent(**{"clauses-0-DELETE": "on", "clauses-1-DELETE": "on"})
    assert mine.post(page, deleted | form.new_row("clauses", title="New", **CLAUSE)).status_code == 302
    new = Clause.objects.get(title="New")
    assert list(Clause.objects.filter(agreement=draft)) == [theirs, cited, new]
    assert not Clause.objects.filter(pk=own.pk).exists()
    others = factories.clause(factories.agreement("others", is_published=False)).agreement
    assert "clauses-0-DELETE" not in mine.get(url(others, "change")).content.decode()


def test_undo_takes_back_the_citation_and_the_claim(deal: factories.FixtureRows, draft: Agreement) -> None:
    mine = new_editor("mine")
    parties = {"parties-TOTAL_FORMS": "1", "parties-0-party": deal.china.pk, "parties-0-role": "obligor"}
    before = {
        model: model._default_manager.count()
        for model in (Clause, ClauseParty, Citation, Agreement, Party, Participation)
    }
    forms = [
        tariff(deal.source, draft, **parties),
        passage(deal.source)
        | {
            "make": "agreement",
            "title": "New",
            "slug": "new",
            "instrument": "treaty",
            "status": "unknown",
            "renewal_mode": "unspecified",
        },
        passage(deal.source)
        | {
            "make": "party",
            "field": "parties",
            "agreement": draft.pk,
            "role": "mentioned",
            "new-name": "Nvidia",
            "new-kind": "organization",
        },
        passage(deal.source)
        | {"make": "party", "field": "parties", "agreement": draft.pk, "role": "mentioned", "party": deal.china.pk},
    ]
    for form in forms:
        response = mine.post(address(deal.source, "make"), form)
        assert response.status_code == 200, response.content
        undone = mine.post(address(deal.source, "undo"), {"undo": response.json()["undo"]})
        assert undone.status_code == 200, undone.content
        assert {model: model._default_manager.count() for model in before} == before, form["make"]
        assert mine.post(address(deal.source, "undo"), {"undo": response.json()["undo"]}).status_code == 400
    mentioned = factories.participation(draft, deal.trump, "mentioned")
    again = mine.post(address(deal.source, "make"), forms[2] | {"party": deal.trump.pk, "new-name": ""}).json()
    assert mine.post(address(deal.source, "undo"), {"undo": again["undo"]}).status_code == 200
    assert Participation.objects.filter(pk=mentioned.pk).exists(), "which was there before"


def test_undo_leaves_what_somebody_added_to(deal: factories.FixtureRows, draft: Agreement) -> None:
    mine, colleague = new_editor("mine"), new_editor("colleague")
    body = mine.post(address(deal.source, "make"), tariff(deal.source, draft)).json()
    clause = Clause.objects.get(title=WORDS)
    undo = {"undo": body["undo"]}
    assert colleague.post(address(deal.source, "undo"), undo).status_code == 400, "another user's"
    assert mine.post(address(deal.source, "undo"), {"undo": body["undo"] + "x"}).status_code == 400
    cited = passage(deal.source, "soja américain") | {"target": f"clause:{clause.pk}"}
    second = mine.post(address(deal.source, "cite"), cited).json()
    assert mine.post(address(deal.source, "undo"), undo).status_code == 400
    assert mine.post(address(deal.source, "undo"), {"undo": second["undo"]}).status_code == 200
    Statement.objects.create(
        agreement=draft, number="S7", kind="outlook", polarity="positive", proposition="So", clause=clause
    )
    assert mine.post(address(deal.source, "undo"), undo).status_code == 200, "the citation goes, the clause is needed"
    assert not Citation.objects.filter(clause=clause).exists()


def test_undo_deletes_nothing_that_was_added_since(deal: factories.FixtureRows, add_clause: Any) -> None:
    mine, colleague = new_editor("mine"), new_editor("colleague")
    fields = {"make": "agreement", "title": "New", "slug": "new", "instrument": "treaty", "status": "unknown"}
    terms = {"effective": "2025-01-31", "term": "P1Y", "renewal_mode": "negotiated", "renewal_intervals": "P1Y"}
    undo = {"undo": mine.post(address(deal.source, "make"), passage(deal.source) | fields | terms).json()["undo"]}
    agreement = Agreement.objects.get(slug="new")
    for client in (colleague, mine):
        clause = add_clause(client, agreement, "Added")
        assert "any more" in str(problems(mine.post(address(deal.source, "undo"), undo)))
        assert Clause.objects.filter(pk=clause.pk).exists()
        clause.delete()
    projected = agreement.renewals.order_by("pk")[:1]
    for status, code in (("missed", 400), ("projected", 200)):
        Renewal.objects.filter(pk__in=projected.values("pk")).update(status=status)
        assert mine.post(address(deal.source, "undo"), undo).status_code == code
    assert not Agreement.objects.filter(slug="new").exists()


def test_own_citations_of_a_draft_are_removed_at_the_desk_and_no_others(
    deal: factories.FixtureRows, draft: Agreement
) -> None:
    mine = new_editor("mine")
    body = mine.post(address(deal.source, "make"), tariff(deal.source, draft)).json()
    pk = body["citation"][0]
    assert data(mine, deal.source)["own_citations"] == [pk]
    assert mine.post(address(deal.source, "uncite"), {"citation": deal.citation.pk}).status_code == 403
    assert mine.post(address(deal.source, "uncite"), {"citation": pk}).status_code == 200
    Agreement.objects.filter(pk=deal.agreement.pk).update(is_published=True)
    refused = mine.post(address(deal.source, "make"), tariff(deal.source, deal.agreement))
    assert (refused.status_code, "Make a working copy" in str(refused.json())) == (409, True)


def test_a_publisher_can_undo_what_is_public(editor: Client, published_deal: factories.FixtureRows) -> None:
    body = editor.post(
        address(published_deal.source, "make"), tariff(published_deal.source, published_deal.agreement)
    ).json()
    assert editor.post(address(published_deal.source, "undo"), {"undo": body["undo"]}).status_code == 200
    assert not Clause.objects.filter(title=WORDS).exists()
