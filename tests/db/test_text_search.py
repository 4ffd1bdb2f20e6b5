"""Folding text: Python and the database give the same, so that a search finds the same rows on every database."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import TextField, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.db.fields import CONTROL_CHARACTERS
from accords.db.text_search import Folded, contains, has_item
from accords.models import Clause, Party
from accords.rules import text
from tests import factories

FOLDED = {
    "": "",
    "Métaux rares": "metaux rares",
    "ÉTATS-UNIS": "etats unis",
    "Cœur, ŒUVRE": "coeur  oeuvre",
    "Ægis æther": "aegis aether",
    "l'été": "l ete",
    "l’été": "l ete",
    "47\u202f%": "47  ",
    "47\u00a0%": "47  ",
    "«\u202fdeal\u202f»": "  deal  ",
    "a\tb\nc\rd": "a b c d",
    "Straße, Łódź, Øre, Đà Nẵng": "strase  lodz  ore  da nang",
    "İstanbul": "istanbul",
    "me\u0301taux": "metaux",  # é as two code points, as some keyboards write it
    "Россия 中国": "Россия 中国",
    "100%_of\\it": "100  of it",
    "🌾soja🌾": "🌾soja🌾",
    "\ufeffa\u200bb": "\ufeffa\u200bb",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
LATIN = st.text(st.sampled_from("aAéÉœŒæßøÅçÑžŞİıſ’'-_%\\ \u00a0\u202f\u2009\u0301\u0327🌾中\n"), max_size=40)
ANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_database(value: str) -> str:
    """The text as the database folds it."""
    expression = Folded(Value(value, output_field=TextField()))
    found: str = Party.objects.values_list(expression, flat=True).get()
    return found


@pytest.fixture
def one(db: None) -> None:
    """One row, of which anything can be asked."""
    factories.party()


@pytest.mark.parametrize(("given_text", "folded"), FOLDED.items())
def test_the_database_folds_as_the_table_says(given_text: str, folded: str, one: None) -> None:
    assert text.fold(given_text) == folded
    assert in_database(given_text) == folded


@ANY
@given(value=TEXTS | LATIN)
def test_the_database_folds_as_python_does(value: str, one: None) -> None:
    assert in_database(value) == text.fold(value)


@ANY
@given(value=TEXTS | LATIN)
def test_folding_again_changes_nothing_but_what_it_could_not_fold(value: str) -> None:
    assert text.fold(text.fold(value)) == text.fold(value)


@ANY
@given(whole=LATIN, part=LATIN)
def test_a_part_is_found_where_python_finds_it(whole: str, part: str, one: None) -> None:
    name = f"-{whole}"  # a name is never blank
    Party.objects.update(name=name)
    assert Party.objects.filter(contains("name", part)).exists() == (text.fold(part) in text.fold(name))


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda item: item.strip() and not CONTROL_CHARACTERS.search(item)
)


@ANY
@given(items=st.lists(PLAIN, max_size=4, unique=True), asked=st.from_regex(r"[A-Za-z0-9 -]{1,6}", fullmatch=True))
def test_an_item_of_a_list_is_found_by_its_beginning_and_as_a_whole(items: list[str], asked: str, one: None) -> None:
    Party.objects.update(aliases=[*items, f"{asked}nn"])
    assert Party.objects.filter(has_item("aliases", asked)).exists()
    whole = has_item("aliases", f'{asked}"')
    assert Party.objects.filter(whole).exists() == (asked in items)


def test_like_wildcards_are_letters(db: None) -> None:
    clause = factories.clause(factories.agreement(), title="50 percent_of")
    for part, found in (("50", True), ("5_", False), ("%percent", True), ("5%t", False), ("percent_of", True)):
        assert Clause.objects.filter(contains("title", part), pk=clause.pk).exists() == found, part


def test_nothing_has_to_be_installed_in_postgresql(one: None) -> None:
    sql = str(Party.objects.filter(contains("name", "a")).query)
    assert ("accords_fold" in sql) == (connection.vendor == "sqlite")


def test_null_stays_null(one: None) -> None:
    nothing: Any = Party.objects.values_list(Folded(Value(None, output_field=TextField())), flat=True).get()
    assert nothing is None
