"""Two editors on one page: the second save is refused, says what changed meanwhile, and loses nothing that was typed."""

from typing import Any

import pytest

from accords.models import Agreement, Citation, Clause
from tests import factories
from tests.admin.pages import Form, new_row, typed, url
from tests.clients import Client

pytestmark = pytest.mark.django_db


def errors(page: Any) -> str:
    """What the page says of its faults."""
    return " ".join(str(error) for error in page.context_data["errors"])


def test_the_second_save_is_refused_and_keeps_what_was_typed(editor: Client, deal: factories.FixtureRows) -> None:
    clause = deal.clause
    address = url(clause, "change")
    mine, theirs = typed(editor, address, title="Mine"), typed(editor, address, title="Theirs")
    assert editor.post(address, theirs).status_code == 302
    page = editor.post(address, mine)
    assert page.status_code == 200
    assert "boss changed this meanwhile" in errors(page)
    assert "“Theirs”" in errors(page)
    assert Form(page.content.decode()).data["title"] == "Mine"
    assert Clause.objects.get(pk=clause.pk).title == "Theirs"


def test_a_save_after_having_been_told_is_taken(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.clause, "change")
    mine = typed(editor, address, title="Mine")
    Clause.objects.filter(pk=deal.clause.pk).update(title="Theirs")
    told = Form(editor.post(address, mine).content.decode()).data
    assert editor.post(address, told).status_code == 302
    assert Clause.objects.get(pk=deal.clause.pk).title == "Mine"


def test_what_is_written_as_part_of_a_row_counts(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.clause, "change")
    mine = typed(editor, address, title="Mine")
    Citation.objects.filter(clause=deal.clause).first().delete()  # type: ignore[union-attr]
    assert "changed this meanwhile" in errors(editor.post(address, mine))


def test_a_line_beneath_another_row_is_compared_too(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.agreement, "change")
    before = typed(editor, address)
    line = next(
        name for name, value in before.items() if name.startswith("clauses-") and name.endswith("-id") and value
    ).removesuffix("id")
    Clause.objects.filter(pk=before[f"{line}id"]).update(title="Theirs")
    page = editor.post(address, before | {f"{line}title": "Mine"})
    assert page.status_code == 200
    assert "changed this meanwhile" in errors(page)
    assert Clause.objects.get(pk=before[f"{line}id"]).title == "Theirs"


def test_two_who_change_different_rows_do_not_meet(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.agreement, "change")
    mine = typed(editor, address, subject="minerais")
    Clause.objects.filter(agreement=deal.agreement).update(commodity="soja")
    mine = {name: value for name, value in mine.items() if not name.startswith("clauses-")} | {
        "clauses-TOTAL_FORMS": "0",
        "clauses-INITIAL_FORMS": "0",
    }
    assert editor.post(address, mine).status_code == 302
    assert Agreement.objects.get(pk=deal.agreement.pk).subject == "minerais"


def test_nothing_typed_is_lost_new_rows_beneath_neither(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.agreement, "change")
    mine = typed(editor, address, title="Mine")
    mine |= new_row(
        editor, address, "clauses", title="A new clause", type="other", standing="text", modality="permission"
    )
    mine |= {"statements-0-proposition": "Said otherwise"}
    assert editor.post(address, typed(editor, address, title="Theirs")).status_code == 302
    page = editor.post(address, mine)
    assert "“Theirs”" in errors(page)
    kept = Form(page.content.decode()).data
    changed = {name: value for name, value in mine.items() if not name.endswith(("seen", "csrfmiddlewaretoken"))}
    assert {name: kept.get(name) for name in changed} == changed
    assert not Clause.objects.filter(title="A new clause").exists()
    assert editor.post(address, kept).status_code == 302
    assert Clause.objects.filter(title="A new clause").exists()
    assert Agreement.objects.get(pk=deal.agreement.pk).title == "Mine"


def test_a_line_that_was_only_looked_at_does_not_put_back_what_it_said(
    editor: Client, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = typed(editor, address, subject="minerais")
    Clause.objects.filter(pk=deal.clause.pk).update(title="Theirs")
    page = editor.post(address, mine)
    assert "“Theirs”" in errors(page)
    assert Clause.objects.get(pk=deal.clause.pk).title == "Theirs"
    assert Form(page.content.decode()).data["subject"] == "minerais"


def test_a_line_whose_row_is_gone_is_told(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.agreement, "change")
    mine = typed(editor, address, subject="minerais")
    position = next(name for name, value in mine.items() if name.endswith("-id") and value == str(deal.event.pk))
    mine[position.replace("-id", "-place")] = "Busan"
    deal.statement.delete()
    deal.event.delete()
    page = editor.post(address, mine)
    assert page.status_code == 200
    assert errors(page)
    assert Form(page.content.decode()).data["subject"] == "minerais"
    assert not Agreement.objects.filter(subject="minerais").exists()
