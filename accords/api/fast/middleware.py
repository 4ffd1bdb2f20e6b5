"""Middleware for anonymous reads of the API: a cache of finished responses, and a shortcut to the views.

Each process has a cache, bounded in bytes; Redis is a second one if ANSWER_CACHE_URL is set.
"""

import hmac
import json
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac

from accords.api.filters.filter_types import today
from accords.api.http import accepts_gzip, accepts_json, is_anonymous_read
from accords.db import revision

GetResponse = Callable[[HttpRequest], HttpResponse]
Key = tuple[str, ...]  # the revision of the data, and all else that the response depends on
OVERHEAD = 500  # bytes that an entry takes besides its strings
SHARE = 8  # no answer takes more than this part of the room
PAUSE = 5  # seconds without Redis after it failed
SIGNATURE_LENGTH = 32


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


class Answer(NamedTuple):
    """A finished response of status 200: its headers as they were set by the view and the middleware within."""

    headers: dict[str, str]
    body: bytes


def size(answer: Answer) -> int:
    """Return the bytes that an answer takes in memory."""
    return OVERHEAD + sys.getsizeof(answer.body) + sum(map(sys.getsizeof, answer.headers.values()))


class AnswerCache:
    """Answers by key, the least recently used dropped first. Answers of earlier revisions are dropped so, too."""

    def __init__(self, room: int, shared: "SharedAnswers | None" = None) -> None:
        """Take at most `room` bytes of memory."""
        self.is_used = bool(room or shared)
        self._answers: LRUCache[Key, Answer] = LRUCache(room, getsizeof=size)
        self._lock = Lock()
        self._shared = shared

    def get(self, key: Key) -> Answer | None:
        with self._lock:
            found = self._answers.get(key)
        if found is None and self._shared is not None and (found := self._shared.get(key)) is not None:
            self._store_locally(key, found)
        return found

    def put(self, key: Key, answer: Answer) -> None:
        """Store an answer, unless it would drive out too many others."""
        self._store_locally(key, answer)
        if self._shared is not None:
            self._shared.put(key, answer)

    def _store_locally(self, key: Key, answer: Answer) -> None:
        if size(answer) * SHARE <= self._answers.maxsize:
            with self._lock:
                self._answers[key] = answer


class SharedAnswers:
    """Answers in the Redis that Django's cache `answers` names. While it is away there are none.

    They are signed together with their key: whoever can write to that Redis cannot make us serve anything else.
    """

    def __init__(self) -> None:
        self._errors = (import_module("redis").RedisError, OSError)
        self._away_until = 0.0

    def get(self, key: Key) -> Answer | None:
        name = _redis_key(key)
        packed = self._ask("get", name)
        return unpack(name, packed) if isinstance(packed, bytes) else None

    def put(self, key: Key, answer: Answer) -> None:
        name = _redis_key(key)
        self._ask("set", name, pack(name, answer))

    def _ask(self, command: str, *arguments: Any) -> Any:
        if time.monotonic() < self._away_until:
            return None
        try:
            return getattr(caches["answers"], command)(*arguments)
        except self._errors:
            self._away_until = time.monotonic() + PAUSE
            return None


class PlainBytes:
    """Keeps bytes in Redis as they are, where Django's own serializer would pickle them. Tried with Django 5.2."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value


def pack(name: str, answer: Answer) -> bytes:
    """Return the signed bytes of an answer: signature, a line of JSON, body."""
    content = json.dumps(answer.headers).encode() + b"\n" + answer.body
    return _signature(name, content) + content


def unpack(name: str, packed: bytes) -> Answer | None:
    """Return the answer of such bytes; None if we did not sign them for this name."""
    signature, content = packed[:SIGNATURE_LENGTH], packed[SIGNATURE_LENGTH:]
    if not hmac.compare_digest(signature, _signature(name, content)):
        return None
    headers, _, body = content.partition(b"\n")
    return Answer(json.loads(headers), body)


def _signature(name: str, content: bytes) -> bytes:
    return salted_hmac("accords.api.fast", name.encode() + b"\n" + content, algorithm="sha256").digest()


def _redis_key(key: Key) -> str:
    return f"{revision.deployment()}:{blake2b(json.dumps(key).encode(), digest_size=20).hexdigest()}"


answers = AnswerCache(settings.ANSWER_CACHE_BYTES, SharedAnswers() if settings.ANSWER_CACHE_URL else None)
