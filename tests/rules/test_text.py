"""Folding: texts compared without case, accents and punctuation, in any script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accords.rules.text import fold

FOLDED = {
    "": "",
    "Métaux rares": "metaux rares",
    "ÉTATS-UNIS": "etats unis",
    "GENÈVE": "geneve",
    "Cœur, ŒUVRE": "coeur  oeuvre",
    "Ægis æther": "aegis aether",
    "l'été": "l ete",
    "l’été": "l ete",
    "47\u202f%": "47  ",
    "47\u00a0%": "47  ",
    "«\u202fdeal\u202f»": "  deal  ",
    "a\tb\nc\rd": "a b c d",
    "Straße, Łódź, Øre, Đà Nẵng": "strasse  lodz  ore  da nang",
    "İstanbul ısı": "istanbul isi",
    "me\u0301taux": "metaux",  # é as two code points, as some keyboards write it
    "Россия ДОГОВОР": "россия договор",
    "Ещё ЁЖ": "еще еж",
    "ΣΥΜΦΩΝΊΑ": "συμφωνια",
    "συμφωνίας": "συμφωνιασ",  # a final sigma is a sigma
    "中国 한국 が": "中国 한국 が",
    "ﬁn ５": "fin 5",
    "non\u2011breaking": "non breaking",
    "100%_of\\it": "100  of it",
    "🌾soja🌾": "🌾soja🌾",
    "\ufeffa\u200bb": "\ufeffa\u200bb",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(("text", "folded"), FOLDED.items())
def test_case_accents_and_punctuation_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(text=TEXTS)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=TEXTS)
def test_composed_and_decomposed_letters_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)


@given(text=TEXTS)
def test_no_character_that_sql_reads_as_a_pattern_is_left(text: str) -> None:
    assert not {*"%_\\\"'"} & {*fold(text)}
