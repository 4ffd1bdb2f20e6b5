"""Citations: an editor pastes the words, and their position is found."""

import re
from typing import Any

import pytest

from accords.models import Citation
from tests import factories
from tests.admin.forms import UntouchedForms, errors, submit, url
from tests.clients import Client


def row(untouched: UntouchedForms, target: Any, of: Any, exact: str, **fields: str) -> dict[str, Any]:
    """Return what one more citation adds to the form of a row's page."""
    return untouched.form(url(target, "change")).new_row("citations", source=str(of.pk), exact=exact, **fields)


def cite(untouched: UntouchedForms, target: Any, of: Any, exact: str, **fields: str) -> Any:
    """Add a citation to a row on its page."""
    return untouched.submit(url(target, "change"), **row(untouched, target, of, exact, **fields))


def why_not_cited(untouched: UntouchedForms, target: Any, of: Any, exact: str, **fields: str) -> dict[str, list[str]]:
    """Add a citation to a row on its page, and return why it is refused."""
    return untouched.refused(url(target, "change"), **row(untouched, target, of, exact, **fields))


def test_a_quote_is_found_in_its_source(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    assert cite(untouched, deal.clause, deal.source, " 47 % 🌾\r\n", field="unit").status_code == 302
    citation = Citation.objects.get(field="unit")
    assert (citation.exact, citation.clause, citation.target_kind) == ("47 % 🌾", deal.clause, "clause")
    assert deal.source.text[citation.start : citation.end] == citation.exact
    assert citation.prefix.endswith("de 57 % à ")
    assert citation.suffix.startswith(", et la Chine")


def test_a_wrong_quote_is_reported_beside_it_with_the_nearest_passage(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    answer = cite(untouched, deal.clause, deal.source, "de 58 % à 47 %")
    message = "“de 58 % à 47 %” is not in the source. Nearest passage: “de 57 % à 47 %”."
    assert errors(answer) == {"citations-1-exact": [message]}
    assert message in answer.content.decode()
    assert Citation.objects.filter(clause=deal.clause).count() == 1


def test_words_that_stand_there_twice_need_what_stands_beside_them(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    found = why_not_cited(untouched, deal.clause, deal.source, "Les droits de douane")
    assert "stands more than once in the source" in found["citations-1-exact"][0]
    assert cite(untouched, deal.clause, deal.source, "Les droits de douane", suffix=" restent").status_code == 302
    citation = Citation.objects.get(exact="Les droits de douane")
    assert citation.start == factories.TEXT.rindex("Les droits")


def test_the_same_words_twice_are_reported_beside_them(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    message = ["These words are cited for this already."]
    found = why_not_cited(untouched, deal.clause, deal.source, "de 57 % à 47 %", field="value")
    assert found == {"citations-1-exact": message}
    target = {"clause": str(deal.clause.pk), "source": str(deal.source.pk), "field": "value"}
    assert untouched.refused(url(Citation, "add"), exact="de 57 % à 47 %", **target) == {"exact": message}


def test_a_citation_supports_exactly_one_row(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    data = {"source": str(deal.source.pk), "exact": "métaux rares"}
    message = {
        "__all__": [
            "A citation supports exactly one row: "
            "an agreement, clause, statement, event, renewal, participation or party."
        ]
    }
    one = {"clause": str(deal.clause.pk)}
    assert untouched.refused(url(Citation, "add"), **data, **one, event=str(deal.event.pk)) == message
    assert untouched.refused(url(Citation, "add"), **data) == message
    assert untouched.refused(url(deal.citation, "change"), agreement=str(deal.agreement.pk), field="") == message
    assert untouched.submit(url(Citation, "add"), **data, **one).status_code == 302


def test_beneath_a_row_no_other_target_is_offered(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    form = untouched.form(url(deal.clause, "change"))
    assert {name for name in form.data if name.startswith("citations-0-")} == {
        f"citations-0-{name}" for name in ("id", "shown", "clause", "source", "field", "exact", "prefix", "suffix")
    }


def test_the_field_is_one_of_the_row(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    html = untouched.form(url(deal.clause, "change")).html
    (select,) = re.findall(r'<select name="citations-0-field".*?</select>', html, re.DOTALL)
    names = re.findall('<option value="([^"]*)"', select)
    assert names[0] == ""
    assert {"value", "baseline_value", "parties"} <= {*names}
    assert "proposition" not in names
    data = {"source": str(deal.source.pk), "exact": "métaux rares", "clause": str(deal.clause.pk)}
    found = untouched.refused(url(Citation, "add"), **data, field="proposition")
    assert "'proposition' is not a field of the clause." in found["field"][0]


def test_a_quote_that_changes_is_found_anew(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    page = url(deal.citation, "change")
    found = untouched.refused(page, exact="Les droits de douane", prefix="abordées. ", start="")
    assert "is in the source, but not between" in found["exact"][0]
    answer = untouched.submit(url(deal.clause, "change"), **{"citations-0-exact": "soja américain"})
    assert answer.status_code == 302
    deal.citation.refresh_from_db()
    assert deal.source.text[deal.citation.start : deal.citation.end] == "soja américain"
    assert deal.citation.prefix.endswith("achètera du ")
    answer = submit(untouched.client, page, exact="Les droits de douane", start="91")
    assert answer.status_code == 302, errors(answer)
    deal.citation.refresh_from_db()
    assert (deal.citation.start, deal.citation.suffix[:8]) == (91, " passent")


def test_offsets_that_do_not_fit_are_reported_beside_the_quote(
    untouched: UntouchedForms, deal: factories.FixtureRows
) -> None:
    found = untouched.refused(url(deal.citation, "change"), start="3")
    assert f"It stands at {deal.citation.start}." in found["exact"][0]


def test_a_quote_over_several_lines_is_found(
    untouched: UntouchedForms, editor: Client, deal: factories.FixtureRows
) -> None:
    quotes: dict[str, Any] = {}
    page = url(deal.clause, "change")
    form = untouched.form(page)
    for number, (slug, ends) in enumerate((("unix", "\n"), ("dos", "\r\n")), 1):
        of = factories.source(slug, text=ends.join(["Article 1", "One year.", "Article 2", "One year."]))
        new = row(untouched, deal.clause, of, "Article 2\r\nOne year.", field="text")
        quotes |= {name.replace("citations-1-", f"citations-{number}-"): value for name, value in new.items()}
    quotes |= {"citations-TOTAL_FORMS": "3"}
    assert editor.post(page, form.sent(**quotes)).status_code == 302
    for citation in Citation.objects.filter(field="text"):
        assert citation.source.text[citation.start : citation.end] == citation.exact
        assert submit(editor, url(citation, "change")).status_code == 302, citation.source
    assert Citation.objects.filter(field="text").count() == 2
    assert submit(editor, page).status_code == 302


def test_the_passage_is_shown_in_its_context(untouched: UntouchedForms, deal: factories.FixtureRows) -> None:
    html = untouched.form(url(deal.citation, "change")).html
    assert "Les droits de douane passent <mark>de 57 % à 47 %</mark> 🌾, et la Chine" in html


@pytest.mark.parametrize("text", ["<b>\r\n</b>&amp; x", "a" * 5000])
def test_a_quote_of_a_strange_source_is_found_and_escaped(
    untouched: UntouchedForms, editor: Client, deal: factories.FixtureRows, text: str
) -> None:
    untouched.form(url(deal.clause, "change"))
    of = factories.source("strange", text=text.replace("\r\n", "\n") + " end")
    assert cite(untouched, deal.clause, of, text).status_code == 302
    page = editor.get(url(Citation.objects.get(source=of), "change")).content.decode()
    assert "<b>" not in page
