"""Sources: the text cannot change once it is cited."""

from accords.models import Source
from tests import factories
from tests.admin.forms import form_data, submit, url
from tests.clients import Client


def test_a_text_that_is_not_cited_can_change(editor: Client, db: None) -> None:
    of = factories.source("fresh")
    assert submit(editor, url(of, "change"), text="Corrected").status_code == 302
    of.refresh_from_db()
    assert of.text == "Corrected"


def test_a_text_that_is_cited_is_there_to_read(editor: Client, deal: factories.FixtureRows) -> None:
    address = url(deal.source, "change")
    assert "text" not in form_data(editor, address)
    page = editor.get(address).content.decode()
    assert "passent <mark>de 57 % à 47 %</mark> 🌾" in page
    assert page.count("<tr><td>") == 5
    assert f'<a href="{url(deal.citation, "change")}">de 57 % à 47 %</a>' in page
    assert submit(editor, address, text="Forged", title="Renamed").status_code == 302
    deal.source.refresh_from_db()
    assert (deal.source.title, deal.source.text) == ("Renamed", factories.TEXT)


def test_lists_do_not_fetch_texts(editor: Client, deal: factories.FixtureRows) -> None:
    response = editor.get(url(Source)).context["cl"].result_list[0]
    assert "text" in response.get_deferred_fields()
