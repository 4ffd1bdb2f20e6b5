"""Two editors on one page: a save changes only what its own editor changed, and asks where both changed a field."""

import json
from typing import Any

import pytest

from accords.admin.edit_conflicts import fingerprint
from accords.models import Agreement, Clause, ClauseParty, Event, Participation, Statement
from tests import factories
from tests.admin.forms import Form, UntouchedForms, errors, messages, refused, url
from tests.clients import Client

pytestmark = pytest.mark.django_db


def shown_again(response: Any) -> dict[str, Any]:
    """Return the data of the form on a page that was refused."""
    assert response.status_code == 200
    return Form(response.content.decode()).sent()


def prefix_of(data: dict[str, Any], row: Any) -> str:
    """Return the prefix of a row's inputs in a table: `clauses-0-`."""
    accessor = {Clause: "clauses", Event: "events", Statement: "statements", Participation: "participations"}[type(row)]
    return next(
        name.removesuffix("id")
        for name, value in data.items()
        if name.startswith(f"{accessor}-") and name.endswith("-id") and value == str(row.pk)
    )


def test_a_save_keeps_what_a_colleague_changed_in_other_fields(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    mine = untouched.data(address, commodity="mine")
    assert editor.post(address, untouched.data(address, title="Theirs", value="46")).status_code == 302
    response = editor.post(address, mine, follow=True)
    deal.clause.refresh_from_db()
    assert (deal.clause.title, deal.clause.commodity, deal.clause.value) == ("Theirs", "mine", 46)
    assert "Kept what others changed meanwhile: Title, Value." in messages(response)


def test_a_save_of_the_page_keeps_what_a_colleague_changed_in_rows(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = untouched.data(address, subject="mine")
    mine[f"{prefix_of(mine, deal.clause)}standing"] = "text"
    clause = untouched.data(address)
    clause[f"{prefix_of(clause, deal.clause)}title"] = "Theirs"
    assert editor.post(address, clause).status_code == 302
    Participation.objects.filter(pk=deal.participation.pk).update(since="2020")
    assert editor.post(address, mine).status_code == 302
    deal.agreement.refresh_from_db()
    deal.clause.refresh_from_db()
    deal.participation.refresh_from_db()
    assert deal.agreement.subject == "mine"
    assert (deal.clause.title, deal.clause.standing) == ("Theirs", "text")
    assert deal.participation.since == "2020"


@pytest.mark.parametrize(("choice", "kept"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_the_editor_chooses_where_both_changed_a_field(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows, choice: str, kept: str
) -> None:
    address = url(deal.clause, "change")
    mine = untouched.data(address, title="Mine", commodity="soja")
    assert untouched.submit(address, title="Theirs").status_code == 302
    answer = editor.post(address, mine)
    (message,) = errors(answer)["title"]
    assert "boss changed this meanwhile to “Theirs”." in message
    assert "Keep mine" in message
    again = shown_again(answer)
    assert again["title"] == "Mine"
    assert Clause.objects.get(pk=deal.clause.pk).title == "Theirs"
    assert refused(editor, address, again).keys() == {"title"}, "without a choice nothing is saved"
    stored = fingerprint("Theirs")
    assert editor.post(address, again | {"title-keep": f"{choice}@{stored}"}).status_code == 302
    deal.clause.refresh_from_db()
    assert (deal.clause.title, deal.clause.commodity) == (kept, "soja")


def test_a_choice_is_remembered_while_other_errors_are_corrected(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    mine = untouched.data(address, title="Mine", type="tariff", effective="2025-13")
    Clause.objects.filter(pk=deal.clause.pk).update(title="Theirs", type="purchase")
    chosen = {"title-keep": f"mine@{fingerprint('Theirs')}", "type-keep": f"theirs@{fingerprint('purchase')}"}
    answer = editor.post(address, mine | chosen)
    assert errors(answer).keys() == {"effective"}
    assert editor.post(address, shown_again(answer) | {"effective": "2025"}).status_code == 302
    deal.clause.refresh_from_db()
    assert (deal.clause.title, deal.clause.type, deal.clause.effective) == ("Mine", "purchase", "2025")


def test_a_choice_does_not_count_against_a_third_editor_s_value(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    mine = untouched.data(address, title="Mine")
    Clause.objects.filter(pk=deal.clause.pk).update(title="Third")
    found = refused(editor, address, mine | {"title-keep": f"mine@{fingerprint('Theirs')}"})
    assert "“Third”" in found["title"][0]
    assert Clause.objects.get(pk=deal.clause.pk).title == "Third"


def test_the_same_change_by_both_is_no_conflict(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    mine = untouched.data(address, value="46,0")
    Clause.objects.filter(pk=deal.clause.pk).update(value=46)
    assert editor.post(address, mine).status_code == 302


def test_a_conflict_in_a_row_of_a_table_is_shown_in_the_row(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    mine = form.sent(subject="mine") | form.new_row("events", kind="visit", status="planned")
    row = prefix_of(mine, deal.clause)
    mine[f"{row}title"] = "Mine"
    Clause.objects.filter(pk=deal.clause.pk).update(title="Theirs")
    answer = editor.post(address, mine)
    assert errors(answer).keys() == {f"{row}title"}
    data = shown_again(answer)
    assert (data["subject"], data[f"{row}title"], data["events-1-kind"]) == ("mine", "Mine", "visit")
    assert editor.post(address, data | {f"{row}title-keep": f"mine@{fingerprint('Theirs')}"}).status_code == 302
    assert Clause.objects.get(pk=deal.clause.pk).title == "Mine"
    assert Agreement.objects.get(pk=deal.agreement.pk).subject == "mine"
    assert deal.agreement.events.count() == 2


def test_relations_are_merged_like_other_fields(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.statement, "change")
    mine = untouched.data(address, mentions=[str(deal.trump.pk)])
    deal.statement.mentions.clear()
    assert "meanwhile to “”" in refused(editor, address, mine)["mentions"][0]
    mine = untouched.data(address, proposition="Mine")
    deal.statement.mentions.add(deal.trump)
    Statement.objects.filter(pk=deal.statement.pk).update(speaker=deal.china)
    assert editor.post(address, mine).status_code == 302
    deal.statement.refresh_from_db()
    assert (deal.statement.speaker, [*deal.statement.mentions.all()]) == (deal.china, [deal.trump])


def test_a_row_that_a_colleague_deleted_stays_deleted(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = untouched.data(address, subject="mine")
    deal.statement.delete()
    deal.event.delete()
    assert editor.post(address, mine).status_code == 302
    assert Agreement.objects.get(pk=deal.agreement.pk).subject == "mine"
    assert not Event.objects.exists()


def test_a_deleted_row_that_was_edited_is_asked_about(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = untouched.data(address, subject="mine")
    row = prefix_of(mine, deal.event)
    mine[f"{row}place"] = "Busan"
    history = url(deal.event, "history")
    deal.statement.delete()
    deal.event.delete()
    answer = editor.post(address, mine)
    (message,) = errors(answer)[f"{row}__all__"]
    assert "deleted this meanwhile" in message
    assert f'href="{history}"' in message
    data = shown_again(answer)
    assert (data["subject"], data[f"{row}place"]) == ("mine", "Busan")
    assert editor.post(address, data | {f"{row.removesuffix('-')}-keep": "theirs@"}).status_code == 302
    assert not Event.objects.exists()
    assert Agreement.objects.get(pk=deal.agreement.pk).subject == "mine"


def test_a_row_to_delete_that_a_colleague_changed_is_asked_about(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = untouched.data(address, subject="mine")
    row = prefix_of(mine, deal.statement)
    mine[f"{row}DELETE"] = "on"
    Statement.objects.filter(pk=deal.statement.pk).update(proposition="Theirs")
    answer = editor.post(address, mine)
    (message,) = errors(answer)["statements"]
    assert "changed this meanwhile (Proposition)" in message
    keep = next(line for line in message.split('value="') if line.startswith("theirs@")).split('"')[0]
    assert editor.post(address, shown_again(answer) | {f"{row.removesuffix('-')}-keep": keep}).status_code == 302
    assert Statement.objects.get(pk=deal.statement.pk).proposition == "Theirs"
    delete = keep.replace("theirs", "mine")
    assert editor.post(address, mine | {f"{row.removesuffix('-')}-keep": delete}).status_code == 302
    assert not Statement.objects.filter(pk=deal.statement.pk).exists()


def test_numbers_left_blank_avoid_those_that_a_colleague_took(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    form = untouched.form(address)
    mine = form.sent() | form.new_row("clauses", title="Mine", type="other", standing="text", modality="permission")
    factories.clause(deal.agreement, "2")
    assert editor.post(address, mine).status_code == 302
    assert Clause.objects.get(title="Mine").number == "3"


def test_a_form_that_does_not_say_what_was_shown_is_saved_as_it_is(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause_party, "change")
    assert "shown" in untouched.form(address).data
    roles = ["obligee", "affected", "obligor", "obligee", "affected", "obligor"]
    for role, shown in zip(roles, ["", "{", "[1]", json.dumps({"nothing": "x"}), "null", '"x"'], strict=True):
        assert untouched.submit(address, role=role, shown=shown).status_code == 302, shown
        assert ClauseParty.objects.get(pk=deal.clause_party.pk).role == role, shown
