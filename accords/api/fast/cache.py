"""The store of finished responses: in each process, bounded in bytes, and in Redis where ANSWER_CACHE_URL names one."""

import hmac
import json
import sys
import time
from functools import cache
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

Key = tuple[str, ...]  # the revision of the data, and all else that the response depends on
OVERHEAD = 500  # bytes that an entry takes besides its strings
SHARE = 8  # no answer takes more than this part of the room
PAUSE = 5  # seconds without Redis after it failed
SIGNATURE_LENGTH = 32


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
        name = _name(key)
        packed = self._ask("get", name)
        return unpack(name, packed) if isinstance(packed, bytes) else None

    def put(self, key: Key, answer: Answer) -> None:
        name = _name(key)
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
    """A serializer for Django's Redis cache that never unpickles anything. Tried with Django 5.2."""

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
    return salted_hmac("accords.api.fast.cache", name.encode() + b"\n" + content, algorithm="sha256").digest()


def _name(key: Key) -> str:
    return f"{deployment()}:{blake2b(json.dumps(key).encode(), digest_size=20).hexdigest()}"


@cache
def deployment() -> str:
    """Return a digest of the code, the database and the secret key: those of another deployment answer otherwise."""
    root: Path = settings.BASE_DIR
    database = [str(settings.DATABASES["default"].get(name)) for name in ("ENGINE", "NAME", "HOST", "PORT")]
    digest = blake2b(json.dumps([settings.SECRET_KEY, *database]).encode(), digest_size=16)
    for path in sorted((*root.glob("accords/**/*.py"), *root.glob("config/*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


answers = AnswerCache(settings.ANSWER_CACHE_BYTES, SharedAnswers() if settings.ANSWER_CACHE_URL else None)
