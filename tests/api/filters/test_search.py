"""Search finds the same rows on every database: any form of a word, exact phrases, best matches first, highlights."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.db.fields import CONTROL_CHARACTERS
from accords.models import Clause
from accords.rules.analysis import words
from accords.rules.search_query import QueryError, parse
from tests import factories
from tests.api.addresses import BASE, walk
from tests.clients import Client
from tests.examples import examples

CLAUSES = [
    {
        "title": "Export controls",
        "text": "La Chine a renégocié les contrôles à l'exportation de terres rares vers les États-Unis.",
        "language": "fr",
        "commodity": "terres rares",
    },
    {
        "title": "Purchases of soybeans",
        "text": "La Chine achètera du soja américain ; les droits de douane passent de 57 % à 47 %.",
        "language": "fr",
    },
    {
        "title": "Tariffs on Chinese goods",
        "text": "The parties shall renegotiate the tariff each year, and the agreement's term renews.",
        "language": "en",
    },
    {"title": "Rare earths", "text": "双方同意加强稀土合作", "language": "zh"},
    {"title": "Fees", "text": "Die Zölle werden gesenkt", "language": "de"},
    {
        "title": "Signs",
        "text": "Accord 🌾 « spécial » d’un an, “très” fragile\xa0: a\"b NEAR(x) 100\u202f% & <b>O'Brien</b>",
        "language": "fr",
    },
]
NOT_WORDS = 400
QUERIES: dict[str, Any] = {
    # stems, case and accents
    "contrôle": {1},
    "contrôles": {1},
    "controle": {1},
    "CONTROLES": {1},
    "CONTRÔLÉES": {1},
    "control": {1},
    "controls": {1},
    "renegocier": {1},
    "renégociée": {1},
    "renegocie": {1},
    "renégociation": {1},
    "renegotiated": {3},
    "renegotiation": {3},
    "tariff": {3},
    "tariffs": {3},
    "Tariff's": {3},
    "tarif": set(),
    "soybean": {2},
    "américaine": {2},
    "americaines": {2},
    "agreements": {3},
    "accords": {6},
    "rare": {1, 4},
    "terre": {1},
    "exportations": {1},
    # elisions and hyphens
    "l'exportation": {1},
    "l’exportation": {1},
    "d'exportation": {1},
    "etats-unis": {1},
    "États-Unis": {1},
    "ETATS UNIS": {1},
    "-Unis -États": {1},
    "O'Brien": {6},
    "obrien": set(),
    # several words, anywhere in the row
    "chine": {1, 2},
    "chine soja": {2},
    "soja chine": {2},
    "soybeans douane": {2},
    "droit de douane": {2},
    "chine tariffs": set(),
    "57": {2},
    "57 %": {2},
    "3": {3},
    # phrases, to the letter
    '"terres rares"': {1},
    '"TERRES RARÈS"': {1},
    '"rares terres"': set(),
    '"terre"': set(),
    '"droits de douane"': {2},
    '"droit de douane"': set(),
    "«\u202fdroits de douane\u202f»": {2},
    "“droits de douane”": {2},
    '"La Chine" soja': {2},
    '"rares vers les états-unis"': {1},
    '"l\'exportation de terres"': {1},
    '"controls la"': set(),  # a phrase does not run from one text into another
    '"rares terres rares"': set(),
    '"rare earths"': {4},
    # other languages
    "zölle": {5},
    "ZOLLE": {5},
    "zoll": set(),
    "稀土": {4},
    "土稀": set(),
    "稀土合作": {4},
    "合作稀土": set(),
    "稀 合": {4},
    "Россия": set(),
    # what is no syntax
    'a"b': {6},
    '"a"b"': {6},
    "NEAR(": {6},
    "NEAR(x 2)": set(),
    "' & !x": {6},
    "x:*": {6},
    "soja*": {2},
    "contrôles -soja": set(),
    "soja OR tariff": set(),
    "NOT soja": set(),
    "title:soja": set(),
    "{head}:soja": set(),
    "soja^2": {2},
    "soja\\": {2},
    "soja); DROP TABLE": set(),
    "%soja_": {2},
    "🌾": {6},
    "🌾 accord": {6},
    "🦄": set(),
    "<b>": {6},
    '"': NOT_WORDS,
    '""': NOT_WORDS,
    "«»": NOT_WORDS,
    "*": NOT_WORDS,
    "-": NOT_WORDS,
    "( ' % _ &": NOT_WORDS,
    "1 2 3 4 5 6 7 8 9 10 11": NOT_WORDS,
}


@pytest.fixture(scope="module")
def module_clauses(module_transaction: None) -> None:
    agreement = factories.agreement()
    for number, fields in enumerate(CLAUSES, 1):
        factories.clause(agreement, str(number), **fields)


@pytest.fixture
def clauses(module_clauses: None, db: None) -> None:
    """Roll back what a test changes of the clauses."""


def path(query: str, more: str = "") -> str:
    """Return the path of a search."""
    return f"{BASE}/clauses?q={quote(query)}{more}"


def found_numbers(client: Client, query: str, more: str = "") -> list[int]:
    """Return the numbers of the clauses that a search finds, page by page."""
    return [int(row["number"]) for row in walk(client, path(query, more))]


@pytest.mark.parametrize(("query", "expected"), QUERIES.items())
@pytest.mark.usefixtures("clauses")
def test_a_query_finds_its_rows_and_no_others(query: str, expected: Any, client: Client) -> None:
    response = client.get(path(query))
    if expected == NOT_WORDS:
        assert response.status_code == 400
        assert [(fault["parameter"], fault["code"]) for fault in response.json()["errors"]] == [("q", "words")]
    else:
        assert found_numbers(client, query) == sorted(expected)
        assert set(found_numbers(client, query, "&ordering=relevance&page_size=1")) == expected
        assert client.get(path(query, "&count=exact")).json()["count"] == len(expected)


@pytest.mark.usefixtures("clauses")
def test_a_search_is_narrowed_by_other_filters_and_ordered_like_any_list(client: Client) -> None:
    assert found_numbers(client, "chine", "&language=fr&ordering=-number&page_size=1") == [2, 1]
    assert found_numbers(client, "chine", "&ordering=-id&page_size=1") == [2, 1]
    assert found_numbers(client, "chine", "&commodity__icontains=terres") == [1]


RANKED = {
    "text in another form": {"title": "One", "text": "Les tarifs douaniers baissent"},
    "title in another form": {"title": "Tarifs du douanier", "text": ""},
    "text to the letter": {"title": "Three", "text": "le tarif douanier"},
    "title to the letter": {"title": "Tarif douanier", "text": ""},
    "text and title": {"title": "Tarifs", "text": "douanier"},
    "title to the letter again": {"title": "Le Tarif Douanier", "text": "tarif douanier"},
}
BEST_FIRST = [
    "title to the letter",
    "title to the letter again",
    "title in another form",
    "text to the letter",
    "text in another form",
    "text and title",
]


@pytest.mark.django_db
def test_the_best_matches_come_first_on_every_page_in_both_directions(client: Client) -> None:
    agreement = factories.agreement("ranked")
    for name, fields in RANKED.items():
        factories.clause(agreement, name, language="fr", **fields)
    for size in (1, 2, 4, 200):
        address = path("tarif douanier", f"&ordering=relevance&page_size={size}")
        assert [row["number"] for row in walk(client, address)] == BEST_FIRST
    page = client.get(path("tarif douanier", "&ordering=relevance&page_size=5")).json()
    last = client.get(page["next"]).json()
    assert last["next"] is None
    before: list[str] = []
    address = f"{last['previous']}".replace("page_size=5", "page_size=1")
    while address:
        earlier = client.get(address).json()
        before = [row["number"] for row in earlier["results"]] + before
        address = earlier["previous"]
    assert before == BEST_FIRST[:5]


@pytest.mark.parametrize("more", ["ordering=relevance", "q=soja&ordering=-relevance", "q=soja&ordering=relevance,id"])
@pytest.mark.django_db
def test_relevance_stands_alone_and_beside_a_query(more: str, client: Client) -> None:
    response = client.get(f"{BASE}/clauses?{more}")
    assert response.status_code == 400
    assert [fault["parameter"] for fault in response.json()["errors"]] == ["ordering"]


@pytest.mark.usefixtures("clauses")
def test_highlights_mark_what_matches_where_it_stands(client: Client) -> None:
    (row,) = client.get(path('contrôle "terres rares"', "&highlight=true&fields=number")).json()["results"]
    clause = Clause.objects.get(pk=row["id"])
    assert {
        name: [marked_words(getattr(clause, name), one) for one in places] for name, places in row["highlight"].items()
    } == {
        "title": [["controls"]],
        "text": [["contrôles", "terres rares"]],
        "commodity": [["terres rares"]],
    }
    (signs,) = client.get(path("brien 🌾", "&highlight=true")).json()["results"]
    (place,) = signs["highlight"]["text"]
    assert place["html"].startswith("Accord <mark>🌾</mark> « spécial »")
    assert place["html"].endswith("&amp; &lt;b&gt;O&#x27;<mark>Brien</mark>&lt;/b&gt;")
    plain = client.get(path("brien", "&highlight=false")).json()["results"][0]
    assert "highlight" not in plain


def marked_words(content: str, place: dict[str, Any]) -> list[str]:
    """Return the marked words of a snippet, whose text must be that of the field."""
    assert place["text"] == content[place["start"] : place["end"]]
    return [content[mark["start"] : mark["end"]] for mark in place["marks"]]


@pytest.mark.django_db
def test_highlights_show_which_item_of_a_list_matches(client: Client) -> None:
    factories.participation(
        factories.agreement("named"), factories.party(aliases=["Pékin", "la Chine", "Empire du Milieu"])
    )
    (row,) = client.get(f"{BASE}/parties?q=chine&highlight=true").json()["results"]
    assert [(place["item"], place["html"]) for place in row["highlight"]["aliases"]] == [(1, "la <mark>Chine</mark>")]


@pytest.mark.django_db
def test_highlight_needs_a_query(client: Client) -> None:
    response = client.get(f"{BASE}/clauses?highlight=true")
    assert [fault["parameter"] for fault in response.json()["errors"]] == ["highlight"]


@pytest.mark.django_db
def test_a_draft_is_not_found(client: Client) -> None:
    factories.clause(factories.agreement("draft", is_published=False), title="Zorglub")
    for more in ("", "&ordering=relevance", "&highlight=true", "&count=exact"):
        answer = client.get(path("zorglub", more)).json()
        assert answer["results"] == []
        assert not answer.get("count")


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
SYNTAX = st.text(st.sampled_from("abé\"'()*:^-+&|!<>{}\\%_ «»“”🌾中ſİ\u0301"), min_size=1, max_size=30)
ANY = settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(query=TEXTS | SYNTAX)
@pytest.mark.usefixtures("clauses")
def test_no_query_breaks_it(query: str, client: Client) -> None:
    for more in ("", "&ordering=relevance", "&highlight=true"):
        assert client.get(path(query, more)).status_code in (200, 400)


@ANY
@given(text=(TEXTS | SYNTAX).filter(lambda text: not CONTROL_CHARACTERS.search(text)))
@pytest.mark.usefixtures("clauses")
def test_every_word_and_the_whole_of_a_text_find_it(text: str, client: Client) -> None:
    Clause.objects.filter(number="5").update(text=f"{text}.", language="fr")
    plain = text.replace('"', " ")
    queries = [*[word.raw for word in words(text)][:5], plain, f'"{plain}"']
    for query in queries:
        try:
            parse(query)
        except QueryError:
            continue
        assert 5 in found_numbers(client, query), query
