"""Making an export: whole or not at all, within a time limit, and few at a time."""

import resource
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection

from accords.api.exports import files
from tests.api.exports.files import Meanwhile, ndjson
from tests.api.test_query_contract import problem
from tests.api.world import World
from tests.clients import Client

PATH = "/api/v1/clauses"


@pytest.fixture
def few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read two rows at a time."""
    monkeypatch.setattr(files, "CHUNK", 2)


def test_a_database_that_goes_away_is_reported_by_a_status(
    few: None, world: World, client: Client, settings: Any
) -> None:
    def away() -> None:
        raise OperationalError("the elephant has left the room")

    for _ in range(settings.EXPORTS_AT_ONCE + 1):  # and no place is lost by it
        with connection.execute_wrapper(Meanwhile(away, 3)):
            answer = client.get(f"{PATH}.csv")
        assert problem(answer, 503)["detail"]
        assert "elephant" not in answer.content.decode()
        assert int(answer.headers["Retry-After"]) > 0
        assert "Content-Disposition" not in answer.headers
    assert len(ndjson(client, PATH)) == len(world.clauses)


def test_a_disk_without_room_for_the_last_block_is_reported_by_a_status(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "IN_MEMORY", 100)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))  # bytes: the file is larger, and fits one buffer
    try:
        answer = client.get(f"{PATH}.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert problem(answer, 507)["detail"]
    for _ in range(3):  # the one before counts no longer as one of the caller's
        assert len(b"".join(client.get(f"{PATH}.csv"))) > 500


def test_only_so_many_are_made_at_once(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_free_slots", BoundedSemaphore(1))
    refused = []
    with connection.execute_wrapper(Meanwhile(lambda: refused.append(client.get(f"{PATH}.csv")), 1)):
        assert ndjson(client, PATH)
    assert "under way" in problem(refused[0], 503)["detail"]
    assert int(refused[0].headers["Retry-After"]) > 0
    assert ndjson(client, PATH)


def test_a_caller_receives_few_at_once_and_keeps_none_from_others(
    world: World, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "IN_MEMORY", 100)
    slow = [client.get(f"{PATH}.csv") for _ in range(settings.EXPORTS_PER_CALLER)]  # made, and not taken
    refused = client.get(f"{PATH}.csv")
    assert "one caller" in problem(refused, 429)["detail"]
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get(PATH).status_code == 200
    other: Any = client.get(f"{PATH}.csv", REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200
    assert slow.pop().getvalue()
    assert ndjson(client, PATH)
    del slow  # a response that is never sent leaves its place too
    for _ in range(settings.EXPORTS_PER_CALLER + 1):
        assert ndjson(client, PATH)


def test_one_that_takes_too_long_is_given_up(few: None, world: World, client: Client, settings: Any) -> None:
    settings.EXPORT_SECONDS = -1
    assert "Narrow" in problem(client.get(f"{PATH}.ndjson"), 503)["detail"]


def test_a_caller_who_takes_it_too_slowly_gets_less_than_was_announced(
    world: World, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK", 100)
    monkeypatch.setattr(files, "IN_MEMORY", 100)
    answer: Any = client.get(f"{PATH}.ndjson")
    settings.EXPORT_SECONDS = 30
    blocks = answer.streaming_content
    assert 0 < len(next(blocks)) < int(answer.headers["Content-Length"])
    late = files.deadline()
    monkeypatch.setattr(files, "time", SimpleNamespace(monotonic=lambda: late))
    with pytest.raises(files.TooSlow):
        next(blocks)


def test_without_room_for_it_there_is_no_half_of_it(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(files, "IN_MEMORY", 100)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert "no room for the file" in problem(client.get(f"{PATH}.ndjson"), 507)["detail"]
    monkeypatch.setattr("tempfile.tempdir", None)
    assert ndjson(client, PATH)
