"""Words of a text, and the forms under which they are found."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accords.rules import analysis
from accords.rules.analysis import (
    BREAK,
    MAX_BYTES,
    STEMMED_LANGUAGES,
    Budget,
    forms,
    index_entry,
    stemming_languages,
    words,
)
from accords.rules.highlights import LONGEST_SNIPPET, Span, matches, snippets
from accords.rules.search_query import MAX_TERMS, QueryError, parse

FOLDED = {
    "": [],
    "Métaux rares": ["metaux", "rares"],
    "ÉTATS-UNIS": ["etats", "unis"],
    "l'accord, d’un an qu'il jusqu’à": ["accord", "un", "an", "il", "a"],
    "lʼaccord": ["accord"],
    "l' accord": ["l", "accord"],
    "aujourd'hui": ["aujourd", "hui"],
    "China's and the States'": ["china", "and", "the", "states"],
    "O'Brien": ["o", "brien"],
    "Cœur, ŒUVRE, Ægis": ["coeur", "oeuvre", "aegis"],
    "me\u0301taux": ["metaux"],
    "47\u202f% ≥ 3,5": ["47", "3", "5"],
    "Straße İstanbul Łódź": ["strasse", "istanbul", "lodz"],
    "РОССИЯ": ["россия"],
    "稀土metal协议": ["稀", "土", "metal", "协", "议"],
    "🌾soja🌾": ["🌾", "soja", "🌾"],
    "हिन्दी": ["हिन्दी"],
    'a"b NEAR(x) * - ^ {head}:y': ["a", "b", "near", "x", "head", "y"],
    "snake_case": ["snake", "case"],
}
SAME = [
    ("contrôle", "contrôles"),
    ("controle", "CONTRÔLES"),
    ("renegocier", "renégocié"),
    ("renégociée", "renegociation"),
    ("tariff", "tariffs"),
    ("duty", "duties"),
    ("renegotiate", "renegotiated"),
    ("américain", "americaines"),
    ("métal", "metaux"),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
ODD = st.text(st.sampled_from("aAéÉœŒßİıſ’'ʼ-_%\\\"«»“ \u00a0\u202f\u0301🌾中文lsqu\n\x00"), max_size=40)


@pytest.mark.parametrize(("content", "folded"), FOLDED.items())
def test_words_are_folded_and_what_is_elided_is_none(content: str, folded: list[str]) -> None:
    assert [word.folded for word in words(content)] == folded


@pytest.mark.parametrize(("one", "other"), SAME)
def test_inflections_share_a_form_with_and_without_accents(one: str, other: str) -> None:
    assert set(forms(one)) & set(forms(other))


def test_only_the_languages_that_are_asked_are_stemmed() -> None:
    assert forms("Contrôles", ()) == ("controles",)
    assert forms("tariffs", ("en",)) == ("tariffs", "tariff")
    assert [stemming_languages(tag) for tag in ("fr", "fr-CA", "EN", "", "de", "zh-Hant")] == [
        ("fr",),
        ("fr",),
        ("en",),
        STEMMED_LANGUAGES,
        (),
        (),
    ]


@given(content=TEXTS | ODD)
def test_words_stand_where_they_say_and_are_plain(content: str) -> None:
    last = 0
    for word in words(content):
        assert last <= word.start < word.end <= len(content)
        assert analysis.fold_word(content[word.start : word.end].replace("ʼ", "'")) == word.folded
        last = word.end
        for form in forms(word.raw):
            assert form
            assert all(char.isascii() <= char.isalnum() for char in form), form
            assert not set(form) & set(f" \"'\\{BREAK}")
            assert len(form) <= 2 * analysis.MAX_WORD_LENGTH


@given(content=TEXTS | ODD)
def test_every_text_can_be_asked_for_or_has_no_words(content: str) -> None:
    try:
        query = parse(content)
    except QueryError:
        return
    assert query.terms
    assert query.all_words.split() == [word for term in query.terms for word in term.words]


def test_texts_stand_apart_and_stems_are_what_words_are_not() -> None:
    forms = index_entry(["Contrôles à l'export", "", "Accords"], STEMMED_LANGUAGES, Budget())
    assert forms == (f"controles a export {BREAK} {BREAK} accords", "control accord")


def test_a_row_has_no_more_words_than_a_tsvector_holds() -> None:
    many = " ".join(f"w{number}x" for number in range(200_000))
    budget = Budget()
    head, body = index_entry([many], (), budget), index_entry([many + " more"], (), budget)
    assert len(set(f"{head.words} {body.words}".split())) * 4 < MAX_BYTES
    assert "more" not in body.words.split()


def test_queries_are_words_and_phrases() -> None:
    query = parse('l\'accord "terres rares" «\u202fdeal\u202f» 稀土 contrôles')
    assert [term.words for term in query.terms] == [
        ("accord",),
        ("terres", "rares"),
        ("deal",),
        ("稀", "土"),
        ("controles",),
    ]
    assert query.phrases == ["terres rares", "deal", "稀 土"]
    assert [bool(term.forms) for term in query.terms] == [True, False, False, False, True]
    assert parse("か\u3099 \u1112\u1161\u11ab 東\ufe00京").phrases == ["が", "한", "東 京"], (
        "typed in parts, or as variants"
    )
    assert parse('a "b c').phrases == []  # a mark without a partner is none


@pytest.mark.parametrize(
    "text", ["", " ", '"', '""', "* - ( ' !", "«»", "%_", " ".join(map(str, range(MAX_TERMS + 1)))]
)
def test_queries_have_some_words_and_not_too_many(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_matches_are_marked_where_they_stand() -> None:
    content = "Les contrôles 🌾 à l'export de terres rares, de terres et de <b>rares</b>."
    found = [content[start:end] for start, end in matches(content, parse('controle "terres rares" exports'))]
    assert found == ["contrôles", "export", "terres rares"]
    (snippet,) = snippets(content, parse("rares"))
    assert snippet.html(content).endswith("de terres et de &lt;b&gt;<mark>rares</mark>&lt;/b&gt;.")
    assert snippet.text(content) == content


def test_snippets_are_few_and_do_not_overlap() -> None:
    content = ("accord " + "x" * 30 + " ") * 40
    found = snippets(content, parse("accords"))
    assert 1 <= len(found) <= 3
    assert all(one.end <= other.start for one, other in pairwise(found))
    apart = ("accord " + "mot " * 60) * 9
    assert [apart[mark.start : mark.end] for snippet in snippets(apart, parse("accord")) for mark in snippet.marks] == [
        "accord"
    ] * 3


@pytest.mark.parametrize(
    ("content", "query"),
    [
        ("the other of the three " * 5000, "the"),
        ("mot " + "a" + "\u0301" * 2000 + " b" * 40, "mot a b"),
        (f"accord {'e' * 180} {' ' * 800} rare " * 4, f'"accord {"e" * 180} rare"'),
    ],
)
def test_snippets_of_a_text_full_of_matches_are_short(content: str, query: str) -> None:
    found = snippets(content, parse(query))
    assert max(snippet.end - snippet.start for snippet in found) <= LONGEST_SNIPPET
    for snippet, following in pairwise([*found, None]):
        within = [mark for mark in matches(content, parse(query)) if snippet.start <= mark.start < snippet.end]
        assert [mark.start for mark in snippet.marks] == [mark.start for mark in within]
        assert snippet.end <= (following.start if following else len(content))
        for mark in snippet.marks:
            assert snippet.start <= mark.start < mark.end <= snippet.end


def test_no_more_matches_are_read_than_snippets_show(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Span] = []

    def counted(*arguments: Any) -> Iterator[Span]:
        for span in matches(*arguments):
            read.append(span)
            yield span

    monkeypatch.setattr("accords.rules.highlights.matches", counted)
    found = snippets("the " * 20_000, parse("the"))
    assert len(read) == sum(len(snippet.marks) for snippet in found) + 1


@given(content=TEXTS | ODD, query=TEXTS | ODD)
def test_snippets_of_any_text_hold_their_marks(content: str, query: str) -> None:
    try:
        parsed_query = parse(query)
    except QueryError:
        return
    for snippet in snippets(content, parsed_query):
        assert 0 <= snippet.start <= snippet.marks[0].start
        assert snippet.marks[-1].end <= snippet.end <= min(len(content), snippet.start + LONGEST_SNIPPET)
