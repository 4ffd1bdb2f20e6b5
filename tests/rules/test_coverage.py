"""How much of a text is cited."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accords.rules.coverage import Coverage, coverage, merge_spans, sentences

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda one: (one[0], one[0] + one[1])))


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("", [], Coverage(0, 0, 0, 0)),
        ("Un mot.", [], Coverage(0, 6, 0, 1)),
        ("Un mot.", [(0, 7)], Coverage(6, 6, 1, 1)),
        ("Un mot. Deux mots.", [(0, 2), (1, 6)], Coverage(5, 15, 1, 2)),
        ("Un mot. Deux mots.", [(3, 12)], Coverage(8, 15, 2, 2)),
        ("🌾 blé. 🌾 riz.", [(0, 1)], Coverage(1, 10, 1, 2)),
        ("Un mot. …  Deux.", [(7, 9)], Coverage(1, 12, 0, 2)),
    ],
)
def test_characters_other_than_blanks_and_sentences_are_counted(
    text: str, spans: list[tuple[int, int]], expected: Coverage
) -> None:
    assert coverage(text, spans) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L'art. 2 vaut. Il dit « oui ! » Puis non", ["L'art. 2 vaut.", "Il dit « oui ! »", "Puis non"]),
        ("P. ex. ceci. Fin.", ["P. ex. ceci.", "Fin."]),
        ("Titre\n\nUn texte\n* * *\nFin", ["Titre", "Un texte", "Fin"]),
        ('"Résultats concrets". Parmi eux', ['"Résultats concrets".', "Parmi eux"]),
    ],
)
def test_a_sentence_ends_where_the_next_one_begins(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == found


def test_all_is_cited_only_if_nothing_is_left() -> None:
    assert Coverage(999, 1000, 1, 1).percent == 99
    assert Coverage(1000, 1000, 1, 1).percent == 100
    assert Coverage(0, 0, 0, 0).percent == 100


@given(SPANS)
def test_merged_spans_lie_apart_and_cover_the_same(spans: list[tuple[int, int]]) -> None:
    found = merge_spans(spans)
    assert {at for start, end in found for at in range(start, end)} == {
        at for start, end in spans for at in range(start, end)
    }
    assert all(one[1] < other[0] for one, other in pairwise(found))
