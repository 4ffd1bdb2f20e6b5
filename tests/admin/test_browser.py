"""What an editor sees in a browser: Debian's Chromium, under our Content-Security-Policy, on a laptop's screen."""

import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect, sync_playwright

from accords.models import Citation, Clause, ClauseParty, Participation
from tests import cast
from tests.admin.pages import NOUNS, url
from tests.admin.test_base import rows

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
NO_FAULT_OF_A_PAGE = ("/favicon.ico", "OpenAPI Sampler")  # Redoc says so where it cannot make up an example
SCREEN: Any = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for this module's tests."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not installed, so pages cannot be tested (Debian: apt-get install chromium).")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, in which Django would else refuse to ask the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def deal(transactional_db: None) -> cast.Cast:
    """A small deal that the server's thread sees too."""
    return cast.deal()


class Desk:
    """A page at which an editor works, and all that went wrong there."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.problems: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complain(True, str(error)))
        page.on("request", self.see_request)
        page.on("response", self.see_response)

    def complain(self, wrong: bool, what: str) -> None:
        if wrong and not any(known in what for known in NO_FAULT_OF_A_PAGE):
            self.problems.append(what)

    def hear(self, message: ConsoleMessage) -> None:
        """No page has anything to report to developers."""
        self.complain(message.type in ("error", "warning"), f"{message.text} {message.location.get('url')}")

    def see_request(self, request: Request) -> None:
        """No page asks another host for anything."""
        self.complain(urlsplit(request.url).netloc != urlsplit(self.address).netloc, f"asked {request.url}")

    def see_response(self, response: Response) -> None:
        """Every page came under the policy, and everything that it asked for was there."""
        policy, kind = (response.headers.get(name, "") for name in ("content-security-policy", "content-type"))
        self.complain("html" in kind and "default-src 'none'" not in policy, f"no policy for {response.url}")
        self.complain(response.status >= 400, f"{response.status} {response.url}")

    def open(self, target: type[Model] | Model, page: str = "changelist") -> None:
        """Open a noun's page, or a row's."""
        self.page.goto(self.address + url(target, page))

    def log_in(self) -> None:
        """Log in as the boss."""
        self.page.goto(f"{self.address}/admin/")
        self.page.get_by_label("Username").fill("boss")
        self.page.get_by_label("Password").fill("boss")
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_text("Agreements and their evidence")).to_be_visible()

    def add_row(self, prefix: str) -> Locator:
        """Add a row of that kind beneath the one on the page."""
        group = self.page.locator(f"#{prefix}-group")
        number = group.locator("tr.form-row:not(.empty-form)").count()
        group.locator(".add-row a").click()
        return self.page.locator(f"#{prefix}-{number}")

    def pick(self, row: Locator, name: str, words: str) -> None:
        """Choose a related row by typing some of its words."""
        row.locator(f".field-{name} .select2-selection").click()
        self.page.locator(".select2-search__field").fill(words)
        self.page.locator(".select2-results__option", has_text=re.compile(words, re.IGNORECASE)).first.click()

    def save(self) -> None:
        """Save and stay."""
        self.page.locator("input[name=_continue]").first.click()


@pytest.fixture
def desk(browser: Browser, live_server: Any) -> Iterator[Desk]:
    """A desk on a laptop's screen; whatever goes wrong at it fails the test."""
    User.objects.create_superuser("boss", password="boss")
    context = browser.new_context(viewport=SCREEN, locale="en")
    made = Desk(context.new_page(), live_server.url)
    yield made
    context.close()
    assert made.problems == []


def test_an_editor_enters_a_clause_with_its_parties_and_its_evidence(desk: Desk, deal: cast.Cast) -> None:
    page = desk.page
    desk.log_in()
    page.locator("#nouns").get_by_role("link", name="Agreements").click()
    page.get_by_role("link", name="Agreement rare-metals").click()

    part = desk.add_row("participations")
    desk.pick(part, "party", "trump")
    part.locator("select[name$=role]").select_option("representative")
    clause = desk.add_row("clauses")
    clause.locator("select[name$=type]").select_option("purchase")
    clause.locator("select[name$=standing]").select_option("outcome")
    clause.locator("select[name$=modality]").select_option("obligation")
    clause.locator("input[name$=title]").fill("China buys soybeans")
    desk.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Participation.objects.filter(party=deal.trump, role="representative").exists()
    assert Clause.objects.get(title="China buys soybeans").number == "2"

    page.locator("#clauses-1").get_by_role("link", name="Change").click()
    owes = desk.add_row("parties")
    desk.pick(owes, "party", "china")
    owes.locator("select[name$=role]").select_option("obligor")
    owes.locator("input[name$=explicit]").check()
    quote = desk.add_row("citations")
    desk.pick(quote, "source", "press")
    quote.locator("textarea[name$=exact]").fill("la Chine achètera du soja américain")
    desk.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert ClauseParty.objects.get(clause__number="2").explicit
    made = Citation.objects.get(clause__number="2")
    assert made.start == cast.TEXT.index("la Chine achètera")
    expect(page.locator("#citations-0 textarea[name$=exact]")).to_have_value("la Chine achètera du soja américain")

    page.locator("#citations-0").get_by_role("link", name="Change").click()
    expect(page.locator("mark")).to_have_text("la Chine achètera du soja américain")


def test_a_wrong_quote_is_told_beside_it_and_can_be_put_right(desk: Desk, deal: cast.Cast) -> None:
    page = desk.page
    desk.log_in()
    desk.open(deal.clause, "change")
    quote = desk.add_row("citations")
    desk.pick(quote, "source", "press")
    quote.locator("select[name$=field]").select_option("baseline_value")
    quote.locator("textarea[name$=exact]").fill("de 58 % à 47 %")
    desk.save()
    message = quote.locator(".field-exact .errorlist")
    expect(message).to_contain_text("“de 58 % à 47 %” is not in the source. Nearest passage: “de 57 % à 47 %”.")
    expect(quote.locator("select[name$=field]")).to_have_value("baseline_value")
    expect(quote.locator(".select2-selection__rendered")).to_contain_text("Article press")

    quote.locator("textarea[name$=exact]").fill("de 57 % à 47 %")
    desk.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Citation.objects.get(field="baseline_value").exact == "de 57 % à 47 %"


def test_choices_keep_to_the_agreement_of_the_page(desk: Desk, deal: cast.Cast) -> None:
    cast.clause(cast.agreement("other"), "1", title="Elsewhere")
    desk.log_in()
    desk.open(deal.statement, "change")
    desk.page.locator("#id_clause + .select2-container .select2-selection").click()
    expect(desk.page.locator(".select2-results__option")).to_have_text(["1 Clause 1"])


def test_every_page_fits_a_laptops_screen(desk: Desk, deal: cast.Cast) -> None:
    desk.log_in()
    opened = [(noun, page) for noun in NOUNS for page in ("changelist", "add")]
    for target, page in [*opened, *((row, "change") for row in rows(deal))]:
        desk.open(target, page)
        desk.page.evaluate("document.querySelectorAll('details').forEach(closed => (closed.open = true))")
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"], (target, page)
        tables = "[...document.querySelectorAll('.tabular > fieldset, .results')]"
        assert desk.page.evaluate(f"{tables}.every(box => box.scrollWidth <= box.clientWidth + 1)"), (target, page)


def test_a_denial_looks_like_a_denial(desk: Desk, deal: cast.Cast) -> None:
    desk.log_in()
    desk.open(deal.agreement, "change")
    desk.page.get_by_text("what was said about it").click()
    denied = desk.page.locator("#statements-1 .badge-bad")
    expect(denied).to_have_text("denied")
    expect(denied).to_have_css("background-color", "rgb(163, 32, 32)")


def test_an_editor_sees_what_is_overdue_and_records_what_became_of_it(desk: Desk, deal: cast.Cast) -> None:
    page = desk.page
    overdue = page.locator(".outlook tr:has(.badge-bad)", has_text="review 1")
    cast.renewal(deal.agreement, 1, kind="review", basis="stated", due="2020-01-01", offset="")
    cast.renewal(deal.agreement, 2, basis="stated", due="2100-10-30", offset="")
    desk.log_in()
    desk.open(deal.agreement, "change")
    expect(overdue).to_contain_text("overdue for")
    expect(overdue).to_be_in_viewport()
    expect(overdue.locator(".badge-bad")).to_have_css("background-color", "rgb(163, 32, 32)")
    expect(page.locator(".outlook")).to_contain_text("only if both parties agree again")
    expect(page.locator(".field-computed_from")).to_contain_text("term P1Y (stated)")
    expect(page.locator(".field-to_know_more")).to_contain_text("how many times it can be renewed: max renewals")

    overdue.get_by_role("link", name="review 1").click()
    page.locator("select[name=status]").select_option("concluded")
    page.locator("input[name=_save]").first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    desk.open(deal.agreement, "change")
    expect(page.locator(".outlook")).to_be_visible()
    expect(overdue).to_have_count(0)


def test_clauses_are_put_in_order_by_keys_and_by_dragging(desk: Desk, deal: cast.Cast) -> None:
    page = desk.page
    for number in ("2", "3"):
        cast.clause(deal.agreement, number)
    desk.log_in()
    desk.open(deal.agreement, "change")
    page.locator("#clauses-2 input[name$=title]").press("Alt+ArrowUp")
    page.locator("#clauses-2 .handle").press("ArrowUp")
    expect(page.locator("[role=status]")).to_have_text("Now 1 of 3. Saved with the page.")
    expect(page.locator("#clauses-0 input[name$=position]")).to_have_value("2")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert list(Clause.objects.order_by("position").values_list("number", flat=True)) == ["3", "1", "2"]

    page.get_by_role("link", name="Order of clauses").click()
    page.locator("tr .handle").nth(2).drag_to(page.locator("tbody tr").first, target_position={"x": 80, "y": 2})
    page.get_by_role("button", name="Save this order").click()
    expect(page.get_by_text("clauses have another place now")).to_be_visible()
    assert list(Clause.objects.order_by("position").values_list("number", flat=True)) == ["2", "3", "1"]


def test_saving_stays_in_reach_and_sections_are_reached_by_keys(desk: Desk, deal: cast.Cast) -> None:
    page = desk.page
    desk.log_in()
    desk.open(deal.agreement, "change")
    expect(page.locator("svg.timeline")).to_be_in_viewport()
    expect(page.locator("input[name=_save]")).to_be_in_viewport(ratio=1)
    for _ in range(2):
        page.keyboard.press("Alt+PageDown")
    expect(page.locator("#sections a[data-current]")).to_have_text("Agreement")
    page.locator("#sections").get_by_role("link", name="Statements").click()
    expect(page.locator("#statements-1 .badge-bad")).to_be_in_viewport()
    expect(page.locator("input[name=_save]")).to_be_in_viewport(ratio=1)
    page.goto(f"{desk.address}/admin/")
    expect(page.get_by_role("heading", name="Overdue")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]
