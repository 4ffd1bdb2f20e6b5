"""Publishing and withdrawing: the page shows the effect, and exactly that happens, with the permission to publish."""

from html import unescape
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accords.models import Agreement, Citation, Party, Renewal, Source
from tests import factories
from tests.admin.forms import messages, submit, url
from tests.clients import Client

MAY = ("view_agreement", "change_agreement", "publish_agreement")


def address(verb: str, *agreements: Agreement) -> str:
    return reverse(f"admin:accords_agreement_{verb}") + "?ids=" + ",".join(str(one.pk) for one in agreements)


def draft(slug: str, by: Source, **fields: Any) -> Agreement:
    """Create a draft of which every claim is cited."""
    with factories.without_validation():
        return factories.cite_claims(factories.agreement(slug, is_published=False, **fields), by)


def confirm(client: Client, page: Any) -> Any:
    """Press the button of a page that was opened."""
    request = page.request
    return client.post(f"{request['PATH_INFO']}?{request['QUERY_STRING']}", {"seen": page.context["seen"]})


def said(client: Client) -> list[str]:
    """Return the messages of the last save, which the next page shows, whichever it is."""
    return messages(client.get(url(Party)))


def is_published(one: Agreement) -> bool:
    return Agreement.objects.filter(pk=one.pk, is_published=True).exists()


def test_the_page_names_what_keeps_an_agreement_from_being_published(
    editor: Client, deal: factories.FixtureRows
) -> None:
    Agreement.objects.update(is_published=False)
    page = editor.get(address("publish", deal.agreement))
    body = page.content.decode()
    for row in (deal.agreement, deal.statement):
        assert f'<a href="{url(row, "change")}">' in body
    assert f'<a href="{url(deal.denial, "change")}">' not in body, "that is cited"
    assert "Publish now" not in body
    assert confirm(editor, page).status_code == 302
    assert not is_published(deal.agreement)


def test_an_agreement_is_published_with_its_source_and_withdrawn_again(
    editor: Client, deal: factories.FixtureRows
) -> None:
    one = draft("new", factories.source("new-source", title="New source"))
    page = editor.get(address("publish", one))
    assert [str(source) for source in page.context["plan"].sources] == ["New source"]
    assert "New source" in page.content.decode()
    assert confirm(editor, page)["Location"] == url(one, "change")
    assert said(editor) == ["1 agreement was published."]
    assert is_published(one)
    assert one.history.first().through == "admin"
    page = editor.get(address("withdraw", one))
    assert [str(source) for source in page.context["plan"].sources] == ["New source"]
    assert confirm(editor, page).status_code == 302
    assert said(editor) == ["1 agreement was withdrawn."]
    assert not is_published(one)


def test_what_someone_changed_meanwhile_is_shown_and_nothing_is_done(
    editor: Client, deal: factories.FixtureRows
) -> None:
    one = draft("new", deal.source)
    page = address("publish", one)
    response = editor.get(page).context["seen"]
    factories.clause(one, "7", title="Slipped in")
    answer = editor.post(page, {"seen": response})
    assert "added clause “7 Slipped in”" in answer.content.decode()
    assert not is_published(one)
    assert answer.context["seen"] != response
    for nonsense in ("nonsense", "x@0001-01-01T00:00:00+14:00", "x@9999-12-31T23:59:59-14:00"):
        assert editor.post(page, {"seen": nonsense}).status_code == 409
    assert not is_published(one)


def test_what_someone_deleted_meanwhile_is_named_although_what_it_names_is_gone(
    editor: Client, deal: factories.FixtureRows
) -> None:
    one, source, party = draft("new", deal.source), factories.source("gone"), factories.party("gone", name="Atlantis")
    page = address("publish", one)
    seen = editor.get(page).context["seen"]
    quote = factories.citation(one, "un accord d'un an", source)
    participation = factories.participation(one, party)
    names = [f"deleted citation “{quote}”", f"deleted participation “{participation}”"]
    for row in (quote, source, participation, party):
        row.delete()
    answer = editor.post(page, {"seen": seen})
    assert answer.status_code == 409
    body = unescape(answer.content.decode())
    assert [name for name in names if name not in body] == []


def test_the_list_publishes_several_and_says_which_stay(editor: Client, published_deal: factories.FixtureRows) -> None:
    ready, bare = draft("ready", published_deal.source), factories.agreement("bare", is_published=False)
    ids = [ready.pk, bare.pk, published_deal.agreement.pk]
    chosen = {"action": "publish_selected", "_selected_action": ids}
    page = editor.post(url(Agreement), chosen, follow=True)
    assert {line.row.slug: line.will_change for line in page.context["plan"].outcomes} == {
        "ready": True,
        "bare": False,
        "rare-metals": False,
    }
    confirm(editor, page)
    assert said(editor) == [
        "1 agreement was published.",
        "1 agreement stays a draft, because claims of it have no citation.",
    ]
    assert (is_published(ready), is_published(bare)) == (True, False)
    page = editor.post(url(Agreement), chosen | {"action": "withdraw_selected"}, follow=True)
    confirm(editor, page)
    assert said(editor) == ["2 agreements were withdrawn."]
    assert not Agreement.objects.published().exists()


def test_what_looks_odd_is_reported_and_does_not_stand_in_the_way(editor: Client, deal: factories.FixtureRows) -> None:
    one = draft("new", deal.source, signed="2025-12-01")
    page = editor.get(address("publish", one))
    assert "It takes effect before it was signed." in page.content.decode()
    confirm(editor, page)
    assert is_published(one)


def test_what_is_replaced_follows(editor: Client, deal: factories.FixtureRows) -> None:
    later = Renewal.objects.filter(agreement=deal.agreement, due__gt="2026-11", basis="computed")
    factories.renewal(deal.agreement, 2, due="2027-10-30", offset="P2Y")
    one = draft("new", deal.source, supersedes=deal.agreement, effective="2026-10-30")
    confirm(editor, editor.get(address("publish", one)))
    assert not later.exists()


def test_only_who_may_publish_sees_the_way(someone: Any, published_deal: factories.FixtureRows) -> None:
    writer, publisher = someone("view_agreement", "change_agreement"), someone(*MAY)
    page = address("withdraw", published_deal.agreement)
    small = factories.agreement("small")  # its page has the same links
    for client, status in ((writer, 403), (someone("view_agreement", "publish_agreement"), 403), (publisher, 200)):
        assert client.get(page).status_code == status
        assert client.post(page, {"seen": "x"}).status_code == (409 if status == 200 else 403)
        html = client.get(url(small, "change")).content.decode()
        assert (f'href="{address("withdraw", small)}"' in html) == (status == 200)
        assert ("withdraw_selected" in client.get(url(Agreement)).content.decode()) == (status == 200)
    csrf = Client(enforce_csrf_checks=True)
    csrf.cookies = publisher.cookies
    assert csrf.post(page, {"seen": "x"}).status_code == 403
    assert is_published(published_deal.agreement)


def test_no_form_publishes(editor: Client, deal: factories.FixtureRows) -> None:
    one = draft("new", deal.source)
    assert submit(editor, url(one, "change"), is_published="on").status_code == 302
    assert not is_published(one)


@pytest.mark.parametrize("ids", ["", "0", "x", "1,", str(10**18), "99999999", ",".join(map(str, range(1, 300)))])
def test_addresses_that_name_no_agreement_lead_nowhere(editor: Client, ids: str) -> None:
    assert editor.get(reverse("admin:accords_agreement_publish"), {"ids": ids}).status_code == 404


def test_more_agreements_take_no_more_queries(editor: Client, deal: factories.FixtureRows) -> None:
    def query_count(*rows: Agreement) -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = editor.get(address("publish", *rows))
        with CaptureQueriesContext(connection) as done:
            editor.post(address("publish", *rows), {"seen": page.context["seen"]})
        return len(queries), len(done) - len(rows)  # a line of Django's own log for each that is published

    drafts = [draft(f"draft-{number}", deal.source) for number in range(5)]
    ContentType.objects.get_for_model(Agreement)  # cached, or the first log entry asks for it
    assert query_count(*drafts[:2]) == query_count(*drafts[2:])


def test_more_parties_without_a_citation_take_no_more_queries(editor: Client, deal: factories.FixtureRows) -> None:
    def query_count(*rows: Agreement) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = editor.get(address("publish", *rows)).content.decode()
        assert page.count("China (") == len(rows)
        return len(queries)

    drafts = [draft(f"draft-{number}", deal.source) for number in range(3)]
    Citation.objects.filter(agreement__in=drafts, field="").delete()
    for one in drafts:
        factories.participation(one, deal.china)
    assert query_count(*drafts[:1]) == query_count(*drafts[:3])
