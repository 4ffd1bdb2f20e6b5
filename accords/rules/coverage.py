"""How much of a text is cited. Offsets are Unicode code points, ends exclusive."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Span = tuple[int, int]

# Where a sentence may end: after its mark and closing quotation marks or brackets, or at the end of a line. A following
# lower-case letter or digit means that it does not (`sentences`): "art. 2" and "p. ex. ceci" stay whole.
_ENDS = re.compile(r"[.!?…](?:\s?[\"'»”’)\]])*\s+|\s*\n\s*")


class Coverage(NamedTuple):
    """The cited part of a text: characters other than white space, and sentences that are cited at least in part."""

    cited: int
    characters: int
    cited_sentences: int
    sentences: int

    @property
    def percent(self) -> int:
        """Return the share of the characters in whole percent, rounded down: 100 only if all are cited."""
        return self.cited * 100 // self.characters if self.characters else 100


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order; those that overlap or touch become one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def coverage(text: str, spans: Iterable[Span]) -> Coverage:
    """Return how much of the text these spans cover."""
    whole, every = merged(spans), list(sentences(text))
    cited = sum(_visible(text[start:end]) for start, end in whole)
    return Coverage(cited, _visible(text), sum(_are_cited(every, whole)), len(every))


def sentences(text: str) -> Iterator[Span]:
    """Generate the sentences of a text that have a letter or a digit, in order."""
    start = 0
    for found in _ENDS.finditer(text):
        following = text[found.end() : found.end() + 1]
        if "\n" not in found[0] and (following.islower() or following.isdigit()):
            continue
        yield from _with_letters(text, start, found.end())
        start = found.end()
    yield from _with_letters(text, start, len(text))


def _with_letters(text: str, start: int, end: int) -> Iterator[Span]:
    """Generate the span without the white space at its end, if it has a letter or a digit."""
    words = text[start:end].rstrip()
    if any(map(str.isalnum, words)):
        yield start, start + len(words)


def _are_cited(every: list[Span], whole: list[Span]) -> Iterator[bool]:
    """Generate for each sentence whether it overlaps one of the spans, which are in order and apart."""
    at = 0
    for start, end in every:
        while at < len(whole) and whole[at][1] <= start:
            at += 1
        yield at < len(whole) and whole[at][0] < end


def _visible(text: str) -> int:
    return len("".join(text.split()))
