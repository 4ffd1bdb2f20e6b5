"""Finding a quotation in a text. Offsets are Unicode code points, ends exclusive (W3C Web Annotation, 4.2.4-5)."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from accords.rules.messages import Message

CONTEXT = 32  # code points of prefix and suffix kept with a quotation, which distinguish repeated ones

MAX_LISTED = 5  # positions that a message names

MAX_COMPARED = 2_000_000  # pairs of code points that are compared one by one: more would take seconds
MAX_ALIKE = 10_000  # code points of a quote; for a longer one no look-alike is searched
# A regular expression of invisible characters: soft hyphens, joiners, byte order marks.
INVISIBLE = "[\u00ad\u200b\u200c\u200d\u2060\ufeff]*"
LOOK_ALIKES = (
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "'\u2018\u2019\u201b\u02bc\u2032",
    '"\u201c\u201d\u201e\u201f\u2033',
)
# Unicode has no names for control characters.
NAMES = {"\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\x85": "NEXT LINE"}


class QuoteError(ValueError):
    """A quotation that a text does not have, or has more than once; the message says what it has instead."""


def occurrences(text: str, exact: str, prefix: str = "", suffix: str = "") -> Iterator[int]:
    """Yield every start in `text` of `exact`, as whole letters, between `prefix` and `suffix`. They may overlap."""
    passage = prefix + exact + suffix
    position = text.find(passage) if exact else -1
    while position >= 0:
        start = position + len(prefix)
        if not splits_letter(text, start) and not splits_letter(text, start + len(exact)):
            yield start
        position = text.find(passage, position + 1)


def splits_letter(text: str, position: int) -> bool:
    """Return whether a position is within a letter of several code points, such as `e` and a combining accent."""
    if not 0 < position < len(text):
        return False
    previous_char, next_char = text[position - 1], text[position]
    if previous_char.isascii() and next_char.isascii():
        return False
    is_part_of_syllable = "\u1160" <= next_char <= "\u11ff"  # vowels and final consonants of Korean
    return (
        "\u200d" in (previous_char, next_char) or is_part_of_syllable or unicodedata.category(next_char).startswith("M")
    )


def locate(text: str, exact: str, prefix: str = "", suffix: str = "") -> int:
    """Return the one start of a quotation. Raises `QuoteError` when it is not there, or not only there."""
    starts = list(islice(occurrences(text, exact, prefix, suffix), MAX_LISTED + 1))
    if len(starts) == 1:
        return starts[0]
    if starts:
        message = Message(
            "“%(exact)s” stands more than once in the source (at %(where)s): say what stands before or after it.",
            exact=exact,
            where=", ".join(str(start) for start in starts[:MAX_LISTED]) + ", …" * (len(starts) > MAX_LISTED),
        )
    elif any(True for _ in occurrences(text, exact)):
        message = Message(
            "“%(exact)s” is in the source, but not between “%(prefix)s” and “%(suffix)s”.",
            exact=exact,
            prefix=prefix,
            suffix=suffix,
        )
    else:
        message = explain_missing_quote(text, exact)
    raise QuoteError(message)


def explain_missing_quote(text: str, exact: str) -> Message:
    """Return why a text does not have a quote: the first character that differs, or else the nearest passage."""
    similar_quote = find_alike(text, exact)
    if not similar_quote:
        return Message(
            "“%(exact)s” is not in the source. Nearest passage: “%(nearest)s”.",
            exact=exact,
            nearest=nearest(text, exact),
        )
    pairs = zip(similar_quote, exact, strict=False)
    position = next(
        (index for index, (source_char, quote_char) in enumerate(pairs) if source_char != quote_char),
        min(len(similar_quote), len(exact)),
    )
    return Message(
        "The quote differs from the source at its character %(at)d: the source has %(own)s, the quote has %(quoted)s. "
        "The words of the source: “%(words)s”.",
        at=position + 1,
        own=describe_letter(similar_quote, position),
        quoted=describe_letter(exact, position),
        words=similar_quote,
    )


def find_alike(text: str, exact: str) -> str:
    """Return the first words of a text that differ from a quote only in what readers hardly see.

    That is white space, invisible characters, the forms of hyphens and quotation marks, composed and decomposed
    letters, and a letter that the quote has only in part. Empty if there are none. In a quote of more than `MAX_ALIKE`
    code points only a letter in part is looked for.
    """
    start = text.find(exact) if exact else -1
    if start >= 0:
        end = start + len(exact)
        while splits_letter(text, start):
            start -= 1
        while splits_letter(text, end):
            end += 1
        return text[start:end]
    letters = re.findall(r"\s+|\S", unicodedata.normalize("NFC", re.sub(INVISIBLE, "", exact)))
    if len(exact) > MAX_ALIKE or len(letters) > len(text):
        return ""
    candidates = re.finditer(_pattern_of_look_alikes(letters), text)
    spans = (match.span() for match in candidates if match[0])
    return next((text[start:end] for start, end in spans if not splits_letter(text, end)), "")


def _pattern_of_look_alikes(letters: list[str]) -> str:
    """Return the regular expression of everything that looks like a quote of these letters and runs of white space."""
    parts: list[str] = []
    for letter in letters:
        look_alikes = next((group for group in LOOK_ALIKES if letter in group), "")
        if letter.isspace():
            parts.append(r"\s+")
        elif look_alikes:
            parts.append(f"[{re.escape(look_alikes)}]")
        else:
            forms = dict.fromkeys((letter, unicodedata.normalize("NFD", letter)))
            parts.append("(?:" + "|".join(map(re.escape, forms)) + ")")
    return INVISIBLE.join(parts)


def describe_letter(text: str, position: int) -> str:
    """Return a letter by its code points, at most four, and their Unicode names. CR LF is one letter.

    At the end of the text it is the message "nothing more".
    """
    if position >= len(text):
        return Message("nothing more")
    end = position + 1
    while end < min(len(text), position + 4) and (splits_letter(text, end) or text[end - 1 : end + 1] == "\r\n"):
        end += 1
    names = (
        f"U+{ord(char):04X} {NAMES.get(char) or unicodedata.name(char, '')}".strip() for char in text[position:end]
    )
    return " + ".join(names)


def nearest(text: str, exact: str) -> str:
    """Return the passage of `text`, as long as `exact`, around the longest run that both have.

    It is the beginning of `text` if they have none in common. Of long texts, the run is a word.
    """
    if not text or not exact:
        return ""
    in_text, in_exact = _common_run(text, exact)
    start = max(0, min(in_text - in_exact, len(text) - len(exact)))
    return text[start : start + len(exact)]


def _common_run(text: str, exact: str) -> tuple[int, int]:
    """Return where the longest common run begins in each; of long texts, the longest common word."""
    if len(text) * len(exact) <= MAX_COMPARED:
        run = SequenceMatcher(None, text, exact, autojunk=False).find_longest_match()
        return run.a, run.b
    shared = (word for word in sorted(set(exact.split()), key=len, reverse=True) if word in text)
    word = next(shared, "")
    return text.find(word), exact.find(word)


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the text before and after a passage, at most `CONTEXT` code points each."""
    return text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
