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
    ranges: list[Span] = []
    for start, end in sorted(spans):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return ranges


def coverage(text: str, spans: Iterable[Span]) -> Coverage:
    """Return how much of the text these spans cover."""
    ranges, text_sentences = merged(spans), list(sentences(text))
    cited = sum(_visible(text[start:end]) for start, end in ranges)
    return Coverage(cited, _visible(text), sum(_are_cited(text_sentences, ranges)), len(text_sentences))


def sentences(text: str) -> Iterator[Span]:
    """Generate the sentences of a text that have a letter or a digit, in order."""
    start = 0
    for match in _ENDS.finditer(text):
        following = text[match.end() : match.end() + 1]
        if "\n" not in match[0] and (following.islower() or following.isdigit()):
            continue
        yield from _with_letters(text, start, match.end())
        start = match.end()
    yield from _with_letters(text, start, len(text))


def _with_letters(text: str, start: int, end: int) -> Iterator[Span]:
    """Generate the span without the white space at its end, if it has a letter or a digit."""
    words = text[start:end].rstrip()
    if any(map(str.isalnum, words)):
        yield start, start + len(words)


def _are_cited(sentence_spans: list[Span], ranges: list[Span]) -> Iterator[bool]:
    """Generate for each sentence whether it overlaps one of the spans, which are in order and apart."""
    index = 0
    for start, end in sentence_spans:
        while index < len(ranges) and ranges[index][1] <= start:
            index += 1
        yield index < len(ranges) and ranges[index][0] < end


def _visible(text: str) -> int:
    return len("".join(text.split()))
