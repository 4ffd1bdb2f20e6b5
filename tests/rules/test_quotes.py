"""Finding a quotation in a text."""

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
    [("Les droits", "", "stands 2 times"), ("57 %", "x", "not between"), ("passant de 57 %", "", "passent de 57 %")],
)
def test_a_quote_that_is_not_there_once_is_refused_with_what_is(exact: str, prefix: str, said: str) -> None:
    with pytest.raises(quotes.QuoteError, match=said):
        quotes.locate(TEXT, exact, prefix)


def test_the_nearest_passage_of_a_long_text_is_found_at_once() -> None:
    text = "mot " * 100_000 + TEXT + " mot" * 100_000
    assert "douane passent" in quotes.nearest(text, "Les droits de douane passant de 57 % à 47 %" + " etc" * 500)


def test_offsets_count_code_points() -> None:
    assert quotes.locate("🌾é soja", "soja") == 3
    assert quotes.context("abc🌾def", 3, 4) == ("abc", "def")
