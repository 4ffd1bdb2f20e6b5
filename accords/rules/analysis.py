"""The analyser of the search index: from a text to its words, and from a word to the forms under which it is found.

A word is found by its folded form and by its French and English stems, so that a query need not say its language.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from snowballstemmer.english_stemmer import EnglishStemmer
from snowballstemmer.french_stemmer import FrenchStemmer

from accords.rules import text

BREAK = "«"  # separates the words of two texts in an index entry; it is punctuation, so no word equals it
MAX_WORD_LENGTH = 80  # characters; the rest of a longer word is ignored
MAX_BYTES = 900_000  # of the distinct forms of one row: PostgreSQL's `tsvector` holds 2**20
STEMMED_LANGUAGES = ("fr", "en")

# For the brackets of regular expressions: the characters of scripts that write words without spaces, of Hangul, which
# joins particles to words, and signs such as emoji. Each of these characters is a word.
UNSPACED = "\u2e80-\u2fdf\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
UNSPACED += "\U00020000-\U0003fffd"
SIGNS = "\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"


def _marks() -> str:
    """Return accents and vowel signs, which belong to the letter before, for the brackets of a regular expression."""
    return "".join(char for char in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(char) in ("Mn", "Mc"))


MARKS = _marks()
LETTER = rf"[^\W_{UNSPACED}{SIGNS}]"
SIMPLE = re.compile(r"[^\W_]+")
MIXED = re.compile(rf"[{UNSPACED}{SIGNS}]|{LETTER}(?:{LETTER}|[{MARKS}])*")
NOT_SIMPLE = re.compile(rf"[{UNSPACED}{SIGNS}{MARKS}\u02bc]")
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
APOSTROPHES = ("'", "\u2019")
ELIDED = frozenset(
    ["c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu"]
)


class Word(NamedTuple):
    """A word of a text: folded, as it is in the text (`raw`), and its offsets (code points, end exclusive)."""

    folded: str
    raw: str
    start: int
    end: int
    is_unspaced: bool  # whether it is one character of a script that writes words without spaces


def words(content: str) -> Iterator[Word]:
    """Yield the words of a text, in order, without elided `l'` and `qu'` and possessive `'s`; hyphens divide words."""
    pattern, is_mixed = SIMPLE, bool(NOT_SIMPLE.search(content))  # most texts are simple, and that pattern is faster
    if is_mixed:
        pattern, content = MIXED, content.replace("\u02bc", "'")
    has_apostrophe = any(apostrophe in content for apostrophe in APOSTROPHES)
    for match in pattern.finditer(content):
        start, end = match.span()
        if has_apostrophe and _is_clitic(content, start, end):
            continue
        raw = match[0]
        if folded := fold_word(raw):
            yield Word(folded, raw, start, end, is_mixed and bool(UNSPACED_CHARACTER.match(raw)))


def _is_clitic(content: str, start: int, end: int) -> bool:
    """Return whether a word belongs to its neighbour by an apostrophe: `l` of `l'accord`, `s` of `China's`."""
    if content[end : end + 1] in APOSTROPHES and content[start:end].lower() in ELIDED:
        return content[end + 1 : end + 2].isalnum()
    possessive = content[start:end] in ("s", "S") and content[start - 1 : start] in APOSTROPHES
    return possessive and content[start - 2 : start - 1].isalnum()


def _fold_uncached(word: str) -> str:
    """Fold a word as `fold_word` does, without its cache: for stems, whose results `forms` caches."""
    return "".join(text.folded_words(word))[:MAX_WORD_LENGTH]


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """Return a word without case and accents: `ÉTATS` is `etats`."""
    return _fold_uncached(word)


@lru_cache(maxsize=100_000)
def forms(word: str, languages: tuple[str, ...] = STEMMED_LANGUAGES) -> tuple[str, ...]:
    """Return the forms under which a word is found: folded first, then its stems in these languages.

    French is stemmed both before and after folding: the accents decide the stem (`renégocié`), but not everyone
    types them (`renegocie`).
    """
    folded, lower_case = fold_word(word), unicodedata.normalize("NFC", word).casefold()[:MAX_WORD_LENGTH]
    variants = [folded]
    if "fr" in languages:
        variants += [_fold_uncached(FrenchStemmer().stemWord(lower_case)), FrenchStemmer().stemWord(folded)]
    if "en" in languages:
        variants.append(EnglishStemmer().stemWord(folded))
    return tuple(dict.fromkeys(filter(None, variants)))


def stemming_languages(tag: str) -> tuple[str, ...]:
    """Return the languages by which a text is stemmed, given its BCP 47 tag.

    Its own language if that is French or English, both if the tag is blank, none for other languages.
    """
    primary = tag.lower().partition("-")[0]
    return tuple(language for language in STEMMED_LANGUAGES if primary in ("", language))


class IndexEntry(NamedTuple):
    """The index entry of texts: their folded words in order, and the other forms of these words."""

    words: str
    stems: str


class Budget:
    """The number of bytes of distinct forms that the entry of a row may still have; the rest is not indexed."""

    def __init__(self) -> None:
        self.counted_forms: set[str] = set()
        self.bytes_left = MAX_BYTES

    def spend(self, variants: Iterable[str]) -> bool:
        """Count these forms, and return whether they fit."""
        if new := [form for form in variants if form not in self.counted_forms]:
            self.counted_forms.update(new)
            self.bytes_left -= sum(len(form.encode()) for form in new)
        return self.bytes_left >= 0


def index_entry(texts: Iterable[str], stemmed_in: tuple[str, ...], budget: Budget) -> IndexEntry:
    """Return the index entry of texts, with stems in these languages.

    All texts of a row share one budget; what no longer fits is left out.
    """
    folded_words: list[str] = []
    stems: dict[str, None] = {}
    for content in texts:
        folded_words.append(BREAK)
        for word in words(content):
            variants = forms(word.raw, stemmed_in)
            if not budget.spend(variants):
                break
            folded_words.append(word.folded)
            stems.update(dict.fromkeys(variants))
    indexed = set(folded_words)
    return IndexEntry(" ".join(folded_words[1:]), " ".join(stem for stem in stems if stem not in indexed))
