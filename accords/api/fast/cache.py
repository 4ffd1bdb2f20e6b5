"""The store of answers: what was answered at a revision of the data is answered again without asking the database.

In each process, bounded in bytes; with ANSWER_CACHE_URL in Redis too, where the processes of all machines find it.
"""

import json
import sys
import time
from collections import OrderedDict
from functools import cache
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Key = tuple[str, ...]  # all that the answer depends on besides the data: path, query, form, audience, day


class Answer(NamedTuple):
    """An answer as it goes out. `encoding` is `gzip` where the body is compressed, else empty."""

    status: int
    body: bytes
    etag: str
    content_type: str
    encoding: str


class Answers(Protocol):
    """A store of answers. Who reads the revision before the data gets none back that is older than the revision."""

    def get(self, revision: int, key: Key) -> Answer | None:
        """The answer that was kept for this key at this revision; None where there is none."""

    def put(self, revision: int, key: Key, answer: Answer) -> None:
        """Keep an answer. Whether it is kept is the store's own affair."""


class Nothing:
    """The store that keeps nothing."""

    def get(self, revision: int, key: Key) -> Answer | None:
        """Nothing."""
        return None

    def put(self, revision: int, key: Key, answer: Answer) -> None:
        """Nothing."""


SLOT = 360  # bytes that an entry takes besides its strings: places in two tables, a link of the order, two tuples
SHARE = 8  # no answer takes more than this part of the room


class InProcess:
    """Answers in this process's memory: those of the latest revision it has heard of, the least used dropped first."""

    def __init__(self, room: int) -> None:
        """Keep at most so many bytes, the store's own needs included."""
        self.room, self.used, self.revision = room, 0, 0
        self._kept: OrderedDict[Key, tuple[Answer, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, revision: int, key: Key) -> Answer | None:
        """The answer, which becomes the last to be dropped."""
        with self._lock:
            if revision != self.revision:
                return None
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, revision: int, key: Key, answer: Answer) -> None:
        """Keep it, unless it is too large or of an earlier revision. Those of earlier ones go, then the least used."""
        size = weight(key, answer)
        with self._lock:
            if revision > self.revision:
                self._forget(revision)
            if revision == self.revision:
                self.used -= self._kept.pop(key, (answer, 0))[1]
                if size * SHARE <= self.room:
                    self._keep(key, answer, size)

    def _keep(self, key: Key, answer: Answer, size: int) -> None:
        self._kept[key] = (answer, size)
        self.used += size
        while self.used > self.room:
            self.used -= self._kept.popitem(last=False)[1][1]

    def _forget(self, revision: int) -> None:
        self._kept, self.used, self.revision = OrderedDict(), 0, revision


def weight(key: Key, answer: Answer) -> int:
    """The bytes that an entry takes in memory."""
    return SLOT + sum(map(sys.getsizeof, key)) + sum(map(sys.getsizeof, answer[1:]))


PATIENCE = 0.1  # seconds that Redis may take: longer, and asking the database is quicker
PAUSE = 5  # seconds without Redis after it failed
LIFE = 3600  # seconds after which it forgets an answer; its own `maxmemory` bounds it in bytes


class InRedis:
    """Answers in a Redis that processes share. When it is away, or holds what we cannot read, there is no answer."""

    def __init__(self, url: str, prefix: str) -> None:
        """Use the Redis of the URL; `prefix` tells our answers from those of another program, code or database."""
        redis = _library()
        calm = import_module("redis.retry").Retry(import_module("redis.backoff").NoBackoff(), 0)
        limits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": calm}
        self._client, self._faults = redis.Redis.from_url(url, **limits), (redis.RedisError, OSError)
        self._prefix, self._away_until = prefix, 0.0

    def get(self, revision: int, key: Key) -> Answer | None:
        """The answer."""
        packed = self._ask("get", self._name(revision, key))
        return None if packed is None else unpack(packed)

    def put(self, revision: int, key: Key, answer: Answer) -> None:
        """Keep it for a while."""
        self._ask("set", self._name(revision, key), pack(answer), ex=LIFE)

    def _name(self, revision: int, key: Key) -> str:
        return f"{self._prefix}:{revision}:{blake2b(json.dumps(key).encode(), digest_size=20).hexdigest()}"

    def _ask(self, command: str, *words: Any, **options: Any) -> Any:
        if time.monotonic() < self._away_until:
            return None
        try:
            return getattr(self._client, command)(*words, **options)
        except self._faults:
            self._away_until = time.monotonic() + PAUSE
            return None


class Layered:
    """A near store before a far one: what the far one gives is kept near."""

    def __init__(self, near: Answers, far: Answers) -> None:
        """Ask `near` first."""
        self._near, self._far = near, far

    def get(self, revision: int, key: Key) -> Answer | None:
        """The answer of the near store, or of the far one."""
        found = self._near.get(revision, key)
        if found is None and (found := self._far.get(revision, key)) is not None:
            self._near.put(revision, key, found)
        return found

    def put(self, revision: int, key: Key, answer: Answer) -> None:
        """Keep it in both."""
        self._near.put(revision, key, answer)
        self._far.put(revision, key, answer)


def pack(answer: Answer) -> bytes:
    """An answer in bytes: a line of JSON, and the body."""
    head = json.dumps([answer.status, answer.etag, answer.content_type, answer.encoding])
    return head.encode() + b"\n" + answer.body


def unpack(packed: bytes) -> Answer | None:
    """The answer of such bytes; None if they are none."""
    head, newline, body = packed.partition(b"\n")
    try:
        status, *words = json.loads(head)
    except (ValueError, TypeError):
        return None
    sound = newline and isinstance(status, int) and len(words) == 3 and all(isinstance(word, str) for word in words)
    return Answer(status, body, *words) if sound else None


@cache
def ours() -> str:
    """What tells our answers from others' in a Redis: our code, the database, and the key that signs cursors."""
    root: Path = settings.BASE_DIR
    database = [str(settings.DATABASES["default"].get(name)) for name in ("ENGINE", "NAME", "HOST", "PORT")]
    told = blake2b(json.dumps([settings.SECRET_KEY, *database]).encode(), digest_size=16)
    for path in sorted((*root.glob("accords/**/*.py"), *root.glob("config/*.py"))):
        told.update(path.read_bytes())
    return f"accords:{told.hexdigest()}"


def _library() -> Any:
    try:
        return import_module("redis")
    except ImportError as error:
        raise ImproperlyConfigured("ANSWER_CACHE_URL needs the library: pip install redis.") from error


def store(room: int, url: str) -> Answers:
    """The store that the settings ask for: so many bytes in each process, and a Redis where its URL is given."""
    near: Answers = InProcess(room) if room else Nothing()
    if not url:
        return near
    far = InRedis(url, ours())
    return Layered(near, far) if room else far


_store = store(settings.ANSWER_CACHE_BYTES, settings.ANSWER_CACHE_URL)
get, put = _store.get, _store.put
