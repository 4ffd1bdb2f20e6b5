"""The reading desk: what it shows to whom, what it proposes, and the number of queries."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.models import Citation, Party, Source
from tests import factories
from tests.admin.desk_data import CITE, address, data, passage, problems, tariff
from tests.admin.forms import url
from tests.clients import Client


def test_the_page_has_the_text_every_citation_and_every_claim(
    editor: Client, published_deal: factories.FixtureRows
) -> None:
    shown = data(editor, published_deal.source)
    assert shown["text"] == factories.TEXT
    cited = {(shown["text"][start:end], field, key) for _id, start, end, field, key in shown["citations"]}
    assert ("de 57 % à 47 %", "value", f"clause:{published_deal.clause.pk}") in cited
    assert {key for *_rest, key in shown["citations"]} == {claim["key"] for claim in shown["claims"]}
    groups = {claim["key"]: claim["group"] for claim in shown["claims"]}
    assert groups[f"statement:{published_deal.denial.pk}"] == "denial"
    assert groups[f"clause:{published_deal.clause.pk}"] == "clause"
    assert shown["agreements"] == [
        {
            "id": published_deal.agreement.pk,
            "title": str(published_deal.agreement),
            "draft": False,
            "url": url(published_deal.agreement, "change"),
        }
    ]


def test_the_page_is_reached_from_where_sources_and_citations_are(editor: Client, deal: factories.FixtureRows) -> None:
    there = address(deal.source)
    for page in (url(Source), url(deal.source, "change"), url(Citation), url(deal.citation, "change")):
        assert there in editor.get(page).content.decode(), page


def test_coverage_is_reported_and_follows_what_is_cited(editor: Client, deal: factories.FixtureRows) -> None:
    before = data(editor, deal.source)["coverage"]
    form = passage(deal.source, "restent un sujet sensible") | {"target": f"clause:{deal.clause.pk}"}
    after = editor.post(address(deal.source, "cite"), form).json()["coverage"]
    assert (before["sentences"], before["cited"], after["cited"]) == (5, 4, 5)
    assert before["percent"] < after["percent"] < 100


# Who may do what


def test_visitors_are_sent_to_the_login(client: Client, deal: factories.FixtureRows) -> None:
    for name in ("read", "find", "cite", "make", "uncite"):
        assert client.get(address(deal.source, name)).status_code == 302


def test_reading_needs_the_permission_to_view_sources(someone: Any, deal: factories.FixtureRows) -> None:
    assert someone("view_agreement").get(address(deal.source)).status_code == 403
    assert someone("view_source", "view_agreement").get(address(deal.source)).status_code == 200
    reader = someone("view_source")
    assert reader.get(address(deal.source)).status_code == 404, "only a draft cites it"
    assert reader.get(reverse("admin:accords_source_read", args=["9" * 30])).status_code == 404


def test_who_may_only_look_gets_no_forms_and_writes_nothing(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone("view_source", "view_agreement")
    page = client.get(address(deal.source)).content.decode()
    assert "<form class" not in page
    assert 'id="desk-actions"' not in page
    form = passage(deal.source, target=f"clause:{deal.clause.pk}")
    for name, fields in (("cite", form), ("make", tariff(deal.source, deal.agreement)), ("uncite", {"citation": 1})):
        answer = client.post(address(deal.source, name), fields)
        assert (answer.status_code, list(answer.json())) == (403, ["problems"])


def test_each_kind_of_row_needs_its_own_permission(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone(*CITE, "add_clause")
    assert data(client, deal.source)["can"] == {"cite": True, "uncite": False, "make": ["clause"]}
    assert client.post(address(deal.source, "make"), tariff(deal.source, deal.agreement)).status_code == 200
    named = tariff(
        deal.source,
        deal.agreement,
        **{"parties-TOTAL_FORMS": "1", "parties-0-party": deal.china.pk, "parties-0-role": "obligor"},
    )
    assert client.post(address(deal.source, "make"), named).status_code == 403
    statement = passage(deal.source) | {"make": "statement", "agreement": deal.agreement.pk}
    assert client.post(address(deal.source, "make"), statement).status_code == 403
    assert client.post(address(deal.source, "uncite"), {"citation": deal.citation.pk}).status_code == 403
    assert Party.objects.count() == 3


def test_drafts_are_seen_by_who_may_see_agreements(someone: Any, published_deal: factories.FixtureRows) -> None:
    draft = factories.agreement("hidden", is_published=False)
    factories.citation(draft, "un sujet sensible", published_deal.source)
    seen = data(someone("view_source", "view_agreement"), published_deal.source)
    assert {one["title"]: one["draft"] for one in seen["agreements"]} == {
        str(published_deal.agreement): False,
        str(draft): True,
    }
    blind = someone("view_source", "add_citation", "add_clause")
    assert "hidden" not in json.dumps(data(blind, published_deal.source))
    assert str(draft.pk) not in {
        key.split(":")[1] for *_rest, key in data(blind, published_deal.source)["citations"] if "agreement" in key
    }
    form = passage(published_deal.source, target=f"agreement:{draft.pk}")
    assert blind.post(address(published_deal.source, "cite"), form).status_code == 403
    assert blind.post(address(published_deal.source, "make"), tariff(published_deal.source, draft)).status_code == 403


def test_writing_takes_a_post_with_a_token(boss: Any, deal: factories.FixtureRows) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    for name in ("cite", "make", "uncite"):
        assert client.get(address(deal.source, name)).status_code == 405
        assert client.post(address(deal.source, name), {}).status_code == 403
    assert client.post(address(deal.source), {}).status_code in (403, 405)


# Proposals


def proposals(client: Client, of: Source, **asked: Any) -> list[str]:
    """Return the labels of the proposals."""
    return [one["text"] for one in client.get(address(of, "find"), asked).json()["found"]]


def test_proposals_begin_with_what_is_near(editor: Client, deal: factories.FixtureRows) -> None:
    factories.party("aardvark")
    other = factories.agreement("aaa")
    factories.participation(other, deal.china)
    parties = proposals(editor, deal.source, what="party", agreement=deal.agreement.pk)
    assert len(parties) == len({*parties}), "a party of two agreements stands twice"
    assert proposals(editor, deal.source, what="party", agreement=deal.agreement.pk)[0] == "China"
    assert proposals(editor, deal.source, what="agreement")[0] == str(deal.agreement)
    assert proposals(editor, deal.source, what="party", q="aard") == ["Aardvark"]
    assert str(deal.denial) in proposals(editor, deal.source, what="row", q="nvidia")


def test_proposals_keep_to_an_agreement(editor: Client, deal: factories.FixtureRows) -> None:
    factories.clause(factories.agreement("other"), "1", title="Elsewhere")
    assert proposals(editor, deal.source, what="clause", agreement=deal.agreement.pk) == [str(deal.clause)]


def test_proposals_show_no_one_more_than_lists_do(someone: Any, published_deal: factories.FixtureRows) -> None:
    draft = factories.agreement("hidden", is_published=False)
    factories.clause(draft, "1", title="Secret")
    client = someone("view_source", "view_clause")
    assert proposals(client, published_deal.source, what="party") == []
    assert proposals(client, published_deal.source, what="clause") == [str(published_deal.clause)]


@pytest.mark.parametrize("asked", [{"what": "token"}, {}, {"what": "row\0"}])
def test_what_cannot_be_looked_for_is_refused(
    editor: Client, deal: factories.FixtureRows, asked: dict[str, str]
) -> None:
    assert problems(editor.get(address(deal.source, "find"), asked))["what"]


@pytest.mark.parametrize("asked", [{"q": "\0"}, {"agreement": "9" * 40}, {"q": "'\"((" * 500}, {"agreement": "x"}])
def test_odd_questions_find_nothing(editor: Client, deal: factories.FixtureRows, asked: dict[str, str]) -> None:
    assert proposals(editor, deal.source, what="clause", **asked) == []


# Size


def test_the_page_costs_the_same_queries_however_much_is_cited(editor: Client, deal: factories.FixtureRows) -> None:
    def queries(of: Source) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(address(of)).status_code == 200
        return len(captured)

    few = queries(deal.source)
    large = factories.source("large", text="Un mot de plus. " * 2_000)
    rows = [
        *(factories.clause(deal.agreement, str(number)) for number in range(2, 22)),
        *(factories.statement(deal.agreement, f"S{number}", speaker=deal.trump) for number in range(3, 13)),
        factories.clause(factories.agreement("other", is_published=False), "1"),
    ]
    Citation.objects.bulk_create(
        Citation(
            source=large,
            start=start,
            end=start + 6,
            exact=large.text[start : start + 6],
            **{rows[number % len(rows)]._meta.model_name: rows[number % len(rows)]},
        )
        for number, start in enumerate(range(0, 16 * 500, 16))
    )
    assert queries(large) == few <= 9
    assert len(data(editor, large)["citations"]) == 500
