"""The quick lane: GETs of rows and lists by callers who say nothing of themselves, answered before all other layers.

Whatever is not plainly right (an error, another method, a login, another representation) takes the usual way.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from rest_framework.exceptions import APIException

from accords.api import errors
from accords.api.fast import cache, responses
from accords.api.fast.cache import Answer
from accords.api.filters.filter_types import today
from accords.api.resource import Resource
from accords.api.urls import RESOURCES
from accords.db import revision

ADDRESS = re.compile(rf"/api/v1/(?P<name>{'|'.join(RESOURCES)})(?:/(?P<key>[A-Za-z0-9-]{{1,100}}))?/?", re.ASCII)
KEYS = {name: re.compile(view.lookup_value_regex) for name, view in RESOURCES.items()}
ANYTHING = ("", "*/*", "application/json")
KEEPING = bool(settings.ANSWER_CACHE_BYTES or settings.ANSWER_CACHE_URL)
NOBODY = AnonymousUser()
ALLOWED = {True: "GET, PUT, PATCH, DELETE, HEAD, OPTIONS", False: "GET, POST, HEAD, OPTIONS"}
HEADERS = {
    "Vary": "Accept, Accept-Encoding, Authorization, Cookie",
    "Cache-Control": "no-cache, public",
}

View = Callable[[HttpRequest], HttpResponse]


def quick_lane(get_response: View) -> View:
    """Answer what the lane can; hand on all else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return answer(request) or get_response(request)

    return middleware


def answer(request: HttpRequest) -> HttpResponse | None:
    """The answer, if this is a request for the lane and nothing is wrong with it."""
    view = view_of(request)
    if view is None:
        return None
    try:
        found = kept(view) if KEEPING and not connection.in_atomic_block else made(view)
    except (OperationalError, InterfaceError) as error:  # whoever asked it again would wait as long again
        return errors.problem_response(request, errors.api_exception(error) or errors.Unavailable())
    except (APIException, Http404, DatabaseError):
        return None
    headers = HEADERS | {"Allow": ALLOWED[bool(view.detail)]} | responses.headers(found)
    if request.META.get("HTTP_IF_NONE_MATCH") == found.etag:
        return HttpResponseNotModified(headers=headers)
    headers["Content-Length"] = str(len(found.body))
    return HttpResponse(found.body, content_type=found.content_type, headers=headers)


def kept(view: Resource) -> Answer:
    """The answer that is kept of this revision of the data; made and kept, if there is none.

    The revision is read before the data, so no answer is older than the number under which it is kept.
    """
    request, number = view.request, revision.current()
    query = "&".join(sorted(request.META.get("QUERY_STRING", "").split("&")))
    form = "gzip" if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "") else ""
    key = (responses.origin(request), request.path_info.rstrip("/"), query, form, today().isoformat())
    found = cache.get(number, key)
    if found is None:
        found = made(view)
        cache.put(number, key, found)
    return found


def made(view: Resource) -> Answer:
    """The answer, from the database."""
    view.read(view.request)
    return responses.packed(responses.row(view) if view.detail else responses.page(view), view.request)


def view_of(request: HttpRequest) -> Resource | None:
    """The view of the request's address, ready to read it; None where the request is not one for the lane."""
    meta = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in meta or "HTTP_COOKIE" in meta:
        return None
    address = ADDRESS.fullmatch(request.path_info)
    if address is None or meta.get("HTTP_ACCEPT", "") not in ANYTHING:
        return None
    name, key = address["name"], address["key"]
    if key is not None and not KEYS[name].fullmatch(key):
        return None
    view: Any = RESOURCES[name](detail=key is not None)
    request.user = NOBODY
    view.request, view.kwargs = request, {view.lookup_field: key}
    found: Resource = view
    return found
