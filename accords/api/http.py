"""HTTP (RFC 9110): what a request accepts, whether it has credentials, and the entity tags of responses.

`MediaType` is Django's, undocumented, tried with 5.2; REST framework's own negotiation reads no weights.
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
TAG_OF_ROW = re.compile(r'"v(?P<version>[0-9]{1,18})r(?P<row>[0-9]{1,18})(?:-|"\Z)')

MALFORMED = 'An entity tag has quotation marks, such as "v7r12-1f3a".'
CHANGED = "The row has changed since you read it. Read it again and repeat your change."
WEAK = "If-Match takes strong entity tags only, and this one is weak. Send it without W/: a proxy may have added that."


class ContentNegotiation(DefaultContentNegotiation):
    """Choose the renderer that the client prefers, of equals the first; none with a weight of zero."""

    def get_accept_list(self, request: Any) -> list[str]:
        """Return the media ranges; an empty header accepts all, and so does the type of errors alone."""
        ranges = [media_range for media_range in super().get_accept_list(request) if media_range]
        return ["*/*"] if all(media_range.startswith(PROBLEM) for media_range in ranges) else ranges

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return a renderer and its media type. Raises `NotAcceptable`."""
        best, quality = None, 0.0
        for renderer in renderers:
            try:
                candidate = super().select_renderer(request, [renderer], format_suffix)
            except NotAcceptable:
                continue
            # REST framework adds the weight of the most specific range that matches to the media type
            if (preference := weight(MediaType(candidate[1]))) > quality:
                best, quality = candidate, preference
        if best is None:
            raise NotAcceptable(available_renderers=renderers)
        return best


def weight(accepted: MediaType) -> float:
    """Return the weight of a media range or coding (RFC 9110, 12.4.2); 1 if it has none that can be read."""
    text = str(accepted.params.get("q", ""))
    return float(text) if WEIGHT.fullmatch(text) else 1.0


def is_anonymous_read(request: HttpRequest | Request) -> bool:
    """Return whether a request reads with neither `Authorization` nor cookies, so that nobody is logged in."""
    meta = request.META
    return request.method in READS and "HTTP_AUTHORIZATION" not in meta and "HTTP_COOKIE" not in meta


def accepts_json(request: HttpRequest | Request) -> bool:
    """Return whether a request accepts JSON."""
    return _accepts_json(request.META.get("HTTP_ACCEPT", ""))


@lru_cache
def _accepts_json(header: str) -> bool:
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
    weights = {coding.main_type: weight(coding) for coding in map(MediaType, header.split(","))}
    gzip, identity = (weights.get(coding, weights.get("*", 0)) for coding in ("gzip", "identity"))
    return gzip > 0 and gzip >= identity


class State(NamedTuple):
    """The state of a row that an entity tag names: its id and its version.

    The id belongs to it, for a row that is deleted and made again under its slug counts its versions anew.
    """

    row: int
    version: int


def etag(state: State | None, body: bytes) -> str:
    """Return the strong entity tag of a response (RFC 9110, 8.8.3): `"v7r12-…"` for version 7 of row 12, else `"…"`.

    The rest is a digest of the body, for one state of a row has several representations.
    """
    digest = sha256(body).hexdigest()[:24]
    return f'"{digest}"' if state is None else f'"v{state.version}r{state.row}-{digest}"'


def state_of(tag: str) -> State | None:
    """Return the state of a row that a strong entity tag names; None if it names none."""
    match = TAG_OF_ROW.match(tag)
    return State(int(match["row"]), int(match["version"])) if match else None


def if_match_problem(header: str, state: State) -> str:
    """Return why `If-Match` does not name this state of a row (RFC 9110, 13.1.1), in plain words; empty if it does.

    Any representation of the state will do, and so will `*`.
    """
    tags = parse_etags(header)
    if "*" in tags or state in map(state_of, tags):
        return ""
    if not tags:
        return MALFORMED
    weak = state in (state_of(tag.removeprefix("W/")) for tag in tags)
    return WEAK if weak else CHANGED
