"""Django's test client, except that a request without cookies has no Cookie header."""

from typing import Any

from django import test
from django.test import client as django_client

store_template: Any = django_client.store_rendered_templates  # type: ignore[attr-defined]


def store_page_templates(store: dict[str, Any], signal: Any, sender: Any, template: Any, **kwargs: Any) -> None:
    """Keep the contexts of pages, and not a copy for each of the hundreds of widgets on them.

    `store_rendered_templates` is not documented; tried with Django 5.2.
    """
    if not (template.name or "").startswith("django/forms/"):
        store_template(store, signal, sender, template, **kwargs)


django_client.store_rendered_templates = store_page_templates  # type: ignore[attr-defined]


class Client(test.Client):  # noqa: TID251 (the one place that may use it)
    """A test client whose anonymous requests are those of production.

    Django's own sends `Cookie:` with nothing in it, and answers to requests with cookies never come from the cache.
    Tried with Django 5.2 and 6.1.
    """

    def _base_environ(self, **request: Any) -> dict[str, Any]:
        environ: dict[str, Any] = super()._base_environ(**request)  # type: ignore[misc]
        if not environ["HTTP_COOKIE"]:
            del environ["HTTP_COOKIE"]
        return environ
