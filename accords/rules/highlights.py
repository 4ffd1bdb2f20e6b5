"""Where a text matches a query: the words, and snippets around them."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from accords.rules.analysis import BOTH, Word, forms, words
from accords.rules.search_query import Query

AROUND = 80  # code points of context on either side of a match
MOST = 3  # snippets of a text
LONGEST_TEXT = 100_000  # code points of a text that are looked at


class Span(NamedTuple):
    """A stretch of a text, in code points, end exclusive."""

    start: int
    end: int


class Snippet(NamedTuple):
    """A stretch of a text, and what matches within it; offsets count from the beginning of the whole text."""

    start: int
    end: int
    marks: list[Span]

    def text(self, content: str) -> str:
        """The stretch itself."""
        return content[self.start : self.end]

    def html(self, content: str) -> str:
        """The stretch as HTML, matches in `<mark>`."""
        at, parts = self.start, []
        for mark in self.marks:
            parts += [escape(content[at : mark.start]), f"<mark>{escape(content[mark.start : mark.end])}</mark>"]
            at = mark.end
        return "".join([*parts, escape(content[at : self.end])])


def matches(content: str, query: Query, languages: tuple[str, ...] = BOTH) -> Iterator[Span]:
    """The words and phrases of a text that match, in order, none overlapping."""
    wanted = {form for term in query.terms for form in term.forms}
    phrases = [term.words for term in query.terms if not term.forms]
    found, at = list(words(content[:LONGEST_TEXT])), 0
    while at < len(found):
        size = max((len(phrase) for phrase in phrases if _stands(phrase, found, at)), default=0)
        if not size and wanted.intersection(forms(found[at].raw, languages)):
            size = 1
        if size:
            yield Span(found[at].start, found[at + size - 1].end)
        at += size or 1


def _stands(phrase: tuple[str, ...], found: list[Word], at: int) -> bool:
    return found[at].folded == phrase[0] and tuple(word.folded for word in found[at : at + len(phrase)]) == phrase


def snippets(content: str, query: Query, languages: tuple[str, ...] = BOTH) -> list[Snippet]:
    """The first stretches of a text that match, with some context; matches close to each other share one."""
    made: list[Snippet] = []
    for span in matches(content, query, languages):
        if made and span.start <= made[-1].end:
            made[-1] = made[-1]._replace(end=_edge(content, span.end), marks=[*made[-1].marks, span])
        elif len(made) == MOST:
            break
        else:
            start = _start(content, span.start, made[-1].end if made else 0)
            made.append(Snippet(start, _edge(content, span.end), [span]))
    return made


def _edge(content: str, at: int) -> int:
    """Where a snippet ends: at a space, if one is near."""
    if len(content) - at <= AROUND:
        return len(content)
    space = content.rfind(" ", at, at + AROUND)
    return space if space > at else at + AROUND


def _start(content: str, at: int, low: int) -> int:
    """Where a snippet begins, not before `low`."""
    if at - low <= AROUND:
        return low
    space = content.find(" ", at - AROUND, at)
    return space + 1 if space >= 0 else at - AROUND
