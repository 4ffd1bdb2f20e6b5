"""Citations: an editor pastes the words, and their position is found."""

from typing import Any

import pytest

from accords.models import Citation
from tests import factories
from tests.admin.forms import errors, form_data, open_form, submit, url
from tests.clients import Client


def cite(client: Client, target: Any, of: Any, exact: str, **fields: str) -> Any:
    """Add a citation to a row on its page."""
    address = url(target, "change")
    form = open_form(client, address)
    row = form.new_row("citations", source=str(of.pk), exact=exact, **fields)
    return client.post(address, form.sent(**row))


def test_a_quote_is_found_in_its_source(editor: Client, deal: factories.FixtureRows) -> None:
    assert cite(editor, deal.clause, deal.source, " 47 % 🌾\r\n", field="unit").status_code == 302
    citation = Citation.objects.get(field="unit")
    assert (citation.exact, citation.clause, citation.target_kind) == ("47 % 🌾", deal.clause, "clause")
    assert deal.source.text[citation.start : citation.end] == citation.exact
    assert citation.prefix.endswith("de 57 % à ")
    assert citation.suffix.startswith(", et la Chine")


def test_a_wrong_quote_is_reported_beside_it_with_the_nearest_passage(
    editor: Client, deal: factories.FixtureRows
) -> None:
    answer = cite(editor, deal.clause, deal.source, "de 58 % à 47 %")
    assert errors(answer) == {
        "citations-1-exact": ["“de 58 % à 47 %” is not in the source. Nearest passage: “de 57 % à 47 %”."]
    }
    assert Citation.objects.filter(clause=deal.clause).count() == 1


def test_words_that_stand_there_twice_need_what_stands_beside_them(editor: Client, deal: factories.FixtureRows) -> None:
    answer = cite(editor, deal.clause, deal.source, "Les droits de douane")
    assert "stands more than once in the source" in errors(answer)["citations-1-exact"][0]
    assert cite(editor, deal.clause, deal.source, "Les droits de douane", suffix=" restent").status_code == 302
    citation = Citation.objects.get(exact="Les droits de douane")
    assert citation.start == factories.TEXT.rindex("Les droits")


def test_the_same_words_twice_are_reported_beside_them(editor: Client, deal: factories.FixtureRows) -> None:
    answer = cite(editor, deal.clause, deal.source, "de 57 % à 47 %", field="value")
    assert errors(answer) == {"citations-1-exact": ["These words are cited for this already."]}
    target = {"clause": str(deal.clause.pk), "source": str(deal.source.pk), "field": "value"}
    answer = submit(editor, url(Citation, "add"), exact="de 57 % à 47 %", **target)
    assert errors(answer) == {"exact": ["These words are cited for this already."]}


def test_a_citation_supports_exactly_one_row(editor: Client, deal: factories.FixtureRows) -> None:
    data = {"source": str(deal.source.pk), "exact": "métaux rares"}
    message = [
        "A citation supports exactly one row: an agreement, clause, statement, event, renewal, participation or party."
    ]
    two = {"clause": str(deal.clause.pk), "event": str(deal.event.pk)}
    address = url(Citation, "add")
    form = open_form(editor, address)
    assert errors(editor.post(address, form.sent(**data, **two))) == {"__all__": message}
    assert errors(editor.post(address, form.sent(**data))) == {"__all__": message}
    assert errors(submit(editor, url(deal.citation, "change"), agreement=str(deal.agreement.pk), field="")) == {
        "__all__": message
    }
    assert editor.post(address, form.sent(**data, clause=str(deal.clause.pk))).status_code == 302


def test_beneath_a_row_no_other_target_is_offered(editor: Client, deal: factories.FixtureRows) -> None:
    names = {name for name in form_data(editor, url(deal.clause, "change")) if name.startswith("citations-0-")}
    assert names == {
        f"citations-0-{name}" for name in ("id", "shown", "clause", "source", "field", "exact", "prefix", "suffix")
    }


def test_the_field_is_one_of_the_row(editor: Client, deal: factories.FixtureRows) -> None:
    page = editor.get(url(deal.clause, "change")).context
    form = page["inline_admin_formsets"][1].formset.forms[0]
    names = [name for name, _label in form.fields["field"].choices]
    assert names[0] == ""
    assert {"value", "baseline_value", "parties"} <= {*names}
    assert "proposition" not in names
    data = {"source": str(deal.source.pk), "exact": "métaux rares", "clause": str(deal.clause.pk)}
    answer = submit(editor, url(Citation, "add"), **data, field="proposition")
    assert "'proposition' is not a field of the clause." in errors(answer)["field"][0]


def test_a_quote_that_changes_is_found_anew(editor: Client, deal: factories.FixtureRows) -> None:
    answer = submit(editor, url(deal.clause, "change"), **{"citations-0-exact": "soja américain"})
    assert answer.status_code == 302
    deal.citation.refresh_from_db()
    assert deal.source.text[deal.citation.start : deal.citation.end] == "soja américain"
    assert deal.citation.prefix.endswith("achètera du ")
    answer = submit(editor, url(deal.citation, "change"), exact="Les droits de douane", prefix="abordées. ", start="")
    assert "is in the source, but not between" in errors(answer)["exact"][0]
    answer = submit(editor, url(deal.citation, "change"), exact="Les droits de douane", start="91")
    assert answer.status_code == 302, errors(answer)
    deal.citation.refresh_from_db()
    assert (deal.citation.start, deal.citation.suffix[:8]) == (91, " passent")


def test_offsets_that_do_not_fit_are_reported_beside_the_quote(editor: Client, deal: factories.FixtureRows) -> None:
    answer = submit(editor, url(deal.citation, "change"), start="3")
    assert f"It stands at {deal.citation.start}." in errors(answer)["exact"][0]


def test_a_quote_over_several_lines_is_found(editor: Client, deal: factories.FixtureRows) -> None:
    for slug, ends in (("unix", "\n"), ("dos", "\r\n")):
        of = factories.source(slug, text=ends.join(["Article 1", "One year.", "Article 2", "One year."]))
        assert cite(editor, deal.clause, of, "Article 2\r\nOne year.", field="text").status_code == 302, slug
        citation = Citation.objects.get(source=of)
        assert of.text[citation.start : citation.end] == citation.exact
        assert submit(editor, url(citation, "change")).status_code == 302
        assert submit(editor, url(deal.clause, "change")).status_code == 302


def test_the_passage_is_shown_in_its_context(editor: Client, deal: factories.FixtureRows) -> None:
    page = editor.get(url(deal.citation, "change")).content.decode()
    assert "Les droits de douane passent <mark>de 57 % à 47 %</mark> 🌾, et la Chine" in page


@pytest.mark.parametrize("text", ["<b>\r\n</b>&amp; x", "a" * 5000])
def test_a_quote_of_a_strange_source_is_found_and_escaped(
    editor: Client, deal: factories.FixtureRows, text: str
) -> None:
    of = factories.source("strange", text=text.replace("\r\n", "\n") + " end")
    assert cite(editor, deal.clause, of, text).status_code == 302
    page = editor.get(url(Citation.objects.get(source=of), "change")).content.decode()
    assert "<b>" not in page
