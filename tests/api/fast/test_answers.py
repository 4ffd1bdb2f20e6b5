"""The store of answers: bounded in bytes, of one revision, the same on Redis, and never in the way when that is away."""

import socket
import sys
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from accords.api.fast import cache
from accords.api.fast.cache import SHARE, Answer, Answers, InProcess, InRedis, Layered, Nothing, pack, unpack
from tests.api.fast.redis_server import Running

KEY = ("/api/v1/clauses", "page_size=50", "json", "", "anonymous", "2026-11-24")
ROOM = 100_000


def answer(text: str = "{}", encoding: str = "") -> Answer:
    """An answer of this body."""
    return Answer(200, text.encode(), f'"{text[:5]}"', "application/json", encoding)


def key(number: int) -> cache.Key:
    """One of many keys."""
    return (*KEY[:1], f"number={number}", *KEY[2:])


class TestInProcess:
    """The store in this process's memory."""

    def test_it_gives_back_what_it_was_given(self) -> None:
        store = InProcess(ROOM)
        assert store.get(1, KEY) is None
        store.put(1, KEY, answer())
        assert store.get(1, KEY) == answer()

    def test_keys_differ_in_every_part(self) -> None:
        store = InProcess(ROOM)
        store.put(1, KEY, answer())
        for place in range(len(KEY)):
            assert store.get(1, (*KEY[:place], "other", *KEY[place + 1 :])) is None

    def test_an_answer_is_of_its_revision_only(self) -> None:
        store = InProcess(ROOM)
        store.put(5, KEY, answer("five"))
        assert (store.get(4, KEY), store.get(6, KEY)) == (None, None)
        assert store.get(5, KEY) == answer("five")

    def test_a_later_revision_drops_all_of_an_earlier_one(self) -> None:
        store = InProcess(ROOM)
        for number in range(10):
            store.put(5, key(number), answer())
        store.put(6, KEY, answer("six"))
        assert store.used == cache.weight(KEY, answer("six"))
        assert [store.get(revision, key(3)) for revision in (5, 6)] == [None, None]

    def test_who_is_late_with_an_earlier_revision_keeps_nothing(self) -> None:
        store = InProcess(ROOM)
        store.put(6, KEY, answer("six"))
        store.put(5, KEY, answer("five"))
        assert (store.get(5, KEY), store.get(6, KEY)) == (None, answer("six"))

    def test_the_least_used_goes_first(self) -> None:
        one = cache.weight(key(0), answer("x" * 1000))
        store = InProcess(one * 10)
        for number in range(10):
            store.put(1, key(number), answer("x" * 1000))
        assert store.get(1, key(0)) is not None
        store.put(1, key(10 - 1), answer("y" * 1000))
        store.put(1, ("/api/v1/clauses", "number=x", *KEY[2:]), answer("x" * 1000))
        assert [number for number in range(10) if store.get(1, key(number)) is None] == [1]

    def test_one_answer_does_not_drive_out_all_others(self) -> None:
        store = InProcess(ROOM)
        store.put(1, key(1), answer())
        store.put(1, key(2), answer("x" * (ROOM // SHARE)))
        assert (store.get(1, key(1)), store.get(1, key(2))) == (answer(), None)

    def test_one_that_is_too_large_is_not_told_by_the_one_before_it(self) -> None:
        store = InProcess(ROOM)
        store.put(1, KEY, answer("before"))
        store.put(1, KEY, answer("x" * ROOM))
        assert (store.get(1, KEY), store.used) == (None, 0)

    def test_a_get_is_quick(self) -> None:
        store = InProcess(2**20)
        for number in range(1000):
            store.put(1, key(number), answer())
        began, wanted = time.process_time(), key(500)
        for _ in range(100_000):
            store.get(1, wanted)
        assert (time.process_time() - began) / 100_000 < 10e-6  # about one microsecond, on a machine that is not busy

    @given(
        room=st.integers(0, 20_000),
        steps=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 12), st.integers(0, 4000)), max_size=60),
    )
    def test_whatever_is_put_it_stays_in_bounds_and_gives_only_what_was_put(
        self, room: int, steps: list[tuple[int, int, int]]
    ) -> None:
        store, put = InProcess(room), {}
        for revision, number, size in steps:
            store.put(revision, key(number), answer(f"{revision}" * size))
            put[revision, number] = answer(f"{revision}" * size)
            assert 0 <= store.used <= room
            latest = max(revision for revision, _ in put)
            found = {(r, n): store.get(r, key(n)) for r in range(1, 5) for n in range(13)}
            there = {at: value for at, value in found.items() if value is not None}
            assert all(put.get(at) == value and at[0] == store.revision for at, value in there.items())
            assert store.revision == latest
            assert store.used == sum(cache.weight(key(n), value) for (_, n), value in there.items())

    @pytest.mark.parametrize("size", [0, 100, 10_000])
    def test_the_bound_is_that_of_the_memory_taken(self, size: int) -> None:
        room = 4 * 2**20
        tracemalloc.start()
        try:
            store = InProcess(room)
            for number in range(20_000):
                fresh = (f"/api/v1/{number}", f"number={number}", "json", "", "anonymous", "2026-11-24")
                store.put(1, fresh, answer(f"{number:06}" + "x" * size))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert room * 0.4 < taken < room * 1.1

    def test_threads_do_not_disturb_it(self) -> None:
        store = InProcess(50_000)

        def work(thread: int) -> int:
            wrong = 0
            for step in range(3000):
                revision, number = 1 + step // 100, (step * 7 + thread) % 50
                store.put(revision, key(number), answer(f"{revision}-{number}" * (1 + number)))
                response = store.get(revision, key(number + 1))
                wrong += response is not None and response != answer(f"{revision}-{number + 1}" * (2 + number))
            return wrong

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(work, range(8))) == 0
        kept = [store.get(store.revision, key(number)) for number in range(50)]
        assert store.used == sum(cache.weight(key(n), response) for n, response in enumerate(kept) if response)
        assert store.used <= 50_000


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis of our own, empty; it is gone after this module."""
    with Running(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a Redis that is there, however busy the machine is."""
    monkeypatch.setattr(cache, "PATIENCE", 30)


@pytest.mark.usefixtures("patient")
class TestInRedis:
    """The store that processes share, on a real Redis."""

    @pytest.mark.parametrize("given", [answer(), answer("\n{}\n"), answer("", "gzip"), answer("é" * 70_000)])
    def test_another_process_gets_what_one_put(self, redis_url: str, given: Answer) -> None:
        InRedis(redis_url, "ours").put(7, KEY, given)
        assert InRedis(redis_url, "ours").get(7, KEY) == given

    def test_revisions_keys_and_programs_are_told_apart(self, redis_url: str) -> None:
        store = InRedis(redis_url, "apart")
        store.put(7, KEY, answer("seven"))
        assert store.get(8, KEY) is None
        assert InRedis(redis_url, "others").get(7, KEY) is None
        for place in range(len(KEY)):
            assert store.get(7, (*KEY[:place], "other", *KEY[place + 1 :])) is None
        assert store.get(7, ("/api/v1/clauses", 'page_size=50", "json', *KEY[3:])) is None

    def test_it_forgets_in_time(self, redis_url: str) -> None:
        store = InRedis(redis_url, "forgets")
        store.put(7, KEY, answer())
        (name,) = store._client.keys("forgets:*")
        assert 0 < store._client.ttl(name) <= cache.LIFE

    @pytest.mark.parametrize(
        "there", [b"", b"{}", b"[200]\n", b"[1, 2, 3, 4]\n", b"\xff\n", b'["", "", "", ""]\n', b'[200, "", "", ""]']
    )
    def test_what_is_no_answer_is_a_miss(self, redis_url: str, there: bytes) -> None:
        store = InRedis(redis_url, "spoilt")
        store.put(7, KEY, answer())
        (name,) = store._client.keys("spoilt:*")
        store._client.set(name, there)
        assert store.get(7, KEY) is None
        store._client.delete(name)
        store._client.lpush(name, "another kind")
        assert store.get(7, KEY) is None
        store._client.delete(name)

    def test_away_is_a_miss_and_costs_no_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "PAUSE", 3600)
        store = InRedis(f"unix://{tmp_path}/nobody", "ours")
        assert store.get(1, KEY) is None
        store._client = None  # who asks it now fails
        for number in range(10):
            store.put(1, key(number), answer())
            assert store.get(1, key(number)) is None

    def test_one_that_does_not_answer_is_a_miss_soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "PATIENCE", 0.1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            store = InRedis(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", "ours")
            began = time.monotonic()
            assert store.get(1, KEY) is None
            assert time.monotonic() - began < 10

    def test_it_comes_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "PAUSE", 0)
        server = Running(tmp_path)
        with server as url:
            store = InRedis(url, "ours")
            store.put(1, KEY, answer())
            assert store.get(1, KEY) == answer()
        assert store.get(1, KEY) is None
        with server:
            assert store.get(1, KEY) is None
            store.put(1, KEY, answer())
            assert store.get(1, KEY) == answer()


class TestChoice:
    """Which store the settings give."""

    def test_without_room_nothing_is_kept(self) -> None:
        store = cache.store(0, "")
        store.put(1, KEY, answer())
        assert isinstance(store, Nothing)
        assert store.get(1, KEY) is None

    def test_with_room_it_is_kept_here(self) -> None:
        assert isinstance(cache.store(ROOM, ""), InProcess)

    @pytest.mark.usefixtures("patient")
    def test_with_redis_it_is_kept_there_and_here(self, redis_url: str) -> None:
        one, other, far = (cache.store(room, redis_url) for room in (ROOM, ROOM, 0))
        assert (type(one), type(far)) == (Layered, InRedis)
        one.put(1, KEY, answer())
        assert other.get(1, KEY) == far.get(1, KEY) == answer()
        far._client.flushall()
        assert (other.get(1, KEY), far.get(1, KEY)) == (answer(), None)

    def test_it_is_told_when_the_library_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "redis", None)
        with pytest.raises(ImproperlyConfigured, match="pip install redis"):
            cache.store(0, "redis://localhost")

    def test_another_database_or_key_is_another_program(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        first = cache.ours.__wrapped__()
        settings.SECRET_KEY = "another"
        second = cache.ours.__wrapped__()
        monkeypatch.setitem(settings.DATABASES["default"], "NAME", "another")
        assert len({first, second, cache.ours.__wrapped__()}) == 3


@given(st.builds(Answer, st.integers(100, 599), st.binary(), st.text(), st.text(), st.sampled_from(["", "gzip"])))
def test_packing_loses_nothing(given_answer: Answer) -> None:
    assert unpack(pack(given_answer)) == given_answer


def test_the_module_answers_for_its_store() -> None:
    stores: tuple[Answers, ...] = (InProcess(1), Nothing())
    assert all(hasattr(store, name) for store in (*stores, cache) for name in ("get", "put"))
