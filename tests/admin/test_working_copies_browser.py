"""Working copies in a browser: made, compared with what is public, published as a whole; two of one agreement.

That one is withdrawn by who made it is shown by test_guarded.py.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import expect

from accords.admin.working_copies import working_copy_url
from accords.models import Agreement, Clause, Statement
from accords.services import confirm
from accords.working_copies import make_working_copy
from tests import factories
from tests.admin.browsing import AdminPage
from tests.admin.test_accessibility import violations
from tests.clients import Client

SCREENS: tuple[Any, ...] = ((360, 740), (683, 384), (1366, 768))  # a phone, a laptop at 200 %, a laptop


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a published deal of which every claim is cited, an editor and a publisher."""
    deal = factories.deal()
    with factories.without_validation():
        for row in (deal.agreement, deal.clause, deal.statement):
            factories.citation(row, "un accord d'un an", deal.source)
        factories.cite_claims(deal.agreement, deal.source, "renégocié chaque année")
    for name in ("editor", "publisher"):
        User.objects.create_user(name, is_staff=True).groups.add(Group.objects.get(name=name))
    return deal


def open_comparison(admin_page: AdminPage, copy: Agreement) -> None:
    admin_page.page.goto(admin_page.address + working_copy_url(copy))


def public_value(deal: factories.FixtureRows) -> Any:
    return Client().get(f"/api/v1/clauses/{deal.clause.pk}").json()["value"]


def test_an_editor_changes_a_working_copy_which_a_publisher_compares_and_publishes(
    new_admin_page: Callable[[], AdminPage], deal: factories.FixtureRows
) -> None:
    editor, publisher = new_admin_page(), new_admin_page()
    editor.log_in("editor")
    publisher.log_in("publisher")
    page = editor.page
    editor.open(deal.agreement, "change")
    expect(page.locator("input[name=_save]")).to_have_count(0)
    expect(page.locator(".handle")).to_have_count(0)
    page.get_by_role("link", name="Make a working copy").click()
    page.get_by_role("button", name="Make a working copy").click()
    expect(page.get_by_text("This is a working copy of")).to_be_visible()
    expect(page.get_by_role("link", name="Compare")).to_be_in_viewport(ratio=1)
    page.locator("#clauses-0").get_by_role("link", name="Change").click()
    page.locator("#id_value").fill("12")
    editor.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    copy = Agreement.objects.get(working_copy_of=deal.agreement)
    visit = factories.event(copy, "E2", kind="visit", status="planned", date="2026-04")
    factories.citation(visit, "une visite est prévue en avril prochain", deal.source)
    copy.statements.get(number="S2").delete()
    open_comparison(editor, copy)
    expect(page.get_by_role("button", name="Publish now")).to_have_count(0)

    page = publisher.page
    open_comparison(publisher, copy)
    clause, event, statement = (page.locator(".plan tr", has_text=name) for name in ("1 Clause 1", "E2", "S2"))
    expect(clause).to_contain_text("47 → 12")
    expect(event).to_contain_text("created")
    expect(event.locator("td").last.locator("ins")).to_contain_text("une visite est prévue en avril prochain")
    expect(statement).to_contain_text("deleted")
    expect(statement.locator("del")).to_contain_text("Le président a démenti")
    expect(page.locator(".plan tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("alert")).to_contain_text("no citation supports what would be public")
    publisher.refused(1, 409)
    assert public_value(deal) == 47
    clause.get_by_label("Still true").check()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("The working copy was published.")).to_be_visible()
    assert public_value(deal) == 12
    assert not Statement.objects.filter(number="S2").exists()
    assert Agreement.objects.get().events.count() == 2


def test_a_second_copy_meets_the_changes_of_the_first(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    publisher = admin_page
    publisher.log_in("publisher")
    page, copies = publisher.page, []
    for value in (12, 13):
        copies.append(make_working_copy(agreement=deal.agreement, on=timezone.localdate()))
        clause = copies[-1].clauses.get()
        Clause.objects.filter(pk=clause.pk).update(value=value)
        confirm(clause.citations.all())
    open_comparison(publisher, copies[0])
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("The working copy was published.")).to_be_visible()

    open_comparison(publisher, copies[1])
    conflict = page.get_by_label("The public value was changed meanwhile. Publish that of the copy.")
    expect(page.locator(".plan tr", has_text="1 Clause 1")).to_contain_text("12 → 13")
    faults = violations(publisher)
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"wider than {width}")
    assert faults == []
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("alert")).to_contain_text("changed in the same places")
    publisher.refused(1, 409)
    assert public_value(deal) == 12
    conflict.check()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("The working copy was published.")).to_be_visible()
    assert public_value(deal) == 13
    assert Agreement.objects.get() == deal.agreement
