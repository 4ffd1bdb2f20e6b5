"""Folding text for comparison: case, accents and punctuation do not count.

`LETTERS` is the one table that Python, SQLite and PostgreSQL read: each key becomes its value.
"""

import unicodedata


def _folded_letters() -> dict[str, str]:
    """Latin letters with marks, and their capitals, to their plain small letter (Unicode decomposition)."""
    table = {}
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        plain = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if plain.isascii() and plain.isalpha():
            table[chr(code)] = plain
    return table | {"ß": "s", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l"}


LETTERS = _folded_letters()
LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))  # what `str.split` splits at, such as U+202F before %
MARKS = "".join(map(chr, range(0x300, 0x370)))  # accents that stand for themselves, after their letter
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»‘’“”–—…•"
_CAPITALS = {chr(code): chr(code + 32) for code in range(65, 91)}
_TABLE = str.maketrans(
    LETTERS | LIGATURES | dict.fromkeys(PUNCTUATION + SPACES, " ") | dict.fromkeys(MARKS, "") | _CAPITALS
)


def fold(text: str) -> str:
    """The text in small plain letters, punctuation as spaces: `L'Été` → `l ete`. Other scripts stay as they are."""
    return text.translate(_TABLE)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return fold(text).split()
