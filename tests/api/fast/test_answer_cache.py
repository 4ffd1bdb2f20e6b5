"""The cache of finished responses: limited in bytes, shared through Redis, and skipped if Redis is away."""

import socket
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from hypothesis import given
from hypothesis import strategies as st

from accords.api.fast import middleware
from accords.api.fast.middleware import SHARE, Answer, AnswerCache, SharedAnswers, entry_of, pack, unpack
from accords.db import revision as data_revision
from tests.api.fast.redis_server import Running

KEY = ("7", "2026-11-24", "http://localhost", "/api/v1/clauses", "page_size=50", "")
ROOM = 100_000


def answer(text: str = "{}") -> Answer:
    """Return a response with this body."""
    return Answer({"ETag": f'"{text[:5]}"', "Content-Type": "application/json"}, text.encode())


def key(number: int, revision: int = 7) -> middleware.Key:
    return (str(revision), *KEY[1:4], f"number={number}", KEY[5])


class TestInProcess:
    """The store in this process's memory."""

    def test_it_gives_back_what_was_stored_under_that_very_key(self) -> None:
        store = AnswerCache(ROOM)
        assert store.get(KEY) is None
        store.put(KEY, answer())
        assert store.get(KEY) == answer()
        for place in range(len(KEY)):
            assert store.get((*KEY[:place], "other", *KEY[place + 1 :])) is None

    def test_the_least_recently_used_goes_first(self) -> None:
        store = AnswerCache(entry_of(key(0), answer("x" * 1000)).size * 10 + 50)
        for number in range(10):
            store.put(key(number), answer("x" * 1000))
        assert store.get(key(0)) is not None
        store.put(key(10), answer("x" * 1000))
        assert [number for number in range(11) if store.get(key(number)) is None] == [1]

    def test_one_answer_does_not_drive_out_all_others(self) -> None:
        store = AnswerCache(ROOM)
        store.put(key(1), answer())
        store.put(key(2), answer("x" * (ROOM // SHARE)))
        assert (store.get(key(1)), store.get(key(2))) == (answer(), None)

    def test_a_long_key_takes_room_too(self) -> None:
        store = AnswerCache(ROOM)
        for number in range(10):
            store.put((*KEY[:4], "&" * (ROOM // 10) + str(number), KEY[5]), answer())
        assert store.get((*KEY[:4], "&" * (ROOM // 10) + "0", KEY[5])) is None

    def test_without_room_nothing_is_stored(self) -> None:
        store = AnswerCache(0)
        store.put(KEY, answer())
        assert (store.is_used, store.get(KEY)) == (False, None)

    @given(
        room=st.integers(0, 20_000),
        steps=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4000)), max_size=60),
    )
    def test_whatever_is_put_it_stays_in_bounds_and_gives_the_last_that_was_put(
        self, room: int, steps: list[tuple[int, int]]
    ) -> None:
        store, put = AnswerCache(room), {}
        for number, length in steps:
            put[number] = answer("x" * length)
            store.put(key(number), put[number])
            found = {number: each for number in range(13) if (each := store.get(key(number))) is not None}
            assert sum(entry_of(key(number), each).size for number, each in found.items()) <= room
            assert all(
                entry_of(key(number), put[number]).size * SHARE > room or put[number] == each
                for number, each in found.items()
            )

    @pytest.mark.parametrize("length", [0, 10_000])
    def test_the_bound_is_that_of_the_memory_taken(self, length: int) -> None:
        room = 4 * 2**20
        tracemalloc.start()
        try:
            store = AnswerCache(room)
            for number in range(10_000):
                headers = {"ETag": f'"{number:024}"', "Content-Type": "application/json"}
                store.put((str(number), *KEY[1:]), Answer(headers, b"%06d" % number + b"x" * length))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert room * 0.4 < taken < room * 1.6

    def test_threads_do_not_disturb_it(self) -> None:
        store = AnswerCache(50_000)

        def work(thread: int) -> int:
            wrong = 0
            for step in range(2000):
                number = (step * 7 + thread) % 50
                store.put(key(number), answer(f"{number}" * (1 + number)))
                response = store.get(key(number + 1))
                wrong += response is not None and response != answer(f"{number + 1}" * (2 + number))
            return wrong

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(work, range(8))) == 0


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start an empty Redis server for this module, and return its URL."""
    with Running(tmp_path_factory.mktemp("redis")) as url:
        yield url


def configure(settings: Any, url: str, timeout: float = 30) -> None:
    """Let Django's cache for answers be in this Redis; wait for it, however busy the machine is."""
    options = {"serializer": "accords.api.fast.middleware.PlainBytes", "socket_timeout": timeout}
    settings.CACHES = {
        **settings.CACHES,
        "answers": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url, "OPTIONS": options},
    }


@pytest.fixture
def shared(redis_url: str, settings: Any) -> SharedAnswers:
    """Return an empty cache that processes share."""
    configure(settings, redis_url)
    caches["answers"].clear()
    return SharedAnswers()


class TestInRedis:
    """The store that processes share, on a real Redis."""

    @pytest.mark.parametrize("given", [answer(), answer("\n{}\n"), answer(""), answer("é" * 70_000)])
    def test_another_process_gets_what_one_stored(self, shared: SharedAnswers, given: Answer) -> None:
        shared.put(KEY, given)
        assert SharedAnswers().get(KEY) == given

    def test_keys_and_deployments_are_distinguished(
        self, shared: SharedAnswers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared.put(KEY, answer())
        for place in range(len(KEY)):
            assert shared.get((*KEY[:place], "other", *KEY[place + 1 :])) is None
        monkeypatch.setattr(data_revision, "deployment", lambda: "another")
        assert shared.get(KEY) is None

    def test_what_we_did_not_sign_is_a_miss(self, shared: SharedAnswers) -> None:
        shared.put(KEY, answer())
        shared.put(key(2), answer("two"))
        name, other = middleware._redis_key(KEY), middleware._redis_key(key(2))
        signed = caches["answers"].get(name)
        planted = signed.replace(b"application/json", b"text/javascript!")
        for there in (b"", b"{}", b"x" * 100, planted, signed[:-1], caches["answers"].get(other)):
            caches["answers"].set(name, there)
            assert shared.get(KEY) is None
        caches["answers"].set(name, signed)
        assert shared.get(KEY) == answer()

    def test_it_is_asked_after_the_process_itself(self, shared: SharedAnswers) -> None:
        one, other = AnswerCache(ROOM, shared), AnswerCache(ROOM, shared)
        one.put(KEY, answer())
        assert other.get(KEY) == answer()
        caches["answers"].clear()
        assert (other.get(KEY), AnswerCache(ROOM, shared).get(KEY)) == (answer(), None)

    def test_away_is_a_miss_and_costs_no_time(
        self, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(settings, f"unix://{tmp_path}/nobody")
        store = SharedAnswers()
        assert store.get(KEY) is None
        monkeypatch.setattr(middleware, "caches", None)  # whoever asks it now fails
        store.put(KEY, answer())
        assert store.get(KEY) is None

    def test_one_that_does_not_answer_is_a_miss_soon(self, settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            configure(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0", timeout=0.1)
            began = time.monotonic()
            assert SharedAnswers().get(KEY) is None
            assert time.monotonic() - began < 10

    def test_it_comes_back(self, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(middleware, "PAUSE", 0)
        server, store = Running(tmp_path), SharedAnswers()
        with server as url:
            configure(settings, url)
            store.put(KEY, answer())
            assert store.get(KEY) == answer()
        assert store.get(KEY) is None
        with server:
            store.put(KEY, answer())
            assert store.get(KEY) == answer()


def test_another_database_key_or_limit_is_another_deployment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [data_revision.deployment.__wrapped__()]
    for name, value in (("SECRET_KEY", "another"), ("COUNT_LIMIT", 7), ("PAGE_WEIGHT", 7)):
        setattr(settings, name, value)
        digests.append(data_revision.deployment.__wrapped__())
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "another")
    digests.append(data_revision.deployment.__wrapped__())
    assert len({*digests}) == len(digests)


def test_other_code_is_another_deployment(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    digests = [data_revision.deployment.__wrapped__()]
    for name in ("accords/api/http.py", "config/urls.py", "config/sqlite/base.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first = 1\n")
        digests.append(data_revision.deployment.__wrapped__())
    assert len({*digests}) == len(digests)


@given(st.dictionaries(st.text(), st.text()), st.binary(), st.text())
def test_packing_loses_nothing(headers: dict[str, str], body: bytes, name: str) -> None:
    found = Answer(headers, body)
    assert unpack(name, pack(name, found)) == found
