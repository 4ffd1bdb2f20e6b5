"""Requests for exports: addresses, parameters, conditional requests and HEAD, and what is refused."""

import gzip
import json
from typing import Any

import pytest

from accords.api.exports import files
from accords.models import Clause
from tests import factories
from tests.api.addresses import LISTS, Address, by_address, url
from tests.api.exports.files import address as file_address
from tests.api.exports.files import get_file, parse_csv
from tests.api.test_query_contract import parameter_errors, problem
from tests.api.world import World
from tests.clients import Client

FORMS = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}
REFUSED = {
    "page_size=10": {"page_size": "unknown_parameter"},
    "cursor=x&count=exact": {"cursor": "unknown_parameter", "count": "unknown_parameter"},
    "format=csv": {"format": "unknown_parameter"},
    "nonsense=1": {"nonsense": "unknown_parameter"},
    "fields=nonsense": {"fields": "unknown_name"},
}


@pytest.mark.parametrize(**by_address(LISTS))
class TestEveryList:
    """Each list."""

    def test_a_list_is_json_alone(self, address: Address, world: World, client: Client) -> None:
        path = url(address)
        mixed = client.get(path, headers={"accept": "text/csv;q=0.9, */*;q=0.1"})
        assert mixed.headers["Content-Type"] == "application/json"
        for accept in ("text/csv", "application/x-ndjson"):
            assert "application/json" in problem(client.get(path, headers={"accept": accept}), 406)["detail"]
        for form in FORMS:
            assert parameter_errors(client.get(f"{path}?format={form}")) == {"format": "unknown_parameter"}

    def test_the_headers_describe_the_file(self, address: Address, world: World, client: Client) -> None:
        for form, media in FORMS.items():
            path = file_address(url(address), form)
            got = get_file(client, url(address), form, accept=media.partition(";")[0])
            assert got.headers["Content-Type"] == media
            name = f"{address.path.replace('/', '-')}.{form}"
            assert got.headers["Content-Disposition"] == f'attachment; filename="{name}"'
            assert got.headers["Cache-Control"] == "no-cache, public"
            assert {"Accept", "Accept-Encoding", "Authorization", "Cookie"} <= {*got.headers["Vary"].split(", ")}
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(files, "write_file", None)  # no file is written
                head: Any = client.head(path)
                again, head_again = (
                    ask(path, headers={"if-none-match": got.headers["ETag"]}) for ask in (client.get, client.head)
                )
            assert (head.status_code, head.getvalue()) == (200, b"")
            for header in ("ETag", "Content-Type", "Content-Disposition", "Vary", "Cache-Control"):
                assert head.headers[header] == got.headers[header]
            for not_modified in (again, head_again):
                assert (not_modified.status_code, not_modified.content) == (304, b"")
                for header in ("ETag", "Vary", "Cache-Control"):
                    assert not_modified.headers[header] == got.headers[header]

    def test_it_is_compressed_for_clients_that_accept_that(
        self, address: Address, world: World, client: Client
    ) -> None:
        for form in FORMS:
            plain = get_file(client, url(address), form)
            packed = get_file(client, url(address), form, **{"accept-encoding": "gzip, br"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.body) == plain.body
            assert packed.headers["ETag"] != plain.headers["ETag"]

    def test_parameters_that_a_file_does_not_take_are_refused(
        self, address: Address, world: World, client: Client
    ) -> None:
        for form in FORMS:
            path = file_address(url(address), form)
            for query, expected in REFUSED.items():
                assert parameter_errors(client.get(f"{path}?{query}")) == expected, query
            assert (
                FORMS[form].partition(";")[0]
                in problem(client.get(path, headers={"accept": "application/json"}), 406)["detail"]
            )
            assert client.get(path, headers={"accept": "application/problem+json"}).status_code == 200  # some clients
            problem(client.post(path, {}, content_type="application/json"), 405)
            assert client.options(path).json()["renders"] == [FORMS[form].partition(";")[0]]


def test_a_tag_is_that_of_the_content(world: World, client: Client) -> None:
    """Changes that the file does not show keep it, those of drafts included: nobody can count them."""
    path = "/api/v1/clauses?agreement=genocide"
    before = get_file(client, path, "csv").headers["ETag"]
    factories.clause(factories.agreement("a-draft", is_published=False), "1")
    Clause.objects.filter(agreement=world.agreements["rare-metals"]).update(title="Other")
    not_modified: Any = client.get(file_address(path, "csv"), headers={"if-none-match": before})
    assert (not_modified.status_code, not_modified.content, not_modified.headers["ETag"]) == (304, b"", before)
    assert get_file(client, path, "ndjson").headers["ETag"] != before
    Clause.objects.filter(agreement=world.agreements["genocide"]).update(title="Other")
    assert get_file(client, path, "csv", **{"if-none-match": before}).headers["ETag"] != before


def test_the_order_of_repeated_parameters_changes_the_tag(world: World, client: Client) -> None:
    for first, second in (("ordering=type", "ordering=-number"), ("fields=number", "fields=type")):
        paths = [f"/api/v1/clauses.csv?{first}&{second}", f"/api/v1/clauses.csv?{second}&{first}"]
        files = [client.get(path) for path in paths]
        assert files[0].getvalue() != files[1].getvalue()
        for file, path, status in ((files[0], paths[0], 304), (files[0], paths[1], 200)):
            assert client.get(path, headers={"if-none-match": file.headers["ETag"]}).status_code == status, path


def test_files_of_editors_are_private(world: World, editor: Client) -> None:
    assert get_file(editor, "/api/v1/clauses", "csv").headers["Cache-Control"] == "no-cache, private"


def test_snippets_have_no_column(world: World, client: Client) -> None:
    path = "/api/v1/clauses?q=tariffs&highlight=true"
    assert parameter_errors(client.get(file_address(path, "csv"))) == {"highlight": "unknown_parameter"}
    (line,) = get_file(client, path, "ndjson").body.splitlines()
    assert json.loads(line)["highlight"]


def test_the_columns_have_the_order_of_fields(world: World, client: Client) -> None:
    orders = {
        "fields=value,number": ["id", "url", "value", "number"],
        "fields=number&fields=value": ["id", "url", "number", "value"],
        "fields=title,id": ["url", "title", "id"],
    }
    for query, header in orders.items():
        body = get_file(client, f"/api/v1/clauses?{query}", "csv").body
        assert body.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by it"
        assert parse_csv(body)[0] == header


def test_rows_and_calendars_have_no_files(world: World, client: Client) -> None:
    problem(client.get("/api/v1/agreements/rare-metals.csv"), 404)
    for path in ("agreements/rare-metals", "renewals.ics"):
        problem(client.get(f"/api/v1/{path}", headers={"accept": "text/csv"}), 406)
