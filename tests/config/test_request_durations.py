"""Slow reads have threads of their own, so that quick ones are answered before them."""

import time
from collections.abc import Iterable
from io import BytesIO
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from config.request_durations import MAX_KINDS, QUICK, MeanDurations, RequestKind, request_kind
from config.worker import SLOW_THREADS, THREADS, Worker

PLAIN, SLOW_READ, SECONDS = "/api/v1/clauses", "/api/v1/sources", 0.2
KIND = RequestKind(PLAIN, frozenset({""}), "")


class Headers(dict[str, str]):
    def get_all(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


def scope(path: str, query: str = "", method: str = "GET", accept: str = "") -> Any:
    return SimpleNamespace(
        method=method,
        path=path,
        query_string=query,
        headers=Headers({"accept": accept} if accept else {}),
        server="127.0.0.1:80",
        client="127.0.0.1:1",
        http_version="1.1",
        authority="localhost",
        scheme="http",
    )


class Request:
    """A request as Granian passes it to the worker. When it is answered, its path is put into `answered`."""

    def __init__(self, path: str, answered: "SimpleQueue[str]") -> None:
        self.scope, self.proto, self.answered = scope(path), self, answered

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.answered.put(self.scope.path)


class Response:
    streaming, content = False, b""

    def close(self) -> None:
        pass


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Respond with 200: to `PLAIN` at once, to other paths after `SECONDS`."""
    if environ["PATH_INFO"] != PLAIN:
        time.sleep(SECONDS)
    start_response("200 OK", [])
    return Response()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (scope(PLAIN, "page_size=1"), scope(PLAIN, "page_size=200"), True),
        (scope(PLAIN, "q=a&count=exact"), scope(PLAIN, "count=exact&q=b"), True),
        (scope(f"{PLAIN}/1"), scope(f"{PLAIN}/2"), True),
        (scope("/agreements/one"), scope("/agreements/other"), True),
        (scope(f"{PLAIN}/1"), scope(f"{PLAIN}/1/history"), False),
        (scope(PLAIN), scope(f"{PLAIN}/1"), False),
        (scope(PLAIN), scope(f"{PLAIN}/"), True),
        (scope(PLAIN), scope(SLOW_READ), False),
        (scope(PLAIN), scope(PLAIN, "count=exact"), False),
        (scope(PLAIN), scope(PLAIN, accept="text/csv"), False),
    ],
)
def test_a_kind_is_an_address_the_names_of_its_parameters_and_what_is_accepted(
    one: Any, other: Any, same: bool
) -> None:
    assert (request_kind(one) == request_kind(other)) is same


@pytest.mark.parametrize(
    ("method", "path", "has_kind"),
    [
        ("GET", PLAIN, True),
        ("HEAD", PLAIN, True),
        ("POST", PLAIN, False),
        ("OPTIONS", PLAIN, False),
        ("GET", f"{PLAIN}.csv", False),
        ("GET", f"{PLAIN}.csv/", False),
        ("GET", "/api/v1/renewals.ics", True),
        ("GET", "/agreements/rare-metals", True),
        ("GET", "/admin/accords/clause/", False),
        ("GET", "/readyz", False),
    ],
)
def test_reads_of_data_have_a_kind_but_for_files_of_lists(method: str, path: str, has_kind: bool) -> None:
    assert (request_kind(scope(path, method=method)) is not None) is has_kind


@pytest.mark.parametrize(
    ("seconds", "are_slow"),
    [
        ([], True),
        ([QUICK / 4], False),
        ([QUICK], True),
        ([60], True),
        ([60, QUICK / 4], True),
        ([60, QUICK / 4, QUICK / 4], False),
        ([QUICK / 4] * 20 + [60] * 3, False),
        ([QUICK / 4] * 20 + [60] * 8, True),
        ([2 * QUICK] * 20 + [QUICK / 4] * 4, True),
        ([2 * QUICK] * 20 + [QUICK / 4] * 8, False),
        ([QUICK / 4, 2 * QUICK] * 20, True),
    ],
)
def test_a_kind_is_slow_if_its_last_requests_were_slow_on_the_whole(seconds: Iterable[float], are_slow: bool) -> None:
    durations = MeanDurations()
    for each in seconds:
        durations.add(KIND, each)
    assert durations.is_slow(KIND) is are_slow


def test_kinds_that_are_asked_for_are_remembered_among_ever_new_ones() -> None:
    durations = MeanDurations()
    for number in range(2 * MAX_KINDS):
        durations.add(RequestKind(f"/{number}", frozenset(), ""), QUICK / 4)
        durations.add(KIND, QUICK / 4)
    assert (durations.is_slow(KIND), len(durations._seconds)) == (False, MAX_KINDS)


def test_a_quick_read_is_answered_before_slow_ones_that_came_earlier() -> None:
    worker, answered = Worker(application), SimpleQueue[str]()
    worker.start_threads()
    worker.schedule(Request(PLAIN, answered))
    assert answered.get(timeout=10) == PLAIN
    time.sleep(SECONDS / 4)  # until its duration is noted
    slow = 2 * (THREADS + SLOW_THREADS)
    for _ in range(slow):
        worker.schedule(Request(SLOW_READ, answered))
    worker.schedule(Request(PLAIN, answered))
    assert [answered.get(timeout=10) for _ in range(1 + slow)] == [PLAIN] + [SLOW_READ] * slow


@pytest.mark.parametrize("body", [None, BytesIO()])
def test_a_slow_read_with_a_body_is_queued_like_one_without(body: BytesIO | None) -> None:
    worker = Worker(application)
    worker.queue(scope(SLOW_READ), None, body, False)
    assert (worker.slow_requests.qsize(), worker.requests.qsize()) == (1, 0)
