"""What an editor sees in a browser: Debian's Chromium, under our Content-Security-Policy, on a laptop's screen."""

import pytest
from playwright.sync_api import expect

from accords.models import Agreement, Citation, Clause, ClauseParty, Participation
from tests import factories
from tests.admin.browsing import SCREEN, AdminPage


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a small deal as a draft, committed so that the server's thread sees it."""
    deal = factories.deal()
    Agreement.objects.update(is_published=False)
    deal.agreement.refresh_from_db()
    return deal


def test_an_editor_enters_a_clause_with_its_parties_and_its_evidence(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in_with_password()
    page.locator("#nouns").get_by_role("link", name="Agreements").click()
    page.get_by_role("link", name="Agreement rare-metals").click()

    part = admin_page.add_row("participations")
    admin_page.pick(part, "party", "trump")
    part.locator("select[name$=role]").select_option("representative")
    clause = admin_page.add_row("clauses")
    clause.locator("select[name$=type]").select_option("purchase")
    clause.locator("select[name$=standing]").select_option("outcome")
    clause.locator("select[name$=modality]").select_option("obligation")
    clause.locator("input[name$=title]").fill("China buys soybeans")
    admin_page.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Participation.objects.filter(party=deal.trump, role="representative").exists()
    assert Clause.objects.get(title="China buys soybeans").number == "2"

    page.locator("#clauses-1").get_by_role("link", name="Change").click()
    owes = admin_page.add_row("parties")
    admin_page.pick(owes, "party", "china")
    owes.locator("select[name$=role]").select_option("obligor")
    owes.locator("input[name$=explicit]").check()
    quote = admin_page.add_row("citations")
    admin_page.pick(quote, "source", "press")
    quote.locator("textarea[name$=exact]").fill("la Chine achètera du soja américain")
    admin_page.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert ClauseParty.objects.get(clause__number="2").explicit
    citation = Citation.objects.get(clause__number="2")
    assert citation.start == factories.TEXT.index("la Chine achètera")
    expect(page.locator("#citations-0 textarea[name$=exact]")).to_have_value("la Chine achètera du soja américain")

    page.locator("#citations-0").get_by_role("link", name="Change").click()
    expect(page.locator("mark")).to_have_text("la Chine achètera du soja américain")


def test_a_wrong_quote_is_reported_beside_it_and_can_be_put_right(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.clause, "change")
    quote = admin_page.add_row("citations")
    admin_page.pick(quote, "source", "press")
    quote.locator("select[name$=field]").select_option("baseline_value")
    quote.locator("textarea[name$=exact]").fill("de 58 % à 47 %")
    admin_page.save()
    message = quote.locator(".field-exact .errorlist")
    expect(message).to_contain_text("“de 58 % à 47 %” is not in the source. Nearest passage: “de 57 % à 47 %”.")
    admin_page.refused(1)
    expect(quote.locator("select[name$=field]")).to_have_value("baseline_value")
    expect(quote.locator(".select2-selection__rendered")).to_contain_text("Article press")

    quote.locator("textarea[name$=exact]").fill("de 57\u00a0% a\u0300 47 %")
    admin_page.save()
    expect(message.first).to_contain_text("the source has U+0020 SPACE, the quote has U+00A0 NO-BREAK SPACE.")
    message.get_by_role("button", name="Use the words of the source").click()
    admin_page.refused(1)
    expect(quote.locator("textarea[name$=exact]")).to_have_value("de 57 % à 47 %")
    admin_page.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Citation.objects.get(field="baseline_value").exact == "de 57 % à 47 %"


def test_choices_keep_to_the_agreement_of_the_page(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    factories.clause(factories.agreement("other"), "1", title="Elsewhere")
    admin_page.log_in()
    admin_page.open(deal.statement, "change")
    admin_page.page.locator("#id_clause + .select2-container .select2-selection").click()
    expect(admin_page.page.locator(".select2-results__option")).to_have_text(["1 Clause 1"])


def test_an_editor_sees_what_is_overdue_and_records_what_became_of_it(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    overdue = page.locator(".outlook tr:has(.badge-bad)", has_text="review 1")
    factories.renewal(deal.agreement, 1, kind="review", basis="stated", due="2020-01-01", offset="")
    factories.renewal(deal.agreement, 2, basis="stated", due="2100-10-30", offset="")
    admin_page.log_in()
    admin_page.open(deal.agreement, "change")
    expect(overdue).to_contain_text("overdue for")
    expect(overdue).to_be_in_viewport()
    expect(overdue.locator(".badge-bad")).to_have_css("background-color", "rgb(163, 32, 32)")
    expect(page.locator(".outlook")).to_contain_text("only if both parties agree again")
    expect(page.locator(".field-computed_from")).to_contain_text("term P1Y (stated)")
    expect(page.locator(".field-open_questions")).to_contain_text(
        "how many times it can be renewed: maximum number of renewals"
    )

    overdue.get_by_role("link", name="review 1").click()
    page.locator("select[name=status]").select_option("concluded")
    page.locator("input[name=_save]").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.locator(".outlook")).to_be_visible()  # on the page from which it was opened
    expect(overdue).to_have_count(0)


def test_clauses_are_put_in_order_by_keys_and_by_dragging(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    for number in ("2", "3"):
        factories.clause(deal.agreement, number)
    admin_page.log_in()
    admin_page.open(deal.agreement, "change")
    page.locator("#clauses-2 input[name$=title]").press("Alt+ArrowUp")
    page.locator("#clauses-2 .handle").press("ArrowUp")
    expect(page.locator("p[role=status]")).to_have_text("Now 1 of 3. Saved with the page.")
    expect(page.locator("#clauses-0 input[name$=position]")).to_have_value("2")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert list(Clause.objects.order_by("position").values_list("number", flat=True)) == ["3", "1", "2"]

    page.get_by_role("link", name="Order of clauses").click()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.locator("tr .handle").nth(2).press("ArrowUp")
    page.reload()
    assert dialogs == ["beforeunload"], "leaving is warned about"
    page.locator("tr .handle").nth(2).drag_to(page.locator("tbody tr").first, target_position={"x": 80, "y": 2})
    page.get_by_role("button", name="Save this order").click()
    expect(page.get_by_text("clauses were moved")).to_be_visible()
    assert dialogs == ["beforeunload"], "sending is not"
    assert list(Clause.objects.order_by("position").values_list("number", flat=True)) == ["2", "3", "1"]


def test_saving_stays_in_reach_sections_are_reached_by_keys_and_a_denial_looks_like_one(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    admin_page.open(deal.agreement, "change")
    expect(page.locator("input[name=_save]")).to_be_in_viewport(ratio=1)
    for _ in range(2):
        page.keyboard.press("Alt+PageDown")
    expect(page.locator("#sections a[data-current]")).to_have_text("Agreement")
    page.locator("#sections").get_by_role("link", name="Statements").click()
    denied = page.locator("#statements-1 .badge-bad")
    expect(denied).to_be_in_viewport()
    expect(denied).to_have_text("denied")
    expect(denied).to_have_css("background-color", "rgb(163, 32, 32)")
    expect(page.locator("input[name=_save]")).to_be_in_viewport(ratio=1)
    page.goto(f"{admin_page.address}/admin/")
    expect(page.get_by_role("heading", name="Overdue")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]
