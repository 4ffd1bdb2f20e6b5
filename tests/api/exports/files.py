"""What tests of exports share: files as they come, and what their cells mean, read without the code that wrote them."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.api.addresses import Address, url
from tests.api.world import World
from tests.clients import Client

# RFC 4180, 2: a field in quotation marks, in which they are doubled, or one without them; then a comma or a line's end.
FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)')
UNQUOTED_ITEM = re.compile(r"((?:[^|\\]|\\[|\\])*)(\||\Z)")
ON = "2026-11-23"


def address(path: str, form: str) -> str:
    """The address of the file of a list, with the list's query string."""
    path, mark, query = path.partition("?")
    return f"{path}.{form}{mark}{query}"


def fetched(client: Client, path: str, form: str, **headers: str) -> Any:
    """The file of a list."""
    answer: Any = client.get(address(path, form), headers=headers)
    assert answer.status_code == 200, (path, answer.content)
    answer.body = answer.getvalue()
    assert len(answer.body) == int(answer.headers["Content-Length"])
    return answer


def ndjson(client: Client, path: str, **headers: str) -> list[Any]:
    """The rows of a list, by NDJSON."""
    body = fetched(client, path, "ndjson", **headers).body
    assert body == b"" or body.endswith(b"\n")
    return [json.loads(line) for line in body.splitlines()]


def table(client: Client, path: str, **headers: str) -> list[list[str]]:
    """The records of a list by CSV, the header first; two parsers find the same."""
    return parsed(fetched(client, path, "csv", **headers).body)


def parsed(body: bytes) -> list[list[str]]:
    """The records of CSV."""
    text = body.decode("utf-8-sig")
    records = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert records == [*by_grammar(text)]
    assert {len(record) for record in records} == {len(records[0])}
    return records


def by_grammar(text: str) -> Iterator[list[str]]:
    """The records of CSV by RFC 4180's grammar."""
    place, record = 0, []
    while place < len(text):
        found = FIELD.match(text, place)
        assert found, text[place : place + 80]
        quoted, plain, end = found.groups()
        record.append(plain if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if end != ",":
            yield record
            record = []


def spread(row: dict[str, Any]) -> dict[str, Any]:
    """What a JSON row has for each column: rows in it by the names of their fields, several of them side by side."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name == "selector":
            continue
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": each for inner, each in spread(value).items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            parts = [spread(each) for each in value]
            names = [inner for inner in parts[0] if not any(isinstance(part[inner], list) for part in parts)]
            found |= {f"{name}.{inner}": [part[inner] for part in parts] for inner in names}
        else:
            found[name] = value
    return found


def text(cell: str) -> str:
    """The text of a cell."""
    return cell.removeprefix("'")


def items(cell: str) -> list[str]:
    """The several values of a cell."""
    made, place, plain = [], 0, text(cell)
    while True:
        found = UNQUOTED_ITEM.match(plain, place)
        assert found, cell
        made.append(re.sub(r"\\(.)", r"\1", found[1]))
        if not found[2]:
            return made
        place = found.end()


def told(value: Any) -> str:
    """A value as text, for comparing it with one of several."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def means(cell: str, value: Any) -> bool:
    """Whether a cell says what JSON says."""
    if isinstance(value, list):
        return items(cell) == [told(each) for each in value] if value else cell == ""
    if isinstance(value, str):
        return text(cell) == value
    return cell == "" if value is None else json.loads(cell) == value and type(json.loads(cell)) is type(value)


def assert_same(records: list[list[str]], rows: list[Any]) -> None:
    """The records of CSV say what rows of JSON say."""
    header, *body = records
    assert len(body) == len(rows), (len(body), len(rows))
    for record, row in zip(body, rows, strict=True):
        cells, values = dict(zip(header, record, strict=True)), spread(row)
        left_out = [name for name in values if name not in cells and values[name] not in ([], None)]
        wrong = [
            (name, cells[name], values[name])
            for name in values
            if name in cells and not means(cells[name], values[name])
        ]
        invented = [(name, cells[name]) for name in cells if name not in values and cells[name]]
        assert (left_out, wrong, invented) == ([], [], []), (left_out, wrong, invented)


def path_of(address: Address, world: World) -> str:
    """The path of a list, on a day that does not change."""
    return url(address, next(iter(world.rows(address.noun).values()))) + (f"?on={ON}" if address.view.dated else "")


class Meanwhile:
    """Does something, by another connection, before a certain question is put to the database."""

    def __init__(self, act: Any, turn: int) -> None:
        """At that turn."""
        self.act, self.turn, self.asked = act, turn, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Put the question."""
        self.asked += sql.startswith("SELECT") and "accords_clause" in sql
        if self.asked == self.turn:
            self.turn = -1
            self.act()
        return execute(sql, params, many, context)
