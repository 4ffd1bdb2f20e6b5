"""A page object: the admin in Chromium, with every problem that the browser reports."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db.models import Model
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect

from tests.admin.forms import url
from tests.clients import Client

NO_FAULT_OF_A_PAGE = ("/favicon.ico",)
SCREEN: Any = {"width": 1280, "height": 800}
expect.set_options(timeout=60_000)  # milliseconds; what is there already is not waited for


class AdminPage:
    """A page of the admin and the problems that occurred on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.problems: list[str] = []
        self.waiting: set[Request] = set()
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complain(True, str(error)))
        page.on("request", self.see_request)
        page.on("response", self.see_response)
        page.on("request", lambda request: self.waiting.add(request))
        page.on("requestfinished", lambda request: self.waiting.discard(request))
        page.on("requestfailed", lambda request: self.waiting.discard(request))

    def complain(self, wrong: bool, what: str) -> None:
        if wrong and not any(known in what for known in NO_FAULT_OF_A_PAGE):
            self.problems.append(what)

    def hear(self, message: ConsoleMessage) -> None:
        """Record messages on the console."""
        self.complain(message.type in ("error", "warning"), f"{message.text} {message.location.get('url')}")

    def see_request(self, request: Request) -> None:
        """Record requests to other hosts."""
        self.complain(urlsplit(request.url).netloc != urlsplit(self.address).netloc, f"asked {request.url}")

    def see_response(self, response: Response) -> None:
        """Record pages without our Content-Security-Policy, and errors."""
        policy, kind = (response.headers.get(name, "") for name in ("content-security-policy", "content-type"))
        self.complain("html" in kind and "default-src 'none'" not in policy, f"no policy for {response.url}")
        self.complain(response.status >= 400, f"{response.status} {response.url}")

    def leave(self) -> None:
        """Wait for pending responses, and close: the database is not flushed while the server reads it."""
        for _attempt in range(500):  # a test that fails may leave requests that nobody answers
            if not self.waiting:
                break
            self.page.wait_for_timeout(20)
        self.page.context.close()

    def refused(self, times: int, status: int = 400) -> None:
        """Remove the reports of so many requests that were expected to fail; each is reported twice."""
        expected: list[str] = []
        for _attempt in range(500):
            expected = [problem for problem in self.problems if str(status) in problem]
            if len(expected) >= 2 * times:  # the console may report later than the network
                break
            self.page.wait_for_timeout(20)
        assert len(expected) == 2 * times, self.problems
        self.problems = [problem for problem in self.problems if problem not in expected]

    def until(self, condition: str) -> None:
        """Wait until an expression of JavaScript is true. Playwright's own way is stopped by our policy."""
        for _attempt in range(500):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(condition)

    def press(self, target: Locator) -> None:
        """Press the mouse where the target is once it stands still, whatever moves there until the button is up."""
        target.hover()
        self.page.mouse.down()
        self.page.mouse.up()

    def open(self, target: type[Model] | Model, page: str = "changelist") -> None:
        """Open a page of a model or of a row."""
        self.page.goto(self.address + url(target, page))

    def log_in(self, username: str = "boss") -> None:
        """Log a user in without a page."""
        client = Client()
        client.force_login(User.objects.get(username=username))
        cookie: Any = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.address}
        self.page.context.add_cookies([cookie])

    def log_in_with_password(self) -> None:
        """Log in as the boss through the form."""
        self.page.goto(f"{self.address}/admin/")
        self.page.get_by_label("Username").fill("boss")
        self.page.get_by_label("Password").fill("boss")
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_text("Agreements and their evidence")).to_be_visible()

    def add_row(self, prefix: str) -> Locator:
        """Add a row to an inline, and return it."""
        group = self.page.locator(f"#{prefix}-group")
        number = group.locator("tr.form-row:not(.empty-form)").count()
        group.locator(".add-row a").click()
        return self.page.locator(f"#{prefix}-{number}")

    def pick(self, row: Locator, name: str, words: str) -> None:
        """Choose a related row in an autocomplete field."""
        row.locator(f".field-{name} .select2-selection").click()
        with self.page.expect_response(re.compile(r"autocomplete/\?.*term=[^&]")):  # until then the list has others
            self.page.locator(".select2-search__field").fill(words)
        expect(self.page.locator(".loading-results")).to_have_count(0)
        self.page.locator(".select2-results__option", has_text=re.compile(words, re.IGNORECASE)).first.click()

    def save(self) -> None:
        """Save and continue editing."""
        self.page.locator("input[name=_continue]").first.click()
