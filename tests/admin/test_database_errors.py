"""Errors that only the database finds are shown on the page, which keeps what was typed."""

from typing import Any

import pytest
from django.db import IntegrityError

from accords.models import Citation, Clause, Party
from tests import factories
from tests.admin.forms import UntouchedForms, errors, refused, submit, url
from tests.clients import Client

CLAUSE = {"type": "tariff", "standing": "outcome", "modality": "obligation"}
TAKEN = "The agreement has a clause of this number already."


def test_numbers_exchanged_between_rows_are_reported_and_nothing_is_lost(
    editor: Client, deal: factories.FixtureRows
) -> None:
    factories.clause(deal.agreement, "2")
    change = {"clauses-0-number": "2", "clauses-1-number": "1", "subject": "typed just now"}
    answer = submit(editor, url(deal.agreement, "change"), **change)
    assert errors(answer)["__all__"] == [TAKEN]
    assert "typed just now" in answer.content.decode()
    deal.agreement.refresh_from_db()
    assert deal.agreement.subject == ""


def test_a_row_that_someone_else_added_meanwhile_is_reported(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    data = form.sent() | form.new_row("clauses", number="2", title="Mine", **CLAUSE)
    factories.clause(deal.agreement, "2", title="Theirs")
    answer = editor.post(address, data)
    assert errors(answer)["__all__"] == [TAKEN]
    assert 'value="Mine"' in answer.content.decode()
    assert Clause.objects.get(number="2").title == "Theirs"


def test_every_refusal_is_reported_in_the_words_of_its_rule(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "clause_number_once": TAKEN,
        "statement_denial_no_clause": "A denial has no clause: what was denied is not something that was agreed.",
        "participation_once": "The party has this role from this date already.",
        "citation_once_for_event": "These words are cited for this already.",
    }
    address = url(deal.china, "change")
    form = untouched.form(address)
    for constraint, message in said.items():

        def refuse(*args: Any, name: str = constraint, **kwargs: Any) -> None:
            raise IntegrityError(f'new row violates check constraint "{name}"\nDETAIL: Failing row')

        monkeypatch.setattr(Party, "save", refuse)
        assert refused(editor, address, form.sent())["__all__"] == [message]


def test_an_unknown_refusal_is_reported_as_the_database_says_it(
    untouched: UntouchedForms, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError("something else\nand more")

    monkeypatch.setattr(Party, "save", refuse)
    found = untouched.refused(url(deal.china, "change"))
    assert found["__all__"] == ["The database refused this: something else"]


def test_a_quote_that_the_database_alone_finds_false_is_reported(
    untouched: UntouchedForms, deal: factories.FixtureRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Citation, "clean", lambda citation: None)
    forged = {"exact": "de 58 % à 47 %", "start": str(deal.citation.start), "end": "125"}
    found = untouched.refused(url(deal.citation, "change"), **forged)
    assert "The source does not have this quote at these offsets" in found["__all__"][0]
