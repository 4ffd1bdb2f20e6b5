"""Finding a quotation in a text. Offsets are Unicode code points, ends exclusive (W3C Web Annotation, 4.2.4-5)."""

from difflib import SequenceMatcher

from accords.rules.messages import Message

CONTEXT = 32  # code points of prefix and suffix kept with a quotation: enough to tell repeated ones apart

COMPARED = 2_000_000  # pairs of code points that are compared one by one: more would take seconds


class QuoteError(ValueError):
    """A quotation that a text does not have, or has more than once; the message says what stands there instead."""


def occurrences(text: str, exact: str, prefix: str = "", suffix: str = "") -> list[int]:
    """Every start in `text` of `exact` that stands between `prefix` and `suffix`."""
    starts, start = [], text.find(exact) if exact else -1
    while start >= 0:
        if text.endswith(prefix, 0, start) and text.startswith(suffix, start + len(exact)):
            starts.append(start)
        start = text.find(exact, start + 1)
    return starts


def locate(text: str, exact: str, prefix: str = "", suffix: str = "") -> int:
    """The one start of a quotation. Raises `QuoteError` when it is not there, or not only there."""
    starts = occurrences(text, exact, prefix, suffix)
    if len(starts) > 1:
        where = ", ".join(str(start) for start in starts[:5])
        raise QuoteError(
            Message(
                "“%(exact)s” stands %(times)d times in the source (at %(where)s): say what stands before or after it.",
                exact=exact,
                times=len(starts),
                where=where,
            )
        )
    if not starts and occurrences(text, exact):
        raise QuoteError(
            Message(
                "“%(exact)s” is in the source, but not between “%(prefix)s” and “%(suffix)s”.",
                exact=exact,
                prefix=prefix,
                suffix=suffix,
            )
        )
    if not starts:
        raise QuoteError(
            Message(
                "“%(exact)s” is not in the source. Nearest passage: “%(nearest)s”.",
                exact=exact,
                nearest=nearest(text, exact),
            )
        )
    return starts[0]


def nearest(text: str, exact: str) -> str:
    """The passage of `text`, as long as `exact`, that is most like it; found around a run that both have."""
    if not text or not exact:
        return ""
    in_text, in_exact = _common_run(text, exact)
    start = max(0, min(in_text - in_exact, len(text) - len(exact)))
    return text[start : start + len(exact)]


def _common_run(text: str, exact: str) -> tuple[int, int]:
    """Where the longest run that both have begins in each; of long texts, the longest word that both have."""
    if len(text) * len(exact) <= COMPARED:
        run = SequenceMatcher(None, text, exact, autojunk=False).find_longest_match()
        return run.a, run.b
    shared = (word for word in sorted(set(exact.split()), key=len, reverse=True) if word in text)
    word = next(shared, "")
    return text.find(word), exact.find(word)


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a passage, at most `CONTEXT` code points each."""
    return text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
