"""What the history of a row leaves out: hidden rows, the time when it was hidden itself, what was never recorded."""

from copy import deepcopy

import pytest

from accords.api.publication import MAX_WAYS
from accords.db.audit_log import unrecorded
from accords.models import (
    Agreement,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)
from tests import factories
from tests.api.addresses import BASE
from tests.api.histories import changed, history, kinds, publish
from tests.api.test_query_contract import problem
from tests.api.world import MARKER
from tests.clients import Client


@pytest.fixture
def deal(module_deal: factories.FixtureRows, db: None) -> factories.FixtureRows:
    """Return the deal; changes are rolled back after the test."""
    return deepcopy(module_deal)


def test_related_rows_that_are_hidden_are_not_named(
    deal: factories.FixtureRows, client: Client, editor: Client
) -> None:
    draft, later = (factories.agreement(f"{MARKER}-{end}", is_published=False) for end in "ab")
    secret = factories.party(f"{MARKER}-p")
    quiet = {
        noun: history(client, noun, row)
        for noun, row in (
            ("agreements", deal.agreement),
            ("renewals", deal.renewal),
            ("parties", deal.america),
        )
    }
    Agreement.objects.filter(pk=deal.agreement.pk).update(supersedes=draft)
    Renewal.objects.filter(pk=deal.renewal.pk).update(status="concluded")
    quiet["renewals"] = history(client, "renewals", deal.renewal)
    Renewal.objects.filter(pk=deal.renewal.pk).update(outcome=later)
    Party.objects.filter(pk=deal.america.pk).update(represents=secret)
    for noun, row, name, hidden in (
        ("agreements", deal.agreement, "supersedes", draft),
        ("renewals", deal.renewal, "outcome", later),
        ("parties", deal.america, "represents", secret),
    ):
        assert history(client, noun, row) == quiet[noun], noun
        assert changed(history(editor, noun, row)[0])[name] == (None, hidden.slug)
    Agreement.objects.filter(pk=draft.pk).update(is_published=True)
    assert changed(history(client, "agreements", deal.agreement)[0]) == {"supersedes": (None, f"{MARKER}-a")}


def test_a_party_that_was_named_and_is_hidden_now_is_left_out(
    deal: factories.FixtureRows, client: Client, editor: Client
) -> None:
    secret = factories.party(f"{MARKER}-p")
    owes = factories.clause_party(deal.clause, secret)
    Statement.objects.get(pk=deal.statement.pk).mentions.add(secret)
    assert MARKER in str(history(client, "clauses", deal.clause))
    ClauseParty.objects.filter(pk=owes.pk).delete()
    Statement.objects.get(pk=deal.statement.pk).mentions.remove(secret)
    for noun, row in (("clauses", deal.clause), ("statements", deal.statement)):
        assert MARKER not in str(history(client, noun, row))
        assert MARKER in str(history(editor, noun, row))
    secret.delete()
    assert MARKER in str(history(editor, "clauses", deal.clause))  # by the name it had


def test_a_clause_that_came_from_a_draft_brings_nothing_along(deal: factories.FixtureRows, client: Client) -> None:
    draft = factories.agreement("draft", is_published=False)
    clause = factories.clause(draft, "7", title=MARKER)
    Clause.objects.filter(pk=clause.pk).update(title="Shown")
    Clause.objects.filter(pk=clause.pk).update(agreement=deal.agreement)
    (entry,) = history(client, "clauses", clause)
    assert (entry["kind"], entry["row"]["title"], entry["row"]["agreement"]) == ("published", "Shown", "rare-metals")
    Clause.objects.filter(pk=clause.pk).update(agreement=draft)
    problem(client.get(f"{BASE}/clauses/{clause.pk}/history"), 404)


@pytest.mark.parametrize("name", ["china", "trump"])
def test_a_party_is_reported_since_a_published_row_names_it(
    name: str, deal: factories.FixtureRows, client: Client
) -> None:
    party = getattr(deal, name)
    Participation.objects.filter(party=party).delete()
    assert kinds(history(client, "parties", party)) == ["published"]  # by a statement, an event or a clause
    for relation in (Event.participants, Statement.mentions):
        relation.through.objects.all().delete()
    Statement.objects.update(speaker=None)
    problem(client.get(f"{BASE}/parties/{party.slug}/history"), 404)


def test_a_party_that_only_holds_an_option_is_reported_since_the_agreement_was_published(
    db: None, client: Client
) -> None:
    holder = factories.party("holder")
    agreement = factories.agreement("option", option_holder=holder, is_published=False)
    Party.objects.filter(pk=holder.pk).update(name=MARKER)
    problem(client.get(f"{BASE}/parties/holder/history"), 404)
    Agreement.objects.filter(pk=agreement.pk).update(is_published=True)
    Party.objects.filter(pk=holder.pk).update(name="Shown")
    entries = history(client, "parties", holder)
    assert kinds(entries) == ["changed", "published"]


@pytest.mark.parametrize("noun", ["sources", "parties"])
def test_what_was_public_already_stays_so_when_an_earlier_draft_is_published(
    noun: str, db: None, client: Client
) -> None:
    draft, published = (factories.agreement(slug, is_published=False) for slug in ("draft", "published"))
    row: Source | Party = factories.source("cited") if noun == "sources" else factories.party("named")
    for agreement in (draft, published):
        for number in range(MAX_WAYS):  # rows of one agreement count once
            clause = factories.clause(agreement, f"{number}")
            if isinstance(row, Party):
                factories.clause_party(clause, row)
            else:
                factories.citation(clause, "un accord d'un an", row)
    name = "title" if noun == "sources" else "name"
    Agreement.objects.filter(pk=published.pk).update(is_published=True)
    type(row)._default_manager.filter(pk=row.pk).update(**{name: "Shown"})
    before = history(client, noun, row)
    assert kinds(before) == ["changed", "published"]
    Agreement.objects.filter(pk=draft.pk).update(is_published=True)
    assert history(client, noun, row) == before


def test_what_was_never_recorded_begins_with_the_log(deal: factories.FixtureRows, client: Client) -> None:
    with unrecorded():
        other = factories.deal("unrecorded")
    assert history(client, "agreements", other.agreement) == []
    Clause.objects.filter(pk=other.clause.pk).update(title="Another")
    (entry,) = history(client, "clauses", other.clause)
    assert (entry["kind"], changed(entry)["title"]) == ("changed", (None, "Another"))


def test_a_publication_that_was_not_recorded_opens_nothing(deal: factories.FixtureRows, client: Client) -> None:
    publish(deal, False)
    Clause.objects.filter(pk=deal.clause.pk).update(title=MARKER)
    with unrecorded():
        publish(deal)
    assert history(client, "clauses", deal.clause) == []
