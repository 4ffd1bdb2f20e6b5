"""Citations: a quote is words of its source, as whole letters, and supports one row."""

import pytest
from django.core.exceptions import ValidationError

from accords.missing_citations import missing_of_rows
from accords.models import Citation, Clause
from tests import factories


@pytest.mark.parametrize(
    ("exact", "place", "said"),
    [
        ("cafe", {}, "differs from the source at its character 5: the source has U+0301"),
        ("cafe", {"start": 3, "end": 7}, "at 3–7. The quote differs from the source at its character 5"),
        ("\u0301 noir", {"start": 7, "end": 13}, "the source has U+0065 LATIN SMALL LETTER E + U+0301"),
        ("café", {}, "The words of the source: “cafe\u0301”"),
        ("thé", {"start": 3, "end": 6}, "at 3–6. It stands at 15."),
        ("vin", {"start": 3, "end": 6}, "at 3–6. “vin” is not in the source. Nearest passage: “un ”."),
    ],
)
def test_a_quote_that_is_not_in_the_source_to_the_letter_is_refused(
    exact: str, place: dict[str, int], said: str, db: None
) -> None:
    source = factories.source(text="un cafe\u0301 noir, thé")
    with pytest.raises(ValidationError) as refused:
        Citation(source=source, agreement=factories.agreement(), exact=exact, **place).full_clean()
    assert said in refused.value.messages[0]


def test_a_citation_that_is_moved_supports_the_row_to_which_it_is_moved(db: None) -> None:
    agreement, source = factories.agreement(), factories.source()
    one, other = factories.clause(agreement, "1"), factories.clause(agreement, "2", commodity="soybeans")
    citation = factories.citation(one, "un accord d'un an", source)
    citation.clause = other
    citation.save()
    assert {missing.row for missing in missing_of_rows(Clause.objects.all())} == {one}
