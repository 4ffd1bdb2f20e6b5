"""Shared by the tests of the admin: addresses, and forms filled in and submitted as by a browser."""

from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

from django.db.models import Model
from django.http import HttpResponse
from django.urls import reverse

from accords import models
from accords.db.revision import current
from tests.clients import Client

NOUNS = [getattr(models, name) for name in models.__all__]


def url(noun: type[Model] | Model, page: str = "changelist") -> str:
    args = [noun.pk] if isinstance(noun, Model) else []
    return reverse(f"admin:{noun._meta.app_label}_{noun._meta.model_name}_{page}", args=args)


class Form(HTMLParser):
    """The fields of the page's form with their values, as a browser sends them when nothing is touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.context: Any = None
        self.data: dict[str, Any] = {}
        self.inside = False
        self.select = self.box = ""
        self.several = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        if tag == "form":
            self.inside = (attributes.get("id") or "").endswith("_form")
        elif not self.inside:
            return
        elif tag == "input":
            self.input(name, value, attributes)
        elif tag == "select":
            self.select, self.several = name, "multiple" in attributes
            if self.several:
                self.data[name] = []
        elif tag == "option" and self.several and "selected" in attributes:
            self.data[self.select].append(value)
        elif tag == "option" and not self.several and ("selected" in attributes or self.select not in self.data):
            self.data[self.select] = value
        elif tag == "textarea":
            self.box = name
            self.data[name] = ""

    def input(self, name: str, value: str, attributes: dict[str, str | None]) -> None:
        kind = attributes.get("type")
        if kind in ("submit", "file") or not name or (kind in ("checkbox", "radio") and "checked" not in attributes):
            return
        self.data[name] = "on" if kind == "checkbox" else value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.several = False
        if tag == "textarea":
            # A browser reads every line end as LF, drops the one after the tag, and sends the others as CRLF.
            text = self.data[self.box].replace("\r\n", "\n").removeprefix("\n")
            self.data[self.box] = text.replace("\n", "\r\n")
            self.box = ""

    def handle_data(self, data: str) -> None:
        if self.box:
            self.data[self.box] += data

    def sent(self, **changes: Any) -> dict[str, Any]:
        """Return what a browser sends after these changes, without the template rows named `__prefix__`."""
        return {name: value for name, value in (self.data | changes).items() if "__prefix__" not in name}

    def new_row(self, prefix: str, **fields: Any) -> dict[str, Any]:
        """Return the fields that one more row of a kind adds to the form."""
        total = int(self.data[f"{prefix}-TOTAL_FORMS"])
        template = {name: value for name, value in self.data.items() if name.startswith(f"{prefix}-__prefix__-")}
        row = template | {f"{prefix}-__prefix__-{name}": value for name, value in fields.items()}
        return {name.replace("__prefix__", str(total)): value for name, value in row.items()} | {
            f"{prefix}-TOTAL_FORMS": str(total + 1)
        }


def open_form(client: Client, address: str) -> Form:
    response = client.get(address)
    form = Form(response.content.decode())
    form.context = response.context
    return form


def form_data(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends from a page after these changes."""
    return open_form(client, address).sent(**changes)


class UntouchedForms:
    """The forms of pages as every test of a module finds them: each is opened once, and sent as often as needed."""

    def __init__(self) -> None:
        self.forms: dict[str, Form] = {}
        self.revision = current()
        self.client = Client()

    def form(self, address: str) -> Form:
        if address not in self.forms:
            assert current() == self.revision, "a form is opened before the test changes anything"
            self.forms[address] = open_form(self.client, address)
        return self.forms[address]

    def data(self, address: str, **changes: Any) -> dict[str, Any]:
        """Return what a browser sends from a page after these changes, as if it had been opened anew."""
        return self.form(address).sent(**{"form_id": str(uuid4())} | changes)

    def submit(self, address: str, **changes: Any) -> HttpResponse:
        """Send the form of a page after these changes."""
        return self.client.post(address, self.data(address, **changes))

    def refused(self, address: str, **changes: Any) -> dict[str, list[str]]:
        """Send the form of a page after these changes, and return why it is refused."""
        return refused(self.client, address, self.data(address, **changes))


def submit(client: Client, address: str, **changes: Any) -> HttpResponse:
    """Send the form of a page after these changes."""
    return client.post(address, form_data(client, address, **changes))


def errors(response: Any) -> dict[str, list[str]]:
    """Return the messages on a page by field: `clauses-0-title` for those of inline rows, `__all__` for those on top."""
    form = response.context["adminform"].form
    found = dict(form.errors)
    for inline in response.context["inline_admin_formsets"]:
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = inline.formset.non_form_errors()
        for row in inline.formset.forms:
            found |= {f"{row.prefix}-{name}": messages for name, messages in row.errors.items()}
    return {name: [str(message) for message in messages] for name, messages in found.items()}


def refused(client: Client, address: str, data: dict[str, Any]) -> dict[str, list[str]]:
    """Send a form as the script of its page does, and return the messages by field. No page is drawn."""
    response = client.post(address, data, HTTP_ACCEPT="application/json")
    assert response.status_code == 400, response.content
    return {name: [unescape(message) for message in found] for name, found in response.json()["errors"].items()}


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]
