"""The history pages: the changes of a row and its related rows, and restoring versions under all validation rules."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.admin import history
from accords.db.audit_log import recorded_as
from accords.models import (
    Agreement,
    Citation,
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
from tests.admin.forms import NOUNS, UntouchedForms, url
from tests.clients import Client


def page(client: Client, row: Any, query: str = "") -> Any:
    answer = client.get(url(row, "history") + query)
    assert answer.status_code == 200, answer.content
    return answer


def page_entries(client: Client, row: Any) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Return the entries of the page: the row's name, the kind, and the changes in words."""
    return [
        (line.name, str(line.kind.label), [tuple(change) for change in line.changes])
        for line, _ in page(client, row).context["entries"]
    ]


def version(row: Any, back: int) -> Any:
    """Return a record of a row; 0 is the newest."""
    return type(row).history.filter(id=row.pk)[back]


def restoring_url(record: Any) -> str:
    name = record.instance_type._meta.model_name
    return reverse(f"admin:accords_{name}_restore", args=[record.id, record.history_id])


def restore(client: Client, record: Any, **changes: str) -> Any:
    """Restore a record on its page, as a browser does."""
    address = restoring_url(record)
    response = client.get(address)
    assert response.status_code == 200, response.content
    return client.post(address, {"seen": response.context["seen"]} | changes)


# What was written; that every row has its history is shown by test_base.py


def test_who_when_through_what_and_each_field_before_and_after_in_words(
    deal: factories.FixtureRows, editor: Client, untouched: UntouchedForms
) -> None:
    answer = untouched.submit(url(deal.clause, "change"), title="Lower <b>tariffs</b>", scope="all", value="45.5")
    assert answer.status_code == 302
    shown = page(editor, deal.clause)
    line, to = shown.context["entries"][0]
    assert to == {"is_current": True}
    assert (str(line.record.history_user), line.record.through) == ("boss", "admin")
    assert {tuple(change) for change in line.changes} == {
        ("Title", "Clause 1", "Lower <b>tariffs</b>"),
        ("Scope", "partial", "all"),
        ("Value", "47", "45.5"),
    }
    html = shown.content.decode()
    assert "<ins>Lower &lt;b&gt;tariffs&lt;/b&gt;</ins>" in html
    assert "<b>tariffs" not in html


def test_related_rows_are_named_those_that_are_gone_by_what_they_were_called(
    deal: factories.FixtureRows, editor: Client
) -> None:
    union = factories.party("union", name="The Union")
    deal.event.participants.add(union)
    Statement.objects.filter(pk=deal.statement.pk).update(speaker=union)
    Statement.objects.filter(pk=deal.statement.pk).update(speaker=None)
    deal.event.participants.clear()
    union.delete()
    assert page_entries(editor, deal.event)[0][2] == [("Participants", "Donald Trump, The Union", "")]
    assert page_entries(editor, deal.statement)[0][2] == [("Speaker", "The Union", "")]


def test_the_history_of_an_agreement_has_that_of_all_beneath_it(deal: factories.FixtureRows, editor: Client) -> None:
    ClauseParty.objects.filter(pk=deal.clause_party.pk).update(explicit=True)
    Citation.objects.filter(pk=deal.citation.pk).update(field="title")
    Participation.objects.filter(pk=deal.participation.pk).delete()
    lines = [line for line, _ in page(editor, deal.agreement).context["entries"]]
    newest = [(line.name.partition(" (")[0], str(line.kind.label)) for line in lines[:3]]
    assert newest == [("China", "deleted"), ("“de 57 % à 47 %”", "changed"), ("United States", "changed")]
    kinds = {line.model for line in lines}
    assert kinds == {Agreement, Participation, Clause, ClauseParty, Renewal, Event, Statement, Citation}


def test_the_history_of_a_row_shows_evidence_that_was_moved_away(deal: factories.FixtureRows, editor: Client) -> None:
    other = factories.clause(deal.agreement, "2")
    Citation.objects.filter(pk=deal.citation.pk).update(clause=other)
    for clause in (deal.clause, other):
        assert [change[0] for change in page_entries(editor, clause)[0][2]] == ["Clause"]


def test_only_kinds_of_rows_that_someone_may_view_are_reported(deal: factories.FixtureRows, someone: Any) -> None:
    client = someone("view_agreement", "view_clause")
    entries = page(client, deal.agreement).context["entries"]
    assert {line.model for line, _ in entries} == {Agreement, Clause}
    assert all("restore" not in to for _, to in entries)
    assert client.get(url(deal.event, "history")).status_code == 403
    assert client.get(url(Event, "deleted")).status_code == 403


def test_pages_and_their_cost(deal: factories.FixtureRows, editor: Client) -> None:
    costs = []
    for number in (50, 5):
        for _ in range(number):
            Clause.objects.filter(pk=deal.clause.pk).update(title=f"Title {number}")  # each is recorded
        with CaptureQueriesContext(connection) as queries:
            pages = page(editor, deal.clause).context["page"].paginator
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 30
    assert len(page(editor, deal.clause, f"?p={pages.num_pages}").context["entries"]) == pages.count % 50 or 50
    for nonsense in ("0", "-1", "9999", "x", "9" * 30, "%00"):
        assert editor.get(f"{url(Clause, 'deleted')}?p={nonsense}").status_code == 200
        page(editor, deal.china, f"?p={nonsense}")


def test_records_of_one_instant_and_id_have_one_order_on_every_page(deal: factories.FixtureRows) -> None:
    logs = history.row_logs(Agreement, deal.agreement.pk)
    for model in {model for model, _ in logs}:
        for number, pk in enumerate(model.history.values_list("pk", flat=True), 10**6):
            model.history.filter(pk=pk).update(history_date=deal.agreement.created_at, history_id=number)
    keys = history.record_keys(logs[::-1])
    by_page = [key for start in range(0, keys.count(), 2) for key in keys[start : start + 2]]
    assert by_page == sorted(by_page, key=lambda key: (-key[1], key[2]))
    assert len({record_id for _, record_id, _ in by_page}) < len(by_page), "models share ids of records"


def test_the_text_of_a_source_is_reported_by_its_hash(deal: factories.FixtureRows, editor: Client) -> None:
    other = factories.source("other")
    other.text = "Another text."
    other.save()
    assert [label for label, *_ in page_entries(editor, other)[0][2]] == ["SHA-256"]


def test_an_address_that_is_none_breaks_nothing(deal: factories.FixtureRows, editor: Client) -> None:
    clause = url(deal.clause, "history")
    for bad in ("9" * 19, "0", "x", "1_2E"):
        assert editor.get(clause.replace(f"/{deal.clause.pk}/", f"/{bad}/")).status_code == 302
        for address in (f"{deal.clause.pk}/history/{bad}", f"{bad}/history/1"):
            assert editor.get(f"{url(Clause)}{address}/restore/").status_code == 404
    foreign = version(deal.event, 0)
    assert editor.get(f"{url(Clause)}{deal.clause.pk}/history/{foreign.history_id}/restore/").status_code in (200, 404)


# Putting back


def test_a_version_is_previewed_and_put_back_as_a_change_like_any_other(
    deal: factories.FixtureRows, editor: Client
) -> None:
    Clause.objects.filter(pk=deal.clause.pk).update(title="Wrong", hs_codes=["1201"], value=None)
    record = version(deal.clause, 1)
    preview = editor.get(restoring_url(record))
    assert {tuple(change) for change in preview.context["changes"]} == {
        ("Title", "Wrong", "Clause 1"),
        ("HS codes", "1201", ""),
        ("Value", "", "47"),
    }
    answer = restore(editor, record)
    assert (answer.status_code, answer["Location"]) == (302, url(deal.clause, "change"))
    clause = Clause.objects.get(pk=deal.clause.pk)
    assert (clause.title, clause.hs_codes, clause.value, clause.delta) == ("Clause 1", [], 47, -10)
    newest = version(clause, 0)
    assert (str(newest.history_user), newest.through, newest.history_type) == ("boss", "admin", "~")
    assert LogEntry.objects.get().object_id == str(clause.pk)
    assert "nothing would change" in editor.get(restoring_url(record)).content.decode()


@pytest.mark.parametrize("noun", NOUNS)
def test_a_version_of_every_noun_can_be_put_back(noun: Any, deal: factories.FixtureRows, editor: Client) -> None:
    row = noun.objects.order_by("pk").first()
    name, value = {
        Agreement: ("subject", "x"),
        Citation: ("field", "title"),
        Clause: ("number", "x"),
        ClauseParty: ("role", "affected"),
        Event: ("date", "2027"),
        Participation: ("since", "2027"),
        Party: ("aliases", ["x"]),
        Renewal: ("basis", "stated"),
        Source: ("publisher", "x"),
        Statement: ("topics", ["x"]),
    }[noun]
    before = getattr(row, name)
    noun.objects.filter(pk=row.pk).update(**{name: value})
    answer = restore(editor, version(row, 1))
    assert answer.status_code == 302, answer.context["problems"]
    assert getattr(noun.objects.get(pk=row.pk), name) == before


def test_relations_to_many_are_put_back_as_far_as_their_rows_are_there(
    deal: factories.FixtureRows, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    observers = factories.party("observers")
    deal.event.participants.add(observers)
    record = version(deal.event, 0)
    deal.event.participants.clear()
    assert restore(editor, record).status_code == 302
    assert {party.slug for party in deal.event.participants.all()} == {"trump", "observers"}
    deal.event.participants.clear()
    observers.delete()
    answer = restore(editor, record)
    assert (answer.status_code, answer.context["problems"]) == (
        409,
        ["Participants: some of these do not exist any more."],
    )
    monkeypatch.setattr(Event._meta.get_field("participants"), "verbose_name", "who took part")
    assert restore(editor, record).context["problems"] == ["Who took part: some of these do not exist any more."]
    assert not deal.event.participants.exists()


def test_a_version_is_not_put_over_what_someone_saved_meanwhile(deal: factories.FixtureRows, editor: Client) -> None:
    for row, name, value in ((deal.clause, "title", "Newer"), (deal.participation, "since", "2027")):
        type(row).objects.filter(pk=row.pk).update(**{name: value})
        record = version(row, 1)
        response = editor.get(restoring_url(record)).context["seen"]
        type(row).objects.filter(pk=row.pk).update(**{name: "2028"})
        for stale in (response, "", "x", "9@x", "²", "9" * 5000) if row is deal.clause else (response, "x"):
            answer = editor.post(restoring_url(record), {"seen": stale})
            assert answer.status_code == 409
            assert answer.context["problems"]
            assert getattr(type(row).objects.get(pk=row.pk), name) == "2028"


def test_a_version_of_what_someone_deleted_meanwhile_is_not_put_back(
    deal: factories.FixtureRows, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = version(deal.citation, 0)

    def delete_row(*args: Any) -> bool:  # after the page has found it
        Citation.objects.filter(pk=record.id).delete()
        return True

    monkeypatch.setattr(history.HistoryPages, "_may_restore", delete_row)
    answer = editor.post(restoring_url(record), {"seen": record.pk})
    assert answer.status_code == 409
    assert answer.context["problems"] == ["This was deleted meanwhile. Restore its last version first."]


def test_what_the_rules_refuse_is_reported_beside_its_field(deal: factories.FixtureRows, editor: Client) -> None:
    Clause.objects.filter(pk=deal.clause.pk).update(number="2")
    factories.clause(deal.agreement, "1")
    answer = restore(editor, version(deal.clause, 1))
    assert answer.context["problems"] == ["The agreement has a clause of this number already."]
    assert Clause.objects.get(pk=deal.clause.pk).number == "2"
    assert not LogEntry.objects.exists()


def test_what_only_the_database_refuses_is_reported_too(
    deal: factories.FixtureRows, editor: Client, monkeypatch: Any
) -> None:
    Clause.objects.filter(pk=deal.clause.pk).update(number="2")
    factories.clause(deal.agreement, "1")
    monkeypatch.setattr(Clause, "full_clean", lambda self: None)  # as if the other clause came in the last moment
    answer = restore(editor, version(deal.clause, 1))
    assert (answer.status_code, answer.context["problems"]) == (
        409,
        ["The agreement has a clause of this number already."],
    )


def test_a_cited_text_stays_as_it_is(deal: factories.FixtureRows, editor: Client) -> None:
    other = factories.source("other", text="An old text. Un accord d'un an.")
    other.text = "Un accord d'un an."
    other.save()
    old = version(other, 1)
    factories.citation(deal.agreement, "Un accord d'un an", other)
    answer = restore(editor, old)
    assert answer.context["problems"] == [
        "Text: This text is cited, so it cannot change. Enter the corrected text as a new source."
    ]
    Citation.objects.filter(source=other).delete()
    assert restore(editor, old).status_code == 302
    assert Source.objects.get(slug="other").text == "An old text. Un accord d'un an."


def test_whether_an_agreement_is_published_is_not_put_back(deal: factories.FixtureRows, editor: Client) -> None:
    Agreement.objects.filter(pk=deal.agreement.pk).update(is_published=False, title="Wrong")
    answer = editor.get(restoring_url(version(deal.agreement, 1)))
    assert [change.label for change in answer.context["changes"]] == ["Title"]
    restore(editor, version(deal.agreement, 1))
    agreement = Agreement.objects.get(pk=deal.agreement.pk)
    assert (agreement.title, agreement.is_published) == ("Agreement rare-metals", False)


def test_what_follows_from_an_agreements_terms_follows_from_those_put_back(
    deal: factories.FixtureRows, editor: Client, untouched: UntouchedForms
) -> None:
    form = untouched.form(url(deal.agreement, "change")).data
    due = set(Renewal.objects.values_list("kind", "sequence", "due"))
    untouched.submit(url(deal.agreement, "change"), effective="2020-01-01", term="P2Y", renewal_intervals=["P3Y"])
    assert set(Renewal.objects.values_list("kind", "sequence", "due")) != due
    records = Agreement.history.filter(id=deal.agreement.pk, effective=form["effective"])
    assert restore(editor, records.first()).status_code == 302
    assert set(Renewal.objects.values_list("kind", "sequence", "due")) == due


def test_a_computed_date_that_the_terms_undo_is_not_put_back(deal: factories.FixtureRows, editor: Client) -> None:
    row = Renewal.objects.filter(basis="computed").order_by("pk").first()
    assert row is not None
    due = row.due
    with recorded_as("command:test"):
        Renewal.objects.filter(pk=row.pk).update(due="2001-01-01")
        Renewal.objects.filter(pk=row.pk).update(due=due)
    answer = restore(editor, version(row, 1))
    assert answer.status_code == 409
    assert "computed date follows from the terms" in answer.context["problems"][0]
    assert Renewal.objects.get(pk=row.pk).due == due
    Agreement.objects.filter(pk=deal.agreement.pk).update(renewal_mode="none")
    Renewal.objects.filter(pk=row.pk).delete()
    answer = restore(editor, version(row, 0))
    assert answer.status_code == 409
    assert "computed date follows from the terms" in answer.context["problems"][0]
    assert not Renewal.objects.filter(pk=row.pk).exists()


def test_who_may_not_change_a_row_puts_nothing_back(deal: factories.FixtureRows, someone: Any, boss: User) -> None:
    Clause.objects.filter(pk=deal.clause.pk).update(title="Newer")
    address = restoring_url(version(deal.clause, 1))
    for client in (someone("view_clause"), someone("change_event", "add_clause")):
        assert client.get(address).status_code == 403
        assert client.post(address, {"seen": "1@x"}).status_code == 403
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert client.post(address, {"seen": "1@x"}).status_code == 403
    assert Clause.objects.get(pk=deal.clause.pk).title == "Newer"
    assert someone("change_clause", "view_clause").get(address).status_code == 403, "it may be of a draft"
    assert someone("change_clause", "view_agreement").get(address).status_code == 200


# Making again


def test_an_agreement_comes_back_with_all_that_went_with_it_as_a_draft(
    deal: factories.FixtureRows, editor: Client
) -> None:
    within = factories.clause(deal.agreement, "1.1", parent=deal.clause)
    Clause.objects.filter(pk=deal.clause.pk).update(parent=None)
    later = factories.event(deal.agreement, "E2", after=deal.event)
    nouns = (Participation, Clause, ClauseParty, Renewal, Event, Statement, Citation)
    with connection.cursor() as cursor:  # each raises the version and leaves no record
        cursor.executemany("UPDATE accords_clause SET id = id WHERE id = %s", [[deal.clause.pk]] * 40)
    before = {noun: set(noun.objects.values_list("pk", flat=True)) for noun in nouns}
    versions = {row.pk: row.version for row in Clause.objects.all()}
    mentioned = set(deal.statement.mentions.values_list("pk", flat=True))
    api = f"/api/v1/agreements/{deal.agreement.slug}"
    pk, slug = deal.agreement.pk, deal.agreement.slug
    answer = editor.post(url(deal.agreement, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not Agreement.objects.exists()
    deleted = editor.get(url(Agreement, "deleted"))
    line, to = deleted.context["entries"][0]
    assert (line.name, editor.get(to["history"]).status_code) == ("Agreement rare-metals", 200)
    statement = Statement.history.filter(id=deal.statement.pk)[0]
    assert ("Mentions", "", "China") in editor.get(restoring_url(statement)).context["changes"]
    preview = editor.get(to["restore"])
    assert preview.context["restored_with_it"] == sum(map(len, before.values()))
    assert editor.post(to["restore"], {"seen": ""}).status_code == 302
    assert {noun: set(noun.objects.values_list("pk", flat=True)) for noun in nouns} == before
    agreement = Agreement.objects.get(pk=pk)
    assert (agreement.slug, agreement.is_published) == (slug, False)
    assert Client().get(api).status_code == 404
    assert Clause.objects.get(pk=within.pk).parent_id == deal.clause.pk
    assert Event.objects.get(pk=later.pk).after_id == deal.event.pk
    assert set(Statement.objects.get(pk=deal.statement.pk).mentions.values_list("pk", flat=True)) == mentioned
    assert all(row.version > versions[row.pk] for row in Clause.objects.all())
    assert editor.get(url(Agreement, "deleted")).context["entries"] == []


def test_a_row_whose_others_are_gone_or_whose_place_is_taken_is_not_made_again(
    deal: factories.FixtureRows, editor: Client
) -> None:
    other = factories.clause(deal.agreement, "9")
    pk = other.pk
    other.delete()
    record = Clause.history.filter(id=pk)[0]
    factories.clause(deal.agreement, "9")
    assert restore(editor, record).context["problems"] == ["The agreement has a clause of this number already."]
    Clause.objects.filter(number="9").delete()
    Agreement.objects.filter(pk=deal.agreement.pk).delete()
    (problem,) = restore(editor, record).context["problems"]
    assert problem.startswith("Agreement: ")
    assert not Clause.objects.exists()


def test_a_row_is_not_made_again_without_the_rows_that_its_own_name(
    deal: factories.FixtureRows, editor: Client
) -> None:
    clause = factories.clause(deal.agreement, "9")
    party, source = factories.party("gone"), factories.source("gone")
    factories.clause_party(clause, party)
    factories.citation(clause, "les métaux rares", source)
    assert editor.post(url(clause, "delete"), {"post": "yes"}).status_code == 302
    record = Clause.history.filter(id=clause.pk)[0]
    for label, row in (("Source", source), ("Party", party)):
        row.delete()
        answer = restore(editor, record)
        assert answer.status_code == 409
        assert [problem.partition(":")[0] for problem in answer.context["problems"]] == [label]
        with recorded_as("admin"):
            type(row).objects.bulk_create([row])


def test_the_version_before_a_deletion_keeps_its_relations_to_many(deal: factories.FixtureRows, editor: Client) -> None:
    participants = {*deal.event.participants.all()}
    pk = deal.event.pk
    Statement.objects.update(event=None)
    deal.event.delete()
    deletion = Event.history.filter(id=pk)[0]
    for _ in range(2):  # as a deleted row, and as a version of the row that is there again
        assert restore(editor, deletion).status_code == 302
        assert {*Event.objects.get(pk=pk).participants.all()} == participants


def test_a_version_is_not_put_back_without_the_rows_that_it_names(deal: factories.FixtureRows, editor: Client) -> None:
    parent = factories.clause(deal.agreement, "9")
    for value in (parent, None):
        deal.clause.parent = value
        deal.clause.save()
    parent.delete()
    answer = restore(editor, version(deal.clause, 1))
    assert answer.status_code == 409
    assert answer.context["problems"][0].startswith("Parent: ")


def test_a_clause_that_modifies_another_is_not_made_again_without_its_agreement(
    deal: factories.FixtureRows, editor: Client
) -> None:
    amendment = factories.agreement("amendment", amends=deal.agreement, is_published=False)
    clause = factories.clause(amendment, modifies=deal.clause, modification="repeal")
    assert editor.post(url(amendment, "delete"), {"post": "yes"}).status_code == 302
    answer = editor.post(restoring_url(Clause.history.filter(id=clause.pk)[0]), {"seen": ""})
    assert answer.status_code == 409
    assert "Agreement" in "".join(answer.context["problems"])


def test_making_again_takes_the_permission_to_add_each_kind(
    deal: factories.FixtureRows, someone: Any, editor: Client
) -> None:
    pk = deal.clause.pk
    Statement.objects.update(clause=None)
    editor.post(url(deal.clause, "delete"), {"post": "yes"})
    record = Clause.history.filter(id=pk)[0]
    assert someone("change_clause", "view_clause").get(restoring_url(record)).status_code == 403
    client = someone("add_clause", "view_clause", "view_agreement")
    (problem,) = client.post(restoring_url(record), {"seen": ""}).context["problems"]
    assert problem == "You may not add what would be restored with it: citations, clause parties."
    assert not Clause.objects.filter(pk=pk).exists()
    assert editor.get(restoring_url(version(Clause(pk=pk), 1))).status_code == 404  # only what it was at last


def test_rows_come_after_those_that_they_name(deal: factories.FixtureRows) -> None:
    first = factories.clause(deal.agreement, "8")
    second = factories.clause(deal.agreement, "9")
    Clause.objects.filter(pk=first.pk).update(parent=second)  # the one of the lower id within the other
    deal.agreement.delete()
    records = [row.history.first() for row in (first, second)]
    order = history.in_dependency_order([Agreement.history.first(), *records])
    assert [record.id for record in order[1:]] == [second.pk, first.pk]
