"""Where a text matches a query: the words, and snippets around them."""

from collections import deque
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import NamedTuple

from accords.rules.analysis import STEMMED_LANGUAGES, forms, words
from accords.rules.search_query import Query

CONTEXT = 80  # code points on either side of a match
MOST = 3  # snippets of a text
LONGEST_SNIPPET = 500  # code points
LONGEST_TEXT = 100_000  # code points of a text that are read


class Span(NamedTuple):
    """A part of a text, in code points, end exclusive."""

    start: int
    end: int


class Snippet(NamedTuple):
    """A part of a text and the matches in it; offsets count from the beginning of the whole text."""

    start: int
    end: int
    marks: list[Span]

    def text(self, content: str) -> str:
        return content[self.start : self.end]

    def html(self, content: str) -> str:
        """Return the snippet as HTML, with matches in `<mark>`."""
        position, parts = self.start, []
        for mark in self.marks:
            parts += [escape(content[position : mark.start]), f"<mark>{escape(content[mark.start : mark.end])}</mark>"]
            position = mark.end
        return "".join([*parts, escape(content[position : self.end])])


def matches(content: str, query: Query, languages: tuple[str, ...] = STEMMED_LANGUAGES) -> Iterator[Span]:
    """Yield the words and phrases of a text that match, in order, without overlaps; read no further than asked."""
    wanted_forms = {form for term in query.terms for form in term.forms}
    phrases = sorted((term.words for term in query.terms if not term.forms), key=len, reverse=True)
    longest = len(phrases[0]) if phrases else 1
    remaining_words = words(content[:LONGEST_TEXT])
    window = deque(islice(remaining_words, longest))  # the next words, as many as the longest phrase has
    while window:
        next_words = tuple(word.folded for word in window) if phrases else ()
        matched_words = next((len(phrase) for phrase in phrases if next_words[: len(phrase)] == phrase), 0)
        if not matched_words and not wanted_forms.isdisjoint(forms(window[0].raw, languages)):
            matched_words = 1
        if matched_words:
            yield Span(window[0].start, window[matched_words - 1].end)
        for _ in range(matched_words or 1):
            window.popleft()
        window.extend(islice(remaining_words, longest - len(window)))


def snippets(content: str, query: Query, languages: tuple[str, ...] = STEMMED_LANGUAGES) -> list[Snippet]:
    """Return the first parts of a text that match, at most `MOST`, each with context and within `LONGEST_SNIPPET`.

    Matches close to each other share a part. A match that is longer than a part is cut.
    """
    parts: list[Snippet] = []
    for span in matches(content, query, languages):
        end = _snippet_end(content, span.end)
        if parts and span.start <= parts[-1].end:
            if end - parts[-1].start <= LONGEST_SNIPPET:
                parts[-1].marks.append(span)
                parts[-1] = parts[-1]._replace(end=end)
                continue
            parts[-1] = parts[-1]._replace(end=span.start)
        if len(parts) == MOST:
            break
        start = _snippet_start(content, span.start, parts[-1].end if parts else 0)
        end = min(end, start + LONGEST_SNIPPET)
        parts.append(Snippet(start, end, [Span(span.start, min(span.end, end))]))
    return parts


def _snippet_end(content: str, position: int) -> int:
    """Return where a snippet ends: at a space, if one is near."""
    if len(content) - position <= CONTEXT:
        return len(content)
    space = content.rfind(" ", position, position + CONTEXT)
    return space if space > position else position + CONTEXT


def _snippet_start(content: str, position: int, low: int) -> int:
    """Return where a snippet begins, not before `low`."""
    if position - low <= CONTEXT:
        return low
    space = content.find(" ", position - CONTEXT, position)
    return space + 1 if space >= 0 else position - CONTEXT
