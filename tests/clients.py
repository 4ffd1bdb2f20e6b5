"""Django's test client, except that a request without cookies has no Cookie header."""

from typing import Any

from django import test


class Client(test.Client):  # noqa: TID251 (the one place that may use it)
    """A test client whose anonymous requests are those of production.

    Django's own sends `Cookie:` with nothing in it, and answers to requests with cookies never come from the cache.
    Tried with Django 5.2 and 6.1.
    """

    def _base_environ(self, **request: Any) -> dict[str, Any]:
        environ: dict[str, Any] = super()._base_environ(**request)
        if not environ["HTTP_COOKIE"]:
            del environ["HTTP_COOKIE"]
        return environ
