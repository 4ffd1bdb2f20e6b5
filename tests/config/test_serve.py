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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config import serve
from tests.config.raw_http import Connection
from tests.live_server import PATIENCE, ROOT, Ended, Service
from tests.template_database import MIGRATED, sqlite_copy

pytestmark = pytest.mark.usefixtures("django_db_setup")  # makes the template that the databases are copied from
WORKERS, THREADS, SLOW_THREADS = 2, 3, 1


def connections(service: Service, database: Path) -> list[int]:
    """Return how many connections to the database each process has open, the parent first."""
    opened = [list(files(pid)) for pid in (service.process.pid, *service.workers())]
    return [names.count(str(database)) for names in opened]


def files(pid: int) -> Iterator[str]:
    """Return the open files of a process."""
    for each in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(FileNotFoundError):  # it is closed meanwhile: a caller has gone
            yield os.readlink(each)


@pytest.fixture(scope="module", autouse=True)
def _database(django_db_blocker: Any) -> Iterator[None]:
    """Let a template of the database be made."""
    with django_db_blocker.unblock():
        yield


@contextmanager
def running(folder: Path, workers: int = WORKERS, threads: int = THREADS, root: Path = ROOT) -> Iterator[Service]:
    """Run a server on a database of its own in the folder."""
    database = folder / "accords.sqlite3"
    env = {"WEB_CONCURRENCY": str(workers), "WEB_THREADS": str(threads), "WEB_SLOW_THREADS": str(SLOW_THREADS)}
    service = Service(folder / "log", f"sqlite:///{database}", **env)
    service.root = root
    with sqlite_copy(MIGRATED) as migrated:
        shutil.copy(migrated, database)
    service.start()
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def shared_service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a server for the tests that do not change it."""
    with running(tmp_path_factory.mktemp("serve")) as service:
        yield service


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


def test_processes_that_die_are_replaced_and_end_the_server_if_they_go_on_dying(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        before = service.workers()
        service.kill(parent=False)
        service.wait()
        assert not set(before) & set(service.workers())
        deadline = time.monotonic() + PATIENCE
        while service.process.poll() is None and time.monotonic() < deadline:
            service.kill(parent=False)
            time.sleep(0.05)
        assert service.process.poll() == 1


def test_each_thread_keeps_one_connection_to_the_database_and_no_more(shared_service: Service) -> None:
    for _ in range(3):
        threads, found = at_once(shared_service, "/api/v1/agreements", 30)
        for thread in threads:
            thread.join()
        assert set(found) == {200}
    first, *others = connections(shared_service, shared_service.log.with_name("accords.sqlite3"))
    assert first == 0
    assert len(others) == WORKERS
    assert all(1 <= opened <= THREADS + SLOW_THREADS for opened in others)


def test_the_server_logs_its_requests_and_hides_its_version(shared_service: Service) -> None:
    status, header = shared_service.ask("/api/v1/agreements?page_size=1")
    assert status == 200
    assert not re.search(r"\d", header["server"])
    assert "x-powered-by" not in header
    entries = [json.loads(line) for line in shared_service.log.read_text().splitlines() if line.startswith("{")]
    line = next(line for line in entries if line["request_id"] == header["x-request-id"])
    assert (line["path"], line["query"], line["status"]) == ("/api/v1/agreements", ["page_size"], 200)


def test_a_head_that_is_too_long_is_refused(shared_service: Service) -> None:
    assert shared_service.ask(f"/api/v1/agreements?q={'a' * 8000}")[0] == 400
    assert shared_service.ask(f"/api/v1/agreements?q={'a' * 300_000}")[0] in (414, 431)


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


def test_fewer_connections_than_asked_for_are_logged() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300)); "
        "from config import serve; print(serve.raise_connection_limit())"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "44\n"
    assert "accepts 44 connections and not 4096 (WEB_CONNECTIONS)" in done.stderr


def test_a_port_in_use_stops_the_start_unless_it_may_be_shared(shared_service: Service, tmp_path: Path) -> None:
    second = Service(tmp_path / "second", shared_service.env["DATABASE_URL"], WEB_CONCURRENCY="1")
    second.port, second.env["PORT"] = shared_service.port, str(shared_service.port)
    command = [sys.executable, "-m", "config.serve"]
    done = subprocess.run(command, cwd=ROOT, env=second.env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {second.port}" in done.stderr
    second.env["WEB_SHARE_PORT"] = "1"
    second.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while '"/api/v1/sources"' not in second.log.read_text():  # the kernel chooses who answers
            assert second.ask("/api/v1/sources")[0] == 200
            assert time.monotonic() < deadline, second.log.read_text()
            time.sleep(0.05)
    finally:
        second.stop()


def test_a_release_that_is_not_prepared_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(Ended, match=r"The database is not migrated\. Run manage\.py prepare_release\."):
        Service(tmp_path / "log", f"sqlite:///{tmp_path}/empty.sqlite3").start()


def test_a_reload_takes_new_code_without_a_pause_and_keeps_the_old_if_the_new_is_broken(tmp_path: Path) -> None:
    for name in ("accords", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("locale"))
    health = tmp_path / "config" / "health.py"
    code = health.read_text()
    with running(tmp_path, root=tmp_path) as service:
        health.write_text("syntax error")
        reload(service, lambda: "cannot be served" in service.log.read_text())
        assert probe(service) == b'{"status": "alive"}'
        health.write_text(code.replace('"alive"', '"reloaded"'))
        workers = set(service.workers())
        reload(service, lambda: workers.isdisjoint(service.workers() or workers))
        assert probe(service) == b'{"status": "reloaded"}'


def probe(service: Service) -> bytes:
    with Connection(service.port) as connection:
        return connection.request("GET", "/livez").body


def reload(service: Service, is_done: Callable[[], bool]) -> None:
    """Send SIGHUP and wait for its effect.

    Requests meanwhile are answered, but for those that wait in the kernel's queue of a process when it is replaced.
    """
    deadline, lost = time.monotonic() + PATIENCE, 0
    service.process.send_signal(signal.SIGHUP)
    while not is_done():
        assert time.monotonic() < deadline, service.log.read_text()
        try:
            assert service.ask("/livez")[0] == 200
        except ConnectionError:
            lost += 1
        time.sleep(0.01)  # seconds: the new processes need the processor too
    assert service.process.poll() is None
    assert lost <= 2


def test_a_reload_that_cannot_begin_is_logged_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    reloading = threading.Lock()
    reloading.acquire()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))  # the environment is being replaced
    serve.reload(SimpleNamespace(wrks=[]), reloading)
    assert "The new code cannot be served" in caplog.text
    assert not reloading.locked()


def test_old_processes_are_stopped_although_one_has_ended_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "RELOAD_SECONDS", 0)
    ended = subprocess.Popen(["true"])
    ended.wait()
    running_on = subprocess.Popen(["sleep", "60"])
    serve.stop_old_workers([ended.pid, running_on.pid])
    with pytest.raises(ProcessLookupError):
        os.kill(running_on.pid, 0)
