"""Every list as a file has the rows of its JSON pages: every order, shape and expansion, for everyone who may see them."""

from itertools import cycle
from typing import Any

import pytest

from accords.api.exports import columns
from accords.api.exports.files import CHUNK
from accords.api.urls import RESOURCES
from accords.models import Agreement
from tests.api.addresses import LISTS, Address, by_address, walk
from tests.api.callers import caller
from tests.api.exports.files import assert_same, get_file, list_path, ndjson, table
from tests.api.world import MARKER, World, with_draft
from tests.clients import Client


def shapes(address: Address) -> list[str]:
    """Return shapes of a list that together cover every field; tests/api/fast/test_parity.py turns the pages."""
    serializer = address.view.serializer_class
    names, expansions = serializer.field_names(), serializer.expansions()
    wide = [f"expand={','.join(expansions)}"] if expansions else []
    return ["", *wide, f"fields={names[-1]}", f"omit={names[-1]}"]


def with_query(path: str, query: str) -> str:
    """Add parameters to a path."""
    return "&".join(filter(None, (path.rstrip("?&"), query))).replace("&", "?", 0 if "?" in path.rstrip("?&") else 1)


@pytest.mark.parametrize(**by_address(LISTS))
def test_each_line_of_ndjson_is_the_row_of_the_page_to_the_byte(address: Address, world: World, client: Client) -> None:
    orders = [f"ordering=-{name}" for name in [*address.view.orderings][-1:]]
    for query in [*shapes(address), *orders]:
        path = with_query(list_path(address, world), query)
        page, lines = client.get(path).content, get_file(client, path, "ndjson").body.splitlines()
        assert lines
        assert page.endswith(b'"results":[' + b",".join(lines) + b"]}"), path


@pytest.mark.parametrize(**by_address(LISTS))
def test_csv_says_what_json_says_in_every_shape(address: Address, world: World, client: Client) -> None:
    for query in shapes(address):
        path = with_query(list_path(address, world), query)
        assert_same(table(client, path), ndjson(client, path))


@pytest.mark.parametrize(**by_address(LISTS))
def test_columns_do_not_depend_on_rows(address: Address, world: World, client: Client) -> None:
    for query in shapes(address)[:2]:
        path = with_query(list_path(address, world), query)
        header = table(client, path)[0]
        assert table(client, with_query(path, "updated_at__gte=2100-01-01T00:00:00Z")) == [header]
        assert len(set(header)) == len(header)


def test_every_field_has_a_column_or_a_reason() -> None:
    for view in RESOURCES.values():
        serializer: Any = view.serializer_class
        for expand in [frozenset(), frozenset(serializer.expansions())]:
            made = serializer(shape=view.shape._replace(expand=expand))
            first = {column.name.partition(".")[0] for column in columns.export_columns(made)}
            assert set(made.fields) - first <= columns.LEFT_OUT.keys()


def test_a_file_has_all_pages(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are read at a time, in orders with nulls, mixed directions, strands and relevance."""
    queries = ["", "?ordering=-value", "?ordering=effective,-number", "?q=un+OR+accord", "?in_force_on=2026-01-01"]
    queries += ["?q=tariffs&ordering=relevance&highlight=true", "?ordering=-delta,id&type__in=tariff,definition"]
    queries = [f"/api/v1/clauses{query}" for query in queries] + [
        "/api/v1/renewals?due_before=2030-01-01&on=2026-01-01"
    ]
    for path in queries:
        page_size = "&page_size=2" if "?" in path else "?page_size=2"
        expected = [*walk(client, path + page_size)]
        for chunk in (1, 2, CHUNK):
            monkeypatch.setattr("accords.api.exports.files.CHUNK", chunk)
            assert ndjson(client, path) == expected, (path, chunk)


def test_a_draft_changes_no_file_to_the_byte(world: World) -> None:
    """For a caller without a token and for one whose token may not view drafts, in turn."""
    paths = [
        (with_query(list_path(address, world), shapes(address)[1]), form)
        for address in LISTS
        for form in ("csv", "ndjson")
    ]
    nobody, token = caller("anonymous"), caller("stranger_token")
    asked = [
        (client, path, form) for client, (path, form) in zip(cycle([nobody, token, token, nobody]), paths, strict=False)
    ]
    before = [get_file(client, path, form).body for client, path, form in asked]
    with with_draft(world):
        now = [get_file(client, path, form).body for client, path, form in asked]
    assert before == now
    assert not any(MARKER.encode() in body for body in now)


@pytest.mark.parametrize("role", ["editor", "read_token"])
def test_who_may_see_drafts_has_them_in_files(role: str, world: World) -> None:
    Agreement.objects.filter(slug="genocide").update(is_published=False)
    client, nobody = caller(role), Client()
    for form in ("csv", "ndjson"):
        path = "/api/v1/clauses?fields=agreement"
        assert b"genocide" in get_file(client, path, form).body
        assert b"genocide" not in get_file(nobody, path, form).body
