"""How much of a text is cited. Offsets are Unicode code points, ends exclusive."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Span = tuple[int, int]

# Where a sentence may end: after its mark and closing quotation marks or brackets, or at the end of a line. If a
# lower-case letter or digit follows the mark, the sentence continues (`sentences`): "art. 2" and "p. ex. ceci".
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


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order; those that overlap or touch become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def coverage(text: str, spans: Iterable[Span]) -> Coverage:
    """Return how much of the text these spans cover."""
    cited_spans, text_sentences = merge_spans(spans), list(sentences(text))
    cited = sum(_count_characters(text[start:end]) for start, end in cited_spans)
    cited_sentences = sum(_are_cited(text_sentences, cited_spans))
    return Coverage(cited, _count_characters(text), cited_sentences, len(text_sentences))


def sentences(text: str) -> Iterator[Span]:
    """Yield the sentences of a text that have a letter or a digit, in order."""
    start = 0
    for match in _ENDS.finditer(text):
        following = text[match.end() : match.end() + 1]
        if "\n" not in match[0] and (following.islower() or following.isdigit()):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without the white space at its end; nothing if it has no letter or digit."""
    sentence = text[start:end].rstrip()
    if any(map(str.isalnum, sentence)):
        yield start, start + len(sentence)


def _are_cited(sentence_spans: list[Span], cited_spans: list[Span]) -> Iterator[bool]:
    """Yield for each sentence whether it overlaps one of the cited spans, which are in order and do not overlap."""
    index = 0
    for start, end in sentence_spans:
        while index < len(cited_spans) and cited_spans[index][1] <= start:
            index += 1
        yield index < len(cited_spans) and cited_spans[index][0] < end


def _count_characters(text: str) -> int:
    """Return the number of characters other than white space."""
    return len("".join(text.split()))
