"""Shared by the tests of exports: requests for files, and a reader of cells that does not use the code under test."""

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
    """Return the address of a list's file, with the query string of the list."""
    path, mark, query = path.partition("?")
    return f"{path}.{form}{mark}{query}"


def get_file(client: Client, path: str, form: str, **headers: str) -> Any:
    """Get the file of a list."""
    answer: Any = client.get(address(path, form), headers=headers)
    assert answer.status_code == 200, (path, answer.content)
    answer.body = answer.getvalue()
    assert len(answer.body) == int(answer.headers["Content-Length"])
    return answer


def ndjson(client: Client, path: str, **headers: str) -> list[Any]:
    """Return the rows of a list as NDJSON has them."""
    body = get_file(client, path, "ndjson", **headers).body
    assert body == b"" or body.endswith(b"\n")
    return [json.loads(line) for line in body.splitlines()]


def table(client: Client, path: str, **headers: str) -> list[list[str]]:
    """Return the records of a list as CSV has them, the header first."""
    return parse_csv(get_file(client, path, "csv", **headers).body)


def parse_csv(body: bytes) -> list[list[str]]:
    """Parse CSV with two parsers, which must agree."""
    text = body.decode("utf-8-sig")
    records = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert records == [*parse_by_grammar(text)]
    assert {len(record) for record in records} == {len(records[0])}
    return records


def parse_by_grammar(text: str) -> Iterator[list[str]]:
    """Yield the records of CSV by the grammar of RFC 4180."""
    place, record = 0, []
    while place < len(text):
        match = FIELD.match(text, place)
        assert match, text[place : place + 80]
        quoted, plain, end = match.groups()
        record.append(plain if quoted is None else quoted.replace('""', '"'))
        place = match.end()
        if end != ",":
            yield record
            record = []


def values_by_column(row: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a JSON row by column: nested rows by the names of their fields, several of them as lists."""
    values: dict[str, Any] = {}
    for name, value in row.items():
        if name == "selector":
            continue
        if isinstance(value, dict):
            values |= {f"{name}.{inner}": each for inner, each in values_by_column(value).items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            parts = [values_by_column(each) for each in value]
            names = [inner for inner in parts[0] if not any(isinstance(part[inner], list) for part in parts)]
            values |= {f"{name}.{inner}": [part[inner] for part in parts] for inner in names}
        else:
            values[name] = value
    return values


def text(cell: str) -> str:
    """Return the text of a cell."""
    return cell.removeprefix("'")


def items(cell: str) -> list[str]:
    """Return the values of a cell with several."""
    values, place, plain = [], 0, text(cell)
    while True:
        match = UNQUOTED_ITEM.match(plain, place)
        assert match, cell
        values.append(re.sub(r"\\(.)", r"\1", match[1]))
        if not match[2]:
            return values
        place = match.end()


def as_text(value: Any) -> str:
    """Convert a JSON value to the text of one of several."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def means(cell: str, value: Any) -> bool:
    """Return whether a cell has the value of a JSON row."""
    if isinstance(value, list):
        return items(cell) == [as_text(each) for each in value] if value else cell == ""
    if isinstance(value, str):
        return text(cell) == value
    return cell == "" if value is None else json.loads(cell) == value and type(json.loads(cell)) is type(value)


def assert_same(records: list[list[str]], rows: list[Any]) -> None:
    """Check that the records of CSV have the values of JSON rows."""
    header, *body = records
    assert len(body) == len(rows), (len(body), len(rows))
    for record, row in zip(body, rows, strict=True):
        cells, values = dict(zip(header, record, strict=True)), values_by_column(row)
        left_out = [name for name in values if name not in cells and values[name] not in ([], None)]
        wrong = [
            (name, cells[name], values[name])
            for name in values
            if name in cells and not means(cells[name], values[name])
        ]
        invented = [(name, cells[name]) for name in cells if name not in values and cells[name]]
        assert (left_out, wrong, invented) == ([], [], []), (left_out, wrong, invented)


def list_path(address: Address, world: World) -> str:
    """Return the path of a list on a fixed day."""
    return url(address, next(iter(world.rows(address.noun).values()))) + (
        f"?on={ON}" if address.view.depends_on_day else ""
    )


class Meanwhile:
    """Does something, by another connection, before a certain question is put to the database."""

    def __init__(self, act: Any, turn: int) -> None:
        """Act before this query, counted from 1."""
        self.act, self.turn, self.asked = act, turn, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Put the question."""
        self.asked += sql.startswith("SELECT") and "accords_clause" in sql
        if self.asked == self.turn:
            self.turn = -1
            self.act()
        return execute(sql, params, many, context)
