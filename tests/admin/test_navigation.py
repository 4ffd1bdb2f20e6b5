"""Breadcrumbs lead through the agreement, and a save returns to the page from which the form was opened."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from accords.models import Citation, Clause, ClauseParty, Participation, Party
from tests import factories
from tests.admin.forms import Form, url
from tests.clients import Client

INDEX = reverse("admin:index")


def save(client: Client, address: str, opened_from: str, button: str = "_save", host: str = "testserver") -> str:
    """Save a form that was opened from a page; return the address of the redirect."""
    page = client.get(
        address, headers={"Referer": opened_from if ":" in opened_from else f"http://{host}{opened_from}"}
    ).content.decode()
    data = {name: value for name, value in Form(page).data.items() if "__prefix__" not in name}
    answer = client.post(address, data | {button: "1"})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_a_save_returns_to_where_the_form_was_opened(editor: Client, deal: factories.FixtureRows) -> None:
    part, parts = url(deal.participation, "change"), url(Participation)
    agreement, desk = url(deal.agreement, "change"), reverse("admin:accords_source_read", args=[deal.source.pk])
    cases = {
        agreement: f"{agreement}#participations-heading",
        f"{parts}?q=one&p=0": f"{parts}?q=one&p=0",
        INDEX: INDEX,
        desk: desk,
        part: parts,
        url(deal.participation, "history"): parts,
        reverse("admin:login"): parts,
        "/api/docs/": parts,
        "": parts,
        "http://[x/": parts,
    }
    assert {place: save(editor, part, place) for place in cases} == cases
    assert save(editor, part, agreement, host="example.org") == parts
    clause = url(deal.clause, "change")
    assert save(editor, url(deal.citation, "change"), clause) == f"{clause}#citations-heading"


def test_the_way_back_is_kept_while_editing_goes_on(editor: Client, deal: factories.FixtureRows) -> None:
    part, agreement = url(deal.participation, "change"), url(deal.agreement, "change")
    again = save(editor, part, agreement, "_continue")
    assert again == f"{part}?{urlencode({'came_from': agreement})}"
    assert save(editor, again, part) == f"{agreement}#participations-heading"
    another = save(editor, part, agreement, "_addanother")
    assert another == f"{url(Participation, 'add')}?{urlencode({'came_from': agreement})}"


@pytest.mark.parametrize("address", ["//example.org/admin/", "https://example.org/admin/", "/\\example.org"])
def test_a_save_leads_nowhere_else(address: str, editor: Client, deal: factories.FixtureRows) -> None:
    part = url(deal.participation, "change")
    assert save(editor, f"{part}?{urlencode({'came_from': address})}", "") == url(Participation)


def crumbs(answer: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = answer.context["breadcrumbs"]
    return found


def test_breadcrumbs_lead_through_the_agreement(editor: Client, someone: Any, deal: factories.FixtureRows) -> None:
    agreements = [(url(type(deal.agreement)), "Agreements"), (url(deal.agreement, "change"), str(deal.agreement))]
    within = f"?agreement={deal.agreement.pk}"
    of_clause = [*agreements, (url(deal.clause, "change"), str(deal.clause))]
    assert crumbs(editor.get(url(deal.clause, "change"))) == [
        *agreements,
        (url(Clause) + within, "Clauses"),
        ("", str(deal.clause)),
    ]
    assert crumbs(editor.get(url(deal.citation, "change"))) == [
        *of_clause,
        (f"{url(Citation)}?of_agreement={deal.agreement.pk}", "Citations"),
        ("", str(deal.citation)),
    ]
    assert crumbs(editor.get(url(deal.clause_party, "change")))[:3] == of_clause
    assert crumbs(editor.get(url(deal.china, "change"))) == [(url(Party), "Parties"), ("", "China")]
    assert crumbs(editor.get(url(ClauseParty, "add")))[1] == ("", "New party to a clause")
    type(deal.agreement).objects.update(is_published=True)
    names = crumbs(someone("view_clause").get(url(deal.clause, "change")))
    assert [bool(address) for address, _name in names] == [False, False, True, False]
