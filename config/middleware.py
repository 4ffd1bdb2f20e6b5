"""Headers that every answer carries and Django does not set itself."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]


def browser_rules(get_response: View) -> View:
    """Tell browsers what a page may load (CSP level 3) and do, and that no other site may embed what we serve.

    A view that needs another policy sets the header itself. What is no page needs nothing at all.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = response.headers
        page = headers.get("Content-Type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", settings.PAGE_POLICY if page else settings.DATA_POLICY)
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if page:
            headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware
