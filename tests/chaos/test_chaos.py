"""A short round of chaos, and the responses while the server stops or the database is unavailable."""

import json
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.chaos.engines import PostgreSQL
from tests.chaos.rounds import Deployment, deployed
from tests.chaos.writers import CLAUSES, Answer, Caller, Post, State, body_of

POSTGRESQL = connection.vendor == "postgresql"
THREADS = 6  # of the service: two processes of three
of_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="SQLite is a file: nobody can stop it")
of_sqlite = pytest.mark.skipif(POSTGRESQL, reason="PostgreSQL has as many writers as come")


@pytest.fixture(scope="module")
def deployment(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Run a service on a database of its own, of the kind that the suite runs on."""
    folder = tmp_path_factory.mktemp("chaos")
    if not POSTGRESQL:  # a copy is faster than migrations
        name = settings.DATABASES["default"]["NAME"]
        with closing(sqlite3.connect(name)) as suite, closing(sqlite3.connect(folder / "accords.sqlite3")) as ours:
            suite.backup(ours)
    with deployed(connection.vendor, folder) as found:
        yield found


@pytest.mark.parametrize("failure", ["database"] if POSTGRESQL else ["server", "workers"])
def test_what_was_acknowledged_is_there_after_a_kill_and_nothing_is_half_done(
    deployment: Deployment, failure: str
) -> None:
    result = deployment.round(len(deployment.ledger.rows) + 1, failure, writers=4, writes=20)
    assert result.faults == []
    assert result.acknowledged >= 20
    assert result.uncertain > 0 or failure == "workers", "nothing was written when it was killed"


def at_once(deployment: Deployment, times: int, act: Callable[[Caller, int], Any]) -> list[Any]:
    """Run a function for so many callers at once, each on a connection of its own, and return the results."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda number: act(deployment.caller(), number), range(times)))


def asked(caller: Caller, number: int = 0) -> tuple[int, str, str]:
    """Send a read or a write, and return its status, media type and Retry-After."""
    with closing(caller.connect()) as connection:
        headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}
        body = json.dumps(body_of(f"a{number}", State("Never created", "goods", "china"))) if number % 3 == 0 else None
        connection.request("POST" if body else "GET", CLAUSES, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, str(answer.getheader("Content-Type")), str(answer.getheader("Retry-After"))


@of_postgresql
def test_a_database_that_is_away_is_503_and_back_without_a_restart(deployment: Deployment) -> None:
    assert isinstance(deployment.engine, PostgreSQL)
    process, workers = deployment.service.process.pid, deployment.service.workers()
    read = at_once(
        deployment, 2 * THREADS, lambda caller, _: caller.send("GET", CLAUSES)
    )  # each thread has its connection
    row = created(deployment, "w-kept")
    deployment.engine.crash()
    try:
        refused = at_once(deployment, 3 * THREADS, asked)
        assert set(refused) == {(503, "application/problem+json", "5")}
        assert deployment.service.ask("/readyz")[0] == 503
        assert deployment.service.ask("/livez")[0] == 200
    finally:
        deployment.engine.start()
    again = at_once(deployment, 3 * THREADS, lambda caller, _: caller.send("GET", CLAUSES))
    assert {answer and answer.status for answer in [*read, *again]} == {200}, "a connection from before was used"
    assert created(deployment, "w-kept").content == row.content, "an acknowledged write is lost"
    assert (deployment.service.process.pid, deployment.service.workers()) == (process, workers)


def created(deployment: Deployment, name: str) -> Answer:
    """Create a clause with an idempotency key of its name, add it to the ledger, and return the response."""
    post = Post(name, {name: State(f"Created by {name}", "goods", "china")})
    answer = deployment.caller().send("POST", CLAUSES, post.body, Idempotency_Key=name)
    assert answer is not None
    assert answer.status == 201, answer
    deployment.ledger.enter(post, answer)
    return answer


def test_a_stop_lets_every_accepted_write_end(deployment: Deployment) -> None:
    writers = 2 * THREADS  # more than are worked on at once
    barrier, answered = Barrier(writers + 1), Event()

    def write(caller: Caller, number: int) -> tuple[Post, Answer]:
        wanted = {f"w-stop-{number}-{each}": State("Created", "goods", "china") for each in range(4)}
        post = Post(f"stop-{number}", wanted)
        with closing(caller.connect()) as connection:
            headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}
            connection.request("POST", post.path, post.body, headers | {"Idempotency-Key": post.key})
            barrier.wait(60)
            got = connection.getresponse()
            answer = Answer(got.status, {}, got.read())
        answered.set()
        return post, answer

    log = deployment.service.log
    logged = len(log.read_text())
    with ThreadPoolExecutor(writers) as pool:
        written = [pool.submit(write, deployment.caller(), number) for number in range(writers)]
        barrier.wait(60)
        answered.wait(60)
        waiting = sum(not one.done() for one in written)
        deployment.service.process.send_signal(signal.SIGTERM)
    try:
        assert deployment.service.process.wait(60) == 0
        assert waiting > 1, "nobody was waiting any more"
        assert Counter(one.result()[1].status for one in written) == {200: writers}
        assert not re.search(r"Traceback|ERROR", log.read_text()[logged:])
    finally:
        deployment.service.stop()
        deployment.service.start()
    for one in written:
        deployment.ledger.enter(*one.result())
    assert deployment.audit([]).faults == []


@of_sqlite
def test_of_sixteen_processes_that_write_none_gets_the_error_that_the_database_is_locked(
    deployment: Deployment,
) -> None:
    code = f"from tests.chaos.processes import run; run(16, 2, {deployment.token!r})"
    answers = json.loads(deployment.service.run("manage.py", "shell", "-v0", "-c", code))
    assert answers == {"POST 201": 32, "PATCH 200": 32, "GET 200": 32}


@of_sqlite
def test_reads_go_on_while_someone_writes(deployment: Deployment) -> None:
    with closing(sqlite3.connect(deployment.engine.path, isolation_level=None)) as other:
        other.execute("UPDATE accords_token SET last_used_at = NULL")  # so that its use is to be noted
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE accords_clause SET title = 'Not yet'")
        began = time.monotonic()
        answers = at_once(deployment, 2 * THREADS, lambda caller, _: caller.send("GET", CLAUSES))
        took = time.monotonic() - began
        other.execute("ROLLBACK")
    assert took < settings.DATABASES["default"]["OPTIONS"]["timeout"], "they waited for the writer"
    assert {answer and answer.status for answer in answers} == {200}
    assert all(b"Not yet" not in answer.body for answer in answers)
