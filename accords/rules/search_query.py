"""Search queries: words that must all match in any form, and phrases in quotation marks, to the letter."""

import re
import unicodedata
from typing import NamedTuple

from accords.rules.analysis import Word, forms, words

QUOTES = re.compile('["«»“”„]')
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
MAX_TERMS = 10
MAX_WORDS = 50


class QueryError(ValueError):
    """An invalid query; the message is for people."""


class Term(NamedTuple):
    """A word in any of its forms, or, without forms, folded words next to each other."""

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()


class Query(NamedTuple):
    """Terms that must all match."""

    terms: tuple[Term, ...]

    @property
    def phrases(self) -> list[str]:
        """Return the terms without forms, as folded text."""
        return [" ".join(term.words) for term in self.terms if not term.forms]

    @property
    def all_words(self) -> str:
        """Return all words of the query in order, as folded text."""
        return " ".join(word for term in self.terms for word in term.words)


def parse(text: str) -> Query:
    """Parse a query. Only pairs of quotation marks have a meaning. Raises `QueryError`.

    Letters that are typed in parts, such as kana with their marks, are composed, and variants of glyphs are ignored.
    """
    pieces = QUOTES.split(VARIATION_SELECTORS.sub("", unicodedata.normalize("NFC", text)))
    quoted_indexes = range(1, len(pieces) - 1, 2)  # without the last piece if its quotation mark is not closed
    terms = [term for index, piece in enumerate(pieces) for term in _terms(piece, index in quoted_indexes)]
    distinct = tuple(dict.fromkeys(terms))
    if not distinct:
        raise QueryError("Enter a word: a letter or a digit.")
    if len(distinct) > MAX_TERMS or sum(len(term.words) for term in terms) > MAX_WORDS:
        raise QueryError(f"Enter at most {MAX_TERMS} words or phrases, of {MAX_WORDS} words in all.")
    return Query(distinct)


def _terms(piece: str, is_quoted: bool) -> list[Term]:
    """Return the terms of a part of a query: one phrase if it is quoted, else its words."""
    piece_words = list(words(piece))
    if is_quoted:
        return [Term(tuple(word.folded for word in piece_words))] if piece_words else []
    terms: list[Term] = []
    for word, previous in zip(piece_words, [None, *piece_words], strict=False):
        if previous is not None and _continues_run(previous, word):
            terms[-1] = Term((*terms[-1].words, word.folded))
        elif word.is_unspaced:
            terms.append(Term((word.folded,)))
        else:
            terms.append(Term((word.folded,), forms(word.raw)))
    return terms


def _continues_run(previous: Word, word: Word) -> bool:
    """Return whether two words are one run of a script without spaces, which is searched as a phrase."""
    return previous.is_unspaced and word.is_unspaced and previous.end == word.start
