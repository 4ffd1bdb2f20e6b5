"""Bad input is met at the edge: each answered with a problem that names the fault, and nothing is stored.

The run is told in docs/bad-input.md, which is kept true: the test fails where the file says something else.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.api.addresses import BASE
from tests.api.world import World
from tests.api.writing.bodies import sound
from tests.api.writing.conftest import caller, writer  # noqa: F401 - fixtures
from tests.api.writing.test_write_contract import stored
from tests.clients import Client

DOCUMENT = Path(__file__).parents[2] / "docs" / "bad-input.md"
HEAD = """# Bad input, and what comes back

Written by the tests (`tests/api/test_bad_input.py`): each line is a request that was sent and the answer that came, on SQLite and
on PostgreSQL alike. Every answer is a problem document (RFC 9457, `application/problem+json`), and none of these requests
changed a row. A fault stands at a parameter, or at a JSON pointer into the body; the empty pointer `""` is the body as a whole.
"""
TEXT = """## Markup

Is no bad input: it is text, stored and served as it was sent (201), as JSON that no browser runs, and escaped in every page.
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


class Case(NamedTuple):
    """One bad input: what it is, and the request that brings it."""

    what: str
    method: str
    path: str
    body: Any = None
    content_type: str = JSON
    headers: dict[str, str] = {}

    @property
    def where(self) -> str:
        """The request in short."""
        shown = self.path if len(self.path) < 70 else f"{self.path[:60]}…"
        return f"`{self.method} {shown}`".replace("|", "\\|")


def field(what: str, name: str, value: Any, method: str = "POST") -> Case:
    """A sound body of a clause with one field that is not, whole or in part."""
    where = LIST if method == "POST" else ROW
    return Case(f"{what}: `{name}`", method, where, {name: value} if method == "PATCH" else {"": {name: value}})


def raw(what: str, body: bytes) -> Case:
    """A body that is no sound JSON."""
    return Case(what, "POST", LIST, body)


def queries() -> list[Case]:
    """Parameters of lists and rows."""
    asked = {
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
    found = [Case(what, "GET", f"{LIST}?{query}") for what, query in asked.items()]
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
    """Keys in paths."""
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
    """Bodies that are not JSON as it should be."""
    many = {"": {f"field{n}": n for n in range(101)}}
    return [
        raw("nothing", b""),
        raw("blanks", b" \n"),
        raw("half an object", b'{"title": "x'),
        raw("a comma too many", b'{"title": "x",}'),
        raw("two values", b"{} {}"),
        raw("a byte order mark", b"\xef\xbb\xbf{}"),
        raw("invalid UTF-8", b'{"title": "\xff"}'),
        raw("UTF-16", '{"title": "x"}'.encode("utf-16")),
        raw("a surrogate in UTF-8", b'{"title": "\xed\xa0\x80"}'),
        raw("a name twice", b'{"title": "x", "title": "y"}'),
        raw("NaN", b'{"value": NaN}'),
        raw("infinity", b'{"value": -Infinity}'),
        raw("a number beyond a double", b'{"value": 1e999}'),
        raw("a whole number beyond 64 bits", b'{"position": 9223372036854775808}'),
        raw("33 arrays in each other", b'{"title": ' + b"[" * 32 + b"]" * 32 + b"}"),
        raw("100 000 objects in each other", b'{"a":' * 100_000),
        raw("more than 1 MiB", b'"' + b"x" * 2**20 + b'"'),
        raw("a number", b"1"),
        raw("null", b"null"),
        raw("an empty list", b"[]"),
        raw("a list of 201 rows", b"[" + b"{}," * 200 + b"{}]"),
        raw("a list with a number in it", b"[1]"),
        Case("101 unknown fields", "POST", LIST, many),
        Case("a body where none belongs", "DELETE", ROW, b"{}", headers={"If-Match": "*"}),
    ]


def fields() -> list[Case]:
    """Values that a field cannot take."""
    return [
        field("NUL, escaped", "title", "a\0b"),
        field("a control character", "title", "a\x1bb"),
        field("a lone surrogate", "title", "\ud800"),
        field("a lone surrogate", "type", "\udfff"),
        field("a line break", "title", "a\nb"),
        field("301 characters", "title", "x" * 301),
        field("blanks", "title", "   "),
        field("null", "title", None),
        field("a number", "title", 1.5),
        field("an object", "title", {"en": "x"}),
        field("a word that is not in the vocabulary", "type", "tarif"),
        field("a string", "value", "57"),
        field("sixteen digits", "value", 1234567890123.456),
        field("true", "position", True),
        field("a fraction", "position", 1.5),
        field("a negative number", "position", -1),
        field("2³¹", "position", 2**31),
        field("year 0", "effective", "0000"),
        field("year 10000", "effective", "10000-01-01"),
        field("a day that is none", "effective", "2026-02-30"),
        field("a date in words", "effective", "next April"),
        field("an unknown agreement", "agreement", "no-such"),
        field("an id", "agreement", 1),
        field("2⁶³ - 1", "parent", 2**63 - 1),
        field("zero", "parent", 0),
        field("a list deep in lists", "parent", [[[1]]]),
        field("a code of five digits", "hs_codes", ["12015"]),
        field("the same code twice", "hs_codes", ["1201", "1201"]),
        field("a value without its unit", "unit", ""),
        field("an unknown role", "parties", [{"party": "china", "role": "owner", "explicit": True}]),
        field("the same party twice", "parties", [{"party": "china", "role": "obligor", "explicit": True}] * 2),
        field("a quote that is not in the source", "citations", [{"source": "press", "exact": "Nvidia agreed"}]),
        field("a quote that stands twice", "citations", [{"source": "press", "exact": "Les droits de douane"}]),
        field("a quote at the wrong place", "citations", [{"source": "press", "exact": "soja", "start": 0}]),
        field("a quote for a field that is none", "citations", [{"source": "press", "exact": "soja", "field": "x"}]),
        field("a read-only field", "id", 1),
        field("a derived field", "delta", -10),
        field("an unknown field", "is_superuser", True),
        field("a read-only field", "created_at", "2026-01-01T00:00:00Z", "PATCH"),
        field("another agreement", "agreement", "genocide", "PATCH"),
        field("a number that another clause has", "number", "1", "PATCH"),
        field("a circle", "parent", "{clause}", "PATCH"),
    ]


def headers() -> list[Case]:
    """Headers, and methods that are not here."""
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


SECTIONS = {
    "Parameters": queries,
    "Keys in paths": paths,
    "Bodies": bodies,
    "Fields": fields,
    "Headers, methods and addresses": headers,
}


def send(case: Case, client: Client, world: World) -> Any:
    """The answer to a bad input."""
    clause = world.clauses["rare-metals/4.1"]
    path = BASE + case.path.replace("{clause}", str(clause.pk))
    named = {"If-Match": "*"} | dict(case.headers) if case.method in ("PUT", "PATCH", "DELETE") else dict(case.headers)
    named = {name: value for name, value in named.items() if value}
    path, _, query = path.partition("?")
    if "{cursor}" in query:
        after = client.get(f"{BASE}{LIST}?page_size=1").json()["next"]
        query = query.replace("{cursor}", after.rpartition("cursor=")[2])
    values = {"QUERY_STRING": query, "HTTP_HOST": named.pop("Host", "testserver")}
    return client.generic(case.method, path, sent(case, world), case.content_type, headers=named, **values)


def sent(case: Case, world: World) -> bytes:
    """The body. The one of a new clause is sound but for what the case says."""
    if case.body is None or isinstance(case.body, bytes):
        return case.body or b""
    given = json.loads(json.dumps(case.body).replace('"{clause}"', str(world.clauses["rare-metals/4.1"].pk)))
    whole = sound("clauses", world).body | given[""] if "" in given else given
    return json.dumps(whole).encode()


def line(case: Case, answer: Any) -> str:
    """A row of the table: what was sent where, and what came back."""
    assert 400 <= answer.status_code < 500, (case, answer.content[:500])
    assert answer.headers["Content-Type"] == "application/problem+json", case
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert len(problem["detail"]) > 10, case
    assert len(answer.content) < 60_000, case
    told = [f"`{fault['code']}` at `{place(fault)}`" for fault in problem.get("errors", [])]
    kind = "`" + problem["type"].rpartition(":")[2] + "`"
    more = [f"and {len(told) - 3} more"] if len(told) > 3 else []
    return f"| {case.what} | {case.where} | {answer.status_code} | {', '.join(told[:3] + more) or kind} |"


def place(fault: dict[str, str]) -> str:
    """Where a fault stands."""
    return fault.get("parameter") or fault["pointer"][:60] or '""'


@pytest.mark.usefixtures("db")
def test_each_is_refused_with_its_fault_and_nothing_is_stored(world: World, writer: Client) -> None:  # noqa: F811
    before, lines = stored(), [HEAD]
    for title, cases in SECTIONS.items():
        lines += [f"## {title}\n", "| what | sent to | status | fault |", "| --- | --- | --- | --- |"]
        lines += [*(line(case, send(case, writer, world)) for case in cases()), ""]
    assert stored() == before
    lines += [TEXT, *(f"- `{shown(markup)}`" for markup in MARKUP if kept(markup, world, writer)), ""]
    told = "\n".join(lines)
    if os.environ.get("WRITE_DOCUMENTS"):
        DOCUMENT.write_text(told, encoding="utf-8")
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != told:
        pytest.fail(
            "docs/bad-input.md says something else than what came back. If that is meant, write it anew with "
            f"`WRITE_DOCUMENTS=1 python -m pytest {Path(__file__).relative_to(DOCUMENT.parents[1])}` and review it.",
            pytrace=False,
        )


def test_markup_is_text_and_comes_back_as_it_was_sent(world: World, writer: Client) -> None:  # noqa: F811
    for markup in MARKUP:
        assert kept(markup, world, writer), markup


def shown(text: str) -> str:
    """A text of which nothing is hidden from who reads it."""
    return text if text.isprintable() else ascii(text)[1:-1]


def kept(markup: str, world: World, client: Client) -> bool:
    """Whether a clause may be called and numbered so, and then is, to the letter, in an answer that no browser runs."""
    body = sound("clauses", world).body | {"title": markup, "number": markup[:20]}
    response = client.post(f"{BASE}{LIST}", body, content_type=JSON)
    assert response.status_code == 201, response.content
    served = response.headers["Content-Type"] == "application/json"
    return served and response.json()["title"] == client.get(response.headers["Location"]).json()["title"] == markup
