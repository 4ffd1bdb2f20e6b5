"""Finding a quotation in a text."""

import re
import time

import pytest

from accords.rules import quotes

TEXT = "Les droits de douane passent de 57 % à 47 %. Les droits restent."


@pytest.mark.parametrize(
    ("exact", "prefix", "suffix", "start"),
    [("douane", "", "", 14), ("Les droits", "", " restent", 45), ("Les droits", "", " de", 0), ("57 %", "de ", "", 32)],
)
def test_a_quote_is_found_where_it_stands(exact: str, prefix: str, suffix: str, start: int) -> None:
    assert quotes.locate(TEXT, exact, prefix, suffix) == start


@pytest.mark.parametrize(
    ("exact", "prefix", "said"),
    [("Les droits", "", "more than once"), ("57 %", "x", "not between"), ("passant de 57 %", "", "passent de 57 %")],
)
def test_a_quote_that_is_not_there_once_is_refused_with_what_is(exact: str, prefix: str, said: str) -> None:
    with pytest.raises(quotes.QuoteError, match=said):
        quotes.locate(TEXT, exact, prefix)


@pytest.mark.parametrize(
    ("text", "exact", "said", "words"),
    [
        (
            "un taux de 47\u00a0% fixe",
            "47 %",
            "3: the source has U+00A0 NO-BREAK SPACE, the quote has U+0020 SPACE",
            "47\u00a0%",
        ),
        (
            "de 47\u202f% net",
            "47\u00a0%",
            "3: the source has U+202F NARROW NO-BREAK SPACE, the quote has U+00A0",
            "47\u202f%",
        ),
        ("le me\u0301tal", "métal", "2: the source has U+0065 LATIN SMALL LETTER E + U+0301 COMBINING", "me\u0301tal"),
        ("le métal", "me\u0301tal", "the quote has U+0065 LATIN SMALL LETTER E + U+0301 COMBINING", "métal"),
        (
            "le cafe\u0301 noir",
            "cafe",
            "5: the source has U+0301 COMBINING ACUTE ACCENT, the quote has nothing",
            "cafe\u0301",
        ),
        ("le cafe\u0301 noir", "\u0301 noir", "1: the source has U+0065 LATIN SMALL LETTER E + U+0301", "e\u0301 noir"),
        (
            "한국과",
            "\u1112\u1161\u11ab국",
            "1: the source has U+D55C HANGUL SYLLABLE HAN, the quote has U+1112",
            "한국",
        ),
        ("\u1112\u1161\u11ab국과", "\u1112\u1161", "3: the source has U+11AB", "\u1112\u1161\u11ab"),
        ("co\u00adopération", "coopération", "3: the source has U+00AD SOFT HYPHEN", "co\u00adopération"),
        (
            "tariff-free",
            "tariff\u2011free",
            "7: the source has U+002D HYPHEN-MINUS, the quote has U+2011 NON-BREAKING",
            "tariff-free",
        ),
        ("l’accord", "l'accord", "2: the source has U+2019 RIGHT SINGLE QUOTATION MARK", "l’accord"),
        (
            "one\r\ntwo",
            "one\ntwo",
            "4: the source has U+000D CARRIAGE RETURN + U+000A LINE FEED, the quote has U+000A",
            "one\r\ntwo",
        ),
        (
            "one two",
            "one\u200b two",
            "4: the source has U+0020 SPACE, the quote has U+200B ZERO WIDTH SPACE",
            "one two",
        ),
        ("Art.\t5 bis", "Art. 5 bis", "5: the source has U+0009 TAB, the quote has U+0020 SPACE", "Art.\t5 bis"),
    ],
)
def test_a_difference_that_nobody_sees_is_named(text: str, exact: str, said: str, words: str) -> None:
    with pytest.raises(quotes.QuoteError) as refused:
        quotes.locate(text, exact)
    assert said in str(refused.value)
    assert quotes.find_alike(text, exact) == words
    assert quotes.locate(text, words) == text.index(words)


def test_differences_that_readers_see_are_not_called_the_same() -> None:
    for text, exact in (("49 %", "47 %"), ("le metal", "le métal"), ("Tariff", "tariff"), ("5\u00b9", "51"), ("x", "")):
        assert quotes.find_alike(text, exact) == "", exact


def test_a_long_text_is_compared_at_once() -> None:
    text = ("mot \u00a0\u00ad- " * 30_000) + "le prix de 47\u00a0% fixe"
    began = time.thread_time()
    assert quotes.find_alike(text, "mot mot") == ""
    assert quotes.find_alike(text, "le prix de 47 %") == "le prix de 47\u00a0%"
    assert quotes.find_alike(text, "- - mot" * 1_000) == ""
    assert time.thread_time() - began < 3


def test_a_quote_that_a_text_repeats_is_found_at_once() -> None:
    began = time.thread_time()
    with pytest.raises(quotes.QuoteError, match=re.escape("(at 0, 1, 2, 3, 4, …)")):
        quotes.locate("a" * 1_000_000, "a" * 500_000)
    with pytest.raises(quotes.QuoteError, match="but not between"):
        quotes.locate("a" * 1_000_000, "a" * 500_000, prefix="b")
    assert time.thread_time() - began < 10


def test_the_nearest_passage_of_a_long_text_is_found_at_once() -> None:
    text = "mot " * 100_000 + TEXT + " mot" * 100_000
    assert "douane passent" in quotes.nearest(text, "Les droits de douane passant de 57 % à 47 %" + " etc" * 500)


def test_offsets_count_code_points() -> None:
    assert quotes.locate("🌾é soja", "soja") == 3
    assert quotes.context("abc🌾def", 3, 4) == ("abc", "def")
