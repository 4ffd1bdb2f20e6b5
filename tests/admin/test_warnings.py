"""Warnings about odd rows appear after a save and on the page, and never prevent a save."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.admin import warnings
from accords.models import Agreement, Statement
from accords.rules import warnings as rule_warnings
from tests import factories
from tests.admin.forms import form_data, messages, open_form, url
from tests.clients import Client
from tests.rules import test_warnings

pytestmark = pytest.mark.django_db
TODAY = "2026-11-25"


def warning_list(page: str) -> str:
    """Return the list of warnings on a page; empty without one."""
    return (
        page.split('<div class="warning-list">')[-1].split("</div>")[0] if '<div class="warning-list">' in page else ""
    )


@time_machine.travel(TODAY)
def test_an_odd_agreement_is_saved_with_warnings(editor: Client, boss: User) -> None:
    editor.force_login(boss)
    agreement = factories.agreement("odd", is_published=False)
    address = url(agreement, "change")
    form = open_form(editor, address)
    assert warning_list(form.html) == ""
    saved = editor.post(address, form.sent(signed="2025-12-01") | {"_continue": "1"}, follow=True)
    assert Agreement.objects.get(pk=agreement.pk).signed == "2025-12-01"
    assert "It takes effect before it was signed. (signed: 2025-12-01, effective: 2025-10-30)" in messages(saved)[1]
    assert "It takes effect before it was signed." in warning_list(saved.content.decode())


@time_machine.travel(TODAY)
def test_odd_rows_are_reported_on_their_pages_and_on_the_agreements(
    editor: Client, boss: User, deal: factories.FixtureRows
) -> None:
    editor.force_login(boss)
    cases: list[tuple[Any, dict[str, str], str]] = [
        (deal.clause, {"effective": "2027", "ends": "2026"}, "It ends before it takes effect."),
        (deal.event, {"status": "planned", "date": "2026-04"}, "It is planned for a day that has passed"),
        (deal.renewal, {"basis": "stated", "due": "2025-01"}, "It is due before the agreement takes effect."),
    ]
    for row, change, says in cases:
        page = url(row, "change")
        answer = editor.post(page, form_data(editor, page, **change) | {"_continue": "1"}, follow=True)
        assert says in warning_list(answer.content.decode())
    listed = warning_list(editor.get(url(deal.agreement, "change")).content.decode())
    assert [row for row, *_ in cases if f'<a href="{url(row, "change")}">' not in listed] == []


def test_a_public_claim_without_a_citation_is_messages(editor: Client, published_deal: factories.FixtureRows) -> None:
    assert "no citation supports this" in warning_list(
        editor.get(url(published_deal.statement, "change")).content.decode()
    )
    assert "no citation" not in warning_list(editor.get(url(published_deal.denial, "change")).content.decode())
    assert "claims have no citation" in warning_list(
        editor.get(url(published_deal.agreement, "change")).content.decode()
    )
    assert editor.get(url(Statement, "add")).status_code == 200


def test_what_is_entered_is_escaped(deal: factories.FixtureRows) -> None:
    deal.agreement.signed, deal.agreement.effective = "2026", "2025"
    deal.agreement.effective = "2025<b>"
    assert "<b>" not in warnings.warning_message(
        rule_warnings.DateWarning("effective_before_signed", ("effective",)), deal.agreement
    )


def test_every_oddity_has_its_words() -> None:
    tables = (*test_warnings.AGREEMENTS, *test_warnings.CLAUSES, *test_warnings.RENEWALS, *test_warnings.EVENTS)
    tables += tuple(test_warnings.PARTS)
    assert {code for case in tables for code in case[-1]} == warnings.MESSAGES.keys()


def test_many_rows_take_no_more_queries(deal: factories.FixtureRows) -> None:
    def query_count() -> int:
        with CaptureQueriesContext(connection) as queries:
            warnings.agreement_warnings(Agreement.objects.get(pk=deal.agreement.pk), date(2026, 11, 25))
        return len(queries)

    factories.event(deal.agreement, "E19", date="2025", after=deal.event)
    factories.clause(deal.agreement, "19", effective="2025")
    before = query_count()
    for number in range(20, 25):
        factories.event(deal.agreement, f"E{number}", date="2025", after=deal.event)
        factories.clause(deal.agreement, str(number), effective="2025")
    assert query_count() == before
