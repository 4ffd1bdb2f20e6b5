"""Pages of the admin fit a laptop's screen, and axe-core finds no serious fault (WCAG 2.2 A and AA) in either theme."""

from importlib.resources import files
from typing import Any

import pytest
from django.urls import reverse

from accords.models import Agreement, Clause, Source
from tests import factories
from tests.admin.browsing import SCREEN, AdminPage
from tests.admin.forms import NOUNS, url
from tests.admin.test_base import rows

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = """async ({ options, within }) => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    document.getAnimations().forEach((transition) => transition.finish());
    const found = await axe.run(within, { resultTypes: ["violations"], preload: false, ...options });
    return found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).slice(0, 5).join(" | ")}`);
}"""
OPEN_DETAILS = "document.querySelectorAll('details').forEach((closed) => { closed.open = true; })"
TABLES_FIT = """[...document.querySelectorAll('.tabular > fieldset, .results')]
    .every((box) => box.scrollWidth <= box.clientWidth + 1)"""
BARS = """[...document.querySelectorAll('body *')].filter((one) => getComputedStyle(one).position === 'sticky')
    .reduce((height, one) => height + one.getBoundingClientRect().height, 0)"""


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """Create a small deal with an overdue date, committed so that the server's thread sees it."""
    deal = factories.deal()
    factories.renewal(deal.agreement, 1, kind="review", basis="stated", due="2020-01-01", offset="")
    return deal


# The themes in which a page is checked, with the options of axe: every rule, that of contrast, all others.
LIGHT: tuple[str, dict[str, Any]] = ("light", {})
DARK = ("dark", {"runOnly": ["color-contrast"]})
SAME_COLOURS = ("light", {"rules": {"color-contrast": {"enabled": False}}})


def violations(admin_page: AdminPage, themes: Any = (DARK, LIGHT), within: str = "html") -> list[str]:
    """Return the serious violations on a page or in a part of it.

    By default every rule is checked in the light theme, and that of contrast in the dark one too.
    """
    page, found = admin_page.page, []
    page.evaluate(OPEN_DETAILS)
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE)
    for theme, options in themes:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found += page.evaluate(RUN, {"options": options, "within": within})
    # Our policy stops what axe itself tries.
    admin_page.problems = [problem for problem in admin_page.problems if "inline style" not in problem]
    return found


def test_pages_fit_the_screen_and_have_no_serious_violation(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    page, found, wide = admin_page.page, {}, []
    page.goto(f"{admin_page.address}/admin/")
    found["login"] = violations(admin_page)
    admin_page.log_in()
    order = reverse("admin:accords_agreement_order", args=[deal.agreement.pk])
    withdraw = f"{reverse('admin:accords_agreement_withdraw')}?ids={deal.agreement.pk}"
    main = [reverse("admin:index"), order, withdraw, url(Agreement)]
    main += [url(row, "change") for row in (deal.agreement, deal.clause, deal.citation)]
    alike = [*map(url, (Clause, Source)), *(url(row, "change") for row in (deal.statement, deal.source))]  # in the dark
    # A form for a new row is no wider than that of a row.
    others = {*map(url, NOUNS), *(url(row, "change") for row in rows(deal))}
    for address in dict.fromkeys([*main, *alike, *others]):
        page.goto(admin_page.address + address)
        if address in main or address in alike:
            found[address] = violations(admin_page, (DARK, LIGHT) if address in main else (LIGHT,))
        page.evaluate(OPEN_DETAILS)
        if page.evaluate("document.documentElement.scrollWidth") > SCREEN["width"] or not page.evaluate(TABLES_FIT):
            wide.append(address)
    assert ({name: faults for name, faults in found.items() if faults}, wide) == ({}, [])
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('accords:'))") == [], (
        "none was typed in"
    )


def test_pages_can_be_used_on_a_small_screen(admin_page: AdminPage, deal: factories.FixtureRows) -> None:
    """No style for small screens has a colour of its own, so what was seen in the dark is only seen in the light here.

    A laptop's screen at 200 % has the elements of a phone: all styles for small screens begin at 767 pixels or more.
    """
    page, faults = admin_page.page, {}
    admin_page.log_in()
    desk = reverse("admin:accords_source_read", args=[deal.source.pk])
    changes = [url(row, "change") for row in (deal.agreement, deal.clause)]
    others = [url(deal.clause, "history"), url(deal.agreement, "delete")]
    for address in (reverse("admin:index"), url(Clause), desk, *changes, *others):
        page.goto(admin_page.address + address)
        for width, height in ((360, 740), (683, 384)):
            page.set_viewport_size({"width": width, "height": height})
            found = []
            # Claims of the desk that are not in view keep the colours of the theme in which they were drawn first.
            if width == 360 and address != desk:
                found += violations(admin_page, (DARK, LIGHT) if address in others else (LIGHT,))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append("wider than the screen")
            if page.evaluate(BARS) > height / 4:
                found.append("bars cover more than a quarter of the screen")
            faults[address, width] = found
    assert {key: found for key, found in faults.items() if found} == {}


def test_the_forms_of_the_reading_desk_have_no_serious_violation(
    admin_page: AdminPage, deal: factories.FixtureRows
) -> None:
    page, found = admin_page.page, {}
    admin_page.log_in()
    page.goto(admin_page.address + reverse("admin:accords_source_read", args=[deal.source.pk]))
    admin_page.until("!!globalThis.desk")
    page.locator("#desk-text").press("Shift+ArrowRight")
    found["actions"] = violations(admin_page)
    for kind in ("cite", "clause", "statement", "event", "renewal", "party", "agreement"):
        page.evaluate("(kind) => { desk.panel.isTouched = false; desk.open(kind); }", kind)
        found[kind] = violations(admin_page, (DARK, LIGHT) if kind == "clause" else (LIGHT,), "#desk-panel")
    page.locator("#desk-panel [data-close]").click()
    page.locator("#desk-help-open").click()
    found["help"] = violations(admin_page)
    assert {name: faults for name, faults in found.items() if faults} == {}
