"""The formats of files: how rows, as JSON shows them, become lines."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from accords.api.exports.columns import columns
from accords.rules.csv_cells import cell

Row = dict[str, Any]
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8


class FileRenderer(BaseRenderer):
    """A format of whole lists. The view writes the file in parts; other renderers get all data at once."""

    content_type: str
    about: str  # for the documentation
    left_out: frozenset[str] = frozenset()  # parameters of the list that the format has no place for

    def head(self, serializer: Any, first: Sequence[str]) -> bytes:
        """Return what comes before all rows of a serializer; fields named in `first` come in that order."""
        raise NotImplementedError

    def lines(self, rows: list[Row]) -> bytes:
        """Return the lines of some rows; `head` is called before."""
        raise NotImplementedError


class CsvRenderer(FileRenderer):
    """CSV (RFC 4180) in UTF-8, with a byte order mark and a header."""

    media_type, format = "text/csv", "csv"
    content_type = "text/csv; charset=utf-8; header=present"
    left_out = frozenset({"highlight"})
    about = (
        "The whole list, as RFC 4180 has it, in UTF-8, with a byte order mark and a header. The columns depend on "
        "`fields`, `omit` and `expand` alone, and come in the order of `fields`: a row in a field has a column for "
        "each of its own fields (`agreement.title`), and where there are several, the values of all stand in each, in "
        "one order (`parties.party`, `parties.role`). Several values are joined by `|`, with a backslash before `|` "
        "and before a backslash in them. Lists within lists, and `selector`, have no column. null and empty texts are "
        "empty cells. A text that a spreadsheet could take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or "
        "a line break, in full width too) or for another number (`0801`, `1.10`), or that begins with an apostrophe, "
        "has an apostrophe before it; numbers have none."
    )

    def head(self, serializer: Any, first: Sequence[str]) -> bytes:
        exported = columns(serializer, first)
        self._reads = [column.read for column in exported]
        return (BYTE_ORDER_MARK + written([[column.name for column in exported]])).encode()

    def lines(self, rows: list[Row]) -> bytes:
        # What most cells have is seen here: a call for each of them would double the time.
        return written(
            [
                [
                    value
                    if (value := read(row)) is None or (type(value) is str and value[:1].isalpha())
                    else cell(value)
                    for read in self._reads
                ]
                for row in rows
            ]
        ).encode()


class NdjsonRenderer(FileRenderer):
    """A JSON object a line, the very bytes that the row has on a page."""

    media_type, format = "application/x-ndjson", "ndjson"
    content_type = media_type
    about = "The whole list, a row in a line, each the very bytes that it has in the JSON page."

    def head(self, serializer: Any, first: Sequence[str]) -> bytes:
        return b""

    def lines(self, rows: list[Row]) -> bytes:
        text = BytesIO()
        text.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        return text.getvalue()


def written(records: list[list[Any]]) -> str:
    """Return records of cells as CSV."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue()


RENDERERS: tuple[type[FileRenderer], ...] = (CsvRenderer, NdjsonRenderer)
