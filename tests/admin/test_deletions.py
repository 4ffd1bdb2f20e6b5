"""Deletions: which rows are deleted with a row, and which prevent it."""

import pytest
from django.db.models import ProtectedError

from accords.models import Agreement, Citation, Clause, Party, Renewal, Source
from tests import factories
from tests.admin.forms import errors, submit, url
from tests.clients import Client


def test_an_agreement_goes_with_its_related_rows(editor: Client, deal: factories.FixtureRows) -> None:
    Renewal.objects.filter(pk=deal.renewal.pk).update(status="concluded", outcome=deal.agreement)
    page = editor.get(url(deal.agreement, "delete")).content.decode()
    assert "Citations: 5" in page
    assert "Clauses: 1" in page
    assert f'Citation: <a href="{url(deal.citation, "change")}">“de 57 % à 47 %” (Article press)</a>' in page
    assert editor.post(url(deal.agreement, "delete"), {"post": "yes"}).status_code == 302
    assert not Agreement.objects.exists()
    assert not Citation.objects.exists()
    assert Party.objects.count() == 3


@pytest.mark.parametrize("row", ["china", "america", "source", "clause", "event"])
def test_a_row_that_others_need_stays_and_they_are_named(editor: Client, deal: factories.FixtureRows, row: str) -> None:
    needed = getattr(deal, row)
    page = editor.get(url(needed, "delete")).content.decode()
    assert "Cannot delete" in page
    assert editor.post(url(needed, "delete"), {"post": "yes"}).status_code == 200
    needed.refresh_from_db()
    data = {"action": "delete_selected", "_selected_action": str(needed.pk), "post": "yes"}
    assert editor.post(url(type(needed)), data).status_code == 200
    needed.refresh_from_db()


def test_a_clause_that_a_statement_needs_stays_on_the_agreements_page(
    editor: Client, deal: factories.FixtureRows
) -> None:
    answer = submit(editor, url(deal.agreement, "change"), **{"clauses-0-DELETE": "on"})
    assert "would require deleting the following protected related objects" in errors(answer)["clauses"][0]
    assert Clause.objects.exists()


def test_who_comes_in_the_last_moment_is_named(
    editor: Client, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = factories.source("idle")

    def refuse(*args: object) -> None:
        raise ProtectedError("protected", {deal.citation})

    monkeypatch.setattr(Source, "delete", refuse)
    answer = editor.post(url(idle, "delete"), {"post": "yes"}, follow=True)
    assert "Other rows need it: “de 57 % à 47 %” (Article press)." in answer.content.decode()
    monkeypatch.setattr("accords.models.sources.SourceQuerySet.delete", refuse)
    data = {"action": "delete_selected", "_selected_action": str(idle.pk), "post": "yes"}
    answer = editor.post(url(Source), data, follow=True)
    assert "Other rows need it" in answer.content.decode()
    assert Source.objects.filter(pk=idle.pk).exists()
