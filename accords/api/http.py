"""HTTP (RFC 9110): the media types and codings that a request accepts, its credentials, and entity tags.

Django does not document `MediaType`, which was tried with 5.2. REST framework's negotiation reads no weights.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.http.request import MediaType
from django.utils.http import parse_etags
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

READS = ("GET", "HEAD")
PROBLEM = "application/problem+json"
WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
ROW_TAG = re.compile(r'"v(?P<version>[0-9]{1,18})r(?P<row_id>[0-9]{1,18})(?:-|"\Z)')

MALFORMED = 'An entity tag has quotation marks, such as "v7r12-1f3a".'
CHANGED = "The row has changed since you read it. Read it again and repeat your change."
WEAK = "If-Match takes strong entity tags only, and this one is weak. Send it without W/: a proxy may have added that."


class ContentNegotiation(DefaultContentNegotiation):
    """Choose the renderer that the client prefers, the first if several are equal, and none of weight 0."""

    def get_accept_list(self, request: Request) -> list[str]:
        """Return the media ranges of `Accept`.

        An empty header accepts all types. So does one that names the type of errors only: no view is rendered as it.
        """
        ranges = [media_range for media_range in super().get_accept_list(request) if media_range]
        return ["*/*"] if all(media_range.startswith(PROBLEM) for media_range in ranges) else ranges

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return a renderer and its media type. Raises `NotAcceptable`."""
        best, best_weight = None, 0.0
        for renderer in renderers:
            try:
                candidate = super().select_renderer(request, [renderer], format_suffix)
            except NotAcceptable:
                continue
            # REST framework adds the parameters of the most specific range that matches, `q` included.
            if (candidate_weight := weight(MediaType(candidate[1]))) > best_weight:
                best, best_weight = candidate, candidate_weight
        if best is None:
            raise NotAcceptable(available_renderers=renderers)
        return best


def weight(accepted: MediaType) -> float:
    """Return the weight `q` of a media range or coding (RFC 9110, 12.4.2); 1 if it is missing or malformed."""
    text = str(accepted.params.get("q", ""))
    return float(text) if WEIGHT.fullmatch(text) else 1.0


def is_anonymous_read(request: HttpRequest | Request) -> bool:
    """Return whether a request is a GET or HEAD with neither `Authorization` nor cookies: nobody is logged in."""
    meta = request.META
    return request.method in READS and "HTTP_AUTHORIZATION" not in meta and "HTTP_COOKIE" not in meta


def accepts_json(request: HttpRequest | Request) -> bool:
    return _accepts_json(request.META.get("HTTP_ACCEPT", ""))


@lru_cache
def _accepts_json(header: str) -> bool:
    """Return whether an `Accept` header accepts JSON, by the negotiation of the views."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = header
    try:
        ContentNegotiation().select_renderer(Request(request), [JSONRenderer()])
    except NotAcceptable:
        return False
    return True


def accepts_gzip(request: HttpRequest | Request) -> bool:
    """Return whether a request accepts gzip, and prefers no uncompressed response (RFC 9110, 12.5.3)."""
    return _accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache
def _accepts_gzip(header: str) -> bool:
    """Return whether an `Accept-Encoding` header accepts gzip and does not prefer `identity`."""
    weights = {coding.main_type: weight(coding) for coding in map(MediaType, header.split(","))}
    gzip, identity = (weights.get(coding, weights.get("*", 0)) for coding in ("gzip", "identity"))
    return gzip > 0 and gzip >= identity


class State(NamedTuple):
    """The state of a row that an entity tag names.

    It has the id because a row that is created again under the slug of a deleted one starts with version 1.
    """

    row_id: int
    version: int


def etag(state: State | None, body: bytes) -> str:
    """Return the strong entity tag of a response (RFC 9110, 8.8.3): `"v7r12-…"` for version 7 of row 12.

    It ends on a digest of the body, because one state of a row has several representations. Without a state, as for
    lists, it is the digest alone.
    """
    digest = sha256(body).hexdigest()[:24]
    return f'"{digest}"' if state is None else f'"v{state.version}r{state.row_id}-{digest}"'


def state_of(tag: str) -> State | None:
    """Return the state of a row that a strong entity tag names; None for other tags."""
    match = ROW_TAG.match(tag)
    return State(int(match["row_id"]), int(match["version"])) if match else None


def if_match_error(header: str, state: State) -> str:
    """Return the error message if `If-Match` does not name this state of a row (RFC 9110, 13.1.1); else "".

    The tags of all representations of the state match, and so does `*`.
    """
    tags = parse_etags(header)
    if "*" in tags or state in map(state_of, tags):
        return ""
    if not tags:
        return MALFORMED
    is_weak = state in (state_of(tag.removeprefix("W/")) for tag in tags)
    return WEAK if is_weak else CHANGED
