"""In the admin what is published changes only by who may publish, and with evidence; all others make a working copy."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from accords.admin.working_copies import working_copy_url
from accords.models import Agreement, Citation, Clause, ClauseParty, Event, Participation, Renewal
from tests import factories
from tests.admin.forms import errors, form_data, messages, open_form, submit, url
from tests.admin.test_history import restore, restoring_url, version
from tests.clients import Client

pytestmark = pytest.mark.django_db


def staff(group: str) -> Client:
    user = User.objects.create_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def deal(published_deal: factories.FixtureRows) -> factories.FixtureRows:
    """Create a published deal of which every claim is cited."""
    for row in (published_deal.agreement, published_deal.clause, published_deal.statement):
        factories.citation(row, "un accord d'un an", published_deal.source)
    return (
        factories.cite_claims(published_deal.agreement, published_deal.source, "renégocié chaque année")
        and published_deal
    )


def confirmed(client: Client, row: Any, citation: Citation) -> dict[str, str]:
    """Return the tick beside the words of a citation on a row's page."""
    data = form_data(client, url(row, "change"))
    [prefix] = [
        name.removesuffix("-id")
        for name, value in data.items()
        if name.startswith("citations-") and name.endswith("-id") and value == str(citation.pk)
    ]
    return {f"{prefix}-confirm": "on"}


def test_the_pages_of_what_is_published_are_read_only_without_the_right(deal: factories.FixtureRows) -> None:
    editor = staff("editor")
    rows = [
        deal.agreement,
        deal.clause,
        deal.statement,
        deal.event,
        deal.renewal,
        deal.citation,
        deal.china,
        deal.source,
    ]
    for row in (*rows, deal.participation, deal.clause_party):
        html = editor.get(url(row, "change")).content.decode()
        assert 'name="_save"' not in html, row
        assert editor.post(url(row, "change"), {"title": "x"}).status_code == 403, row
        assert editor.post(url(row, "delete"), {"post": "yes"}).status_code == 403, row
    assert working_copy_url(deal.agreement) in editor.get(url(deal.agreement, "change")).content.decode()
    order = f"{url(deal.agreement, 'change').removesuffix('change/')}order/"
    assert editor.get(order).status_code == 200
    assert editor.post(order, {"row": [f"{deal.clause.pk}@1"]}).status_code == 403


def test_help_texts_look_alike_with_and_without_the_right(deal: factories.FixtureRows) -> None:
    for client in (staff("editor"), staff("publisher")):
        html = client.get(url(deal.agreement, "change")).content.decode()
        assert "ISO 8601): <code>P2Y</code>" in html
        assert "code&gt;" not in html


def test_nothing_is_added_to_what_is_published_without_the_right(deal: factories.FixtureRows) -> None:
    editor = staff("editor")
    fields = {"agreement": str(deal.agreement.pk), "type": "tariff", "standing": "term", "modality": "obligation"}
    refused = submit(editor, url(Clause, "add"), **fields, title="New")
    assert "Make a working copy" in errors(refused)["__all__"][0]
    assert refused.context["adminform"].form["title"].value() == "New"
    assert Clause.objects.count() == 1
    quote = {"source": str(deal.source.pk), "clause": str(deal.clause.pk), "exact": "du soja", "field": "commodity"}
    assert "Make a working copy" in errors(submit(editor, url(Citation, "add"), **quote))["__all__"][0]


def test_a_changed_value_is_saved_with_a_tick_beside_its_words(deal: factories.FixtureRows) -> None:
    publisher, page = staff("publisher"), url(deal.clause, "change")
    refused = submit(publisher, page, value="12")
    assert "no citation supports what would be public" in errors(refused)["__all__"][0]
    assert f'href="{page}"' in errors(refused)["__all__"][0]
    assert Clause.objects.get().value == 47
    assert submit(publisher, page, value="12", **confirmed(publisher, deal.clause, deal.citation)).status_code == 302
    assert Clause.objects.get().value == 12
    assert submit(publisher, page, title="Renamed").status_code == 302
    form = open_form(publisher, page)
    quote = form.new_row("citations", source=str(deal.source.pk), exact="47 %", field="value")
    assert publisher.post(page, form.sent(value="13", **quote)).status_code == 302


def test_a_publisher_adds_nothing_uncited_and_deletes_no_last_citation(deal: factories.FixtureRows) -> None:
    publisher = staff("publisher")
    fields = {"agreement": str(deal.agreement.pk), "type": "tariff", "standing": "term", "modality": "obligation"}
    assert "no citation supports" in errors(submit(publisher, url(Clause, "add"), **fields))["__all__"][0]
    form = open_form(publisher, url(deal.agreement, "change"))
    row = form.new_row("events", kind="visit", status="held")
    refused = publisher.post(url(deal.agreement, "change"), form.sent(**row))
    assert "no citation supports" in errors(refused)["__all__"][0]
    Citation.objects.filter(clause=deal.clause).exclude(pk=deal.citation.pk).delete()
    refused = publisher.post(url(deal.citation, "delete"), {"post": "yes"}, follow=True)
    assert "no citation supports" in messages(refused)[0]
    chosen = {"action": "delete_selected", "_selected_action": [deal.citation.pk], "post": "yes"}
    assert "no citation supports" in messages(publisher.post(url(Citation), chosen, follow=True))[0]
    assert Citation.objects.filter(pk=deal.citation.pk).exists()
    assert Event.objects.count() == Clause.objects.count() == 1


def test_restoring_makes_nothing_uncited_public(deal: factories.FixtureRows) -> None:
    publisher, editor = staff("publisher"), staff("editor")
    Clause.objects.get().save()
    page = url(deal.clause, "change")
    assert submit(publisher, page, value="12", **confirmed(publisher, deal.clause, deal.citation)).status_code == 302
    old = deal.clause.history.filter(value=47).first()
    assert editor.get(restoring_url(old)).status_code == 403
    assert "no citation supports" in restore(publisher, old).content.decode()
    assert Clause.objects.get().value == 12
    Agreement.objects.update(is_published=False)
    statement = deal.denial
    assert publisher.post(url(statement, "delete"), {"post": "yes"}).status_code == 302
    Agreement.objects.update(is_published=True)
    gone = version(statement, 0)
    assert "Make a working copy" in restore(editor, gone).content.decode()
    assert restore(publisher, gone).status_code == 302


def test_a_working_copy_is_made_changed_compared_and_published(deal: factories.FixtureRows) -> None:
    editor, publisher = staff("editor"), staff("publisher")
    made = editor.post(working_copy_url(deal.agreement))
    copy = Agreement.objects.get(working_copy_of=deal.agreement)
    assert (made.status_code, made["Location"]) == (302, url(copy, "change"))
    clause = copy.clauses.get()
    page = url(clause, "change")
    assert submit(editor, page, value="12").status_code == 302
    shown = publisher.get(working_copy_url(copy))
    assert [str(one) for one in shown.context["missing"]] != []
    refused = publisher.post(working_copy_url(copy), {"seen": shown.context["seen"]})
    assert (refused.status_code, Clause.objects.get(pk=deal.clause.pk).value) == (409, 47)
    assert "no citation supports what would be public" in refused.content.decode()
    quote = Citation.objects.get(clause=clause, field="value")
    assert submit(editor, page, **confirmed(editor, clause, quote)).status_code == 302
    assert editor.post(working_copy_url(copy), {"seen": "x"}).status_code == 403
    html = publisher.get(working_copy_url(copy)).content.decode()
    assert "<del>47</del> → <ins>12</ins>" in html
    assert "de 57 % à 47 %" in html
    assert publisher.post(working_copy_url(copy), {"seen": "x"}).status_code == 409
    Clause.objects.filter(pk=deal.clause.pk).update(value="50")
    shown = publisher.get(working_copy_url(copy))
    refused = publisher.post(working_copy_url(copy), {"seen": shown.context["seen"]})
    assert "changed in the same places" in refused.content.decode()
    chosen = {"seen": shown.context["seen"], "overwrite": [f"/clauses/{deal.clause.pk}/value"]}
    done = publisher.post(working_copy_url(copy), chosen)
    assert (done.status_code, done["Location"]) == (302, url(deal.agreement, "change"))
    assert Clause.objects.get().value == 12
    assert not Agreement.objects.filter(pk=copy.pk).exists()


def test_a_working_copy_is_withdrawn_by_who_made_it_and_published_on_its_own_page(deal: factories.FixtureRows) -> None:
    editor, publisher = staff("editor"), staff("publisher")
    editor.post(working_copy_url(deal.agreement))
    copy = Agreement.objects.get(working_copy_of=deal.agreement)
    assert working_copy_url(copy) in publisher.get(url(copy, "change")).content.decode()
    page = f"{url(Agreement)}publish/?ids={copy.pk}"
    assert "publish it on its own page" in publisher.get(page).content.decode()
    assert editor.post(working_copy_url(copy)).status_code == 403
    assert editor.post(url(copy, "delete"), {"post": "yes"}).status_code == 302
    assert Agreement.objects.get() == deal.agreement
    assert [Participation.objects.count(), ClauseParty.objects.count()] == [1, 1]
    assert Renewal.objects.filter(agreement=deal.agreement).exists()
