"""The sections of a row's page, to jump to, and its place in the API."""

import re
from typing import Any

import pytest

from tests import factories
from tests.admin.pages import NOUNS, sent, url
from tests.admin.test_base import rows
from tests.clients import Client

pytestmark = pytest.mark.django_db


def sections(html: str) -> dict[str, str]:
    """The bar of sections: what each is called, with the number of its rows, and where it leads."""
    bar = re.search('<nav id="sections".*?</nav>', html, re.DOTALL)[0]  # type: ignore[index]
    found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', bar, re.DOTALL)
    return {" ".join(re.sub("<[^>]*>", "", name).split()): address for address, name in found}


def test_every_section_leads_to_a_heading_of_the_page(editor: Client, deal: factories.FixtureRows) -> None:
    for row in rows(deal):
        html = editor.get(url(row, "change")).content.decode()
        for address in sections(html).values() if 'id="sections"' in html else ():
            assert f'id="{address.removeprefix("#")}"' in html, (row, address)
    told = sections(editor.get(url(deal.agreement, "change")).content.decode())
    assert list(told)[:3] == ["Where it stands", "Timeline", "Agreement"]
    assert "Clauses 1" in told
    assert "Statements 2" in told


def test_a_section_with_a_mistake_says_so(editor: Client, deal: factories.FixtureRows) -> None:
    answer: Any = sent(editor, url(deal.agreement, "change"), signed="2025-13", **{"clauses-0-title": ""})
    wrong = [name for name in sections(answer.content.decode()) if name.endswith("error")]
    assert wrong == ["Dates error", "Clauses 1 error"]


def test_a_row_is_a_link_away_in_the_api(editor: Client, deal: factories.FixtureRows) -> None:
    for row in rows(deal):
        html = editor.get(url(row, "change")).content.decode()
        found = re.search(r'<a href="(/api/[^"]*)">View in API</a>', html)
        assert bool(found) == (type(row).__name__ not in ("Participation", "ClauseParty")), row
        if found:
            assert editor.get(found[1]).json()["id"] == row.pk


def test_a_new_row_has_no_place_in_the_api_yet(editor: Client, deal: factories.FixtureRows) -> None:
    for noun in NOUNS:
        assert "View in API" not in editor.get(url(noun, "add")).content.decode()


def test_who_takes_part_and_what_is_quoted_is_told_on_top(editor: Client, deal: factories.FixtureRows) -> None:
    html = editor.get(url(deal.agreement, "change")).content.decode()
    who = html.split("field-who")[1].split("field-sources")[0]
    assert (
        f'<span class="chip"><a href="{url(deal.china, "change")}">China</a> <span class="quiet">party</span></span>'
        in who
    )
    assert "Article press</a>" in html.split("field-sources")[1]
    assert "(5 citations)" in html
    bare = editor.get(url(factories.agreement("bare"), "change")).content.decode()
    assert "no one</span>" in bare
    assert "none is cited</span>" in bare


def test_a_clause_tells_its_quantity_and_whom_the_text_names(editor: Client, deal: factories.FixtureRows) -> None:
    factories.clause_party(deal.clause, deal.china, "affected")
    html = editor.get(url(deal.agreement, "change")).content.decode()
    assert "<b>57 → 47 %</b>" in html
    assert '<span class="chip chip-implicit" title="supplied by an editor">obligor (United States)</span>' in html
    assert '<span class="chip" title="the text names them">affected China</span>' in html
