"""The admin in French in a browser: the switch in the header, no English among its labels, nothing out of the screen."""

import pytest
from playwright.sync_api import expect

from accords.models import Clause, Party, Source
from tests import factories
from tests.admin.browsing import SCREEN, AdminPage
from tests.admin.test_languages import english_only

LABELS = "label, legend, th, h2, summary, option, button, .object-tools a, #nouns a, .submit-row input"
TEXTS = """found => found.map((one) => {
    const text = one.matches("input") ? one.value : one.textContent;
    return text.trim().replace(/[\\s:]+$/, "");
})"""
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a small deal, committed so that the server's thread sees it."""
    return factories.deal()


def test_an_editor_chooses_french_and_reads_no_english_label(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page, english = admin_page.page, english_only()
    admin_page.log_in()
    admin_page.open(Party)
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    for target, kind in ((deal.agreement, "change"), (Clause, "changelist"), (Source, "add")):
        admin_page.open(target, kind)
        seen = set(page.locator(LABELS).evaluate_all(TEXTS))
        assert len(seen) > 15
        assert seen & (english | {"Save", "Delete", "History", "Add", "Change"}) == set()
        assert page.evaluate(WIDTH) <= SCREEN["width"], f"{page.url} is wider than the screen"
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
