"""Published rows change only with the permission to publish and with evidence; others make a working copy."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accords.admin.working_copies import working_copy_url
from accords.models import Agreement, Citation, Clause, ClauseParty, Event, Participation, Renewal, Source, Statement
from accords.working_copies import make_working_copy, rows_of
from tests import factories
from tests.admin.forms import Form, errors, form_data, messages, open_form, refused, submit, url
from tests.admin.test_history import restore, restoring_url, version
from tests.clients import Client

pytestmark = pytest.mark.django_db


def staff(group: str) -> Client:
    user = User.objects.create_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def module_deal(module_deal: factories.FixtureRows) -> factories.FixtureRows:
    """Publish the deal, of which every claim is cited."""
    Agreement.objects.update(is_published=True)
    module_deal.agreement.is_published = True
    with factories.without_validation():
        for row in (module_deal.agreement, module_deal.clause, module_deal.statement):
            factories.citation(row, "un accord d'un an", module_deal.source)
        factories.cite_claims(module_deal.agreement, module_deal.source, "renégocié chaque année")
    return module_deal


def confirmed(form: Form, citation: Citation) -> dict[str, str]:
    """Return the tick beside the words of a citation in a row's form."""
    [prefix] = [
        name.removesuffix("-id")
        for name, value in form.data.items()
        if name.startswith("citations-") and name.endswith("-id") and value == str(citation.pk)
    ]
    return {f"{prefix}-confirm": "on"}


def test_the_pages_of_what_is_published_are_read_only_without_the_right(deal: factories.FixtureRows) -> None:
    editor = staff("editor")
    shown = [deal.agreement, deal.clause_party, deal.citation, deal.china]
    others = [deal.clause, deal.statement, deal.event, deal.renewal, deal.source, deal.participation]
    pages = [editor.get(url(row, "change")).content.decode() for row in shown]
    assert [row for row, html in zip(shown, pages, strict=True) if 'name="_save"' in html] == []
    assert working_copy_url(deal.agreement) in pages[0]
    assert "ISO 8601): <code>P2Y</code>" in pages[0], "help texts look as in a form"
    assert "code&gt;" not in pages[0]
    for row in shown + others:
        assert editor.post(url(row, "change"), {"title": "x"}).status_code == 403, row
        assert editor.post(url(row, "delete"), {"post": "yes"}).status_code == 403, row
    order = f"{url(deal.agreement, 'change').removesuffix('change/')}order/"
    assert editor.get(order).status_code == 200
    assert editor.post(order, {"row": [f"{deal.clause.pk}@1"]}).status_code == 403


def test_nothing_is_added_to_what_is_published_without_the_right(deal: factories.FixtureRows) -> None:
    editor = staff("editor")
    fields = {"agreement": str(deal.agreement.pk), "type": "tariff", "standing": "term", "modality": "obligation"}
    answer = submit(editor, url(Clause, "add"), **fields, title="New")
    assert "Make a working copy" in errors(answer)["__all__"][0]
    assert answer.context["adminform"].form["title"].value() == "New"
    assert Clause.objects.count() == 1
    quote = {"source": str(deal.source.pk), "clause": str(deal.clause.pk), "exact": "du soja", "field": "commodity"}
    found = refused(editor, url(Citation, "add"), form_data(editor, url(Citation, "add"), **quote))
    assert "Make a working copy" in found["__all__"][0]


def test_a_changed_value_is_saved_with_a_tick_beside_its_words(deal: factories.FixtureRows) -> None:
    publisher, page = staff("publisher"), url(deal.clause, "change")
    form = open_form(publisher, page)
    answer = publisher.post(page, form.sent(value="12"))
    assert "no citation supports what would be public" in errors(answer)["__all__"][0]
    assert f'href="{page}"' in errors(answer)["__all__"][0]
    assert Clause.objects.get().value == 47
    assert publisher.post(page, form.sent(value="12", **confirmed(form, deal.citation))).status_code == 302
    assert Clause.objects.get().value == 12
    form = open_form(publisher, page)
    assert publisher.post(page, form.sent(title="Renamed")).status_code == 302
    quote = form.new_row("citations", source=str(deal.source.pk), exact="47 %", field="value")
    assert publisher.post(page, form.sent(value="13", **quote)).status_code == 302
    assert (Clause.objects.get().value, Clause.objects.get().title) == (13, "Renamed")


def test_a_publisher_adds_nothing_uncited_and_deletes_no_last_citation(deal: factories.FixtureRows) -> None:
    publisher = staff("publisher")
    fields = {"agreement": str(deal.agreement.pk), "type": "tariff", "standing": "term", "modality": "obligation"}
    found = refused(publisher, url(Clause, "add"), form_data(publisher, url(Clause, "add"), **fields))
    assert "no citation supports" in found["__all__"][0]
    form = open_form(publisher, url(deal.agreement, "change"))
    assert "ISO 8601): <code>P2Y</code>" in form.html
    row = form.new_row("events", kind="visit", status="held")
    found = refused(publisher, url(deal.agreement, "change"), form.sent(**row))
    assert "no citation supports" in found["__all__"][0]
    Citation.objects.filter(clause=deal.clause).exclude(pk=deal.citation.pk).delete()
    answer = publisher.post(url(deal.citation, "delete"), {"post": "yes"}, follow=True)
    assert "no citation supports" in messages(answer)[0]
    chosen = {"action": "delete_selected", "_selected_action": [deal.citation.pk], "post": "yes"}
    assert "no citation supports" in messages(publisher.post(url(Citation), chosen, follow=True))[0]
    assert Citation.objects.filter(pk=deal.citation.pk).exists()
    assert Event.objects.count() == Clause.objects.count() == 1


def test_restoring_makes_nothing_uncited_public(deal: factories.FixtureRows) -> None:
    publisher, editor = staff("publisher"), staff("editor")
    Clause.objects.get().save()
    page = url(deal.clause, "change")
    form = open_form(publisher, page)
    assert publisher.post(page, form.sent(value="12", **confirmed(form, deal.citation))).status_code == 302
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
    form = open_form(editor, page)
    assert editor.post(page, form.sent(value="12")).status_code == 302
    shown = publisher.get(working_copy_url(copy))
    assert [str(one) for one in shown.context["missing"]] != []
    answer = publisher.post(working_copy_url(copy), {"seen": shown.context["seen"]})
    assert (answer.status_code, Clause.objects.get(pk=deal.clause.pk).value) == (409, 47)
    assert "no citation supports what would be public" in answer.content.decode()
    quote = Citation.objects.get(clause=clause, field="value")
    assert editor.post(page, form.sent(value="12", **confirmed(form, quote))).status_code == 302
    assert editor.post(working_copy_url(copy), {"seen": "x"}).status_code == 403
    html = publisher.get(working_copy_url(copy)).content.decode()
    assert "<del>47</del> → <ins>12</ins>" in html
    assert "de 57 % à 47 %" in html
    assert publisher.post(working_copy_url(copy), {"seen": "x"}).status_code == 409
    Clause.objects.filter(pk=deal.clause.pk).update(value="50")
    shown = publisher.get(working_copy_url(copy))
    answer = publisher.post(working_copy_url(copy), {"seen": shown.context["seen"]})
    assert "changed in the same places" in answer.content.decode()
    chosen = {"seen": shown.context["seen"], "overwrite": [f"/clauses/{deal.clause.pk}/value"]}
    done = publisher.post(working_copy_url(copy), chosen)
    assert (done.status_code, done["Location"]) == (302, url(deal.agreement, "change"))
    assert Clause.objects.get().value == 12
    assert not Agreement.objects.filter(pk=copy.pk).exists()


KEPT, CHANGED, DELETED, ADDED = 100, 110, 120, 130  # numbers of rows, by what a working copy does with them


@factories.without_validation()
def add_rows(agreement: Agreement, source: Source, number: int) -> None:
    """Add a row of each kind with this number to an agreement, and cite words for the participation."""
    party = factories.party(f"party-{number}")
    factories.clause_party(factories.clause(agreement, str(number)), party)
    factories.event(agreement, str(number)).participants.add(party)
    factories.statement(agreement, str(number), speaker=party).mentions.add(party)
    factories.renewal(agreement, number, basis="editorial")
    factories.citation(factories.participation(agreement, party), "soja", source)


def change_rows(copy: Agreement, source: Source, number: int) -> None:
    """Add, change and delete a row of each kind of a working copy; other rows for each number."""
    add_rows(copy, source, ADDED + number)
    new_party = {"party": factories.party(f"other-{number}")}
    changes: dict[Any, tuple[str, dict[str, Any]]] = {
        Event: ("number", {"place": "Busan"}),
        Statement: ("number", {"speaker": new_party["party"]}),
        Renewal: ("sequence", {"status": "concluded"}),
        ClauseParty: ("clause__number", new_party),
        Participation: ("party__slug", new_party),
        Clause: ("number", {"title": "New"}),
    }
    for model, (name, values) in changes.items():
        prefix = "party-" if name == "party__slug" else ""
        rows_of(model, copy).get(**{name: f"{prefix}{DELETED + number}"}).delete()
        assert rows_of(model, copy).filter(**{name: f"{prefix}{CHANGED + number}"}).update(**values) == 1
    kept = rows_of(Participation, copy).get(party__slug=f"party-{KEPT + number}")
    kept.citations.update(field="role")
    factories.citation(kept, "accord", source)
    Citation.objects.update(supported=None)  # they support what the rows state now


def test_more_changes_of_a_working_copy_take_no_more_queries(deal: factories.FixtureRows) -> None:
    for number in range(2):
        for first in (KEPT, CHANGED, DELETED):
            add_rows(deal.agreement, deal.source, first + number)
    copy, publisher = make_working_copy(agreement=deal.agreement, on=date(2026, 11, 23)), staff("publisher")
    counts = []
    for number in range(2):
        change_rows(copy, deal.source, number)
        with CaptureQueriesContext(connection) as queries:
            lines = publisher.get(working_copy_url(copy)).context["lines"]
        changes = Counter((line.kind, line.model) for line in lines)
        assert (len(changes), {*changes.values()}) == (20, {number + 1}), changes
        counts.append(len(queries))
    assert counts[0] == counts[1]


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
