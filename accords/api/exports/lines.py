"""Rows, as JSON shows them, as lines of a file: for lists of the API, or whoever else has rows of a serializer."""

import csv
from io import BytesIO, StringIO
from typing import Any, Protocol

import orjson

from accords.api.exports.columns import columns
from accords.api.exports.forms import CSV, NDJSON, Form
from accords.api.fast.rows import Shown
from accords.rules.csv_cells import cell


class Lines(Protocol):
    """How rows of one shape become lines."""

    head: bytes  # what comes before all rows

    def of(self, rows: list[Shown]) -> bytes:
        """The lines of some rows."""


class CsvLines:
    """CSV (RFC 4180) in UTF-8, with a header."""

    def __init__(self, serializer: Any) -> None:
        """Take the columns of a serializer, which is in the shape of the rows to come."""
        found = columns(serializer)
        self._reads = [column.read for column in found]
        self.head = written([[column.name for column in found]])

    def of(self, rows: list[Shown]) -> bytes:
        """A record for each row."""
        # What most cells have is seen here: a call for each of them would double the time.
        return written(
            [
                [
                    value
                    if (value := read(row)) is None or (type(value) is str and value[:1].isalnum())
                    else cell(value)
                    for read in self._reads
                ]
                for row in rows
            ]
        )


class NdjsonLines:
    """A JSON object a line, the very bytes that the row has on a page."""

    head = b""

    def __init__(self, serializer: Any) -> None:
        """Whatever the serializer: rows are shown already."""

    def of(self, rows: list[Shown]) -> bytes:
        """A line for each row."""
        text = BytesIO()
        text.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        return text.getvalue()


def written(records: list[list[Any]]) -> bytes:
    """Records of cells as CSV."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode()


LINES: dict[Form, type[CsvLines] | type[NdjsonLines]] = {CSV: CsvLines, NDJSON: NdjsonLines}
