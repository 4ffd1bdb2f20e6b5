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
from operator import attrgetter
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accords.api.http import accepts_gzip, accepts_json, is_anonymous_read
from accords.api.query import sort_by_name
from accords.db import revision

GetResponse = Callable[[HttpRequest], HttpResponse]
Key = tuple[str, ...]  # the revision of the data, and all else that the response depends on
OVERHEAD = 500  # bytes of an entry besides its key, its body and the values of its headers, estimated
SHARE = 8  # an answer is stored only if it takes at most one eighth of the cache
PAUSE = 5  # seconds after an error of Redis in which it is not asked
SIGNATURE_LENGTH = 32


def answer_cache(get_response: GetResponse) -> GetResponse:
    """Return a response from the cache, or store the response of the view if `respond` has marked it.

    The revision is read before the view reads the data, so no response is older than the revision in its key. Within a
    transaction, as in most tests, nothing is looked up or stored.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key = cache_key(request)
        if key is None:
            return get_response(request)
        answer = answers.get(key)
        if answer is not None:
            return HttpResponse(answer.body, headers=answer.headers)
        response = get_response(request)
        if getattr(response, "depends_on_revision_alone", False) and response.status_code == 200:
            answers.put(key, Answer(dict(response.items()), response.content))
        return response

    return middleware if answers.is_used else get_response


def skip_rest_for_anonymous_reads(get_response: GetResponse) -> GetResponse:
    """Call the view of an anonymous read of the API directly, without the middleware listed after this one.

    Sessions, users, messages, audit records, CSRF tokens and static files would take a quarter of the processor time of
    a GET of one row that is not cached.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_anonymous_api_read(request):
            return get_response(request)
        request.get_host()  # raises `DisallowedHost`, as `CommonMiddleware` does
        try:
            match = resolve_path(request.path_info)
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


resolve_path = lru_cache(1024)(resolve)


def is_anonymous_api_read(request: HttpRequest) -> bool:
    """Return whether a request is a GET or HEAD of the API without credentials or cookies."""
    return is_anonymous_read(request) and request.path_info.startswith("/api/v1/")


def cache_key(request: HttpRequest) -> Key | None:
    """Return everything on which the response to an anonymous GET or HEAD of JSON depends.

    None for other requests, and within a transaction.
    """
    if not (is_anonymous_api_read(request) and accepts_json(request) and not connection.in_atomic_block):
        return None
    return (
        str(revision.current()),
        timezone.localdate().isoformat(),
        f"{request.scheme}://{request.get_host()}",
        request.path_info.removesuffix("/"),
        sort_by_name(request.META.get("QUERY_STRING", "")),
        "gzip" if accepts_gzip(request) else "",
    )


class Answer(NamedTuple):
    """A finished response of status 200, with the headers that the view and the inner middleware have set."""

    headers: dict[str, str]
    body: bytes


class Entry(NamedTuple):
    """An answer in memory, and about how many bytes it takes with its key."""

    answer: Answer
    size: int


def entry_of(key: Key, answer: Answer) -> Entry:
    texts = (*key, *answer.headers.values(), answer.body)
    return Entry(answer, OVERHEAD + sum(map(sys.getsizeof, texts)))


class AnswerCache:
    """Answers by key. The least recently used ones are dropped first, and so are those of earlier revisions."""

    def __init__(self, max_bytes: int, shared: "SharedAnswers | None" = None) -> None:
        """Take the size of the cache in memory, 0 for none, and a second cache that other processes share."""
        self.is_used = bool(max_bytes or shared)
        self._entries: LRUCache[Key, Entry] = LRUCache(max_bytes, getsizeof=attrgetter("size"))
        self._lock = Lock()
        self._shared = shared

    def get(self, key: Key) -> Answer | None:
        with self._lock:
            entry = self._entries.get(key)
        answer = entry and entry.answer
        if answer is None and self._shared is not None and (answer := self._shared.get(key)) is not None:
            self._store_locally(key, answer)
        return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Store an answer. In memory it is not stored if it is so large that too many others would be dropped."""
        self._store_locally(key, answer)
        if self._shared is not None:
            self._shared.put(key, answer)

    def _store_locally(self, key: Key, answer: Answer) -> None:
        """Store an answer in memory, unless it takes more than its share."""
        entry = entry_of(key, answer)
        if entry.size * SHARE <= self._entries.maxsize:
            with self._lock:
                self._entries[key] = entry


class SharedAnswers:
    """Answers in Redis, which is Django's cache `answers`. While it does not respond there are none.

    They are signed together with their key, so that others who can write to Redis cannot change responses.
    """

    def __init__(self) -> None:
        self._errors = (
            import_module("redis").RedisError,
            OSError,
        )  # imported only where Redis is used, for it takes a tenth of a second
        self._paused_until = 0.0  # `time.monotonic()`

    def get(self, key: Key) -> Answer | None:
        name = _redis_key(key)
        content = self._call_cache("get", name)
        return unpack(name, content) if isinstance(content, bytes) else None

    def put(self, key: Key, answer: Answer) -> None:
        name = _redis_key(key)
        self._call_cache("set", name, pack(name, answer))

    def _call_cache(self, method: str, *arguments: Any) -> Any:
        """Return the result of a method of the cache; None after an error, and for some seconds without trying."""
        if time.monotonic() < self._paused_until:
            return None
        try:
            return getattr(caches["answers"], method)(*arguments)
        except self._errors:
            self._paused_until = time.monotonic() + PAUSE
            return None


class PlainBytes:
    """A serializer of Django's Redis cache that stores bytes unchanged, where its own pickles them.

    The interface is undocumented, and was tried with Django 5.2.
    """

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value


def pack(name: str, answer: Answer) -> bytes:
    """Return the signed bytes of an answer: signature, a line of JSON, body."""
    content = json.dumps(answer.headers).encode() + b"\n" + answer.body
    return _signature(name, content) + content


def unpack(name: str, packed: bytes) -> Answer | None:
    """Return the answer of packed bytes; None if their signature for this name is wrong."""
    signature, content = packed[:SIGNATURE_LENGTH], packed[SIGNATURE_LENGTH:]
    if not hmac.compare_digest(signature, _signature(name, content)):
        return None
    headers, _, body = content.partition(b"\n")
    return Answer(json.loads(headers), body)


def _signature(name: str, content: bytes) -> bytes:
    """Return the HMAC of an answer and of its key in Redis, made with `SECRET_KEY`."""
    return salted_hmac("accords.api.fast", name.encode() + b"\n" + content, algorithm="sha256").digest()


def _redis_key(key: Key) -> str:
    """Return the key in Redis, which several deployments may share."""
    return f"{revision.deployment()}:{blake2b(json.dumps(key).encode(), digest_size=20).hexdigest()}"


answers = AnswerCache(settings.ANSWER_CACHE_BYTES, SharedAnswers() if settings.ANSWER_CACHE_URL else None)
