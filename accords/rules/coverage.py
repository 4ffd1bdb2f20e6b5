"""How much of a text is cited. Offsets are Unicode code points, ends exclusive."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Span = tuple[int, int]

# Where a sentence may end: after its mark and whatever closes with it, or at a line's end. Good enough for a figure:
# what follows decides (`sentences`), so that "art. 2" and "p. ex. ceci" stay whole.
_ENDS = re.compile(r"[.!?…](?:\s?[\"'»”’)\]])*\s+|\s*\n\s*")


class Coverage(NamedTuple):
    """What is cited of a text: characters other than blanks, and sentences of which at least a part is cited."""

    cited: int
    characters: int
    cited_sentences: int
    sentences: int

    @property
    def percent(self) -> int:
        """The share of the characters in whole percent, rounded down: 100 says that nothing is left."""
        return self.cited * 100 // self.characters if self.characters else 100


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same spans in order, those that overlap or touch made one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def coverage(text: str, spans: Iterable[Span]) -> Coverage:
    """How much of the text these spans cover."""
    whole, said = merged(spans), list(sentences(text))
    cited = sum(_visible(text[start:end]) for start, end in whole)
    return Coverage(cited, _visible(text), sum(_touched(said, whole)), len(said))


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a text that have a letter or a digit, in order."""
    start = 0
    for found in _ENDS.finditer(text):
        following = text[found.end() : found.end() + 1]
        if "\n" not in found[0] and (following.islower() or following.isdigit()):
            continue
        yield from _speaking(text, start, found.end())
        start = found.end()
    yield from _speaking(text, start, len(text))


def _speaking(text: str, start: int, end: int) -> Iterator[Span]:
    """A stretch without the blanks at its end, if it has a letter or a digit."""
    words = text[start:end].rstrip()
    if any(map(str.isalnum, words)):
        yield start, start + len(words)


def _touched(said: list[Span], whole: list[Span]) -> Iterator[bool]:
    """Of each sentence whether one of the spans, which are in order and apart, reaches into it."""
    at = 0
    for start, end in said:
        while at < len(whole) and whole[at][1] <= start:
            at += 1
        yield at < len(whole) and whole[at][0] < end


def _visible(text: str) -> int:
    return len("".join(text.split()))
