"""The pages in Chromium: they fit every screen, in both themes and languages, without a serious fault that axe finds."""

import pytest

from tests.admin.browsing import AdminPage
from tests.admin.test_accessibility import DARK, LIGHT, violations

DEAL = "/agreements/us-china-rare-metals"
PAGES = ("/", "/agreements", "/?language=fr", DEAL, f"{DEAL}?language=fr", "/api/docs/", "/problems/invalid-body")
PAGES += ("/guide", "/guide/start", "/guide/errors", "/guide/production")
WIDTHS = (360, 768, 1366)


@pytest.mark.usefixtures("deal")
def test_pages_fit_every_screen_and_have_no_serious_violation(admin_page: AdminPage) -> None:
    page, found = admin_page.page, {}
    for path in PAGES:
        page.goto(admin_page.address + path)
        if path == "/api/docs/":  # a few operations look like all others
            page.get_by_role("searchbox").fill("changes-from")
        # The contrast of the dark theme is that of the same page in English.
        faults = violations(admin_page, [LIGHT] if "language=fr" in path else [DARK, LIGHT])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"wider than {width}")
        found[path] = faults
    assert {path: faults for path, faults in found.items() if faults} == {}
