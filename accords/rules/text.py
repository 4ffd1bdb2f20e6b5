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


def fold(text: str) -> str:
    """Return a text without case and accents, with a space for each punctuation mark: `L'Été` → `l ete`."""
    if text.isascii():
        return text.translate(ASCII)
    plain = unicodedata.normalize("NFKD", text).casefold().translate(TABLE)
    return unicodedata.normalize("NFC", plain)


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return fold(text).split()
