"""Bad input is met at the edge: each answered with a problem that names the fault, and nothing is stored.

docs/bad-input.md has the results: the test fails where the file says something else.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.api.addresses import BASE
from tests.api.callers import in_session, user
from tests.api.world import World
from tests.api.writing.bodies import sound
from tests.api.writing.conftest import caller, writer  # noqa: F401 - fixtures
from tests.api.writing.test_write_contract import stored
from tests.clients import Client

DOCUMENT = Path(__file__).parents[2] / "docs" / "bad-input.md"
HEAD = """# Bad input, and how the API answers it

Look up what the API answers to a request that is wrong. Each line is a request and its answer, the same on SQLite and on
PostgreSQL; `tests/api/test_bad_input.py` sends them and writes this page. Every answer is a problem document (RFC 9457), and none of
these requests changes a row. An error names a parameter, or the JSON pointer to its place in the body; `""` is the whole body.
"""
TEXT = """## Markup

Markup is not bad input. It is stored and served as it was sent (201), in JSON that no browser runs, and escaped in every page.
"""
MARKUP = (
    "<script>alert(1)</script>",
    "<b>bold</b> & <i>",
    "=HYPERLINK(1)",
    "{{ 7*7 }}",
    "'; DROP TABLE x; --",
    "\u202eevil",
    "🌾",
)
JSON = "application/json"
LIST, ROW = "/clauses", "/clauses/{clause}"
AGREEMENT = "/agreements/rare-metals"


class Case(NamedTuple):
    """One bad input: what it is, and the request that brings it."""

    what: str
    method: str
    path: str
    body: Any = None
    content_type: str = JSON
    headers: dict[str, str] = {}
    group: str = ""  # of the account that sends it; blank for a superuser

    @property
    def where(self) -> str:
        """The request in short."""
        printable = self.path if len(self.path) < 70 else f"{self.path[:60]}…"
        return f"`{self.method} {printable}`".replace("|", "\\|")


def field_case(what: str, name: str, value: Any, method: str = "POST") -> Case:
    """Return a case with a valid body of a clause but for one field; of PATCH this field only."""
    where = LIST if method == "POST" else ROW
    return Case(f"{what}: `{name}`", method, where, {name: value} if method == "PATCH" else {"": {name: value}})


def body_case(what: str, body: bytes) -> Case:
    """Return a case with a body that is not valid JSON."""
    return Case(what, "POST", LIST, body)


def queries() -> list[Case]:
    """Return cases of parameters of lists and rows."""
    cases = {
        "an unknown parameter": "colour=red",
        "a misspelt parameter": "agrement=x",
        "the same parameter twice": "obligor=CN&obligor=CN",
        "a parameter without a value": "type=",
        "a word that the vocabulary does not have": "type=tarif",
        "NUL": "q=a%00b",
        "a control character": "q=a%1bb",
        "a lone surrogate": "q=%ed%a0%80",
        "invalid UTF-8": "q=%ff",
        "a broken escape": "q=%zz",
        "eleven words": "q=" + "+".join("abcdefghijk"),
        "a value of 5 000 characters": "number=" + "9" * 5000,
        "more than fifty parameters": "&".join(f"x{n}=1" for n in range(51)),
        "an id beyond 64 bits": "id__in=9223372036854775808",
        "a number beyond every column": "value=" + "9" * 40,
        "NaN": "value=NaN",
        "infinity": "value=1e999",
        "digits of another script": "id__in=%D9%A1",
        "a day of year 0": "effective_before=0000-01-01",
        "a day of year 10000": "effective_before=10000-01-01",
        "a day that is none": "effective_before=2026-02-29",
        "an instant before the calendar": "updated_at__gte=0001-01-01T00:00:00%2B14:00",
        "an instant of year 10000": "updated_at__lte=10000-01-01T00:00:00Z",
        "an inverted range of instants": "updated_at__gte=2026-01-02T00:00:00Z&updated_at__lte=2026-01-01T00:00:00Z",
        "an inverted range of days": "effective_after=2026-01-02&effective_before=2026-01-01",
        "an inverted range of numbers": "value__gte=2&value__lte=1",
        "a page of none": "page_size=0",
        "a page of 201 rows": "page_size=201",
        "a cursor that is not ours": "cursor=W10:x",
        "a cursor of 4 096 characters": "cursor=" + "a" * 4096,
        "a format": "format=csv",
        "a cursor of ours with one letter more": "cursor={cursor}x",
        "a cursor of another order": "ordering=-number&cursor={cursor}",
        "101 ids": "id__in=" + ",".join(map(str, range(1, 102))),
        "an order that is not declared": "ordering=agreement__title",
        "an order by what users are": "ordering=owner__password",
        "a look-up of Django's": "number__regex=(",
        "a way into other tables": "agreement__is_published=false",
        "a field that is not there": "fields=password",
        "an expansion that is not there": "expand=agreement.supersedes",
    }
    found = [Case(what, "GET", f"{LIST}?{query}") for what, query in cases.items()]
    found += [
        Case(what, "GET", f"{LIST}.{query}")
        for what, query in {
            "a page of a whole list": "csv?page_size=10",
            "a cursor in a whole list": "ndjson?cursor=x",
            "snippets in CSV": "csv?q=tariffs&highlight=true",
        }.items()
    ]
    return [*found, Case("an unknown parameter of a row", "GET", f"{ROW}?colour=red")]


def paths() -> list[Case]:
    """Return cases of keys in paths."""
    keys = {
        "an id beyond 64 bits": "9223372036854775808",
        "an id of 400 digits": "9" * 400,
        "a negative id": "-1",
        "zero": "0",
        "a leading zero": "01",
        "digits of another script": "%D9%A1",
        "NUL": "1%00",
        "a line break": "1%0a",
        "a path upwards": "..%2f..%2fadmin",
    }
    return [Case(what, "GET", f"/clauses/{key}") for what, key in keys.items()]


def bodies() -> list[Case]:
    """Return cases of bodies that are not the JSON of a row."""
    many = {"": {f"field{n}": n for n in range(101)}}
    return [
        body_case("nothing", b""),
        body_case("blanks", b" \n"),
        body_case("half an object", b'{"title": "x'),
        body_case("a comma too many", b'{"title": "x",}'),
        body_case("two values", b"{} {}"),
        body_case("a byte order mark", b"\xef\xbb\xbf{}"),
        body_case("invalid UTF-8", b'{"title": "\xff"}'),
        body_case("UTF-16", '{"title": "x"}'.encode("utf-16")),
        body_case("a surrogate in UTF-8", b'{"title": "\xed\xa0\x80"}'),
        body_case("a name twice", b'{"title": "x", "title": "y"}'),
        body_case("NaN", b'{"value": NaN}'),
        body_case("infinity", b'{"value": -Infinity}'),
        body_case("a number beyond a double", b'{"value": 1e999}'),
        body_case("a whole number beyond 64 bits", b'{"position": 9223372036854775808}'),
        body_case("33 arrays in each other", b'{"title": ' + b"[" * 32 + b"]" * 32 + b"}"),
        body_case("100 000 objects in each other", b'{"a":' * 100_000),
        body_case("more than 1 MiB", b'"' + b"x" * 2**20 + b'"'),
        body_case("a number", b"1"),
        body_case("null", b"null"),
        body_case("an empty list", b"[]"),
        body_case("a list of 201 rows", b"[" + b"{}," * 200 + b"{}]"),
        body_case("a list with a number in it", b"[1]"),
        Case("101 unknown fields", "POST", LIST, many),
        Case("a body where none belongs", "DELETE", ROW, b"{}", headers={"If-Match": "*"}),
    ]


def fields() -> list[Case]:
    """Return cases of values that a field does not accept."""
    return [
        field_case("NUL, escaped", "title", "a\0b"),
        field_case("a control character", "title", "a\x1bb"),
        field_case("a lone surrogate", "title", "\ud800"),
        field_case("a lone surrogate", "type", "\udfff"),
        field_case("a line break", "title", "a\nb"),
        field_case("301 characters", "title", "x" * 301),
        field_case("blanks", "title", "   "),
        field_case("null", "title", None),
        field_case("a number", "title", 1.5),
        field_case("an object", "title", {"en": "x"}),
        field_case("a word that is not in the vocabulary", "type", "tarif"),
        field_case("a string", "value", "57"),
        field_case("sixteen digits", "value", 1234567890123.456),
        field_case("true", "position", True),
        field_case("a fraction", "position", 1.5),
        field_case("a negative number", "position", -1),
        field_case("2³¹", "position", 2**31),
        field_case("year 0", "effective", "0000"),
        field_case("year 10000", "effective", "10000-01-01"),
        field_case("a day that is none", "effective", "2026-02-30"),
        field_case("a date in words", "effective", "next April"),
        field_case("an unknown agreement", "agreement", "no-such"),
        field_case("an id", "agreement", 1),
        field_case("2⁶³ - 1", "parent", 2**63 - 1),
        field_case("zero", "parent", 0),
        field_case("a list deep in lists", "parent", [[[1]]]),
        field_case("a code of five digits", "hs_codes", ["12015"]),
        field_case("the same code twice", "hs_codes", ["1201", "1201"]),
        field_case("a value without its unit", "unit", ""),
        field_case("an unknown role", "parties", [{"party": "china", "role": "owner", "explicit": True}]),
        field_case("the same party twice", "parties", [{"party": "china", "role": "obligor", "explicit": True}] * 2),
        field_case("a quote that is not in the source", "citations", [{"source": "press", "exact": "Nvidia agreed"}]),
        field_case("a quote that stands twice", "citations", [{"source": "press", "exact": "Les droits de douane"}]),
        field_case("a quote at the wrong place", "citations", [{"source": "press", "exact": "soja", "start": 0}]),
        field_case(
            "a quote for a field that is none", "citations", [{"source": "press", "exact": "soja", "field": "x"}]
        ),
        field_case("a read-only field", "id", 1),
        field_case("a derived field", "delta", -10),
        field_case("an unknown field", "is_superuser", True),
        field_case("a read-only field", "created_at", "2026-01-01T00:00:00Z", "PATCH"),
        field_case("another agreement", "agreement", "genocide", "PATCH"),
        field_case("a number that another clause has", "number", "1", "PATCH"),
        field_case("a cycle", "parent", "{clause}", "PATCH"),
    ]


def headers() -> list[Case]:
    """Return cases of headers, methods and addresses."""
    body, change = {"": {}}, {"title": "x"}
    return [
        Case("a form", "POST", LIST, b"title=x", "application/x-www-form-urlencoded"),
        Case("a form with parts", "POST", LIST, b"--x--", "multipart/form-data; boundary=x"),
        Case("no content type", "POST", LIST, b"{}", ""),
        Case("XML", "POST", LIST, b"<a/>", "application/xml"),
        Case("JSON in UTF-7", "POST", LIST, b"{}", "application/json; charset=utf-7"),
        Case("a compressed body", "POST", LIST, b"{}", headers={"Content-Encoding": "gzip"}),
        Case("a body in chunks", "POST", LIST, b"{}", headers={"Transfer-Encoding": "chunked"}),
        Case("a key with a blank", "POST", LIST, body, headers={"Idempotency-Key": "a b"}),
        Case("a key of 256 characters", "POST", LIST, body, headers={"Idempotency-Key": "k" * 256}),
        Case("no `If-Match`", "PATCH", ROW, change, headers={"If-Match": ""} | {}),
        Case("a stale `If-Match`", "PATCH", ROW, change, headers={"If-Match": '"v0-0"'}),
        Case("a weak `If-Match`", "DELETE", ROW, headers={"If-Match": 'W/"v1-0"'}),
        Case("an `If-Match` without quotation marks", "PUT", ROW, body, headers={"If-Match": "v1"}),
        Case("parameters of a write", "PATCH", f"{ROW}?fields=id", change),
        Case("a media type that is not served", "GET", LIST, headers={"Accept": "application/xml"}),
        Case("a host that is not served", "GET", LIST, headers={"Host": "evil.example"}),
        Case("a method that is not here", "DELETE", LIST),
        Case("a method that is none", "BREW", ROW),
        Case("an address that is not here", "GET", "/nothing"),
    ]


def guarded() -> list[Case]:
    """Return cases of writes to what is published."""
    no_state, editor = {"If-Match": ""}, "editor"
    return [
        Case("a change by an editor", "PATCH", ROW, {"value": 12}, group=editor),
        Case("a change by an editor without `If-Match`", "PATCH", ROW, {"value": 12}, headers=no_state, group=editor),
        Case(
            "a change by a publisher without `If-Match`",
            "PATCH",
            ROW,
            {"value": 12},
            headers=no_state,
            group="publisher",
        ),
        Case("a new clause by an editor", "POST", LIST, {"": {"agreement": "rare-metals"}}, group=editor),
        Case("a deletion by an editor", "DELETE", ROW, group=editor),
        Case("a value without evidence, by a publisher", "PATCH", ROW, {"modality": "obligation"}, group="publisher"),
        Case("`confirm` of a citation of another row", "PATCH", ROW, {"modality": "obligation", "confirm": [999_999]}),
        Case("`confirm` of what is no id", "PATCH", ROW, {"modality": "obligation", "confirm": ["x"]}),
        Case("publishing what is no working copy", "POST", f"{AGREEMENT}/publish", group="publisher"),
        Case("publishing by an editor", "POST", f"{AGREEMENT}/publish", group=editor),
    ]


SECTIONS = {
    "Parameters": queries,
    "Keys in paths": paths,
    "Bodies": bodies,
    "Fields": fields,
    "Headers, methods and addresses": headers,
    "What is published": guarded,
}

NOTES = {
    "What is published": (
        "Who may not publish gets 403, whether there is an `If-Match` or not; `detail` says how to make a working copy:",
        "`POST /agreements/{slug}/working-copy`. Who may publish gets 428 without `If-Match`, and 409 where a value would be public that",
        "no citation supports: cite words in `citations`, or send in `confirm` the ids of citations that still support it.\n",
    )
}


def send(case: Case, client: Client, world: World) -> Any:
    """Send the request of a case."""
    clause = world.clauses["rare-metals/4.1"]
    path = BASE + case.path.replace("{clause}", str(clause.pk))
    named = {"If-Match": "*"} | dict(case.headers) if case.method in ("PUT", "PATCH", "DELETE") else dict(case.headers)
    named = {name: value for name, value in named.items() if value}
    path, _, query = path.partition("?")
    if "{cursor}" in query:
        after = client.get(f"{BASE}{LIST}?page_size=1").json()["next"]
        query = query.replace("{cursor}", after.rpartition("cursor=")[2])
    values = {"QUERY_STRING": query, "HTTP_HOST": named.pop("Host", "testserver")}
    return client.generic(case.method, path, request_body(case, world), case.content_type, headers=named, **values)


def request_body(case: Case, world: World) -> bytes:
    """Return the body of a case. The body of a new clause is valid but for the case."""
    if case.body is None or isinstance(case.body, bytes):
        return case.body or b""
    members = json.loads(json.dumps(case.body).replace('"{clause}"', str(world.clauses["rare-metals/4.1"].pk)))
    whole = sound("clauses", world).body | members[""] if "" in members else members
    return json.dumps(whole).encode()


def table_row(case: Case, answer: Any) -> str:
    """Return a row of the table of bad input: the case, its address, the status and the errors."""
    assert 400 <= answer.status_code < 500, (case, answer.content[:500])
    assert answer.headers["Content-Type"] == "application/problem+json", case
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert len(problem["detail"]) > 10, case
    assert len(answer.content) < 60_000, case
    errors = [f"`{fault['code']}` at `{error_place(fault)}`" for fault in problem.get("errors", [])]
    kind = "`" + problem["type"].rpartition("/")[2] + "`"
    more = [f"and {len(errors) - 3} more"] if len(errors) > 3 else []
    return f"| {case.what} | {case.where} | {answer.status_code} | {', '.join(errors[:3] + more) or kind} |"


def error_place(fault: dict[str, str]) -> str:
    """Return the parameter or pointer of an error."""
    return fault.get("parameter") or fault["pointer"][:60] or '""'


@pytest.mark.usefixtures("db")
def test_each_is_refused_with_its_fault_and_nothing_is_stored(world: World, writer: Client) -> None:  # noqa: F811
    clients = {"": writer} | {group: in_session(user(group, group)) for group in ("editor", "publisher")}
    before, lines = stored(), [HEAD]
    for title, cases in SECTIONS.items():
        lines += [
            f"## {title}\n",
            *NOTES.get(title, ()),
            "| what | sent to | status | fault |",
            "| --- | --- | --- | --- |",
        ]
        lines += [*(table_row(case, send(case, clients[case.group], world)) for case in cases()), ""]
    assert stored() == before
    lines += [TEXT, *(f"- `{printable(markup)}`" for markup in MARKUP if is_stored_as_text(markup, world, writer)), ""]
    document = "\n".join(lines)
    if os.environ.get("WRITE_DOCUMENTS"):
        DOCUMENT.write_text(document, encoding="utf-8")
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != document:
        pytest.fail(
            "docs/bad-input.md says something else than what came back. If that is meant, write it anew with "
            f"`WRITE_DOCUMENTS=1 python -m pytest {Path(__file__).relative_to(DOCUMENT.parents[1])}` and review it.",
            pytrace=False,
        )


def test_markup_is_text_and_comes_back_as_it_was_sent(world: World, writer: Client) -> None:  # noqa: F811
    for markup in MARKUP:
        assert is_stored_as_text(markup, world, writer), markup


def printable(text: str) -> str:
    """Escape a text if not all of it is printable."""
    return text if text.isprintable() else ascii(text)[1:-1]


def is_stored_as_text(markup: str, world: World, client: Client) -> bool:
    """Return whether a clause with this title and number is stored unchanged, and served as JSON."""
    body = sound("clauses", world).body | {"title": markup, "number": markup[:20]}
    response = client.post(f"{BASE}{LIST}", body, content_type=JSON)
    assert response.status_code == 201, response.content
    served = response.headers["Content-Type"] == "application/json"
    return served and response.json()["title"] == client.get(response.headers["Location"]).json()["title"] == markup
