"""Lookups of parts of texts find the same rows on every database."""

import pytest
from django.core.exceptions import FieldError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.db.fields import CONTROL_CHARACTERS
from accords.db.text_search import has_item_beginning_with
from accords.models import Clause, Party, Renewal
from accords.rules.text import fold
from tests import factories
from tests.examples import examples

LETTERS = st.text(st.sampled_from("aAéÉœŒæßøÅçÑžŞİıſ’'-_%\\ \u00a0\u202f\u2009\u0301\u0327🌾中ЖжΣςσ\n"), max_size=40)
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda item: item.strip() and not CONTROL_CHARACTERS.search(item)
)
EXAMPLES = settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def party(db: None) -> Party:
    return factories.party()


@EXAMPLES
@given(whole=LETTERS, part=LETTERS)
def test_a_part_is_found_where_the_folded_text_contains_it(whole: str, part: str, party: Party) -> None:
    name = f"-{whole}"  # a name is never blank
    Party.objects.update(name=name)
    assert Party.objects.filter(name__folded_contains=part).exists() == (fold(part) in fold(name))


@pytest.mark.parametrize(
    ("title", "part", "found"),
    [
        ("L'état de Genève", "état", True),
        ("L'état de Genève", "ETAT", True),
        ("L'état de Genève", "GENÈVE", True),
        ("L'état de Genève", "eta de", False),
        ("Договор о дружбе", "ДРУЖБ", True),
        ("Συμφωνία", "ΣΥΜΦΩΝΊΑ", True),
        ("50 percent_of", "50", True),
        ("50 percent_of", "5_", False),
        ("50 percent_of", "%percent", True),  # punctuation counts as space
        ("50 percent_of", "5%t", False),
        ("50 percent_of", "percent_of", True),
    ],
)
def test_a_part_is_found_along_a_relation(title: str, part: str, found: bool, db: None) -> None:
    clause = factories.clause(factories.agreement(title=title), title=title)
    assert Clause.objects.filter(title__folded_contains=part).exists() == found
    assert Clause.objects.filter(agreement__title__folded_contains=part, pk=clause.pk).exists() == found
    assert Clause.objects.exclude(title__folded_contains=part).exists() != found


def test_an_item_of_a_list_is_found_but_nothing_across_two_items(party: Party) -> None:
    Party.objects.update(aliases=["Pékin", "Beijing"])
    for part, found in (("PEKIN", True), ("beij", True), ("pekin beijing", False)):
        assert Party.objects.filter(aliases__folded_contains=part).exists() == found, part


def test_a_field_without_a_folded_copy_is_refused(db: None) -> None:
    with pytest.raises(FieldError, match=r"no folded copy of accords\.Source\.text"):
        Renewal.objects.filter(agreement__citations__source__text__folded_contains="x").exists()


@EXAMPLES
@given(items=st.lists(PLAIN, max_size=4, unique=True), asked=st.from_regex(r"[A-Za-z0-9 -]{1,6}", fullmatch=True))
def test_an_item_of_a_list_is_found_by_its_beginning_and_as_a_whole(items: list[str], asked: str, party: Party) -> None:
    Party.objects.update(aliases=[*items, f"{asked}nn"])
    assert Party.objects.filter(has_item_beginning_with("aliases", asked)).exists()
    whole = has_item_beginning_with("aliases", f'{asked}"')
    assert Party.objects.filter(whole).exists() == (asked in items)
