"""No serious fault of accessibility, as axe-core finds them (WCAG 2.2 A and AA), on the main pages, by day and by night."""

from importlib.resources import files
from typing import Any

import pytest
from django.urls import reverse

from accords.models import Agreement, Clause, Source
from tests import factories
from tests.admin.browsing import Desk
from tests.admin.forms import url

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
    return found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).slice(0, 5).join(" | ")}`);
}"""


@pytest.fixture
def deal(transactional_db: None) -> factories.FixtureRows:
    """A small deal that the server's thread sees too."""
    return factories.deal()


def faults(desk: Desk) -> list[str]:
    """The serious and critical faults of the page; that our policy stops what axe itself tries is none of its faults."""
    desk.page.evaluate(AXE)
    found: list[str] = desk.page.evaluate(RUN)
    desk.problems = [problem for problem in desk.problems if "inline style" not in problem]
    return found


def test_the_pages_of_rows_and_their_lists_have_no_serious_fault(desk: Desk, deal: factories.FixtureRows) -> None:
    page, found = desk.page, {}
    page.goto(f"{desk.address}/admin/")
    found["the login"] = faults(desk)
    desk.log_in()
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    rows = (deal.clause, deal.statement, deal.citation, deal.source)
    publishing = f"{reverse('admin:accords_agreement_withdraw')}?ids={deal.agreement.pk}"
    for address in (*(url(row, "change") for row in rows), *map(url, (Clause, Source)), publishing):
        page.goto(desk.address + address)
        found[address] = faults(desk)
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_forms_of_the_reading_desk_have_no_serious_fault(
    desk: Desk, deal: factories.FixtureRows, theme: Any
) -> None:
    page, found = desk.page, {}
    desk.log_in()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(desk.address + reverse("admin:accords_source_read", args=[deal.source.pk]))
    page.wait_for_function("globalThis.desk")
    page.locator("#desk-text").press("Shift+ArrowRight")
    found["the actions"] = faults(desk)
    for kind in ("cite", "clause", "statement", "event", "renewal", "party", "agreement"):
        page.evaluate("(kind) => { desk.panel.isTouched = false; desk.open(kind); }", kind)
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        found[kind] = faults(desk)
    page.locator("#desk-panel [data-close]").click()
    page.locator("#desk-help-open").click()
    found["the help"] = faults(desk)
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_an_agreement_have_no_serious_fault(desk: Desk, deal: factories.FixtureRows, theme: Any) -> None:
    factories.renewal(deal.agreement, 1, kind="review", basis="stated", due="2020-01-01", offset="")
    desk.log_in()
    desk.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found, of_it = {}, [deal.agreement.pk]
    for name in ("agreement_change", "agreement_order"):
        desk.page.goto(desk.address + reverse(f"admin:accords_{name}", args=of_it))
        desk.page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        found[name] = faults(desk)
    for address in (reverse("admin:index"), url(Agreement)):
        desk.page.goto(desk.address + address)
        found[address] = faults(desk)
    assert {name: told for name, told in found.items() if told} == {}
