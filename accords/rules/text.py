"""Folding: texts compared without case, accents and punctuation.

The one definition for the API's filters, the search index, the admin's search and its autocompletion. The databases
store folded copies, so both answer alike.
"""

import unicodedata

# Letters that Unicode does not decompose.
LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
MARKS = map(chr, range(0x300, 0x370))  # accents; vowel signs of other scripts are letters


def _blanks() -> list[str]:
    """Return white space, punctuation, and the symbols of ASCII."""
    chars = map(chr, range(0x10000))
    return [*"$+<=>^`|~ʼ", *(char for char in chars if char.isspace() or unicodedata.category(char)[0] == "P")]


TABLE = str.maketrans(LETTERS | dict.fromkeys(MARKS, "") | dict.fromkeys(_blanks(), " "))
ASCII = {code: chr(code).lower().translate(TABLE) for code in range(128)}

FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # `！` to `～`, which are ASCII's `!` to `~`
# What `normalize_number` replaces: full-width forms and hyphens by ASCII, invisible characters by nothing.
NUMBER_FORMS = FULL_WIDTH | dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")) | {0x2010: "-", 0x2011: "-"}


def fold(text: str) -> str:
    """Return a text without case and accents, with a space for each punctuation mark: `L'Été` → `l ete`."""
    if text.isascii():
        return text.translate(ASCII)
    plain = unicodedata.normalize("NFKD", text).casefold().translate(TABLE)
    return unicodedata.normalize("NFC", plain)


def normalize_number(text: str) -> str:
    """Return a row's number without outer spaces, invisible characters and full-width forms: `５ bis` → `5 bis`."""
    plain = unicodedata.normalize("NFC", text.translate(NUMBER_FORMS))
    return " ".join(plain.split())


def folded_words(text: str) -> list[str]:
    """Return the words of a text in order, each folded."""
    return fold(text).split()
