"""What the schema says of the forms of files: their rules, and the rows of the JSON example as lines of them."""

from typing import Any

from accords.api.exports.forms import CSV, FORMS, JSON, NAME, NDJSON
from accords.api.exports.lines import LINES

ABOUT = {
    CSV: "The whole list, as RFC 4180 has it, in UTF-8, with a header. The columns follow from `fields`, `omit` and "
    "`expand` alone: a row in a field has a column for each of its own fields (`agreement.title`), and where there are "
    "several, the values of all stand in each, in one order (`parties.party`, `parties.role`). Several values are "
    "joined by `|`, with a backslash before `|` and before a backslash in them. Lists within lists, and `selector`, "
    "have no column. null and empty texts are empty cells. A text that a spreadsheet could take for a formula (it "
    "begins with `=`, `+`, `-`, `@`, a tab or a line break, in full width too), or that begins with an apostrophe, has "
    "an apostrophe before it; numbers have none.",
    NDJSON: "The whole list, a row in a line, each the very bytes that it has in the JSON page.",
}
PARAMETER = (
    f"The form of the answer, whatever `Accept` says: `{JSON.name}` is a page of rows, `{CSV.name}` and "
    f"`{NDJSON.name}` are one file of all rows, with the same filters, order and fields, beside which `page_size`, "
    "`cursor` and `count` mean nothing. A file shows one state of the data. It is made before it is sent: it comes "
    "whole, with its length, or not at all."
)
SCHEMA = {"type": "string", "enum": [*FORMS], "default": JSON.name}
WHAT: dict[str, Any] = {"name": NAME, "description": PARAMETER, "schema": SCHEMA}


def media(view: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The media types besides JSON, with these rows as an example."""
    found: dict[str, Any] = {}
    for form, lines in LINES.items():
        made = lines(view.serializer_class())
        found[form.media_type] = {"schema": {"type": "string", "description": ABOUT[form]}}
        if example := (made.head + made.of(rows)).decode():
            found[form.media_type]["example"] = example
    return found
