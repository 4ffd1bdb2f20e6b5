"""Values as cells of CSV that no spreadsheet takes for a formula, and from which each value can be read back.

null and the empty text are empty cells, booleans are `true` and `false`, numbers are as in JSON. A text that a
spreadsheet could take for a formula or for another number (`0801` for 801) has an apostrophe before it, and so has one
that begins with an apostrophe: to read a text back, remove one leading apostrophe if there is one. Several values are
joined by `|`; in each, `|` and a backslash have a backslash before them.
"""

import re
from typing import Any

SEPARATOR = "|"
# What makes a formula (OWASP, "CSV Injection"), in full width too, after any blanks that a program may cut off.
FORMULA = "[\\s\\ufeff\\u200b]*[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20']"
# Numbers that are written otherwise once they are read: zeros at either end, exponents, more digits than a double
# holds, groups of three, and negative ones in parentheses.
NUMBER = (
    r"0[0-9]+[.0-9]*|[0-9]*\.(?:[0-9]*0)?|\.[0-9]+|[0-9.]+[eE][0-9]+|[0-9]{16,}|[0-9]{1,3}(?:,[0-9]{3})+|\([0-9.,]+\)"
)
RISKY = re.compile(rf"{FORMULA}|(?:{NUMBER})\Z")
ESCAPES = str.maketrans({"\\": "\\\\", SEPARATOR: f"\\{SEPARATOR}"})


def as_plain_text(text: str) -> str:
    """Return a text as a cell."""
    return f"'{text}" if not text[:1].isalpha() and RISKY.match(text) else text


def escaped_item(value: Any) -> str:
    """Return one of several values as a part of a cell, without an apostrophe: the cell as a whole may get one."""
    text = value if isinstance(value, str) else str(cell(value))
    # `translate` is slow, and rarely needed
    return text.translate(ESCAPES) if SEPARATOR in text or "\\" in text else text


def cell(value: Any) -> Any:
    """Return a value as `csv.writer` takes it: a text or a number."""
    if isinstance(value, str):
        return as_plain_text(str(value))
    if isinstance(value, list):
        return as_plain_text(SEPARATOR.join(map(escaped_item, value)))
    if value is True:
        return "true"
    if value is False:
        return "false"
    return "" if value is None else value
