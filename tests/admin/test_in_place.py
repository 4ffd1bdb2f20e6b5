"""Forms that a script submits, and forms that are submitted twice: JSON responses, and one save."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from accords.models import Clause, IdempotencyKey, Party, Source, Token
from tests import factories
from tests.admin.forms import UntouchedForms, form_data, open_form, url
from tests.clients import Client

IN_PLACE = {"HTTP_ACCEPT": "application/json"}
PARTY = {"name": "Nvidia", "slug": "nvidia", "kind": "organization"}
CLAUSE = {"type": "tariff", "standing": "outcome", "modality": "obligation", "title": "Once"}


def test_a_save_is_answered_with_the_address_to_go_to_and_its_message_waits_there(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    data = untouched.data(address, title="Renamed") | {"_continue": "1"}
    response = editor.post(address, data, **IN_PLACE)
    assert (response.status_code, response.json()) == (200, {"location": address})
    assert "was changed successfully" in editor.get(address).content.decode()


def test_errors_are_answered_by_the_names_of_their_inputs(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    data = untouched.data(address, effective="2025-13", **{"clauses-0-number": "", "participations-0-since": "x"})
    response = editor.post(address, data, **IN_PLACE)
    assert response.status_code == 400
    errors = response.json()["errors"]
    assert errors.keys() == {"effective", "clauses-0-number", "participations-0-since"}
    assert errors["clauses-0-number"] == ["This field is required."]


def test_messages_of_rows_tables_and_pages_have_names_too_and_are_escaped(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.agreement, "change")
    mine = untouched.data(address, **{"statements-0-DELETE": "on"})
    Clause.objects.filter(pk=deal.clause.pk).update(title="<i>Theirs</i>")
    deal.statement.proposition = "Theirs"
    deal.statement.save()
    response = editor.post(address, mine | {"clauses-0-title": "Mine"}, **IN_PLACE)
    errors = response.json()["errors"]
    assert errors.keys() == {"clauses-0-title", "statements"}
    assert "&lt;i&gt;Theirs&lt;/i&gt;" in errors["clauses-0-title"][0]
    assert '<input type="radio" name="clauses-0-title-keep"' in errors["clauses-0-title"][0]
    assert response.json()["values"]["clauses-0-shown"] == mine["clauses-0-shown"]


def test_an_ended_session_is_answered_with_the_address_to_log_in(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    data = untouched.data(address, title="Renamed")
    response = Client().post(address, data, **IN_PLACE)
    assert (response.status_code, response.json()["login"]) == (401, f"{reverse('admin:login')}?next=%2Fadmin%2F")
    assert Client().post(address, data).status_code == 302
    assert Clause.objects.get(pk=deal.clause.pk).title == "Clause 1"


def test_a_row_deleted_meanwhile_is_reported_and_can_be_restored_and_saved(
    editor: Client, untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    address = url(deal.clause, "change")
    data = untouched.data(address, title="Mine")
    deal.statement.delete()
    pk = deal.clause.pk
    deal.clause.delete()
    response = editor.post(address, data, **IN_PLACE)
    assert response.status_code == 410
    assert reverse("admin:accords_clause_history", args=[pk]) in response.json()["errors"]["__all__"][0]
    page = editor.post(address, data)
    assert (page.status_code, "deleted this meanwhile" in page.content.decode()) == (410, True)
    record = Clause.history.filter(id=pk).first()
    assert editor.post(reverse("admin:accords_clause_restore", args=[pk, record.pk]), {"seen": ""}).status_code == 302
    assert editor.post(address, data, **IN_PLACE).status_code == 200
    assert Clause.objects.get(pk=pk).title == "Mine"


def test_a_page_that_is_no_form_is_answered_as_it_is(editor: Client, boss: User) -> None:
    address = reverse("admin:accords_token_add")
    data = form_data(
        editor,
        address,
        name="reader",
        owner=str(boss.pk),
        scope="read",
        expires_at_0="2100-01-01",
        expires_at_1="00:00",
    )
    response = editor.post(address, data, **IN_PLACE)
    assert "only time it can be seen" in response.content.decode()
    again = editor.post(address, data)  # a double click
    assert (again.status_code, again.headers["Location"], Token.objects.count()) == (302, url(Token), 1)


def test_forms_of_django_s_own_admins_are_answered_in_place_too(editor: Client) -> None:
    address = reverse("admin:auth_group_add")
    assert editor.post(address, {"name": ""}, **IN_PLACE).json()["errors"] == {"name": ["This field is required."]}
    assert "location" in editor.post(address, {"name": "Readers"}, **IN_PLACE).json()


def test_a_form_that_comes_twice_is_saved_once(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.agreement, "change")
    form = open_form(editor, address)
    data = form.sent() | form.new_row("clauses", **CLAUSE)
    for headers in ({}, IN_PLACE, {}):
        response = editor.post(address, data, **headers)
        assert response.status_code in (200, 302)
    assert Clause.objects.filter(title="Once").count() == 1
    added = form_data(editor, url(Party, "add"), **PARTY)
    first, second = (editor.post(url(Party, "add"), added) for _ in range(2))
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert Party.objects.filter(name="Nvidia").count() == 1
    in_popup = form_data(editor, f"{url(Party, 'add')}?_popup=1", **PARTY | {"slug": "other"})
    first, second = (editor.post(url(Party, "add"), in_popup) for _ in range(2))
    assert (second.content, second["Content-Type"]) == (first.content, first["Content-Type"])
    assert "popup_response" in second.content.decode()


def test_a_corrected_form_and_another_user_s_are_not_the_same(
    editor: Client, someone: Any, deal: factories.FixtureRows
) -> None:
    data = form_data(editor, url(Party, "add"), **PARTY)
    assert editor.post(url(Party, "add"), data | {"name": ""}).status_code == 200
    assert editor.post(url(Party, "add"), data).status_code == 302
    assert editor.post(url(Party, "add"), data | {"slug": "other"}).status_code == 302, "went back and changed it"
    assert Party.objects.filter(name="Nvidia").count() == 2
    other = someone("add_party", "view_party", "view_agreement")
    assert other.post(url(Party, "add"), data | {"slug": "third"}).status_code == 302
    assert IdempotencyKey.objects.count() == 2
    for form_id in ("", "x", "%00", "-" * 37):
        assert editor.post(url(Party, "add"), data | {"form_id": form_id, "slug": ""}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_time_save_once() -> None:
    agreement, clicker = factories.agreement("twice", is_published=False), User.objects.create_superuser("clicker")
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(clicker)
    data = form_data(clients[0], url(Clause, "add"), agreement=str(agreement.pk), **CLAUSE)
    barrier, answers = Barrier(2), []

    def click(client: Client) -> None:
        barrier.wait()
        answers.append(client.post(url(Clause, "add"), data).status_code)
        connection.close()

    threads = [Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert Clause.objects.count() == 1


def test_a_source_of_several_megabytes_can_be_typed_and_a_larger_one_is_reported(editor: Client, db: None) -> None:
    form = open_form(editor, url(Source, "add"))
    assert 'enctype="multipart/form-data"' in form.html
    data = form.sent(title="Treaty", slug="treaty", kind="treaty_text", language="fr")
    response = editor.post(url(Source, "add"), data | {"text": "é" * 2_000_001 + "a" * 1_000_000}, **IN_PLACE)
    assert response.json()["errors"]["text"][0].startswith("The text has 5.0 MB; at most 5 MB can be stored.")
    assert editor.post(url(Source, "add"), data | {"text": "é" * 2_000_000 + " fin"}, **IN_PLACE).status_code == 200
    assert len(Source.objects.get(slug="treaty").text) == 2_000_004


def test_what_no_page_can_send_is_refused_with_words(editor: Client, db: None, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = editor.post(url(Source, "add"), {"text": "a" * 2000})
    assert response.status_code == 413
    assert "too large" in response.content.decode()
