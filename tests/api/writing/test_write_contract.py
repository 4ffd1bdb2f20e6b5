"""What every resource keeps when it is written: who may, If-Match, whole or not at all, and no field but those sent."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import cycle
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import RequestFactory
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, ChoiceField

from accords.api.serializers.base import Shape
from accords.api.serializers.fields import SlugRelatedField
from accords.api.urls import RESOURCES
from accords.models import ClauseParty, IdempotencyKey, Participation
from tests.api.addresses import BASE, key
from tests.api.test_query_contract import problem
from tests.api.world import MARKER, MODELS, World, with_draft
from tests.api.writing.bodies import MAKERS, Sound, sound
from tests.clients import Client


def writable(noun: str) -> dict[str, Any]:
    """Return the writable fields of a resource."""
    serializer = RESOURCES[noun].serializer_class
    return serializer(shape=Shape(details=serializer.hidden())).writable_fields


DERIVED = ("id", "url", "created_at", "updated_at")
TOO_MUCH: list[Any] = ["\u00e9" * 2000, 2**31, 2**62]  # for a column, of one database or of both
DIGITS = "9" * 5000  # more than `int` takes
LONG: list[Any] = [DIGITS, f"P{DIGITS}Y", [f"P{DIGITS}Y"], f"{DIGITS}-01-01"]
WRONG: list[Any] = [None, 1.5, {"a": 1}, [["a"]], "", True, -1, *TOO_MUCH, *LONG]


def body_errors(response: Any, status: int = 400) -> dict[str, str]:
    """Return the codes of the errors of a refused body, by pointer."""
    return {fault["pointer"]: fault["code"] for fault in problem(response, status)["errors"]}


def accepts(field: Any, value: Any) -> bool:
    """Tell whether a field accepts a value, before the row is looked at."""
    try:
        field.run_validation(value)
    except ValidationError:
        return False
    return True


def part(entry: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """Return the members of an entry that were sent, with the slug of its party."""
    party = entry["party"] if isinstance(entry["party"], str) else entry["party"]["slug"]
    return {name: entry[name] for name in sent} | {"party": party}


def record_counts() -> dict[str, int]:
    """Return the number of records of each model in the audit log."""
    models: list[Any] = [*MODELS.values(), ClauseParty, Participation]
    return {model.__name__: model.history.count() for model in models}


def stored(*models: Any) -> dict[str, list[Any]]:
    """Return all rows of these models, or of those of the resources."""
    rows = {}
    with connection.cursor() as cursor:
        for model in models or MODELS.values():
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")  # noqa: S608 - names of ours
            rows[model.__name__] = cursor.fetchall()
    return rows


class Created(NamedTuple):
    """A row that was created by a request: who created it, its path, and the response."""

    writer: Client
    path: str
    answer: Any


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Send a write."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(method, path, raw, content_type="application/json", headers=named)


def create(client: Client, noun: str, body: dict[str, Any], **headers: str) -> tuple[str, Any]:
    """Create a row; return its path and the response."""
    answer = send(client, "POST", f"{BASE}/{noun}", body, **headers)
    assert answer.status_code == 201, answer.content
    return answer.headers["Location"].removeprefix("http://testserver"), answer


@pytest.fixture(scope="module")
def created(noun: str, module_drafts: World, django_db_blocker: Any) -> Iterator[Created]:
    """Create a row of a resource in the world of drafts, once for all tests of the resource."""
    with django_db_blocker.unblock(), transaction.atomic():
        writer = Client(raise_request_exception=True)
        writer.force_login(User.objects.create_user("writer", is_superuser=True))
        yield Created(writer, *create(writer, noun, sound(noun, module_drafts).body))
        transaction.set_rollback(True)


class ResourceTests:
    """One resource after the other. The row at `self.path` is there already; what a test changes is rolled back."""

    @pytest.fixture(autouse=True)
    def set_up(self, noun: str, created: Created, world: World) -> None:
        self.noun, self.world, self.list = noun, world, f"{BASE}/{noun}"
        self.writer, self.path, self.answer = created

    def sound(self, number: str = "9") -> Sound:
        return sound(self.noun, self.world, number)

    def send(self, method: str, path: str, body: Any = None, by: Client | None = None, **headers: str) -> Any:
        return send(by or self.writer, method, path, body, **headers)


@pytest.mark.parametrize("noun", MAKERS, scope="module")
class TestEveryResource(ResourceTests):
    """What depends on the serializer, the view or the model of a resource."""

    def test_a_new_row_is_answered_as_its_detail_shows_it(self) -> None:
        path, answer = self.path, self.answer
        read = self.writer.get(path)
        assert (read.content, read.headers["ETag"]) == (answer.content, answer.headers["ETag"])
        assert MODELS[self.noun]._default_manager.filter(pk=answer.json()["id"]).exists()

    def test_what_is_sent_is_what_is_read(self) -> None:
        row = self.answer.json()
        for name, value in self.sound().body.items():
            if name == "citations":
                assert [one["exact"] for one in row[name]] == [one["exact"] for one in value]
            elif name == "parties":
                assert [part(one, sent) for one, sent in zip(row[name], value, strict=True)] == value
            else:
                assert (
                    (sorted(row[name]), sorted(value)) if name in ("mentions", "participants") else row[name] == value
                )

    def test_the_tag_of_an_answer_is_enough_to_go_on(self) -> None:
        path, answer = self.path, self.answer
        name, value = self.sound().change
        changed = self.send("PATCH", path, {name: value}, If_Match=answer.headers["ETag"])
        assert (changed.status_code, changed.json()[name]) == (200, value)
        problem(self.send("PATCH", path, {}, If_Match=answer.headers["ETag"]), 412)
        replaced = self.send("PUT", path, self.sound().body, If_Match=changed.headers["ETag"])
        assert replaced.status_code == 200, replaced.content
        assert replaced.json() | {"updated_at": 0} == answer.json() | {"updated_at": 0}
        assert self.send("DELETE", path, If_Match=replaced.headers["ETag"]).status_code == 204
        problem(self.writer.get(path), 404)

    def test_a_change_says_which_state_it_means(self) -> None:
        path, answer = self.path, self.answer
        name, value = self.sound().change
        before = stored()
        for method, body in (("PATCH", {name: value}), ("PUT", self.sound().body), ("DELETE", None)):
            problem(self.send(method, path, body), 428)
            problem(self.send(method, path, body, If_Match="W/" + answer.headers["ETag"]), 412)
            problem(self.send(method, path, body, If_Match="v1"), 400)
        assert stored() == before

    def test_only_the_fields_that_are_sent_are_written(self, django_assert_num_queries: Any) -> None:
        path, answer = self.path, self.answer
        model, pk = MODELS[self.noun], answer.json()["id"]
        name, value = self.sound().change
        before = model._default_manager.filter(pk=pk).values().get()
        assert self.send("PATCH", path, {name: value}, If_Match="*").status_code == 200
        after = model._default_manager.filter(pk=pk).values().get()
        differ = {column for column in after if after[column] != before[column]}
        differ -= {"updated_at", "version", "supported"}
        assert {column.removesuffix("_earliest").removesuffix("_latest") for column in differ} == {name}

    def test_a_document_that_was_read_can_be_sent_back_and_changes_nothing(self) -> None:
        before, history = stored(), record_counts()
        everything = f"?expand={','.join(RESOURCES[self.noun].serializer_class.expansions())}"
        rows = [f"{self.list}/{key(self.noun, row)}" for row in self.world.rows(self.noun).values()]
        ways, known = cycle([("PUT", ""), ("PATCH", everything)]), set()
        for path in [self.path, self.path, *rows]:
            read = self.writer.get(path)
            filled = {name for name, value in read.json().items() if value}
            if path != self.path and filled <= known:
                continue  # it has nothing that another row had not
            known |= filled
            method, query = next(ways)
            document = self.writer.get(f"{path}{query}")
            response = self.send(method, path, document.content, If_Match=read.headers["ETag"])
            assert (response.status_code, response.content) == (200, read.content), response.content
            assert response.headers["ETag"] == read.headers["ETag"]
        assert (stored(), record_counts()) == (before, history)

    def test_a_document_that_was_read_can_be_changed_and_sent_back(self) -> None:
        path, answer = self.path, self.answer
        name, value = self.sound().change
        document = self.writer.get(path).json() | {name: value}
        response = self.send("PUT", path, document, If_Match=answer.headers["ETag"])
        assert response.status_code == 200, response.content
        same = document.keys() - {name, "updated_at", "renewals", f"{name}_earliest", f"{name}_latest"}
        assert {name: response.json()[name] for name in same} == {name: document[name] for name in same}
        assert response.json()[name] == value

    def test_a_read_only_member_that_differs_is_refused(self) -> None:
        path, answer = self.path, self.answer
        before, document = stored(), answer.json()
        read_only = {*document, "expanded"} - writable(self.noun).keys()
        document["expanded"] = {}
        others = [None, "x", 10**9, [], {}]
        for first in (0, 1):  # a member has two values of these, and a value goes to every fifth member
            sent = {name: others[number % 5] for number, name in enumerate(sorted(read_only), first)}
            differing = {name: other for name, other in sent.items() if other != document[name]}
            found = body_errors(self.send("PUT", path, document | differing, If_Match="*"))
            assert found == {f"/{name}": "read_only" for name in differing}
        assert stored() == before

    def test_what_is_left_out_of_a_whole_row_is_blank(self) -> None:
        path = self.path
        needed = {name for name, field in writable(self.noun).items() if field.required} | {"clause"} & {
            *self.sound().body
        }
        small = {name: value for name, value in self.sound().body.items() if name in needed}
        row = self.send("PUT", path, small, If_Match="*").json()
        for name in self.sound().body.keys() - needed:
            assert row[name] in ("", None, [], "unspecified", "unknown"), name
        problem(self.send("PUT", path, {}, If_Match="*"), 400)

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_names_that_cannot_be_written_are_refused(self, method: str) -> None:
        path = self.list if method == "POST" else self.path
        before, body = stored(), self.sound("8").body
        served = {*RESOURCES[self.noun].serializer_class.field_names()}
        written = {*writable(self.noun)}
        derived = dict.fromkeys([*DERIVED, *sorted(served - written)], 1)
        document = body | derived | {"nonsense": 1, "agreement_id": 1, "": 1, "a/b~c": 1, "is_superuser": True}
        found = body_errors(self.send(method, path, document, If_Match="*"))
        assert {f"/{name}": "read_only" for name in derived}.items() <= found.items()
        unknown = {"/nonsense", "/agreement_id", "/", "/a~1b~0c", "/is_superuser"}
        assert {place for place, code in found.items() if code == "unknown_field"} == unknown
        assert stored() == before

    def test_any_value_of_any_field_is_written_or_a_validation_error(self, admin_user: User) -> None:
        """A field that refuses a value makes it an error; of the values that fields accept, whole rows are written.

        First in all fields that accept it. If some of them make the row an error, then in the others, until no field
        does; if no field is to blame, in each alone.
        """
        serializer_class, request = RESOURCES[self.noun].serializer_class, RequestFactory().post(self.list)
        request.user = admin_user
        shape = Shape(details=serializer_class.hidden())
        fields = serializer_class(data={}, context={"request": request}, shape=shape).writable_fields

        def wrong(value: Any, *names: str) -> set[str]:
            """Write a row with the value in these fields if it is valid; return the names of the fields with errors."""
            body = self.sound("8").body | dict.fromkeys(names, value)
            serializer = serializer_class(data=body, context={"request": request})
            with transaction.atomic():
                if serializer.is_valid():
                    serializer.save()
                transaction.set_rollback(True)
            return {*serializer.errors}

        for value in TOO_MUCH if connection.vendor == "postgresql" else WRONG:
            accepting = {name for name, field in fields.items() if accepts(field, value)}
            accepting -= {"exact"} if value in LONG[1:] else set()  # to say where a long quote differs takes a second
            while errors := wrong(value, *accepting):
                if not errors & accepting:
                    for name in accepting:
                        wrong(value, name)
                    break
                accepting -= errors

    def test_every_fault_is_reported_at_once(self) -> None:
        fields = writable(self.noun)
        found = body_errors(self.send("POST", self.list, {name: {"a": 1} for name in (*fields, "nonsense")}))
        assert {place.split("/")[1] for place in found} == {*fields, "nonsense"}
        missing = body_errors(self.send("POST", self.list, {}))
        needed = {f"/{name}" for name, field in fields.items() if field.required}
        assert {place for place, code in missing.items() if code == "required"} == needed

    @pytest.mark.parametrize("blank", ["", " ", "\t"])
    def test_blank_text_is_of_the_wrong_type_where_no_text_is_expected(self, blank: str) -> None:
        texts = (CharField, ChoiceField, SlugRelatedField)
        others = {name for name, field in writable(self.noun).items() if not isinstance(field, texts)}
        found = body_errors(self.send("POST", self.list, dict.fromkeys(others, blank)))
        assert {name: found.get(f"/{name}") for name in others} == dict.fromkeys(others, "wrong_type")

    def test_who_may_not_write_writes_nothing(self, caller: Callable[..., Client], client: Client) -> None:
        path = self.path
        before, model = stored(), MODELS[self.noun]._meta.model_name
        name, value = self.sound().change
        verbs = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}
        bodies = {"PUT": self.sound().body, "PATCH": {name: value}, "DELETE": None}
        for method, verb in verbs.items():
            others = [f"{other}_{model}" for other in ("view", "add", "change", "delete") if other != verb]
            where, body = (self.list, self.sound("8").body) if method == "POST" else (path, bodies[method])
            problem(self.send(method, where, body, by=client, If_Match="*"), 401)
            problem(self.send(method, where, body, by=caller(*others, "view_agreement"), If_Match="*"), 403)
        assert stored() == before

    def test_the_permission_of_the_model_is_enough(self, caller: Callable[..., Client]) -> None:
        model = MODELS[self.noun]._meta.model_name
        below = (
            "delete_renewal",
            "add_citation",
            "add_clauseparty",
            "add_participation",
            "delete_citation",
            "delete_clauseparty",
        )
        may = caller(
            f"add_{model}", f"change_{model}", f"delete_{model}", "view_agreement", *below, "delete_participation"
        )
        response = self.send("POST", self.list, self.sound("8").body, by=may)
        assert response.status_code == 201, response.content
        path, (name, value) = response.headers["Location"], self.sound().change
        assert self.send("PATCH", path, {name: value}, by=may, If_Match="*").status_code == 200
        assert self.send("DELETE", path, by=may, If_Match="*").status_code == 204

    def test_the_same_row_twice_is_a_conflict(self) -> None:
        before = stored()
        if self.noun != "sources":
            found = body_errors(self.send("POST", self.list, self.sound().body), 409)
            assert set(found.values()) == {"unique"}
            [place] = found
            assert place[1:] in self.sound().body
        assert stored() == before

    def test_a_key_makes_one_row_however_often_it_comes(self) -> None:
        _, first = create(self.writer, self.noun, self.sound("8").body, Idempotency_Key="k-1")
        before = stored()
        _, again = create(self.writer, self.noun, self.sound("8").body, Idempotency_Key="k-1")
        assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers
        problem(self.send("POST", self.list, self.sound("7").body, Idempotency_Key="k-1"), 422)
        assert stored() == before

    def test_an_answer_is_private(self) -> None:
        answer = self.answer
        assert "private" in answer.headers["Cache-Control"]
        assert {"Authorization", "Cookie"} <= {*answer.headers["Vary"].split(", ")}


@pytest.mark.parametrize("noun", ["parties", "statements"], scope="module")
class TestEveryWrite(ResourceTests):
    """What the code does that all resources share: tried with one that is named by its slug and one by its id."""

    def test_an_old_tag_is_stale_after_any_change(self) -> None:
        path, answer = self.path, self.answer
        name, value = self.sound().change
        old = answer.headers["ETag"]
        assert self.send("PATCH", path, {name: value}, If_Match=old).status_code == 200
        before = stored()
        for method, body in (("PATCH", {name: value}), ("PUT", self.sound().body), ("DELETE", None)):
            problem(self.send(method, path, body, If_Match=old), 412)
        assert stored() == before
        assert self.send("PATCH", path, {name: value}, If_Match="*").status_code == 200

    def test_a_row_that_is_made_again_is_not_the_row_that_was_read(self) -> None:
        path, first = self.path, self.answer
        assert self.send("DELETE", path, If_Match=first.headers["ETag"]).status_code == 204
        again, second = create(self.writer, self.noun, self.sound().body)
        assert second.headers["ETag"] != first.headers["ETag"]
        before, (name, value) = stored(), self.sound().change
        problem(self.send("PATCH", again, {name: value}, If_Match=first.headers["ETag"]), 412)
        assert stored() == before

    def test_a_change_that_changes_nothing_writes_nothing(self) -> None:
        path, answer = self.path, self.answer
        for body in ({}, {name: value for name, value in self.sound().body.items() if name != "citations"}):
            same = self.send("PATCH", path, body, If_Match=answer.headers["ETag"])
            assert (same.content, same.headers["ETag"]) == (answer.content, answer.headers["ETag"])

    def test_an_instant_may_be_sent_back_in_another_form(self) -> None:
        path, answer = self.path, self.answer
        moments = {name: datetime.fromisoformat(answer.json()[name]) for name in ("created_at", "updated_at")}
        abroad = {name: at.astimezone(timezone(timedelta(hours=9))).isoformat() for name, at in moments.items()}
        assert self.send("PATCH", path, abroad, If_Match="*").content == answer.content
        later = {name: (at + timedelta(microseconds=1)).isoformat() for name, at in moments.items()}
        assert set(body_errors(self.send("PATCH", path, later, If_Match="*"))) == {"/created_at", "/updated_at"}

    def test_a_key_belongs_to_its_caller_and_a_refusal_does_not_use_it_up(self, caller: Callable[..., Client]) -> None:
        other = caller(
            "add_agreement",
            *(f"{verb}_{model._meta.model_name}" for model in MODELS.values() for verb in ("add", "view")),
            "add_clauseparty",
            "add_participation",
        )
        body_errors(self.send("POST", self.list, {}, Idempotency_Key="k-2"))
        assert not IdempotencyKey.objects.exists()
        create(self.writer, self.noun, self.sound("8").body, Idempotency_Key="k-2")
        theirs = self.send("POST", self.list, self.sound("7").body, by=other, Idempotency_Key="k-2")
        assert theirs.status_code == 201, theirs.content
        for bad in (" ", "é", "x" * 256, "a b"):
            problem(self.send("POST", self.list, self.sound("6").body, Idempotency_Key=bad), 400)

    def test_a_write_takes_no_parameters(self) -> None:
        path, before = self.path, stored()
        for method, where, body in (
            ("POST", self.list, self.sound("8").body),
            ("PATCH", path, {}),
            ("DELETE", path, None),
        ):
            problem(self.send(method, f"{where}?fields=id", body, If_Match="*"), 400)
            problem(self.send(method, f"{where}?nonsense=1", body, If_Match="*"), 400)
        assert stored() == before


@pytest.fixture(scope="module")
def draft(module_drafts: World, django_db_blocker: Any) -> Iterator[World]:
    """Add the draft to the world, for the rest of the module."""
    with django_db_blocker.unblock(), with_draft(module_drafts) as world:
        yield world


@pytest.mark.django_db
@pytest.mark.parametrize("noun", MAKERS)
class TestBesideADraft:
    """These tests come last, because the draft stays."""

    @pytest.fixture(autouse=True)
    def set_up(self, noun: str, draft: World) -> None:
        self.noun, self.world, self.list = noun, draft, f"{BASE}/{noun}"
        self.body = sound(noun, draft).body

    def test_a_hidden_row_is_not_there_to_be_written(self, caller: Callable[..., Client]) -> None:
        model = MODELS[self.noun]._meta.model_name
        blind = caller(f"add_{model}", f"change_{model}", f"delete_{model}")
        hidden = next(row for name, row in self.world.rows(self.noun).items() if "draft" in name or "secret" in name)
        before = stored()
        absent = {}
        for where in (key(self.noun, hidden), key(self.noun, hidden)[:1] + "00000000000"):
            for method, tag in (("PATCH", "*"), ("PATCH", '"v1-0"'), ("PUT", '"v1-0"'), ("DELETE", "*")):
                body = {"PATCH": {}, "PUT": self.body, "DELETE": None}[method]
                answer = problem(send(blind, method, f"{self.list}/{where}", body, If_Match=tag), 404)
                absent.setdefault((method, tag), []).append(answer | {"instance": ""})
        assert all(one == other for one, other in absent.values())
        assert stored() == before

    def test_a_relation_to_a_hidden_row_is_one_to_none(self, caller: Callable[..., Client]) -> None:
        model, body = MODELS[self.noun]._meta.model_name, self.body
        blind = caller(f"add_{model}", "add_clauseparty", "add_participation", "add_citation")
        drafts = {name: row for noun in MAKERS for name, row in self.hidden(noun).items()}
        for name in [name for name in body if name in drafts]:
            nowhere = "no-such-row" if isinstance(drafts[name], str) else 10**15
            answers = [
                problem(send(blind, "POST", self.list, body | {name: value}), 400) for value in (drafts[name], nowhere)
            ]
            hidden, none = (
                json.dumps(answer).replace(f"={value}", "=…")
                for answer, value in zip(answers, (drafts[name], nowhere), strict=True)
            )
            assert hidden == none
            assert MARKER not in hidden

    def hidden(self, noun: str) -> dict[str, Any]:
        """Return the key of a hidden row for each relation to its resource."""
        row = self.world.rows(noun).get("draft") or self.world.rows(noun).get("secret")
        relations = {
            "agreements": ("agreement", "supersedes", "outcome"),
            "clauses": ("parent", "clause"),
            "parties": ("represents", "speaker"),
            "events": ("after", "event"),
            "statements": ("statement",),
            "renewals": ("renewal",),
            "sources": ("source",),
        }
        return dict.fromkeys(relations.get(noun, ()), getattr(row, "slug", None) or getattr(row, "pk", None))
