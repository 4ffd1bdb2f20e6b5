"""The cache of finished responses as a middleware."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from accords.api.fast.cache import Answer, Key, answers
from accords.api.filters.filter_types import today
from accords.api.negotiation import accepts_gzip, accepts_json, is_anonymous_read
from accords.db import revision

View = Callable[[HttpRequest], HttpResponse]


def answer_cache(get_response: View) -> View:
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


def cache_key(request: HttpRequest) -> Key | None:
    """Return all that the response to an anonymous GET of JSON depends on; None for other requests."""
    if not (
        is_anonymous_read(request)
        and request.path_info.startswith("/api/v1/")
        and accepts_json(request)
        and not connection.in_atomic_block
    ):
        return None
    return (
        str(revision.current()),
        today().isoformat(),
        f"{request.scheme}://{request.get_host()}",
        request.path_info.rstrip("/"),
        "&".join(sorted(request.META.get("QUERY_STRING", "").split("&"))),
        "gzip" if accepts_gzip(request) else "",
    )
