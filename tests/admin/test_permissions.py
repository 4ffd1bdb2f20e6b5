"""Permissions: nothing is possible without one, and each allows no more than it says."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from accords.models import Agreement, Citation, Clause, Party, Renewal, Source, Webhook
from tests import factories
from tests.admin.forms import NOUNS, open_form, refused, url
from tests.admin.test_base import ROW_PAGES, grow, opened, rows
from tests.clients import Client


def pages(deal: factories.FixtureRows) -> list[str]:
    return [url(noun, page) for noun in NOUNS for page in ("changelist", "add")] + [
        url(row, page) for row in rows(deal) for page in ROW_PAGES
    ]


def test_visitors_are_sent_to_the_login(client: Client, deal: factories.FixtureRows) -> None:
    for address in pages(deal):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={address}")


def test_users_who_are_not_staff_are_sent_to_the_login(client: Client, deal: factories.FixtureRows) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert {client.get(address).status_code for address in pages(deal)} == {302}


def test_staff_without_permission_see_nothing(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone()
    assert {client.get(address).status_code for address in pages(deal)} == {403}
    assert {
        client.post(address, {"post": "yes"}).status_code for address in pages(deal) if "history" not in address
    } == {403}


@pytest.mark.parametrize("index", range(len(NOUNS)))
def test_who_may_look_may_not_touch(someone: Any, deal: factories.FixtureRows, index: int) -> None:
    row = rows(deal)[index]
    client = someone(*(f"view_{noun._meta.model_name}" for noun in NOUNS))
    page = client.get(url(row, "change"))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert client.get(url(type(row))).status_code == 200
    assert client.post(url(row, "change"), {}).status_code == 403
    assert client.get(url(type(row), "add")).status_code == 403
    assert client.post(url(row, "delete"), {"post": "yes"}).status_code == 403


def test_rows_beneath_a_row_need_their_own_permission(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone("view_agreement", "change_agreement", "view_clause")
    page = client.get(url(deal.agreement, "change"))
    kinds = {one.opts.model._meta.model_name: one for one in page.context["inline_admin_formsets"]}
    assert kinds.keys() == {"clause"}
    assert not kinds["clause"].has_change_permission


def test_deleting_needs_the_permission_for_all_that_goes(someone: Any, deal: factories.FixtureRows) -> None:
    client = someone("view_agreement", "delete_agreement")
    assert "your account doesn't have permission" in client.get(url(deal.agreement, "delete")).content.decode()
    assert client.post(url(deal.agreement, "delete"), {"post": "yes"}).status_code == 403


WITHOUT_DRAFTS = [
    *(f"{verb}_{noun._meta.model_name}" for verb in ("view", "add", "change", "delete") for noun in NOUNS),
    *("view_webhook", "add_webhook", "change_webhook", "publish_agreement"),
]
WITHOUT_DRAFTS.remove("view_agreement")


def test_drafts_are_on_no_page_without_the_right(someone: Any, deal: factories.FixtureRows) -> None:
    client, agreement = someone(*WITHOUT_DRAFTS), deal.agreement
    names = (str(agreement), str(deal.clause), str(deal.source))
    adding = ((Webhook, "agreement"), (Clause, "agreement"), (Renewal, "outcome"), (Citation, "clause"))
    shown = [client.get(url(noun, "add"), {name: getattr(deal, name, agreement).pk}) for noun, name in adding]
    shown.append(client.get(url(Citation, "add"), {"source": deal.source.pk}))
    shown += [client.get(url(noun), {"agreement": agreement.pk}) for noun in (Clause, Renewal)]
    shown += [client.get(url(noun)) for noun in (Agreement, Clause, Citation, Source)]
    shown.append(client.get(reverse("admin:index")))
    query = {"app_label": "accords", "model_name": "citation", "field_name": "clause"}
    shown.append(client.get(reverse("admin:autocomplete"), query))
    assert [
        (page.request["PATH_INFO"], name) for page in shown for name in names if name in page.content.decode()
    ] == []
    assert len(b"".join(client.get(f"{url(Clause)}export.csv").streaming_content).splitlines()) == 1
    for row in rows(deal):
        assert {client.get(url(row, page)).status_code for page in ("change", "delete")} == {302}, row
        assert client.get(url(row, "history")).status_code == 403
    for page in ("order", "working-copy"):
        assert client.get(f"/admin/accords/agreement/{agreement.pk}/{page}/").status_code == 404
    assert client.get(f"/admin/accords/source/{deal.source.pk}/read/").status_code == 404
    data = open_form(client, url(Webhook, "add")).sent(url="https://hooks.example/", agreement=str(agreement.pk))
    assert refused(client, url(Webhook, "add"), data).keys() == {"agreement"}


def test_a_form_keeps_a_reference_to_a_draft_that_it_does_not_name(
    someone: Any, published_deal: factories.FixtureRows
) -> None:
    draft, row = factories.agreement("secret", is_published=False), published_deal.renewal
    Renewal.objects.filter(pk=row.pk).update(outcome=draft, status="concluded", basis="stated")
    client = someone(*WITHOUT_DRAFTS)
    webhook = Webhook.objects.create(url="https://hooks.example/", owner=User.objects.latest("pk"), agreement=draft)
    for stored, name in ((webhook, "agreement"), (row, "outcome")):
        form = open_form(client, url(stored, "change"))
        assert "secret" not in form.html
        assert client.post(url(stored, "change"), form.sent()).status_code == 302
        stored.refresh_from_db()
        assert getattr(stored, name) == draft
    for reader in (someone("view_renewal"), someone("view_renewal", "change_renewal")):
        page = reader.get(url(row, "change"))
        assert page.status_code == 200
        assert "secret" not in page.content.decode()


def test_an_agreement_shows_no_drafts_to_which_it_is_related(
    someone: Any, published_deal: factories.FixtureRows
) -> None:
    base, draft = published_deal.agreement, factories.agreement("embargoed", is_published=False)
    factories.clause(draft, title="An embargoed clause")
    Agreement.objects.filter(pk=base.pk).update(supersedes=draft)
    amendment = factories.agreement("embargoed-change", amends=base, is_published=False, status="in_force")
    substitute = {"modifies": published_deal.clause, "modification": "substitution", "title": "An embargoed clause"}
    factories.clause(amendment, **substitute)
    factories.agreement("change-of-draft", amends=draft)
    change = factories.agreement("change", amends=draft)
    factories.agreement("change-of-change", amends=change)
    factories.agreement("change-of-base", amends=base)
    readers = (someone(*WITHOUT_DRAFTS), someone("change_agreement"), someone("change_agreement", "view_agreement"))
    for slug, has_table in ((base.slug, True), ("change-of-draft", False), ("change", True)):
        address = url(Agreement.objects.get(slug=slug), "change")
        pages = [reader.get(address).content.decode() for reader in readers]
        assert ["embargoed" in page for page in pages] == [False, False, True], slug
        assert ["Text with amendments" in page for page in pages] == [has_table, has_table, True], slug


def test_hiding_drafts_takes_a_fixed_number_of_queries(someone: Any, published_deal: factories.FixtureRows) -> None:
    factories.citation(published_deal.statement, factories.TEXT[:10], published_deal.source, start=0)
    client, addresses = someone(*WITHOUT_DRAFTS), [url(row, "change") for row in rows(published_deal)]
    for address in addresses:
        opened(client, address)  # what Django remembers is asked once
    few = {address: opened(client, address)[1] for address in addresses}
    grow(published_deal)
    assert {address: opened(client, address)[1] for address in addresses} == few
    citation = factories.citation(published_deal.clause, factories.TEXT[:20], published_deal.source, start=0)
    form = opened(client, url(citation, "change"))[0].context["adminform"].form
    assert form.fields["clause"].queryset.query.select_related == {"agreement": {}}


def test_a_source_shows_no_citations_of_drafts(someone: Any, published_deal: factories.FixtureRows) -> None:
    draft = factories.agreement("secret", is_published=False)
    factories.citation(draft, "un sujet sensible", published_deal.source)
    client, source = someone(*WITHOUT_DRAFTS), published_deal.source
    page = client.get(url(source, "change")).content.decode()
    assert "Text (cited, so it can no longer change)" in page
    assert ("secret" in page, "<mark>un sujet sensible" in page) == (False, False)
    assert client.get(url(Source)).context["cl"].queryset.get().n_citation == source.citations.count() - 1


def test_the_list_of_parties_names_no_party_of_drafts(someone: Any, published_deal: factories.FixtureRows) -> None:
    hidden = factories.party("secret")
    Party.objects.filter(pk=published_deal.china.pk).update(represents=hidden)
    pages = [someone("view_party", *more).get(url(Party)).content.decode() for more in ([], ["view_agreement"])]
    assert ["Secret" in page for page in pages] == [False, True]


def test_a_draft_that_prevents_a_deletion_is_not_named(someone: Any, published_deal: factories.FixtureRows) -> None:
    factories.agreement("secret", option_holder=published_deal.china, is_published=False)
    page = someone(*WITHOUT_DRAFTS).get(url(published_deal.china, "delete"))
    assert "would require deleting" in page.content.decode()
    assert "secret" not in page.content.decode()


def test_parts_and_roles_are_not_on_the_front_page_but_have_pages(editor: Client, deal: factories.FixtureRows) -> None:
    page = editor.get(reverse("admin:index")).content.decode()
    assert "/admin/accords/clause/" in page
    assert "/admin/accords/clauseparty/" not in page
    assert "/admin/accords/participation/" not in page
