"""Renderers of the formats in which whole lists can be downloaded. Values are those of the JSON representation."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from accords.api.exports.columns import export_columns
from accords.rules.csv_cells import cell

Row = dict[str, Any]
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets recognise UTF-8 by it


class FileRenderer(BaseRenderer):
    """A file format for whole lists.

    `accords.api.exports.files` writes a file in parts: `header` once, then `lines` for each batch of rows. DRF's
    `render`, which gets all data at once, is not used.
    """

    content_type: str
    description: str  # in the OpenAPI schema
    unsupported_parameters: frozenset[str] = frozenset()  # query parameters that lists accept and the format does not

    def header(self, serializer: Any, first: Sequence[str]) -> bytes:
        """Return the bytes before the first row, and prepare `lines` for the fields of the serializer.

        `first` is the query parameter `fields`: these columns come first, in this order.
        """
        raise NotImplementedError

    def lines(self, rows: list[Row]) -> bytes:
        """Return the lines of a file for these rows. Call `header` first: it chooses the columns."""
        raise NotImplementedError


class CsvRenderer(FileRenderer):
    """CSV (RFC 4180) in UTF-8, with a byte order mark and a header."""

    media_type, format = "text/csv", "csv"
    content_type = "text/csv; charset=utf-8; header=present"
    unsupported_parameters = frozenset({"highlight"})
    description = (
        "The whole list as CSV (RFC 4180) in UTF-8, with a byte order mark and a header. The columns depend on "
        "`fields`, `omit` and `expand` only, and have the order of `fields`. A field that is a row has a column for "
        "each field of that row (`agreement.title`). A field that is a list of rows has the same columns, each with "
        "the values of all rows in the same order (`parties.party`, `parties.role`). Several values are joined by `|`, "
        "with a backslash before `|` and before a backslash in them. Lists within lists, and `selector`, have no "
        "column. null and empty texts are empty cells. A text that a spreadsheet could take for a formula (it begins "
        "with `=`, `+`, `-`, `@`, a tab or a line break, also in full width) or for another number (`0801`, `1.10`), "
        "or that begins with an apostrophe, has an apostrophe before it; numbers have none."
    )

    def header(self, serializer: Any, first: Sequence[str]) -> bytes:
        columns = export_columns(serializer, first)
        self._read_functions = [column.read for column in columns]
        return (BYTE_ORDER_MARK + csv_lines([[column.name for column in columns]])).encode()

    def lines(self, rows: list[Row]) -> bytes:
        # Most values need no escaping by `cell`: null, and texts that begin with a letter. They are tested here,
        # because a call for each value would double the time.
        return csv_lines(
            [
                [
                    value
                    if (value := read(row)) is None or (type(value) is str and value[:1].isalpha())
                    else cell(value)
                    for read in self._read_functions
                ]
                for row in rows
            ]
        ).encode()


class NdjsonRenderer(FileRenderer):
    """One JSON object per line, with the same bytes as on a page of the list."""

    media_type, format = "application/x-ndjson", "ndjson"
    content_type = media_type
    description = "The whole list, a row in each line, with the same bytes as in the JSON page."

    def header(self, serializer: Any, first: Sequence[str]) -> bytes:
        return b""

    def lines(self, rows: list[Row]) -> bytes:
        buffer = BytesIO()
        buffer.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        return buffer.getvalue()


def csv_lines(records: list[list[Any]]) -> str:
    """Return records of cells as CSV."""
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(records)
    return buffer.getvalue()


RENDERERS: tuple[type[FileRenderer], ...] = (CsvRenderer, NdjsonRenderer)
