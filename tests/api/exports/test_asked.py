"""How a file is asked for: by `format` or `Accept`, with what, again, by HEAD; and what is refused."""

import gzip
import json
from typing import Any

import pytest

from accords.api.exports import making
from tests.api.addresses import LISTS, Address, named, url
from tests.api.exports.files import fetched
from tests.api.test_contract import faults, problem
from tests.api.world import World
from tests.clients import Client

FORMS = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}
ACCEPTED = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/json": "json",
    "*/*": "json",
    "text/*": "csv",
    "application/*": "json",
    "text/csv, application/json": "csv",
    "text/csv, application/json;q=0.5": "csv",
    "text/html, application/x-ndjson;q=0.9, */*;q=0.1": "ndjson",
}
REFUSED = {
    "format=xml": {"format": "unknown_format"},
    "format=CSV": {"format": "unknown_format"},
    "format=": {"format": "empty_parameter"},
    "format=csv&format=csv": {"format": "repeated_parameter"},
    "format=csv&page_size=10": {"page_size": "whole_list"},
    "format=ndjson&cursor=x": {"cursor": "whole_list"},
    "format=csv&count=exact&page_size=0": {"count": "whole_list", "page_size": "whole_list"},
    "format=csv&nonsense=1": {"nonsense": "unknown_parameter"},
    "format=csv&fields=nonsense": {"fields": "unknown_name"},
}


def kind(answer: Any) -> str:
    """In which form an answer came."""
    media = answer.headers["Content-Type"].partition(";")[0]
    return {"text/csv": "csv", "application/x-ndjson": "ndjson", "application/json": "json"}[media]


@pytest.mark.parametrize(**named(LISTS))
class TestEveryList:
    """Each list."""

    def test_it_comes_as_it_is_asked_for(self, address: Address, world: World, client: Client) -> None:
        path = url(address)
        for accept, form in ACCEPTED.items():
            assert kind(client.get(path, headers={"accept": accept})) == form, accept
            for named_form in ("json", *FORMS):
                asked = client.get(f"{path}?format={named_form}", headers={"accept": accept})
                assert kind(asked) == named_form, "what is named prevails"

    def test_its_head_says_what_it_is(self, address: Address, world: World, client: Client) -> None:
        for form, media in FORMS.items():
            got = fetched(client, url(address), form)
            assert got.headers["Content-Type"] == media
            name = f"{address.path.replace('/', '-')}.{form}"
            assert got.headers["Content-Disposition"] == f'attachment; filename="{name}"'
            assert got.headers["Cache-Control"] == "no-cache, public"
            assert {"Accept", "Accept-Encoding", "Authorization", "Cookie"} <= {*got.headers["Vary"].split(", ")}
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(making, "made", None)  # nothing is made for it
                patched.setattr("accords.api.exports.sending.made", None)
                head: Any = client.head(f"{url(address)}?format={form}")
                again: Any = client.get(f"{url(address)}?format={form}", headers={"if-none-match": got.headers["ETag"]})
            assert (head.status_code, head.getvalue()) == (200, b"")
            for header in ("ETag", "Content-Type", "Content-Disposition", "Vary", "Cache-Control"):
                assert head.headers[header] == got.headers[header]
            assert (again.status_code, again.content) == (304, b"")
            for header in ("ETag", "Vary", "Cache-Control"):
                assert again.headers[header] == got.headers[header]

    def test_it_is_compressed_for_who_takes_that(self, address: Address, world: World, client: Client) -> None:
        for form in FORMS:
            plain = fetched(client, url(address), form)
            packed = fetched(client, url(address), form, **{"accept-encoding": "gzip, br"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.body) == plain.body
            assert packed.headers["ETag"] != plain.headers["ETag"]

    def test_what_means_nothing_is_refused(self, address: Address, world: World, client: Client) -> None:
        for query, expected in REFUSED.items():
            assert faults(client.get(f"{url(address)}?{query}")) == expected, query
        for form in ("text/csv", "application/x-ndjson"):
            answer = client.get(f"{url(address)}?page_size=2", headers={"accept": form})
            assert faults(answer) == {"page_size": "whole_list"}
        refused = problem(client.get(url(address), headers={"accept": "application/xml"}), 406)
        assert all(form in refused["detail"] for form in ("application/json", "text/csv", "application/x-ndjson"))


def test_tags_differ_by_all_that_an_answer_depends_on(world: World, client: Client, editor: Client) -> None:
    asked = [
        (client, "clauses", "csv"),
        (client, "clauses", "ndjson"),
        (editor, "clauses", "csv"),
        (client, "events", "csv"),
    ]
    asked += [
        (client, "clauses?fields=title", "csv"),
        (client, "renewals?on=2026-01-01", "csv"),
        (client, "renewals", "csv"),
    ]
    tags = [fetched(who, f"/api/v1/{path}", form).headers["ETag"] for who, path, form in asked]
    assert len({*tags}) == len(tags)
    assert fetched(editor, "/api/v1/clauses", "csv").headers["Cache-Control"] == "no-cache, private"


def test_what_csv_has_no_column_for_is_refused(world: World, client: Client) -> None:
    path = "/api/v1/clauses?q=tariffs&highlight=true"
    assert faults(client.get(f"{path}&format=csv")) == {"highlight": "no_column"}
    (line,) = fetched(client, path, "ndjson").body.splitlines()
    assert json.loads(line)["highlight"]


def test_a_projection_is_json(world: World, client: Client) -> None:
    path = "/api/v1/agreements/rare-metals/renewals?anchor=2025-10-30"
    assert client.get(f"{path}&format=json").status_code == 200
    assert faults(client.get(f"{path}&format=csv")) == {"format": "unknown_format"}
    problem(client.get(path, headers={"accept": "text/csv"}), 406)
    assert client.get(f"{path}&format=json", headers={"accept": "text/csv"}).status_code == 200


def test_rows_and_calendars_have_no_other_forms(world: World, client: Client) -> None:
    for path in ("agreements/rare-metals", "renewals.ics"):
        assert faults(client.get(f"/api/v1/{path}?format=csv")) == {"format": "unknown_parameter"}
        problem(client.get(f"/api/v1/{path}", headers={"accept": "text/csv"}), 406)


def test_writing_has_no_other_forms(world: World, client: Client) -> None:
    answer = client.post("/api/v1/parties", {}, content_type="application/json", headers={"accept": "text/csv"})
    assert problem(answer, 406)
