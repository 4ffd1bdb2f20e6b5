"""The pages in Chromium: they fit every screen, in both themes and languages, without a serious fault that axe finds.

The reference of the API is opened by test_reference.py.
"""

from typing import Any

import pytest

from tests.admin.browsing import AdminPage
from tests.admin.test_accessibility import DARK, LIGHT, SAME_COLOURS, violations

DEAL = "/agreements/us-china-rare-metals"
PAGES = ("/", "/agreements", "/?language=fr", DEAL, f"{DEAL}?language=fr", "/problems/invalid-body")
PAGES += ("/guide", "/guide/start", "/guide/errors", "/guide/production")
COLOURED_ALIKE = ("/?language=fr", f"{DEAL}?language=fr", "/guide/errors", "/guide/production")
WIDTHS = (360, 768, 1366)


def faults(admin_page: AdminPage, themes: Any = (DARK, LIGHT)) -> list[str]:
    """Return what is wrong with the open page in these themes and on screens of every width."""
    page, found = admin_page.page, violations(admin_page, themes)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width}")
    return found


@pytest.mark.usefixtures("deal")
def test_pages_fit_every_screen_and_have_no_serious_violation(admin_page: AdminPage) -> None:
    found = {}
    for path in PAGES:
        admin_page.page.goto(admin_page.address + path)
        # The colours are those of the same page in English, or of another guide.
        found[path] = faults(admin_page, [SAME_COLOURS] if path in COLOURED_ALIKE else (DARK, LIGHT))
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.usefixtures("deal")
def test_a_page_that_has_not_changed_keeps_its_policy_when_it_is_opened_again(admin_page: AdminPage) -> None:
    """The browser takes the headers of a 304 for those of the page that it has kept."""
    for path in ("/agreements", "/api/docs/"):
        for _visit in range(3):
            admin_page.page.goto(admin_page.address + path)
            admin_page.page.goto("about:blank")
    assert admin_page.problems == []
