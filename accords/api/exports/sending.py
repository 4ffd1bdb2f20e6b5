"""How a list is answered in the form of a file: asked whether it has changed, made, and sent."""

import json
from hashlib import sha256
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from accords.api.exports.making import made
from accords.api.fast import responses
from accords.api.fast.cache import ours
from accords.db import revision
from accords.models.base import can_view_drafts


def answer(view: Any) -> HttpResponseBase:
    """The view's whole list as a file; 304, or the head alone, without making it."""
    compressed = responses.takes_gzip(view.request)
    known = etag(view, revision.current(), compressed)
    refusal = get_conditional_response(view.request._request, etag=known)
    if isinstance(refusal, HttpResponseNotModified):
        refusal.headers["ETag"] = known
        return refusal
    if view.request.method == "HEAD":
        return described(StreamingHttpResponse(()), view, compressed, known)  # whose length nobody knows yet
    file = made(view, compressed)
    answer = HttpResponse(file.taken()) if file.is_small else StreamingHttpResponse(file)
    answer.headers["Content-Length"] = str(file.size)
    return described(answer, view, compressed, etag(view, file.revision, compressed))


def described(answer: HttpResponseBase, view: Any, compressed: bool, tag: str) -> HttpResponseBase:
    """An answer with what its head says of the file."""
    answer.headers["ETag"] = tag
    answer.headers["Content-Type"] = view.form.content_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{name(view)}"'
    if compressed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def name(view: Any) -> str:
    """What the file is called: `clauses.csv`, `agreements-rare-metals-renewals.csv`."""
    parts = view.request.path.strip("/").split("/")[2:]  # after `api` and the version
    return f"{'-'.join(parts).lower()}.{view.form.name}"


def etag(view: Any, number: int, compressed: bool) -> str:
    """The strong entity tag of the file at a revision of the data: a digest of all that its bytes follow from.

    It is known before anything is read. The revision does not stand in it: who may not see drafts need not count them.
    """
    request = view.request
    query = sorted(request.META.get("QUERY_STRING", "").split("&"))
    asked = [responses.origin(request), request.path, query, view.form.name, can_view_drafts(request.user)]
    digest = sha256(json.dumps([number, *asked, str(view.day()), ours()]).encode()).hexdigest()[:24]
    return f'"{digest}{"-gzip" if compressed else ""}"'
