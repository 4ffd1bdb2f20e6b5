"""The project's own middleware, in the order of `MIDDLEWARE` in settings.py.

Middleware for anonymous reads only is in accords/api/fast/middleware.py and accords/api/rate_limit.py.
"""

import gzip
import random
from collections.abc import Callable
from importlib import import_module
from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware import http
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from django.utils.http import parse_http_date_safe
from rest_framework.exceptions import MethodNotAllowed

from accords.api.errors import PreconditionFailed, problem_response
from accords.api.http import READS, accepts_gzip
from config import health
from config.logging import REQUEST_ID, VALID_ID, access_line, current_request_id, write_line

GetResponse = Callable[[HttpRequest], HttpResponse]
ADMIN = "/admin/"
MIN_COMPRESSED = 1000  # bytes; a smaller response would hardly shrink


def access_log(get_response: GetResponse) -> GetResponse:
    """Give each request an id (the client's, if it is a valid one), return it in a header, and log the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        start, client_id = perf_counter(), request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = client_id if VALID_ID.fullmatch(client_id) else f"{random.getrandbits(64):016x}"
        request.META[REQUEST_ID] = request_id
        current_request_id.set(request_id)  # never reset: lines that are logged while the response is closed need it
        response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        if settings.ACCESS_LOG:
            write_line(access_line(request, response, perf_counter() - start))
        return response

    return middleware


def browser_rules(get_response: GetResponse) -> GetResponse:
    """Set the headers that restrict what a page may load (CSP level 3) and do, and who may embed a response.

    A view that needs another policy sets the header itself. Responses that are no pages may load nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 304:  # its headers would replace those of the page in the browser's cache
            return response
        headers = response.headers
        is_page = headers.get("Content-Type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", settings.PAGE_POLICY if is_page else settings.DATA_POLICY)
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if is_page:
            headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware


def probes(get_response: GetResponse) -> GetResponse:
    """Answer the probes of load balancers.

    They come by plain HTTP, with any host name and without credentials. So this middleware comes before those that
    would refuse such a request.
    """
    views = {"/livez": health.live, "/readyz": health.ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        if view is None:
            return get_response(request)
        if request.method in READS:
            response = view(request)
        else:
            response = problem_response(request, MethodNotAllowed(str(request.method)))
            response.headers["Allow"] = ", ".join(READS)
        response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


class ConditionalGetMiddleware(http.ConditionalGetMiddleware):
    """Django's middleware, for HEAD as well: our views return the response to GET, and the server drops the body.

    `If-Unmodified-Since` is ignored where a response has no date of modification (RFC 9110, 13.1.4): only static files
    have one. In the API, a read whose `If-Match` fails is answered with a problem document.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(settings.STATIC_URL):
            request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if request.method == "HEAD":
            if self.needs_etag(response) and not response.has_header("ETag"):
                set_response_etag(response)
            modified = response.get("Last-Modified")
            response = get_conditional_response(
                request,
                etag=response.get("ETag"),
                last_modified=modified and parse_http_date_safe(modified),
                response=response,
            )
        else:
            response = super().process_response(request, response)
        if request.method in READS and response.status_code == 412 and request.path_info.startswith("/api/"):
            return problem_response(request, PreconditionFailed())
        return response


def compression(get_response: GetResponse) -> GetResponse:
    """Compress the API's responses for clients that accept gzip.

    Django's own middleware makes entity tags weak, which `If-Match` does not take, and ignores weights (`q=`). It pads
    responses against attacks on secrets in them (BREACH): the API's have none.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Compress only complete responses of the API that are not compressed already, and not small.
        if (
            not request.path_info.startswith("/api/")
            or response.streaming
            or response.has_header("Content-Encoding")
            or len(response.content) < MIN_COMPRESSED
        ):
            return response
        if "Accept-Encoding" not in response.get("Vary", ""):
            patch_vary_headers(response, ("Accept-Encoding",))
        if not accepts_gzip(request):
            return response
        response.content = gzip.compress(
            response.content, 1, mtime=0
        )  # the fastest level; without the time, the bytes are always the same
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.content))
        if etag := response.get("ETag"):
            # Another representation of the same state needs another strong entity tag.
            response.headers["ETag"] = f'{etag[:-1]}-gzip"'
        return response

    return middleware


def editors_language(get_response: GetResponse) -> GetResponse:
    """Show the admin in the language that the editor chose (a cookie), or else prefers (`Accept-Language`).

    All other responses are in LANGUAGE_CODE, so that the API returns the same to all clients.
    """
    # Import the URLs now, in LANGUAGE_CODE: texts that are translated at import would stay in the language of the first
    # request.
    import_module(settings.ROOT_URLCONF)

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
