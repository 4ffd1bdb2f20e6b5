"""What anonymous reads of the API have of their own: a cache of finished responses, and a short way to their views."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from accords.api.fast.cache import Answer, Key, answers
from accords.api.filters.filter_types import today
from accords.api.http import accepts_gzip, accepts_json, is_anonymous_read
from accords.db import revision

GetResponse = Callable[[HttpRequest], HttpResponse]


def answer_cache(get_response: GetResponse) -> GetResponse:
    """Answer from the cache, or store the response if `respond` has marked it.

    The revision is read before the view reads the data: no response is older than the number under which it is stored.
    Within a transaction, as in most tests, nothing is looked up or stored.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key = cache_key(request)
        if key is None:
            return get_response(request)
        found = answers.get(key)
        if found is not None:
            return HttpResponse(found.body, headers=found.headers)
        response = get_response(request)
        if getattr(response, "depends_on_revision_alone", False) and response.status_code == 200:
            answers.put(key, Answer(dict(response.items()), response.content))
        return response

    return middleware if answers.is_used else get_response


def skip_rest_for_anonymous_reads(get_response: GetResponse) -> GetResponse:
    """Call the view of an anonymous read of the API directly, without the middleware listed after this one.

    Sessions, users, messages, audit records, CSRF tokens and static files would cost a quarter of the processor time of
    a GET of one row that is not cached.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_anonymous_api_read(request):
            return get_response(request)
        request.get_host()  # raises `DisallowedHost`
        try:
            match = view_of(request.path_info)
        except Resolver404:
            return get_response(request)
        request.resolver_match = match
        response: Any = match.func(request, *match.args, **match.kwargs)
        if hasattr(response, "render"):
            response.render()
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return middleware


view_of = lru_cache(1024)(resolve)


def is_anonymous_api_read(request: HttpRequest) -> bool:
    """Return whether a request is a GET or HEAD of the API without credentials or cookies."""
    return is_anonymous_read(request) and request.path_info.startswith("/api/v1/")


def cache_key(request: HttpRequest) -> Key | None:
    """Return all that the response to an anonymous GET of JSON depends on; None for other requests."""
    if not (is_anonymous_api_read(request) and accepts_json(request) and not connection.in_atomic_block):
        return None
    return (
        str(revision.current()),
        today().isoformat(),
        f"{request.scheme}://{request.get_host()}",
        request.path_info.rstrip("/"),
        "&".join(sorted(request.META.get("QUERY_STRING", "").split("&"))),
        "gzip" if accepts_gzip(request) else "",
    )
