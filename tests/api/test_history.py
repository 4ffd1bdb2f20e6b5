"""The history of each resource's rows: what it has for whom, and that it does not reveal drafts."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.api.serializers.history import columns_of
from accords.api.urls import RESOURCES
from accords.db.audit_log import recorded_as
from accords.models import Agreement, Clause, ClauseParty, Participation, Source
from tests import factories
from tests.api import callers
from tests.api.addresses import BASE, SLUGGED, walk
from tests.api.histories import changed, history, kinds, publish
from tests.api.test_query_contract import parameter_errors, problem
from tests.api.world import MARKER, MODELS
from tests.clients import Client
from tests.models.rows import another

# Served fields that the history leaves out, and why.
UNTOLD = {
    "opens": "made of the terms",
    "rests_on": "made of the citations",
    "id": "the address has it",
    "url": "the address",
    "created_at": "`at` of the first entry",
    "updated_at": "`at` of the newest entry",
    "citations": "resources of their own",
    "clauses": "resources of their own",
    "renewals": "resources of their own",
    "events": "resources of their own",
    "statements": "resources of their own",
    "text": "of sources, where it may be as long as a book and `sha256` shows a change; those of clauses are in it",
    "effective_basis": "made of the citations",
    "missing": "made of the fields it names",
    "recurrence": "made of the terms",
    "temporal_status": "made of the terms, on a day",
    "on": "a day",
    "condition": "made of the terms",
    "overdue": "made of the date, on a day",
    "delta": "made of the two values",
    "delta_unit": "made of the unit",
    "target": "made of the five relations",
    "selector": "made of the quotation",
}


@pytest.fixture
def deal(module_deal: factories.FixtureRows, db: None) -> factories.FixtureRows:
    """Return the deal; changes are rolled back after the test."""
    return deepcopy(module_deal)


class Contract:
    """What the history of every resource keeps; subclasses name a noun, one of the deal's rows, and a field of text."""

    noun: str
    attribute: str
    field: str

    @pytest.fixture(autouse=True)
    def set_up(self, deal: factories.FixtureRows, client: Client) -> None:
        self.deal, self.client, self.row = deal, client, getattr(deal, self.attribute)
        self.model: Any = MODELS[self.noun]
        self.path = f"{BASE}/{self.noun}/{self.row.slug if self.noun in SLUGGED else self.row.pk}"

    def write(self, value: str) -> None:
        """Give the row's field a value."""
        self.model.objects.filter(pk=self.row.pk).update(**{self.field: value})

    def entries(self, client: Client | None = None, query: str = "") -> list[dict[str, Any]]:
        """Return the entries of the row's history."""
        return history(client or self.client, self.noun, self.row, query)

    def test_a_change_is_reported_with_before_and_after_the_newest_first(self) -> None:
        before = self.model.objects.values_list(self.field, flat=True).get(pk=self.row.pk)
        with recorded_as("command:rename"):
            self.write("2027")
        self.write("2028")
        newest, earlier, *_, first = self.entries()
        assert (newest["kind"], newest["through"], earlier["through"]) == ("changed", "", "command:rename")
        assert changed(newest)[self.field] == ("2027", "2028")
        assert changed(earlier)[self.field] == (before, "2027")
        assert set(changed(newest)) <= {self.field, f"{self.field}_earliest", f"{self.field}_latest"}
        assert newest["at"] > earlier["at"] > first["at"]
        assert newest["id"].startswith(f"{self.model._meta.model_name}-")
        assert first["kind"] in ("created", "published")
        assert changed(first)[self.field] == (None, before)

    def test_the_newest_row_is_what_the_resource_serves(self) -> None:
        self.write("2027")
        row = self.entries()[0]["row"]
        (served,) = self.client.get(f"{BASE}/{self.noun}?id__in={self.row.pk}").json()["results"]
        for part in served.get("parties", ()):
            part.pop("id", None)  # the log has parts without their ids
        assert row == {name: served[name] for name in row}

    def test_what_was_written_while_it_was_hidden_is_never_reported(self, editor: Client) -> None:
        publish(self.deal, False)
        self.write(MARKER)
        problem(self.client.get(f"{self.path}/history"), 404)
        self.write("2027")
        publish(self.deal)
        self.write("2028")
        entries = self.entries()
        assert kinds(entries) == ["changed", "published"]
        assert changed(entries[0])[self.field] == ("2027", "2028")
        assert changed(entries[1])[self.field] == (None, "2027")
        assert MARKER not in self.client.get(f"{self.path}/history").content.decode()
        assert MARKER in str(self.entries(editor))

    def test_a_hidden_row_is_none_and_so_is_one_that_never_was(self, stranger: Client) -> None:
        publish(self.deal, False)
        for client in (self.client, stranger):
            hidden, absent = (
                client.get(path) for path in (f"{self.path}/history", f"{BASE}/{self.noun}/99999/history")
            )
            own = {"instance": ""}
            assert problem(hidden, 404) | own == problem(absent, 404) | own

    def test_a_deleted_row_has_a_history_for_who_may_see_drafts(self, editor: Client) -> None:
        row = another(self.model)
        row.save()
        path = f"{BASE}/{self.noun}/{row.slug if self.noun in SLUGGED else row.pk}"
        self.model.objects.filter(pk=row.pk).delete()
        problem(editor.get(path), 404)
        problem(self.client.get(f"{path}/history"), 404)
        entries = editor.get(f"{path}/history").json()["results"]
        assert kinds(entries) == ["deleted", "created"]
        assert (entries[0]["row"], changed(entries[0]).keys()) == (None, changed(entries[1]).keys())


class WholeContract(Contract):
    """What the history of every resource keeps in the same way, tried with three of them."""

    sent = "2027"  # a value that the API takes

    def test_pages_follow_each_other_both_ways(self) -> None:
        for year in range(2027, 2032):
            self.write(str(year))
        whole = self.entries()
        assert len(whole) >= 6
        assert list(walk(self.client, f"{self.path}/history?page_size=2")) == whole
        page = self.client.get(f"{self.path}/history?page_size=2").json()
        second = self.client.get(page["next"]).json()
        back = self.client.get(second["previous"]).json()
        assert (back["results"], back["previous"]) == (page["results"], None)
        assert parameter_errors(self.client.get(f"{self.path}/history?page_size=0&since=1")) == {
            "page_size": "page_size",
            "since": "unknown_parameter",
        }

    def test_a_cursor_from_before_a_withdrawal_opens_nothing(self) -> None:
        for year in ("2027", "2028", "2029"):
            self.write(year)
        first = self.client.get(f"{self.path}/history?page_size=2").json()
        second = self.client.get(first["next"]).json()
        publish(self.deal, False)
        self.write(MARKER)
        self.write("2030")
        publish(self.deal)
        entries = self.entries()
        assert kinds(entries) == ["published"]
        assert self.client.get(first["next"]).json()["results"] == []
        assert self.client.get(second["previous"]).json()["results"] == entries

    def test_accounts_are_named_to_staff_who_see_drafts_and_to_nobody_else(self, editor: Client) -> None:
        staff = callers.user("staff-account", "", "view_agreement", *callers.writes())
        staff.is_staff = True
        staff.save()
        writer = callers.in_session(staff)
        tag = writer.get(self.path).headers["ETag"]
        body: dict[str, Any] = {self.field: self.sent}
        if self.noun in ("agreements", "clauses", "statements", "events", "renewals"):
            row, press = self.model.objects.get(pk=self.row.pk), Source.objects.get(slug="press")
            body["confirm"] = [factories.citation(row, "un accord d'un an", press, self.field).pk]
            tag = writer.get(self.path).headers["ETag"]
        answer = writer.patch(self.path, body, content_type="application/json", headers={"If-Match": tag})
        assert answer.status_code == 200, answer.content
        newest = self.entries(writer)[0]
        assert (newest["by"], newest["through"]) == ("staff-account", "api")
        for client in (self.client, editor, callers.caller("read_token"), callers.caller("publisher")):
            assert self.entries(client)[0] == newest | {"by": None}
            assert "staff-account" not in client.get(f"{self.path}/history").content.decode()

    def test_an_answer_is_known_by_its_tag(self) -> None:
        tag = self.client.get(f"{self.path}/history").headers["ETag"]
        assert self.client.get(f"{self.path}/history", headers={"If-None-Match": tag}).status_code == 304
        self.write("2027")
        again = self.client.get(f"{self.path}/history", headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["ETag"] == tag) == (200, False)

    def test_what_changes_nothing_that_is_served_is_not_reported(self) -> None:
        before = self.entries()
        self.model.objects.get(pk=self.row.pk).save()
        assert self.entries() == before

    def test_the_number_of_queries_does_not_depend_on_the_number_of_records(self) -> None:
        self.write("2027")
        costs = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                self.entries()
            costs.append(len(queries))
            for year in range(2030, 2040):
                self.write(str(year))
        assert costs[0] == costs[1] <= 22


class TestAgreements(WholeContract):
    noun, attribute, field = "agreements", "agreement", "subject"


class TestClauses(Contract):
    noun, attribute, field = "clauses", "clause", "title"


class TestParties(WholeContract):
    noun, attribute, field = "parties", "china", "name"


class TestRenewals(Contract):
    noun, attribute, field = "renewals", "renewal", "due"

    def write(self, value: str) -> None:
        """Write a distant year, because no year can contain the marker."""
        super().write("2099" if value == MARKER else value)

    def test_what_was_written_while_it_was_hidden_is_never_reported(self, editor: Client) -> None:
        publish(self.deal, False)
        self.write(MARKER)
        publish(self.deal)
        self.write("2028")
        assert kinds(self.entries()) == ["changed", "published"]
        self.write("2027")
        publish(self.deal, False)
        self.write(MARKER)
        self.write("2027")
        publish(self.deal)
        assert kinds(self.entries()) == ["published"]
        assert "2099" not in str(self.entries())
        assert "2099" in str(self.entries(editor))


class TestStatements(Contract):
    noun, attribute, field = "statements", "statement", "proposition"


class TestEvents(Contract):
    noun, attribute, field = "events", "event", "place"


class TestSources(Contract):
    noun, attribute, field = "sources", "source", "publisher"


class TestCitations(WholeContract):
    noun, attribute, field = "citations", "citation", "field"
    sent = "title"


@pytest.mark.parametrize("noun", RESOURCES)
def test_every_served_field_is_reported_or_there_is_a_reason(noun: str) -> None:
    serializer = RESOURCES[noun].serializer_class
    found = columns_of(serializer)
    names = {column.name for column in found.own} | {found.nested_name}
    assert set(serializer.field_names()) - names - UNTOLD.keys() == set()
    assert ("text" in names) == (noun == "clauses")


def test_no_reason_is_left_over() -> None:
    assert UNTOLD.keys() <= {name for view in RESOURCES.values() for name in view.serializer_class.field_names()}


# What is written as part of a row


def test_who_owes_a_clause_is_reported_as_part_of_it(deal: factories.FixtureRows, client: Client) -> None:
    owes = factories.clause_party(deal.clause, deal.china, "affected")
    ClauseParty.objects.filter(pk=owes.pk).update(explicit=False)
    ClauseParty.objects.filter(pk=owes.pk).delete()
    america = {"party": "america", "role": "obligor", "explicit": False}
    china = {"party": "china", "role": "affected", "explicit": True}
    gone, less, more, first, *rest = history(client, "clauses", deal.clause)
    assert changed(more) == {"parties": ([america], [america, china])}
    assert changed(less) == {"parties": ([america, china], [america, china | {"explicit": False}])}
    assert changed(gone) == {"parties": ([america, china | {"explicit": False}], [america])}
    assert gone["id"].startswith("clauseparty-")
    assert (kinds([first]), rest[-1]["row"]["parties"]) == (["changed"], [])


def test_a_part_that_went_to_another_clause_is_reported_for_both(deal: factories.FixtureRows, client: Client) -> None:
    other = factories.clause(deal.agreement, "9")
    ClauseParty.objects.filter(pk=deal.clause_party.pk).update(clause=other)
    assert history(client, "clauses", deal.clause)[0]["row"]["parties"] == []
    assert [one["party"] for one in history(client, "clauses", other)[0]["row"]["parties"]] == ["america"]


def test_who_takes_part_is_reported_as_part_of_the_agreement(deal: factories.FixtureRows, client: Client) -> None:
    Participation.objects.filter(pk=deal.participation.pk).update(since="2025")
    before, after = changed(history(client, "agreements", deal.agreement)[0])["parties"]
    assert [(one["since"], one["since_latest"]) for one in (*before, *after)] == [("", None), ("2025", "2025-12-31")]


def test_relations_to_many_are_reported(deal: factories.FixtureRows, client: Client) -> None:
    deal.event.participants.set([deal.china, deal.america])
    deal.statement.mentions.clear()
    assert changed(history(client, "events", deal.event)[0]) == {"participants": ([], ["china", "america"])}
    assert changed(history(client, "statements", deal.statement)[0]) == {"mentions": (["china"], [])}


def test_one_request_is_one_entry(deal: factories.FixtureRows, editor: Client) -> None:
    Agreement.objects.update(is_published=False)
    writer = callers.caller("write_token")
    body = {"agreement": "rare-metals", "number": "8", "position": 8, "type": "purchase", "standing": "outcome"}
    body |= {
        "modality": "obligation",
        "title": "Soybeans",
        "parties": [{"party": "china", "role": "obligor", "explicit": True}],
    }
    response = writer.post(f"{BASE}/clauses", body, content_type="application/json")
    assert response.status_code == 201, response.content
    clause = Clause.objects.get(number="8")
    (entry,) = history(editor, "clauses", clause)
    assert (entry["kind"], entry["through"], len(entry["row"]["parties"])) == ("created", "api", 1)
