"""The reference of the API in Chromium: it can be searched, its examples return rows, and it fits every screen."""

import pytest
from playwright.sync_api import expect

from tests.admin.browsing import AdminPage
from tests.clients import Client
from tests.web.test_browser import faults

# The addresses of all GETs that need no credentials, with what the page fills in: examples, and defaults as Swagger UI does.
FILLED_IN = """() => {
    const found = [];
    for (const [path, { get }] of Object.entries(ui.getState().toJS().spec.json.paths)) {
        let address = path;
        const query = new URLSearchParams();
        for (const { name, in: place, example, schema } of get?.parameters || []) {
            const value = example ?? schema?.default;
            if (place === "path") address = address.replace(`{${name}}`, value);
            else if (value !== undefined) query.append(name, value);
        }
        const isOpen = (get?.security || []).some((scheme) => Object.keys(scheme).length === 0);
        if (isOpen) found.push(`${address}?${query}`);
    }
    return found;
}"""


@pytest.fixture
def reference(admin_page: AdminPage) -> AdminPage:
    admin_page.page.goto(f"{admin_page.address}/api/docs/")
    admin_page.page.locator(".opblock-tag").first.wait_for()
    return admin_page


@pytest.mark.usefixtures("deal")
def test_what_is_filled_in_returns_rows_and_a_word_finds_operations(reference: AdminPage, client: Client) -> None:
    page = reference.page
    operation = page.locator("#operations-clauses-clauses_retrieve")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    page.get_by_label("Filter: an address, a parameter, a word").fill("obligor delta")
    expect(page.locator(".opblock-tag")).to_have_count(1)
    expect(page.locator(".opblock-summary-path").first).to_contain_text("/api/v1/clauses")
    answers = {address: client.get(address) for address in page.evaluate(FILLED_IN)}
    assert len(answers) > 30
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 200} == {}
    lists = [answer.json() for answer in answers.values() if answer["Content-Type"] == "application/json"]
    assert [answer for answer in lists if not answer.get("results", answer)] == []
    page.get_by_role("searchbox").fill("changes-from")  # a few operations look like all others
    expect(page.get_by_text("/api/v1/agreements/{slug}/changes-from/{other}")).to_be_visible()
    assert reference.problems == []  # before axe, which our policy stops too
    assert faults(reference) == []


def test_the_schema_is_compressed(client: Client) -> None:
    answer = client.get("/api/schema/?format=json", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
