"""Bulk requests: rows of a resource created, changed and deleted by one request, all or nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accords.models import Citation, Clause, ClauseParty, IdempotencyKey
from tests.api.addresses import BASE, key
from tests.api.test_query_contract import problem
from tests.api.world import MODELS, World
from tests.api.writing.bodies import MAKERS, QUOTE, sound
from tests.api.writing.test_write_contract import body_errors, record_counts, stored
from tests.clients import Client

JSON = "application/json"


def bulk(client: Client, noun: str, **body: Any) -> Any:
    return client.post(f"{BASE}/{noun}/bulk", body, content_type=JSON)


def errors(response: Any, status: int = 400) -> dict[str, str]:
    return body_errors(response, status)


@pytest.mark.parametrize("noun", MAKERS)
def test_rows_are_created_changed_and_deleted_by_one_request(noun: str, world: World, writer: Client) -> None:
    created = bulk(writer, noun, create=[sound(noun, world, number).body for number in ("5", "6", "7")])
    assert created.status_code == 200, created.content
    rows, tags = created.json()["created"], created.json()["etags"]
    for row in rows:
        read = writer.get(row["url"])
        assert (read.json(), read.headers["ETag"]) == (row, tags[str(row["id"])])
    name, value = sound(noun, world).change
    first, second, third = ({"id": row["id"], "etag": tags[str(row["id"])]} for row in rows)
    answer = bulk(
        writer,
        noun,
        create=[sound(noun, world, "8").body],
        update=[first | {name: value}, rows[1] | second],
        delete=[third],
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["updated"][0] == writer.get(rows[0]["url"]).json()
    assert body["updated"][0][name] == value
    assert body["updated"][1] == rows[1], "a document that was read and sent back changes nothing"
    assert body["deleted"] == [rows[2]["id"]]
    assert body["etags"][str(second["id"])] == second["etag"]
    assert body["etags"].keys() == {str(row["id"]) for row in (*body["created"], *body["updated"])}
    problem(writer.get(rows[2]["url"]), 404)


@pytest.mark.parametrize("noun", MAKERS)
def test_one_error_keeps_everything_as_it_was(noun: str, world: World, writer: Client) -> None:
    first, second = (
        {"id": row.pk, "etag": writer.get(f"{BASE}/{noun}/{key(noun, row)}").headers["ETag"]}
        for row in list(world.rows(noun).values())[:2]
    )
    before, history = stored(), record_counts()
    good, name = sound(noun, world, "6").body, next(iter(sound(noun, world).body))
    found = errors(
        bulk(
            writer,
            noun,
            create=[good, sound(noun, world, "7").body | {name: 1.5}, [], good | {"nonsense": 1}],
            update=[first | {"nonsense": 1}, {"id": second["id"]}, {"id": 10**15, "etag": "*"}, first | {"id": "1"}],
            delete=[second | {"etag": '"v0r0-0"'}, second | {"title": "x"}, 7],
        )
    )
    assert found == {
        f"/create/1/{name}": "wrong_type",
        "/create/2": "wrong_type",
        "/create/3/nonsense": "unknown_field",
        "/update/0/nonsense": "unknown_field",
        "/update/1/etag": "required",
        "/update/2/id": "does_not_exist",
        "/update/3/id": "wrong_type",
        "/delete/0/etag": "stale",
        "/delete/1/title": "unknown_field",
        "/delete/2": "wrong_type",
    } | {place: code for place, code in found.items() if code == "unique"}
    assert (stored(), record_counts()) == (before, history)


def test_a_body_of_another_form_is_refused(world: World, writer: Client) -> None:
    before = stored()
    one = sound("clauses", world).body
    for body, found in (
        ({}, {"": "too_many"}),
        ({"create": []}, {"": "too_many"}),
        ({"create": [one] * 1001}, {"": "too_many"}),
        ({"create": [one] * 600, "delete": [{}] * 401}, {"": "too_many"}),
        ({"create": one}, {"/create": "wrong_type"}),
        ({"create": [one], "remove": []}, {"/remove": "unknown_field"}),
    ):
        assert errors(bulk(writer, "clauses", **body)) == found
    problem(writer.post(f"{BASE}/clauses/bulk", [one], content_type=JSON), 400)
    problem(writer.get(f"{BASE}/clauses/bulk"), 405)
    assert stored() == before


def test_stale_rows_are_named_with_412(world: World, writer: Client) -> None:
    row = world.clauses["rare-metals/1"]
    tag = writer.get(f"{BASE}/clauses/{row.pk}").headers["ETag"]
    assert bulk(writer, "clauses", update=[{"id": row.pk, "etag": tag, "title": "New"}]).status_code == 200
    before = stored()
    for entry, code in (({"etag": tag}, "stale"), ({"etag": f"W/{tag}"}, "stale")):
        found = errors(bulk(writer, "clauses", update=[{"id": row.pk, "title": "Old"} | entry]), 412)
        assert found == {"/update/0/etag": code}
    assert errors(bulk(writer, "clauses", delete=[{"id": row.pk, "etag": "v1"}])) == {"/delete/0/etag": "invalid"}
    assert stored() == before
    assert bulk(writer, "clauses", update=[{"id": row.pk, "etag": "*", "title": "Newer"}]).status_code == 200


def test_a_row_that_is_named_twice_is_refused(world: World, writer: Client) -> None:
    named = {"id": world.clauses["rare-metals/1"].pk, "etag": "*"}
    found = errors(bulk(writer, "clauses", update=[named, named], delete=[named]))
    assert found == {"/update/1/id": "repeated", "/delete/0/id": "repeated"}


def test_values_that_must_be_unique_are_compared_within_the_request_and_with_stored_rows(
    world: World, writer: Client
) -> None:
    rows = {name: world.clauses[f"rare-metals/{name}"].pk for name in ("1", "2", "4.1")}
    before, new = stored(), [sound("clauses", world, number).body for number in ("1", "1", "2")]
    new[2]["number"] = "3"
    found = errors(bulk(writer, "clauses", create=new, update=[{"id": rows["1"], "etag": "*", "number": "N1"}]), 409)
    assert found == {"/create/1/number": "unique", "/create/2/number": "unique", "/update/0/number": "unique"}
    assert stored() == before
    chain = [{"id": rows[name], "etag": "*", "number": number} for name, number in (("1", "2"), ("2", "99"))]
    for update in (chain, chain[::-1]):
        [(place, code)] = errors(bulk(writer, "clauses", update=update), 409).items()
        assert (place, code) == (f"/update/{update.index(chain[0])}/number", "unique")
    assert stored() == before
    freed = bulk(
        writer,
        "clauses",
        create=[new[2] | {"number": "4.1"}, new[2] | {"number": "2"}],
        update=[{"id": rows["2"], "etag": "*", "number": "2a"}],
        delete=[{"id": rows["4.1"], "etag": "*"}],
    )
    assert freed.status_code == 200, freed.content
    states = [{"slug": slug, "name": slug, "kind": "state", "country": "FR"} for slug in ("france", "gaul")]
    assert errors(bulk(writer, "parties", create=states), 409) == {"/create/1/country": "unique"}
    taken = [states[0] | {"country": "CN"}, states[1] | {"kind": "group", "country": "CN"}]
    assert errors(bulk(writer, "parties", create=taken), 409) == {"/create/0/country": "unique"}
    assert errors(bulk(writer, "parties", create=[states[0] | {"slug": "CHINA"}]), 409) == {"/create/0/slug": "unique"}


def test_each_operation_takes_its_permission(world: World, caller: Callable[..., Client], client: Client) -> None:
    row = world.parties["observers"]
    bodies: dict[str, dict[str, Any]] = {
        "add": {"create": [sound("parties", world).body]},
        "change": {"update": [{"id": row.pk, "etag": "*", "name": "Others"}]},
        "delete": {"delete": [{"id": world.parties["un"].pk, "etag": "*"}]},
    }
    before = stored()
    for verb, body in bodies.items():
        problem(bulk(client, "parties", **body), 401)
        others = [f"{other}_party" for other in bodies if other != verb]
        problem(bulk(caller("view_agreement", *others), "parties", **body), 403)
    problem(bulk(caller("view_agreement"), "parties", **bodies["add"]), 403)
    assert stored() == before
    for verb in ("add", "change"):
        assert bulk(caller("view_agreement", f"{verb}_party"), "parties", **bodies[verb]).status_code == 200
    problem(bulk(caller("view_agreement", "delete_party"), "parties", **bodies["delete"]), 409)


def test_hidden_rows_cannot_be_named(world_with_draft: World, caller: Callable[..., Client]) -> None:
    blind = caller("change_clause", "delete_clause")
    before = stored()
    for operation in ("update", "delete"):
        hidden, none = (
            bulk(blind, "clauses", **{operation: [{"id": pk, "etag": "*"}]})
            for pk in (world_with_draft.clauses["draft"].pk, 10**9)
        )
        assert problem(hidden, 400)["errors"] == problem(none, 400)["errors"]
    assert stored() == before


def test_a_key_makes_a_bulk_request_once(world: World, writer: Client) -> None:
    body = {"create": [sound("clauses", world, number).body for number in ("1", "2")]}
    headers = {"Idempotency-Key": "bulk-1", "Accept-Encoding": "gzip"}
    first, again = (writer.post(f"{BASE}/clauses/bulk", body, content_type=JSON, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert (again.headers["Content-Encoding"], again.headers["Idempotency-Replayed"]) == ("gzip", "true")
    assert IdempotencyKey.objects.count() == 1
    assert Clause.objects.filter(number__in=("N1", "N2")).count() == 2


def test_several_agreements_to_be_published_each_name_their_missing_citations(world: World, writer: Client) -> None:
    cited = [{"source": "press", "exact": "un accord d'un an"}]
    one = {"title": "New", "instrument": "contract", "is_published": True}
    rows = [one | {"slug": "one", "citations": cited}, one | {"slug": "two"}]
    before = stored()
    assert errors(bulk(writer, "agreements", create=rows), 409) == {"/create/1/is_published": "uncited"}
    assert stored() == before


def test_hundreds_of_rows_take_few_queries(world: World, writer: Client, django_assert_max_num_queries: Any) -> None:
    rows = [
        sound("clauses", world, str(number)).body
        | {"parties": [{"party": "china", "role": "obligor", "explicit": True}], "citations": [QUOTE]}
        for number in range(150)
    ]
    with django_assert_max_num_queries(120):
        answer = bulk(writer, "clauses", create=rows)
    assert answer.status_code == 200, answer.content[:500]
    assert [row["number"] for row in answer.json()["created"]] == [row["number"] for row in rows]
    new = [row["id"] for row in answer.json()["created"]]
    assert ClauseParty.objects.filter(clause__in=new).count() == Citation.objects.filter(clause__in=new).count() == 150
    assert Clause.history.filter(id__in=new, history_type="+").count() == 150
    named = [{"id": int(pk), "etag": tag, "title": f"T{pk}"} for pk, tag in answer.json()["etags"].items()]
    with django_assert_max_num_queries(120):
        changed = bulk(writer, "clauses", update=named)
    assert [row["title"] for row in changed.json()["updated"]] == [entry["title"] for entry in named]


def test_two_documents_of_one_key_are_different_if_a_number_is_a_string(world: World, writer: Client) -> None:
    body = sound("clauses", world).body
    headers = {"Idempotency-Key": "number"}
    response = writer.post(f"{BASE}/clauses", body, content_type=JSON, headers=headers)
    assert response.status_code == 201
    other = body | {"baseline_value": str(body["baseline_value"])}
    problem(writer.post(f"{BASE}/clauses", other, content_type=JSON, headers=headers), 422)
    assert MODELS["clauses"]._default_manager.filter(number=body["number"]).count() == 1


def test_bulk_requests_and_sources_may_be_larger_than_other_bodies(world: World, writer: Client) -> None:
    text = "La Chine achètera du soja américain. " * 30_000
    response = writer.post(f"{BASE}/sources", sound("sources", world).body | {"text": text}, content_type=JSON)
    assert response.status_code == 201, response.content[:300]
    assert len(text.encode()) > 2**20
    clause, space = json.dumps(sound("clauses", world).body), " " * 2**20
    larger = f'{{"create": [{clause}]{space}}}'
    assert writer.post(f"{BASE}/clauses/bulk", larger, content_type=JSON).status_code == 200
    problem(writer.post(f"{BASE}/clauses", clause + space, content_type=JSON), 413)
    problem(writer.post(f"{BASE}/clauses/bulk", larger + 8 * space, content_type=JSON), 413)


def test_no_row_takes_the_place_of_the_bulk_address(world: World, writer: Client) -> None:
    for noun in ("agreements", "parties", "sources"):
        body = sound(noun, world).body | {"slug": "bulk"}
        assert errors(writer.post(f"{BASE}/{noun}", body, content_type=JSON)) == {"/slug": "reserved_slug"}
