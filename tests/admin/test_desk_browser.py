"""An editor at the reading desk, in a browser: by mouse and by keyboard, without ever typing a quote."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from accords.models import Agreement, Citation, Clause, Source
from tests import factories
from tests.admin.browsing import AdminPage
from tests.clients import Client

DUTIES = "une réduction des droits de douane"
ARTICLE = (
    "Les deux parties annoncent un accord d'un an, renégocié chaque année. Les États-Unis annoncent "
    f"{DUTIES} sur certaines importations chinoises, passant de 57 % à 47 %. C'est un symbole fort."
)
ENDS = """(words) => {
    const { text } = desk, at = text.text.indexOf(words);
    text.reveal(at, at + words.length);
    const boxes = [...text.range(at, at + words.length).getClientRects()], [first, last] = [boxes[0], boxes.at(-1)];
    const middle = (box) => box.top + box.height / 2;
    return [first.left + 1, middle(first), last.right - 1, middle(last)];
}"""


class Reader:
    """Someone at the desk, whose interactions are counted: a selection, a key, a choice, a filled field, a click."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def select(self, words: str) -> None:
        """Drag the mouse over these words."""
        left, top, right, bottom = self.page.evaluate(ENDS, words)
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        self.page.mouse.move(right, bottom, steps=4)
        self.page.mouse.up()
        self.count += 1

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self.page.keyboard.press(key)
        self.count += 1

    def choose(self, name: str, word: str) -> None:
        """Choose a word of a list."""
        self.page.locator(f"#desk-panel [name={name}]").select_option(word)
        self.count += 1

    def fill(self, name: str, value: str) -> None:
        """Type into a field."""
        self.page.locator(f"#desk-panel [name={name}]").fill(value)
        self.count += 1

    def find(self, field: str, words: str, name: str) -> None:
        """Choose a row by typing some of its words."""
        self.page.locator(f"#desk-panel [data-field={field}] [role=combobox]").fill(words)
        expect(self.page.locator("[role=option][aria-selected=true]", has_text=name)).to_be_visible()
        self.page.keyboard.press("Enter")
        self.count += 2

    def saves(self) -> None:
        """Save with the keyboard, and wait for the message."""
        self.press("Control+Enter")
        expect(self.page.locator("#desk-toast")).to_contain_text("Saved")


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a small deal, committed so that the server's thread sees it."""
    return factories.deal()


@pytest.fixture
def article(transactional_db: None) -> Source:
    """Create a source of a draft, of which all but the tariffs is cited."""
    article = factories.source("article", title="The article", text=ARTICLE)
    agreement = factories.agreement(is_published=False)
    with factories.without_validation():
        factories.cite_claims(agreement, article)
    for slug, name in (("china", "China"), ("america", "United States")):
        part = factories.participation(agreement, factories.party(slug, name=name))
        factories.citation(part, "Les deux parties", article)
    return article


def opened(admin_page: AdminPage, source: Source, where: str = "") -> Reader:
    """Log in and open a source at the desk."""
    admin_page.page.goto(f"{admin_page.address}/admin/accords/source/{source.pk}/read/{where}")
    admin_page.until("!!globalThis.desk")
    return Reader(admin_page.page)


def lights(page: Page) -> str:
    """Return the highlighted words of the text."""
    return "".join(page.locator("#desk-text .lit").all_text_contents())


def test_the_tariff_clause_is_made_of_the_articles_words_and_published(admin_page: AdminPage, article: Source) -> None:
    page, agreement = admin_page.page, Agreement.objects.get()
    admin_page.log_in()
    admin_page.open(Source)
    page.locator("tr", has_text=article.title).get_by_role("link", name="Read and cite").click()
    admin_page.until("!!globalThis.desk")
    reader = Reader(page)
    expect(page.locator("#desk-list .badge").first).to_have_text("draft")

    reader.select(DUTIES)
    page.get_by_role("toolbar").get_by_role("button", name="Clause").click()
    expect(page.locator("#desk-panel [data-field=agreement] [role=combobox]")).to_have_value(agreement.title)
    for name, word in (("type", "tariff"), ("standing", "outcome"), ("modality", "obligation"), ("scope", "partial")):
        reader.choose(name, word)
    for name, value in (("title", "Lower duties"), ("scope_note", "certaines importations chinoises")):
        reader.fill(name, value)
    for name, value in (("baseline_value", "57"), ("value", "47")):
        reader.fill(name, value)
    reader.find("parties-0-party", "united", "United States")
    reader.choose("parties-0-role", "obligor")
    reader.find("parties-1-party", "chin", "China")
    reader.choose("parties-1-role", "affected")

    reader.press("Control+Enter")
    beside = page.locator("[data-field=unit] .errorlist")
    expect(beside).to_have_text("A quantity needs its unit.")
    admin_page.refused(1)
    reader.fill("unit", "%")
    expect(beside).to_have_count(0)
    reader.saves()
    expect(page.locator("#desk-list .claim.lit")).to_contain_text("Lower duties tariff · outcome · 57 → 47 %")

    reader.select("passant de 57 %")
    reader.press("c")
    expect(page.locator("#desk_cite_target")).to_have_value("1 Lower duties")
    reader.choose("field", "baseline_value")
    reader.saves()
    publish(admin_page, agreement)
    clause = Client().get("/api/v1/clauses", {"type": "tariff", "expand": "parties,citations"}).json()["results"][0]
    assert (clause["title"], clause["text"], clause["language"]) == ("Lower duties", DUTIES, "fr")
    assert (clause["baseline_value"], clause["value"], clause["unit"], clause["delta"]) == (57, 47, "%", -10)
    assert {(one["role"], one["explicit"]) for one in clause["parties"]} == {("obligor", False), ("affected", False)}
    quotes = {one["field"]: one["exact"] for one in clause["expanded"]["citations"]}
    assert quotes == {"": DUTIES, "baseline_value": "passant de 57 %"}


def publish(admin_page: AdminPage, agreement: Agreement) -> None:
    """Publish an agreement from its page."""
    admin_page.open(agreement, "change")
    admin_page.page.get_by_role("link", name="Publish…").click()
    admin_page.page.get_by_role("button", name="Publish now").click()
    expect(admin_page.page.get_by_text("1 agreement was published.")).to_be_visible()


def test_a_new_clause_with_evidence_takes_at_most_eight_interactions(admin_page: AdminPage, article: Source) -> None:
    admin_page.log_in()
    reader = opened(admin_page, article)
    reader.select(DUTIES)
    reader.press("1")
    for name, word in (("type", "tariff"), ("standing", "outcome"), ("modality", "obligation")):
        reader.choose(name, word)
    reader.saves()
    clause = Clause.objects.get(type="tariff")
    assert (clause.number, clause.title, clause.citations.get().exact) == ("1", DUTIES, DUTIES)
    assert reader.count == 6

    reader.count = 0
    reader.select("symbole fort")
    reader.press("1")
    reader.choose("type", "other")
    reader.saves()
    assert reader.count == 4, "standing and modality are remembered"


def test_words_are_chosen_and_cited_with_the_keyboard_alone(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    of = factories.source("wide", text="🌾🌾 Le riz 𝒳 et le blé 🤝🏽 seront vendus.\nUne ligne.")
    admin_page.log_in()
    reader = opened(admin_page, of)
    page.locator("#desk-text").focus()
    for _time in range(3):
        reader.press("ArrowRight")
    for _time in range(3):
        reader.press("Shift+ArrowRight")
    reader.press("Shift+ArrowLeft")
    expect(page.locator("#desk-said")).to_have_text("Selected: 𝒳 et le")
    reader.press("Alt+Shift+ArrowRight")
    reader.press("Enter")
    expect(page.get_by_role("toolbar").get_by_role("button").first).to_be_focused()
    reader.press("Enter")
    reader.find("target", "clause 1", "1 Clause 1")
    reader.saves()
    expect(page.locator("#desk-text")).to_be_focused()
    citation = Citation.objects.get(source=of)
    assert (citation.exact, citation.start, citation.end, citation.clause) == ("𝒳 et le b", 10, 19, deal.clause)

    reader.press("n")
    expect(page.locator("#desk-said")).to_have_text("Selected: lé 🤝🏽 seront vendus.")
    reader.press("j")
    reader.press("Shift+J")
    expect(page.locator("#desk-said")).to_have_text("Selected: 𝒳 et le b. Citations here: 1")
    reader.press("g")
    expect(page.get_by_role("button", name="𝒳 et le b", exact=True)).to_be_focused()
    page.on("dialog", lambda dialog: dialog.accept())
    reader.press("Tab")
    reader.press("Enter")
    expect(page.locator("#desk-toast")).to_have_text("The citation was removed. ")
    assert not Citation.objects.filter(source=of).exists()
    expect(page.locator("#desk-text mark")).to_have_count(0)


def test_each_side_shows_the_other_where_citations_overlap(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    factories.citation(deal.clause, "Les droits de douane passent de 57 %", deal.source)
    factories.citation(factories.denial(deal.agreement, "S9"), "droits de douane passent de 57 % à", deal.source)
    admin_page.log_in()
    opened(admin_page, deal.source, f"#citation-{deal.citation.pk}")
    expect(page.locator(".quotes-of .lit")).to_have_text(["Valuede 57 % à 47 %×"])
    deepest = page.locator("#desk-text mark.deep3")
    expect(deepest).to_have_text("de 57 %")
    expect(deepest).to_have_class("deep3 denied lit")
    deepest.hover()
    expect(page.locator(".quotes-of .lit")).to_have_count(3)
    page.locator(".of-denial .quote").first.hover()
    expect(page.locator("#desk-text .lit").first).to_have_text("droits de douane passent")
    assert lights(page) == "droits de douane passent de 57 % à"
    page.locator(".of-event .quote").focus()
    assert lights(page) == "La rencontre s'est tenue en Corée du Sud"
    expect(page.locator(".of-denial .note").first).to_have_css("color", "rgb(163, 32, 32)")


def test_what_is_wrong_is_reported_a_number_in_groups_asked_about_and_nothing_typed_is_lost(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    reader = opened(admin_page, deal.source)
    reader.select("La rencontre")
    reader.press("1")
    reader.fill("value", "1.234")
    reader.press("Control+Enter")
    message = page.locator("[data-field=value] .errorlist")
    expect(message).to_have_text("Did you mean 1234 or 1.2340?")
    admin_page.refused(1)
    message.get_by_role("button", name="1.2340").click()
    expect(page.locator("#desk-panel [name=value]")).to_have_value("1.2340")
    expect(message).to_be_hidden()
    page.evaluate("desk.panel.end(); desk.text.forget()")

    page.evaluate("desk.text.passage = () => ({ start: 3, end: 9, exact: 'forged' })")
    reader.select("La rencontre")
    reader.press("3")
    reader.choose("kind", "meeting")
    reader.choose("status", "held")
    reader.fill("place", "Busan")
    page.locator("[data-field=after] [role=combobox]").evaluate("field => { field.closest('details').open = true; }")
    page.locator("[data-field=after] [role=combobox]").fill("no such event")
    reader.press("Control+Enter")
    expect(page.locator("[data-field=after] .errorlist")).to_have_text(
        "Choose one of the proposals, or clear this field."
    )
    page.locator("[data-field=after] [role=combobox]").fill("")
    reader.press("Control+Enter")
    expect(page.locator("[data-field=exact] .errorlist")).to_contain_text("The source does not have this quote at 3–9.")
    admin_page.refused(1)
    page.evaluate("desk.data.sha256 = '0'.repeat(64)")
    reader.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_have_text(
        "The text has changed since this page was opened. Open it again."
    )
    admin_page.refused(1)
    expect(page.locator("#desk-panel [name=place]")).to_have_value("Busan")
    assert deal.agreement.events.count() == 1


def test_who_may_only_look_reads_without_forms(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    admin_page.log_in()
    boss = User.objects.get()
    boss.user_permissions.set(Permission.objects.filter(codename="view_source"))
    User.objects.update(is_superuser=False)
    reader = opened(admin_page, deal.source)
    reader.select("La rencontre")
    reader.press("1")
    reader.press("c")
    expect(page.locator("#desk-text mark.lit")).to_have_count(1)
    expect(page.locator("#desk-panel")).to_be_hidden()
    expect(page.locator("#desk-actions, .remove")).to_have_count(0)


def test_the_first_press_reaches_every_button_whichever_field_has_the_focus(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    admin_page.log_in()
    reader = opened(admin_page, deal.source)
    for number, kind in enumerate(("clause", "statement", "event", "renewal", "party", "agreement"), 1):
        reader.select("La rencontre")
        reader.press(str(number))
        panel = page.locator("#desk-panel")
        helped = panel.locator(
            ".desk-field:visible:has(.help) :is(input:not([type=hidden], [type=checkbox], [role=combobox]), select)"
        ).first
        buttons = [panel.locator("summary"), panel.locator("[type=submit]")]
        if kind == "clause":
            buttons[1:1] = [panel.locator("[data-add-row]"), panel.locator("[name$=explicit]").first]
        for button in buttons:
            helped.focus()
            button.scroll_into_view_if_needed()
            admin_page.press(button)
            if button == buttons[0]:
                expect(panel.locator("details")).to_have_attribute("open", "")
        if kind == "clause":
            expect(panel.locator(".desk-row")).to_have_count(3)
            expect(panel.locator("[data-field=parties-2-party] [role=combobox]")).to_be_visible()
            expect(panel.locator("[name=parties-0-explicit]")).to_be_checked()
        expect(panel.locator("[data-problems]")).to_be_visible()
        admin_page.refused(1)
        page.evaluate("desk.panel.end(); desk.text.forget()")


def test_undo_takes_back_what_the_form_created(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page = admin_page.page
    draft = factories.agreement("draft", is_published=False)
    admin_page.log_in()
    reader = opened(admin_page, deal.source)
    reader.select("La rencontre")
    reader.press("3")
    reader.find("agreement", "draft", "Agreement draft")
    reader.choose("kind", "meeting")
    reader.choose("status", "held")
    reader.saves()
    assert draft.events.get().citations.get().exact == "La rencontre"
    admin_page.press(page.locator("#desk-toast").get_by_role("button", name="Undo"))
    expect(page.locator("#desk-toast")).to_contain_text("Undone")
    assert not draft.events.exists()
    expect(page.get_by_text("Agreement draft")).to_have_count(0)


def test_what_was_typed_at_the_desk_survives_a_lost_session_connection_and_page(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page = admin_page.page
    page.on("dialog", lambda dialog: dialog.accept())
    admin_page.log_in()
    reader = opened(admin_page, deal.source)
    reader.select("La rencontre")
    reader.press("3")
    reader.choose("kind", "meeting")
    reader.choose("status", "held")
    reader.fill("place", "Busan")
    admin_page.until("Object.keys(localStorage).some((key) => localStorage[key].includes('Busan'))")
    page.reload()
    page.locator("#desk-toast").get_by_role("button", name="Restore").click()
    expect(page.locator("#desk-panel [name=place]")).to_have_value("Busan")
    expect(page.locator("#desk-panel [data-field=agreement] [role=combobox]")).to_have_value("Agreement rare-metals")
    Session.objects.all().delete()
    reader.press("Control+Enter")
    expect(page.locator("[data-problems]")).to_contain_text("You are logged out.")
    admin_page.refused(1, 401)
    admin_page.log_in()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/make/", lose_the_answer)
    page.locator("#desk-panel [type=submit]").click()
    expect(page.locator("[data-problems]")).to_contain_text("No connection")
    page.unroute("**/make/")
    admin_page.problems.clear()
    page.locator("#desk-panel [type=submit]").click()
    expect(page.locator("#desk-toast")).to_contain_text("Saved")
    assert deal.agreement.events.filter(place="Busan").count() == 1
