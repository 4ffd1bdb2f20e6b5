"""Forms in a browser: nothing typed is lost, nothing changes unasked, and nothing is saved twice."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Dialog, Route, expect

from accords.models import Agreement, Citation, Clause, ClauseParty, Party
from tests import factories
from tests.admin.browsing import AdminPage
from tests.admin.forms import url

COPIES = "Object.keys(localStorage).filter((key) => key.startsWith('accords:')).length"


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a small deal as a draft, committed so that the server's thread sees it."""
    deal = factories.deal()
    Agreement.objects.update(is_published=False)
    deal.agreement.refresh_from_db()
    return deal


def test_two_editors_keep_each_other_s_changes_and_choose_where_both_changed_a_field(
    new_admin_page: Callable[[], AdminPage], deal: factories.FixtureRows
) -> None:
    first, second = new_admin_page(), new_admin_page()
    for one in (first, second):
        one.log_in()
        one.open(deal.clause, "change")
    title, row = second.page.locator(".field-title").first, second.page.locator("#parties-0")
    first.page.locator("#id_title").fill("First")
    first.page.locator("#parties-0 select[name$=role]").select_option("affected")
    first.page.locator("#parties-0 input[name$=explicit]").check()
    first.save()
    expect(first.page.get_by_text("was changed successfully")).to_be_visible()

    second.page.locator("#id_commodity").fill("minerals")
    second.page.locator("#id_title").fill("Second")
    row.locator("select[name$=role]").select_option("obligee")
    second.save()
    expect(title.locator(".errorlist")).to_contain_text("boss changed this meanwhile to “First”.")
    expect(row.locator(".field-role .errorlist")).to_contain_text("boss changed this meanwhile to “affected”.")
    second.refused(1)
    title.get_by_label("Keep theirs").check()
    expect(second.page.locator("#id_title")).to_have_value("First")
    title.get_by_label("Keep mine").check()
    expect(second.page.locator("#id_title")).to_have_value("Second")
    row.get_by_label("Keep theirs").check()
    expect(row.locator("select[name$=role]")).to_have_value("affected")
    second.save()
    expect(second.page.get_by_text("Kept what others changed meanwhile: Explicit")).to_be_visible()
    party = ClauseParty.objects.select_related("clause").get()
    assert (party.role, party.explicit) == ("affected", True)
    assert (party.clause.title, party.clause.commodity) == ("Second", "minerals")


def test_an_ended_session_loses_nothing(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    page.get_by_label("Title").fill("Typed for long")
    Session.objects.all().delete()
    admin_page.save()
    expect(page.locator("#form-status")).to_contain_text("you are logged out")
    admin_page.refused(1, 401)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Log in in a new tab").click()
    login = opened.value
    login.get_by_label("Username").fill("boss")
    login.get_by_label("Password").fill("boss")
    login.get_by_role("button", name="Log in").click()
    expect(login.get_by_text("Agreements and their evidence")).to_be_visible()
    login.close()
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Clause.objects.get().title == "Typed for long"


def test_a_lost_connection_loses_nothing_and_a_retry_saves_once(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(Party, "add")
    page.get_by_label("Name").fill("Nvidia")
    page.get_by_label("Kind").select_option("organization")

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()  # it arrives and is saved
            route.abort()
        else:
            route.continue_()

    page.route("**/party/add/", lose_the_answer)
    page.locator("input[name=_save]").click()
    expect(page.locator("#form-status")).to_contain_text("no connection")
    page.unroute("**/party/add/")
    page.route("**/party/add/", lambda route: route.fulfill(status=503, body="<p>", content_type="text/html"))
    page.get_by_role("button", name="Save again").click()
    expect(page.locator("#form-status")).to_contain_text("the server had an error (503)")
    page.unroute("**/party/add/")
    admin_page.problems.clear()
    assert Party.objects.filter(name="Nvidia").count() == 1
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_text("This was saved already.")).to_be_visible()
    assert Party.objects.filter(name="Nvidia").count() == 1


def test_nothing_can_be_typed_that_a_save_under_way_does_not_have(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.agreement, "change")
    page.locator("#clauses-0").get_by_role("link", name="Change").click()
    title = page.get_by_label("Title")
    title.fill("Typed")
    page.evaluate("""() => {
        const send = window.fetch, pause = new Promise((go) => { window.go = go; });
        window.fetch = async (...sent) => { await pause; return send(...sent); };
    }""")
    admin_page.save()
    title.press("x")
    page.get_by_label("Survives").click()
    expect(title).to_have_value("Typed")
    expect(page.get_by_label("Survives")).not_to_be_checked()
    page.evaluate("window.go()")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    title.fill("Typed again")
    page.locator("input[name=_save]").click()
    expect(page.get_by_role("heading", name="Clauses (1)")).to_be_in_viewport()  # where the form was opened
    assert Clause.objects.get().title == "Typed again"


def test_two_quick_clicks_save_once(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    quote = admin_page.add_row("citations")
    admin_page.pick(quote, "source", "press")
    quote.locator("textarea[name$=exact]").fill("Corée du Sud")
    page.locator("input[name=_save]").dblclick()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Citation.objects.filter(exact="Corée du Sud").count() == 1


def test_what_was_typed_is_offered_after_a_reload_or_a_closed_tab(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page, dialogs = admin_page.page, []

    def leave(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    page.get_by_label("Title").fill("Typed")
    page.locator("#parties-0 select[name$=role]").select_option("obligee")
    party = admin_page.add_row("parties")
    admin_page.pick(party, "party", "trump")
    party.locator("select[name$=role]").select_option("affected")
    admin_page.until("Object.keys(localStorage).some((key) => localStorage[key].includes('affected'))")
    page.reload()
    assert dialogs == ["beforeunload"], "leaving is warned about"
    expect(page.locator("#form-status")).to_contain_text("and did not save it")
    ClauseParty.objects.update(role="affected")
    Clause.objects.update(commodity="theirs")
    admin_page.open(Party)
    admin_page.open(deal.clause, "change")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#form-status")).to_have_text("Restored. It is not saved yet.")
    expect(page.get_by_label("Title")).to_have_value("Typed")
    expect(page.locator("#parties-1 .field-party")).to_contain_text("Donald Trump")
    admin_page.save()
    message = page.locator("#parties-0 .field-role .errorlist")
    expect(message).to_contain_text("changed this meanwhile to “affected”.")
    admin_page.refused(1)
    page.locator("#parties-0").get_by_label("Keep mine").check()
    admin_page.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    clause = Clause.objects.get()
    assert (clause.title, clause.commodity) == ("Typed", "theirs")
    kept = set(ClauseParty.objects.values_list("party", "role"))
    assert kept == {(deal.america.pk, "obligee"), (deal.trump.pk, "affected")}
    page.reload()
    expect(page.locator("#form-status")).to_be_hidden()
    assert page.evaluate(COPIES) == 0


def test_of_a_page_that_has_not_loaded_a_copy_is_kept_if_something_was_typed(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/*.svg", lambda _route: None)  # not answered, so the page does not finish loading
    for typed, copies in (("", 0), ("minerals", 1)):
        page.goto(admin_page.address + url(deal.china, "change"), wait_until="domcontentloaded")
        if typed:
            page.locator("#id_name").fill(typed)
        else:
            page.locator("#id_name").dispatch_event("change")  # as widgets do, and the browser when it fills in again
        assert page.evaluate("document.readyState") == "interactive"
        page.goto(admin_page.address + url(Party), wait_until="domcontentloaded")
        assert page.evaluate(COPIES) == copies
    page.unroute("**/*.svg")
    admin_page.open(deal.china, "change")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_name")).to_have_value("minerals")


def test_another_tab_is_not_offered_what_is_being_typed(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    page.get_by_label("Title").fill("Typing")
    admin_page.until(COPIES)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_timeout(200)
    expect(other.locator("#form-status")).to_be_hidden()
    other.close()
    page.get_by_label("Title").fill("Clause 1")
    admin_page.until(f"!{COPIES}")


def test_a_copy_is_kept_of_the_last_letters_and_none_after_a_logout(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    page.on("dialog", lambda dialog: dialog.accept())
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    page.get_by_label("Title").fill("Last letters")
    admin_page.open(Party)  # at once, before the copy is due
    assert page.evaluate(COPIES) == 1
    page.go_back()
    expect(page.locator("#form-status")).to_contain_text("and did not save it")
    admin_page.open(deal.clause, "change")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Title")).to_have_value("Last letters")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Log in again")).to_be_visible()
    assert page.evaluate(COPIES) == 0


def test_other_applications_forms_and_popups_lose_nothing_and_passwords_are_not_copied(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    page.on("dialog", lambda dialog: dialog.accept())
    admin_page.log_in()
    admin_page.open(User, "add")
    page.get_by_label("Username").fill("somebody")
    page.locator("#id_password1").fill("a secret of mine")
    admin_page.until(COPIES)
    assert "a secret" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Username")).to_have_value("somebody")
    admin_page.open(deal.clause, "change")
    row = admin_page.add_row("parties")
    with page.context.expect_page() as opened:
        row.locator("a.add-related").first.click()
    popup = opened.value
    popup.get_by_label("Name").fill("Nvidia")
    popup.locator("input[name=_save]").click()
    expect(popup.locator(".field-kind .errorlist")).to_have_text("This field is required.")
    popup.get_by_label("Kind").select_option("organization")
    with popup.expect_event("close"):
        popup.locator("input[name=_save]").click()
    expect(row.locator(".select2-selection__rendered").first).to_contain_text("Nvidia")
    page.evaluate("localStorage.clear()")


def test_a_text_too_large_to_be_sent_stays_in_the_form(
    admin_page: AdminPage, deal: factories.FixtureRows, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
    text = "Article é\n" * 200
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(factories.source("treaty", text="short"), "change")
    page.locator("#id_text").fill(text)
    admin_page.save()
    expect(page.locator("#form-status")).to_contain_text("the texts are too large. What you typed is still here.")
    expect(page.locator("#id_text")).to_have_value(text)


def test_numbers_change_only_as_they_are_typed(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    value = page.locator("#id_value")
    value.click()
    page.mouse.wheel(0, 200)
    page.keyboard.press("ArrowUp")
    page.mouse.wheel(0, -400)
    expect(value).to_have_value("47")
    value.fill("1.234,50")
    admin_page.save()
    page.get_by_role("button", name="1234.50").click()
    admin_page.refused(1)
    expect(value).to_have_value("1234.50")
    value.fill("4,5")
    admin_page.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Clause.objects.get().value == Decimal("4.5")


def test_an_error_is_shown_in_place_with_the_section_marked(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    page.locator("#id_ends").fill("2026-13")
    page.locator("#citations-0 textarea[name$=exact]").fill("")
    page.locator("#id_commodity").fill("soja")
    admin_page.save()
    expect(page.locator(".field-ends .errorlist")).to_contain_text("2026-13")
    expect(page.locator("#citations-0 .field-exact .errorlist")).to_have_text("This field is required.")
    expect(page.locator("#id_ends")).to_be_focused()
    expect(page.locator("#sections .has-errors")).to_have_text([re.compile("Dates"), re.compile("Citations")])
    admin_page.refused(1)
    expect(page.locator("#id_commodity")).to_have_value("soja")
    page.locator("#id_ends").fill("2026-12")
    page.locator("#citations-0 textarea[name$=exact]").fill("de 57 % à 47 %")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_an_order_of_clauses_survives_an_ended_session_and_a_reload_and_is_kept_in_a_conflict(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page, order = admin_page.page, admin_page.page.locator("table.order tbody tr")
    for number in ("2", "3"):
        factories.clause(deal.agreement, number)
    page.on("dialog", lambda dialog: dialog.accept())
    admin_page.log_in()
    page.goto(admin_page.address + reverse("admin:accords_agreement_order", args=[deal.agreement.pk]))
    order.nth(2).locator(".handle").press("ArrowUp")
    page.keyboard.press("ArrowUp")
    moved = [re.compile("Clause 3"), re.compile("Clause 1"), re.compile("Clause 2")]
    expect(order).to_have_text(moved)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save this order").click()
    expect(page.locator("#form-status")).to_contain_text("you are logged out")
    admin_page.refused(1, 401)
    admin_page.until(COPIES)
    admin_page.log_in()
    page.reload()
    expect(order.first).to_contain_text("Clause 1")
    page.get_by_role("button", name="Restore").click()
    expect(order).to_have_text(moved)

    Clause.objects.filter(number="2").update(position=9)
    page.get_by_role("button", name="Save this order").click()
    expect(page.locator(".errornote")).to_contain_text("Your order is kept below")
    admin_page.refused(1, 409)
    expect(order).to_have_text(moved)
    admin_page.until(COPIES)
    page.get_by_role("button", name="Save this order").click()
    expect(page.get_by_text("clauses were moved")).to_be_visible()
    assert list(Clause.objects.order_by("position").values_list("number", flat=True)) == ["3", "1", "2"]
    assert page.evaluate(COPIES) == 0


def test_forms_work_without_scripts(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    client = admin_page.page.context.browser.new_context(java_script_enabled=False)
    admin_page.log_in()
    client.add_cookies(admin_page.page.context.cookies())
    page = client.new_page()
    page.goto(admin_page.address + url(deal.clause, "change"))
    page.get_by_label("Title").fill("Without scripts")
    Clause.objects.update(title="Theirs")
    page.locator("input[name=_save]").click()
    page.get_by_label("Keep mine").check()
    page.locator("input[name=_save]").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Clause.objects.get().title == "Without scripts"
    assert User.objects.count() == 1
    client.close()
