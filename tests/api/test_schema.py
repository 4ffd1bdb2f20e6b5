"""The OpenAPI document: valid, reviewed, complete, and true of every answer."""

import builtins
import copy
import gzip
import json
import keyword
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from accords.api.root import openapi
from tests.api.addresses import ALL, BASE, HISTORY, LISTS, ROWS, Address, by_address, url
from tests.api.world import World
from tests.clients import Client

SNAPSHOT = Path(__file__).with_name("openapi.yaml")
DOCUMENT: dict[str, Any] = yaml.load(SNAPSHOT.read_text(encoding="utf-8"), yaml.CSafeLoader)
OPERATIONS = {path: item["get"] for path, item in DOCUMENT["paths"].items() if "get" in item}
POSTED = ("/rotate-secret", "/replay", "/test")  # below a webhook; repeated, they do no harm
FAULTY = {"400": "?nonsense=1", "406": "", "404": ""}


@pytest.fixture(scope="module")
def generated() -> str:
    """Generate the document, as it is served."""
    GENERATOR_STATS.reset()
    openapi.cache_clear()
    return Client().get("/api/schema").content.decode()


def test_the_snapshot_is_what_the_code_makes(generated: str) -> None:
    if generated != SNAPSHOT.read_text(encoding="utf-8"):
        pytest.fail(
            "The API's schema has changed. If that is meant, run `make schema`, review the difference with "
            f"`git diff {SNAPSHOT.name}` as you would review code (does it break a client?), and commit it.",
            pytrace=False,
        )


def test_it_is_made_without_warnings(generated: str) -> None:
    assert dict(GENERATOR_STATS._warn_cache) == {}
    assert dict(GENERATOR_STATS._error_cache) == {}


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_address_is_in_it() -> None:
    expected = {f"{BASE}/{address.path}".replace("rare-metals", "{slug}") for address in ALL}
    expected = {path.replace("{row}", "{slug}" if "agreements" in path else "{row}") for path in expected}
    documented = {path.replace("{id}", "{row}") for path in OPERATIONS}
    documented = {path if "agreements" in path else path.replace("{slug}", "{row}") for path in documented}
    assert expected <= documented
    assert BASE in documented


def test_every_operation_says_what_it_does() -> None:
    seen = set()
    for path, operation in OPERATIONS.items():
        for name in ("operationId", "summary", "description", "tags", "security"):
            assert operation[name], (path, name)
        assert len(operation["summary"]) <= 60
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert ({} in operation["security"]) == ("webhooks" not in path)  # reading what is public needs no credentials
        assert {"200", "400", "406", "503"} <= operation["responses"].keys(), path
        assert ("404" in operation["responses"]) == ("{" in path), path


def test_what_can_be_written_is_in_it_with_all_that_it_needs() -> None:
    nouns = {address.name for address in LISTS[:-1]} | {"webhooks"}
    rows = {path: item for path, item in DOCUMENT["paths"].items() if "{" in path and path.count("/") == 4}
    lists = {path: item for path, item in DOCUMENT["paths"].items() if path.removeprefix(f"{BASE}/") in nouns}
    assert {len(rows), len(lists)} == {len(nouns)}
    bulk = {f"{path}/bulk" for path in lists if not path.endswith("/webhooks")}
    assert bulk <= DOCUMENT["paths"].keys()
    for path, item in DOCUMENT["paths"].items():
        methods = {"get", "put", "patch", "delete"} if path in rows else {"get", "post"} if path in lists else {"get"}
        methods = {"post"} if path in bulk or path.endswith(("/publish", *POSTED)) else methods
        methods = {"get", "post", "delete"} if path.endswith("/working-copy") else methods
        assert set(item) == methods, path
        for method in methods - {"get"}:
            if not path.endswith(POSTED):
                assert_write_is_described(item[method], method)


def test_calendars_are_in_it() -> None:
    for path, name in (
        ("renewals.ics", "renewals_calendar"),
        ("agreements/{slug}/renewals.ics", "agreements_calendar"),
    ):
        operation = OPERATIONS[f"{BASE}/{path}"]
        assert operation["operationId"] == name
        assert operation["responses"]["200"]["content"] == {"text/calendar": {"schema": {"type": "string"}}}
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {"due_within", "kind", "on", "past", "future"} <= names
        assert not names & {"page_size", "cursor", "fields", "expand", "ordering"}


def assert_write_is_described(operation: dict[str, Any], method: str) -> None:
    """Check the security, headers, body and error responses of a write operation."""
    assert operation["security"] == [{"token": []}, {"cookieAuth": []}]
    assert all(operation[name] for name in ("summary", "description", "operationId"))
    headers = {one["name"]: one["required"] for one in operation["parameters"] if one["in"] == "header"}
    assert headers == ({"Idempotency-Key": False} if method == "post" else {"If-Match": True})
    assert all(one["description"] for one in operation["parameters"])
    success = next(response for status, response in operation["responses"].items() if status.startswith("2"))
    assert ("Idempotency-Replayed" in success.get("headers", {})) is (method == "post")
    has_body = method != "delete" and operation["operationId"] != "agreements_make_working_copy"
    assert ("requestBody" in operation) == has_body
    assert {"400", "401", "403", "409", "503"} <= operation["responses"].keys()
    assert {"412", "428", "404"} <= operation["responses"].keys() or method == "post"
    assert {"411", "413", "415"} <= operation["responses"].keys() or method == "delete"
    if "bulk" in operation["operationId"]:
        assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("Bulk")
    elif method != "delete":
        is_new = method == "post" and operation["operationId"] != "agreements_publish_working_copy"
        assert "ETag" in operation["responses"]["201" if is_new else "200"]["headers"]


def test_every_operation_with_json_has_a_real_example_that_it_could_answer() -> None:
    for path, operation in OPERATIONS.items():
        media = operation["responses"]["200"]["content"]
        if "application/json" in media:
            example = media["application/json"]["examples"]["deal"]["value"]
            assert_valid(example, media["application/json"]["schema"], path, strict=False)


def test_every_fault_is_a_problem_document() -> None:
    for name, response in DOCUMENT["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name
        assert response["description"]


def test_every_parameter_is_described_and_every_known_one_is_there() -> None:
    for address in ALL:
        parameters = operation_of(address).get("parameters", [])
        for parameter in parameters:
            assert parameter["description"], (address.name, parameter["name"])
            assert parameter["schema"], (address.name, parameter["name"])
        assert [
            parameter["name"] for parameter in parameters if parameter["in"] == "query"
        ] != [] or not address.parameters
        assert {parameter["name"] for parameter in parameters if parameter["in"] == "query"} == set(address.parameters)


def test_every_property_is_described() -> None:
    missing: list[tuple[str, str]] = []
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for member, property_schema in schema.get("properties", {}).items():
            if member not in ("results", "errors") and "$ref" not in property_schema:
                missing += [] if property_schema.get("description") else [(name, member)]
    assert missing == []


def objects(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield every object of the document with its path."""
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            yield from objects(value, (*path, str(key)))
    elif isinstance(schema, list):
        for place, value in enumerate(schema):
            yield from objects(value, (*path, str(place)))


def test_every_enumeration_is_a_component_with_a_name_and_a_meaning_for_each_value() -> None:
    faults = []
    for path, schema in objects(DOCUMENT):
        if not isinstance(schema.get("enum"), list) or schema["enum"] == ["json", "csv", "ndjson"]:
            continue
        values, meanings = schema["enum"], schema.get("x-enum-descriptions", [])
        names = schema.get("x-enum-varnames", [])
        has_names = len(values) == len({*meanings}) == len({*names}) and all(map(str.isidentifier, names))
        has_meanings = all(meaning not in ("", value) for meaning, value in zip(meanings, values, strict=False))
        is_described = all(meaning in schema.get("description", "") for meaning in meanings)
        if path[:2] != ("components", "schemas") or len(path) != 3 or not (has_names and has_meanings and is_described):
            faults.append("/".join(path))
    assert faults == []


def test_no_member_is_of_one_type_or_another() -> None:
    """Clients cannot distinguish the members of a union. The row of an entry of the feed, which may be gone, is that row or null."""
    unions = {}
    for path, schema in objects(DOCUMENT):
        for kind in {"oneOf", "anyOf"} & schema.keys():
            unions["/".join(path)] = schema[kind]
    rows = {path: one for path, one in unions.items() if path.endswith("Entry/properties/row")}
    assert unions == rows
    assert all(len(one) == 2 and "$ref" in one[0] and one[1] == {"type": "null"} for one in rows.values())


def test_every_property_and_request_has_an_example() -> None:
    """Members that are rows or objects of their own have those of these."""
    schemas, missing = DOCUMENT["components"]["schemas"], []
    for name, schema in schemas.items():
        for member, found in schema.get("properties", {}).items():
            parts = [found, found.get("items", {}), *found.get("allOf", ()), *found.get("oneOf", ())]
            targets = [schemas[part["$ref"].rpartition("/")[2]] for part in parts if "$ref" in part]
            if "examples" not in found and found.get("type") != "object" and not targets:
                missing.append((name, member))
    assert missing == []
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                assert media["examples"], path
                assert_valid(media["examples"]["deal"]["value"], media["schema"], path)


def test_no_component_has_the_name_of_a_word_of_a_language() -> None:
    """Of Python's typing and built-ins, of Java's and Kotlin's `java.lang`, of TypeScript's utility types, of Go."""
    taken = {
        *dir(builtins),
        *typing.__all__,
        *keyword.kwlist,
        "Object",
        "String",
        "Record",
        "Class",
        "Void",
        "Iterable",
    }
    taken |= {"Integer", "Number", "Error", "Exception", "Partial", "Pick", "Exclude", "Extract", "Date"}
    assert [name for name in DOCUMENT["components"]["schemas"] if name in taken] == []


def operation_of(address: Address) -> dict[str, Any]:
    path = f"{BASE}/{address.path}".replace("rare-metals", "{slug}")
    return OPERATIONS[
        next(
            found
            for found in (path, path.format(row="{slug}", slug="{slug}"), path.format(row="{id}", slug=""))
            if found in OPERATIONS
        )
    ]


def forbid_other_properties(schema: Any) -> Any:
    """Return the schema with all other properties forbidden."""
    if isinstance(schema, list):
        return [forbid_other_properties(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: forbid_other_properties(value) for key, value in schema.items() if key != "examples"}
    if isinstance(result.get("properties"), dict) and result.get("type") == "object":
        result.setdefault("additionalProperties", False)
    return result


def without_required(schema: Any) -> Any:
    """Return the schema with no required members but `id` and `url`."""
    if isinstance(schema, list):
        return [without_required(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: without_required(value) for key, value in schema.items()}
    if isinstance(result.get("required"), list):
        result["required"] = [name for name in result["required"] if name in ("id", "url")]
    return result


COMPONENTS = {True: forbid_other_properties(copy.deepcopy(DOCUMENT["components"])), False: DOCUMENT["components"]}
FORMATS = FormatChecker(["date", "date-time", "uri"])


def assert_valid(answer: Any, schema: dict[str, Any], where: str, strict: bool = True, sparse: bool = False) -> None:
    """Validate a response by its schema. If `strict`, properties that the schema does not name are errors.

    A sparse answer (`fields`, `omit`) may lack members.
    """
    whole = {"components": COMPONENTS[strict], **(forbid_other_properties(schema) if strict else schema)}
    if sparse:
        whole = without_required(whole)
    errors = list(Draft202012Validator(whole, format_checker=FORMATS).iter_errors(answer))
    assert [f"{where}: {error.json_path}: {error.message[:300]}" for error in errors] == []


def request_paths(address: Address, world: World) -> Iterator[str]:
    """Yield the path of a list with each expansion and count, of each row with all expansions and none, of histories."""
    rows = list(world.rows(address.noun).values()) if "{row}" in address.path else [None]
    rows = rows[:3] if address in HISTORY else rows
    expansions = address.view.serializer_class.expansions()
    wide = expansions if address.is_list else [",".join(expansions)]
    shapes = ["", *(f"?expand={names}" for names in wide), "?count=exact", *([] if rows[1:] else ["?fields=id"])]
    for row in rows:
        yield from (
            url(address, row) + shape
            for shape in shapes
            if not shape or shape[1:].partition("=")[0] in address.parameters
        )


@pytest.mark.parametrize(**by_address(ALL))
def test_every_answer_is_what_the_schema_says(address: Address, world: World, client: Client) -> None:
    schema = operation_of(address)["responses"]["200"]["content"]["application/json"]["schema"]
    for path in request_paths(address, world):
        response = client.get(path)
        assert response.status_code == 200, path
        assert_valid(response.json(), schema, path, sparse="fields=" in path)


def test_a_projection_is_what_the_schema_says(world: World, client: Client) -> None:
    operation = OPERATIONS["/api/v1/agreements/{slug}/projection"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    for slug in world.agreements:
        for anchor in ("0001-01-01", "2024-02-29", "2025-01-31", "9999-12-31"):
            for count in ("", "&count=1", "&count=100"):
                response = client.get(f"{BASE}/agreements/{slug}/projection?anchor={anchor}{count}")
                assert response.status_code == 200
                assert_valid(response.json(), schema, slug)


@pytest.mark.parametrize(**by_address(LISTS + ROWS))
def test_every_fault_is_what_the_schema_says(address: Address, world: World, client: Client) -> None:
    path = url(address, next(iter(world.rows(address.noun).values())))
    faulty = [
        client.get(f"{path}?nonsense=1"),
        client.get(path, headers={"accept": "text/html"}),
        client.get(f"{path}0x"),
    ]
    for response in faulty:
        assert_valid(json.loads(response.content), {"$ref": "#/components/schemas/Problem"}, path)


def test_a_wrong_answer_would_be_found() -> None:
    """The validator sees a missing field, a wrong type, a wrong format and an undeclared field."""
    row = OPERATIONS[f"{BASE}/sources"]["responses"]["200"]["content"]["application/json"]
    page = copy.deepcopy(row["examples"]["deal"]["value"])
    assert_valid(page, row["schema"], "as it is")
    for spoil in (
        {"next": 1},
        {"previous": "not a uri"},
        {"extra": 1},
        {"results": [{"id": 1}]},
        {"results": [{"id": "1"}]},
    ):
        with pytest.raises(AssertionError):
            assert_valid(page | spoil, row["schema"], "wrong")
    wrong = [page["results"][0] | {"created_at": "yesterday"}]
    with pytest.raises(AssertionError):
        assert_valid(page | {"results": wrong}, row["schema"], "wrong")


def test_it_is_served_as_yaml_and_as_json(generated: str, client: Client) -> None:
    response = client.get("/api/schema")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/vnd.oai.openapi")
    assert response.content.decode() == generated
    for query, accept in (("?format=json", "*/*"), ("", "application/json")):
        response = client.get(f"/api/schema{query}", headers={"accept": accept})
        assert response.status_code == 200
        assert "json" in response.headers["Content-Type"]
        assert response.json() == DOCUMENT


def test_of_several_media_types_the_client_gets_the_one_with_the_highest_weight(generated: str, client: Client) -> None:
    for header, media_type in {
        "application/vnd.oai.openapi;q=0.5, application/json;q=0.6": "application/json",
        "application/vnd.oai.openapi;q=0.6, application/json;q=0.5": "application/vnd.oai.openapi",
        "*/*;q=0.1, application/vnd.oai.openapi;q=0": "application/yaml",
    }.items():
        response = client.get("/api/schema", headers={"accept": header})
        assert response.headers["Content-Type"].partition(";")[0] == media_type, header


def test_clients_that_accept_gzip_get_it(generated: str, client: Client) -> None:
    """Of the header's forms tests/api/test_negotiation.py has a table."""
    response = client.get("/api/schema", headers={"accept-encoding": "gzip"})
    assert (response.headers["Content-Encoding"], "Accept-Encoding" in response.headers["Vary"]) == ("gzip", True)
    assert response.headers["Content-Length"] == str(len(response.content))
    assert gzip.decompress(response.content).decode() == generated
    assert "Content-Encoding" not in client.get("/api/schema", headers={"accept-encoding": "gzip;q=0"}).headers
