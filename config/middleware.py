"""What is done for every request and Django does not do itself: headers, and the language of the admin."""

from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

View = Callable[[HttpRequest], HttpResponse]
ADMIN = "/admin/"


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


def editors_language(get_response: View) -> View:
    """Speak to editors in the language they chose (a cookie of the admin's pages), else in the one that they prefer.

    Whatever is no page of the admin is in LANGUAGE_CODE: the API is one and the same for all who ask.
    """
    import_module(settings.ROOT_URLCONF)  # now, for what is made of words at import must not be French for good

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return middleware
