"""The server as `make serve` starts it: no request that it has accepted is cut off, and its connections are bounded."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import PATIENCE, ROOT, Ended, Service

WORKERS, THREADS = 2, 3


def connections(service: Service, database: Path) -> list[int]:
    """How often each process has the database open, the parent first."""
    opened = [list(files(pid)) for pid in (service.process.pid, *service.workers())]
    return [names.count(str(database)) for names in opened]


def files(pid: int) -> Iterator[str]:
    """What a process has open."""
    for each in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(FileNotFoundError):  # it is closed meanwhile: a caller has gone
            yield os.readlink(each)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database."""
    database = tmp_path_factory.mktemp("serve") / "accords.sqlite3"
    Service(database.with_name("log"), f"sqlite:///{database}").run("manage.py", "migrate", "-v0")
    return database


@pytest.fixture
def service(migrated: Path, tmp_path: Path) -> Iterator[Service]:
    """A server with few threads, on a database of its own."""
    database = shutil.copy(migrated, tmp_path)
    env = {"WEB_CONCURRENCY": str(WORKERS), "WEB_THREADS": str(THREADS)}
    found = Service(tmp_path / "log", f"sqlite:///{database}", **env)
    found.start()
    try:
        yield found
    finally:
        found.stop()


def at_once(service: Service, path: str, times: int) -> tuple[list[threading.Thread], list[Any]]:
    """Ask so many times at once; the statuses come into the list."""
    found: list[Any] = []

    def one() -> None:
        try:
            found.append(service.ask(path)[0])
        except OSError as error:
            found.append(error)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    return threads, found


def test_a_stop_lets_every_accepted_request_end(service: Service) -> None:
    asked = 2 * WORKERS * THREADS  # more than are worked on at once
    threads, found = at_once(service, "/api/schema/", asked)
    while not found:
        time.sleep(0.01)
    assert len(found) < asked, "they are still being answered"
    service.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert found == [200] * asked
    assert service.process.wait(timeout=30) == 0
    assert not re.search(r"Traceback|ERROR", service.log.read_text())


def test_processes_that_die_are_replaced_and_end_the_server_if_they_go_on_dying(service: Service) -> None:
    before = service.workers()
    service.kill(parent=False)
    service.wait()
    assert not set(before) & set(service.workers())
    deadline = time.monotonic() + PATIENCE
    while service.process.poll() is None and time.monotonic() < deadline:
        service.kill(parent=False)
        time.sleep(0.05)
    assert service.process.poll() == 1


def test_each_thread_keeps_one_connection_to_the_database_and_no_more(service: Service, tmp_path: Path) -> None:
    for _ in range(3):
        threads, found = at_once(service, "/api/v1/agreements", 30)
        for thread in threads:
            thread.join()
        assert set(found) == {200}
    first, *others = connections(service, tmp_path / "accords.sqlite3")
    assert first == 0
    assert len(others) == WORKERS
    assert all(1 <= opened <= THREADS for opened in others)


def test_the_server_tells_its_requests_and_not_its_version(service: Service) -> None:
    status, header = service.ask("/api/v1/agreements?page_size=1")
    assert status == 200
    assert not re.search(r"\d", header["server"])
    assert "x-powered-by" not in header
    told = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    line = next(line for line in told if line["request_id"] == header["x-request-id"])
    assert (line["path"], line["query"], line["status"]) == ("/api/v1/agreements", ["page_size"], 200)


def test_a_head_that_is_too_long_is_refused(service: Service) -> None:
    assert service.ask(f"/api/v1/agreements?q={'a' * 8000}")[0] == 400
    assert service.ask(f"/api/v1/agreements?q={'a' * 300_000}")[0] in (414, 431)


def test_a_fault_in_the_settings_stops_the_start(tmp_path: Path) -> None:
    env = {**os.environ, "ENVIRONMENT": "production", "SECRET_KEY": "short", "ALLOWED_HOSTS": "x.example"}
    done = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_a_port_in_use_stops_the_start_unless_it_may_be_shared(service: Service, tmp_path: Path) -> None:
    second = Service(tmp_path / "second", service.env["DATABASE_URL"])
    second.port, second.env["PORT"] = service.port, str(service.port)
    command = [sys.executable, "-m", "config.serve"]
    done = subprocess.run(command, cwd=ROOT, env=second.env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {service.port}" in done.stderr
    second.env["WEB_SHARE_PORT"] = "1"
    second.start()
    service.stop()
    second.wait()
    second.stop()


def test_a_release_that_is_not_prepared_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(Ended, match=r"The database is not migrated\. Run manage\.py prepare_release\."):
        Service(tmp_path / "log", f"sqlite:///{tmp_path}/empty.sqlite3").start()
