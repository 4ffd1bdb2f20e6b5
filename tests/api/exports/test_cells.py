"""CSV for spreadsheets: no cell is a formula, and every value that can be stored comes back."""

import csv
import io
from typing import Any

import pytest
from django.db import connection

from accords.api.exports.renderers import csv_lines
from accords.rules.csv_cells import cell
from tests import factories
from tests.api.exports.files import get_file, items, ndjson, parse_by_grammar, parse_csv, table, text
from tests.api.world import World
from tests.clients import Client
from tests.factories import without_validation

FORMULAS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=HYPERLINK(1)",
    "=cmd|' /C calc'!A0",
    "-",
    "'",
    "'=1",
]
FORMULAS += [
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "\u3000\uff1d1",
    " \t'",
]
HARMLESS = [
    "",
    " ",
    "a",
    "1",
    "a=1",
    "1-2",
    "57 %",
    '"quoted"',
    "a,b",
    "a;b",
    "a\r\nb",
    "a\nb",
    "été",
    "🌾",
    "'s".replace("'", "’"),
]
HARMLESS += [
    "l'accord",
    "(a)",
    "8471",
    "8471.3",
    "1.2.10",
    "12, 13",
    "#1",
    "€",
    "x" * 40_000,
    '"',
    '""',
    ",",
    " a ",
    "\\",
    "|",
    "a|b\\|c",
    "0001-01-01",
    "２",
]
OTHER_NUMBERS = ["0801", "007.5", "1.10", "1.0", "1.", ".5", "1e5", "12E3", "1" * 16, "1,234", "(1)"]
NUMBERS = [-10, -17.5, 0, 57, 0.1, -99999999999.9999, 99999999999.9999, 10**14]


@pytest.mark.parametrize("value", [*FORMULAS, *OTHER_NUMBERS])
def test_a_text_that_could_be_a_formula_or_another_number_is_neither_and_comes_back(value: str) -> None:
    made = cell(value)
    assert made == f"'{value}"
    assert text(made) == value
    assert parse_csv(csv_lines([[made, "x"]]).encode()) == [[made, "x"]]
    assert cell([value]).startswith("'")
    assert cell([value, "b"]).startswith("'") or value in OTHER_NUMBERS
    assert items(cell(["a", value])) == ["a", value]


@pytest.mark.parametrize("value", HARMLESS)
def test_any_other_text_stands_as_it_is(value: str) -> None:
    assert cell(value) == value
    assert parse_csv(csv_lines([[value, "x"]]).encode()) == [[value, "x"]]
    assert items(cell([value, "b", value])) == [value, "b", value]


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_are_numbers(value: float) -> None:
    (record,) = parse_csv(csv_lines([[cell(value), "x"]]).encode())
    assert type(value)(record[0]) == value
    assert record[0][0] in "-0123456789"
    assert "e" not in record[0].lower()


def test_other_values() -> None:
    assert [cell(value) for value in (None, True, False, [], [None], [True, None, 2])] == [
        "",
        "true",
        "false",
        "",
        "",
        "true||2",
    ]


@pytest.fixture
def nasty(world: World) -> list[str]:
    """Create clauses with difficult texts, and with the first and last dates of the calendar; return their numbers."""
    deal, numbers = world.agreements["genocide"], []
    with without_validation():
        for place, value in enumerate([*FORMULAS, *OTHER_NUMBERS, *HARMLESS]):
            line = value.replace("\r", " ").replace("\n", " ").replace("\t", " ")[:190]
            fields = {
                "title": line or "x",
                "text": value,
                "commodity": line,
                "scope_note": line,
                "language": "en",
                "value": str(-place),
                "unit": "%",
            }
            dates = {"effective": "0001-01-01", "ends": "9999-12-31"}
            numbers.append(factories.clause(deal, f"n{place}", **fields | dates).number)
    return numbers


def test_every_value_that_is_stored_comes_back(nasty: list[str], world: World, client: Client) -> None:
    path = "/api/v1/clauses?agreement=genocide&effective_certain_before=0001-01-01&fields=number,title,text,value,effective,ends"
    rows, (header, *records) = ndjson(client, path), table(client, path)
    assert [row["number"] for row in rows] == nasty
    assert header == ["id", "url", "number", "title", "text", "value", "effective", "ends"]
    for row, record in zip(rows, records, strict=True):
        assert [text(each) for each in record[3:5]] == [row["title"], row["text"]]
        assert int(record[5]) == row["value"]
        assert record[6:] == ["0001-01-01", "9999-12-31"]
        assert all(not each.lstrip().startswith(("=", "+", "@")) for each in record)


def test_postgresql_reads_it_as_we_do(nasty: list[str], world: World, client: Client) -> None:
    """A third parser, where it is there; SQLite stands for the second one."""
    body = get_file(client, "/api/v1/clauses?fields=number,title,text", "csv").body
    text = body.decode("utf-8-sig")
    expected = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert [*parse_by_grammar(text)] == expected
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE read_back (id text, url text, number text, title text, body text)")
            with cursor.copy("COPY read_back FROM STDIN (FORMAT csv, HEADER, NULL 'no such text')") as copy:
                copy.write(text)
            cursor.execute("SELECT * FROM read_back")
            found: list[Any] = [[*row] for row in cursor.fetchall()]
        assert sorted(found) == sorted(expected[1:])
