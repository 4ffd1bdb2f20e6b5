"""The quick lane: GETs of rows and lists by callers who say nothing of themselves, answered before all other layers.

Whatever is not plainly right (an error, another method, a login, another representation) takes the usual way.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException

from accords.api.reading import gets
from accords.api.resource import Resource
from accords.api.urls import RESOURCES

ADDRESS = re.compile(rf"/api/v1/(?P<name>{'|'.join(RESOURCES)})(?:/(?P<key>[A-Za-z0-9-]{{1,100}}))?/?", re.ASCII)
KEYS = {name: re.compile(view.lookup_value_regex) for name, view in RESOURCES.items()}
ANYTHING = ("", "*/*", "application/json")
NOBODY = AnonymousUser()
ALLOWED = {True: "GET, PUT, PATCH, DELETE, HEAD, OPTIONS", False: "GET, POST, HEAD, OPTIONS"}
HEADERS = {
    "Vary": "Accept, Authorization, Cookie",
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
        view.read(request)
        found = gets.row(view) if view.detail else gets.page(view)
    except (APIException, Http404, DatabaseError, InterfaceError):
        return None
    headers = HEADERS | {"Allow": ALLOWED[bool(view.detail)], "ETag": found.etag}
    return HttpResponse(found.body, content_type="application/json", headers=headers)


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
