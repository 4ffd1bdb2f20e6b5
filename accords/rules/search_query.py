"""What someone searches for: words that must all match in any form, and phrases in quotation marks, to the letter."""

import re
from typing import NamedTuple

from accords.rules.analysis import Word, forms, words

QUOTES = re.compile('["«»“”„]')
MAX_TERMS = 10
MAX_WORDS = 50


class QueryError(ValueError):
    """A query that cannot be asked; the message says why, to people."""


class Term(NamedTuple):
    """One thing that must match: a word in any of its forms, or folded words next to each other (no forms)."""

    words: tuple[str, ...]
    forms: tuple[str, ...] = ()


class Query(NamedTuple):
    """Terms that must all match."""

    terms: tuple[Term, ...]

    @property
    def phrases(self) -> list[str]:
        """The terms that must match to the letter, as folded text."""
        return [" ".join(term.words) for term in self.terms if not term.forms]

    @property
    def whole(self) -> str:
        """All words of the query in order, as folded text."""
        return " ".join(word for term in self.terms for word in term.words)


def parse(text: str) -> Query:
    """The terms of a text. Nothing but pairs of quotation marks has a meaning. Raises `QueryError`."""
    pieces = QUOTES.split(text)
    quoted = range(1, len(pieces) - 1, 2)  # a mark without a partner is none
    terms = [term for place, piece in enumerate(pieces) for term in _terms(piece, place in quoted)]
    distinct = tuple(dict.fromkeys(terms))
    if not distinct:
        raise QueryError("It must have a word: a letter or a digit.")
    if len(distinct) > MAX_TERMS or sum(len(term.words) for term in terms) > MAX_WORDS:
        raise QueryError(f"It must have 1 to {MAX_TERMS} words or phrases, of {MAX_WORDS} words in all.")
    return Query(distinct)


def _terms(piece: str, quoted: bool) -> list[Term]:
    found = list(words(piece))
    if quoted:
        return [Term(tuple(word.folded for word in found))] if found else []
    terms: list[Term] = []
    for word, before in zip(found, [None, *found], strict=False):
        if before is not None and _goes_on(before, word):
            terms[-1] = Term((*terms[-1].words, word.folded))
        elif word.joined:
            terms.append(Term((word.folded,)))
        else:
            terms.append(Term((word.folded,), forms(word.raw)))
    return terms


def _goes_on(before: Word, word: Word) -> bool:
    """Whether two words are one run of a script that writes without spaces: they are searched as a phrase."""
    return before.joined and word.joined and before.end == word.start
