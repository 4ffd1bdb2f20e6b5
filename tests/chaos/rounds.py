"""A round: many write, something is killed, everything recovers, and the ledger is compared with the database."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.chaos.audit import Audit, audit
from tests.chaos.engines import ENGINES, Engine, PostgreSQL
from tests.chaos.writers import Caller, Ledger, Post, Writer
from tests.live_server import PATIENCE, Ended, Service

DOWNTIME = 0.3  # seconds before a database is started again
PREPARE = ("manage.py", "shell", "-v0", "-c", "from tests.chaos.prepare import prepare; prepare()")


@dataclass
class Result:
    """The result of a round."""

    number: int
    failure: str
    acknowledged: int
    uncertain: int  # writes without a response
    seconds: float  # from the failure until the service was ready again
    audit: Audit

    @property
    def faults(self) -> list[str]:
        return self.audit.faults


@dataclass
class Deployment:
    """A database, the service on it, and the ledger of all rounds so far."""

    engine: Engine
    service: Service
    token: str
    ledger: Ledger = field(default_factory=Ledger)

    def caller(self) -> Caller:
        return Caller(self.service.port, self.token)

    def round(self, number: int, failure: str, writers: int, writes: int) -> Result:
        """Let writers write until so many writes are acknowledged, cause a failure, and let them write half as many."""
        stop = Event()
        threads = [Writer(self.caller(), f"w{number}-{each}", stop) for each in range(writers)]
        for writer in threads:
            writer.start()
        try:
            wait_for(threads, writes)
            time.sleep(random.uniform(0, 0.05))
            seconds = self.fail(failure)
            if failure != "server":
                wait_for(threads, writes // 2)
        finally:
            stop.set()
        for writer in threads:
            writer.join()
        if failure == "server":
            seconds = self.start()
        return self.result(number, failure, seconds, [writer.ledger for writer in threads])

    def fail(self, failure: str) -> float:
        """Cause a failure, and return the seconds until the service is ready again."""
        if failure == "server":
            self.service.kill()
            return 0
        if failure == "workers":
            return self.kill_workers()
        assert isinstance(self.engine, PostgreSQL)
        self.engine.kill_backend() if failure == "backend" else self.engine.crash()
        if failure == "database":
            time.sleep(DOWNTIME)
            self.engine.start()
        return self.service.wait("/readyz")

    def kill_workers(self) -> float:
        """Kill the workers, which are replaced; if the server ends because they died again, start it like a watchdog."""
        self.service.kill(parent=False)
        try:
            return self.service.wait("/readyz")
        except Ended:
            assert self.service.process.returncode == 1
            return self.start()

    def start(self) -> float:
        """Start the service, and return the seconds that it took."""
        began = time.monotonic()
        self.service.start()
        return time.monotonic() - began

    def result(self, number: int, failure: str, seconds: float, ledgers: list[Ledger]) -> Result:
        """Compare the ledgers with the database."""
        for each in ledgers:
            self.ledger.rows |= each.rows
        audit = self.audit([post for each in ledgers for post in each.posts])
        audit.broken += [message for each in ledgers for message in each.unexpected]
        counts = (sum(each.acknowledged for each in ledgers), sum(each.uncertain for each in ledgers))
        return Result(number, failure, *counts, seconds, audit)

    def audit(self, posts: list[Post]) -> Audit:
        """Send these requests again, and compare the ledger with the database."""
        return audit(self.engine, self.caller(), self.ledger, posts)


def wait_for(threads: list[Writer], writes: int) -> None:
    """Wait until so many more writes are acknowledged."""
    done, due = acknowledged(threads), acknowledged(threads) + writes
    last = time.monotonic()
    while done < due:
        time.sleep(0.01)
        now = acknowledged(threads)
        if now > done:
            done, last = now, time.monotonic()
        assert time.monotonic() < last + PATIENCE, "nobody can write"


def acknowledged(threads: list[Writer]) -> int:
    return sum(writer.ledger.acknowledged for writer in threads)


@contextmanager
def deployed(engine: str, folder: Path, **env: str) -> Iterator[Deployment]:
    """Run a new database of a kind, with one deal, and a service on it."""
    with ENGINES[engine](folder) as database:
        service = Service(folder / "log", database.url, **env)
        token = service.run(*PREPARE).strip()
        service.start()
        try:
            yield Deployment(database, service, token)
        finally:
            service.stop()


def failures(engine: Engine, rounds: int) -> list[str]:
    """Return the failure of each round: all of them, equally often and in random order."""
    found = [engine.failures[number % len(engine.failures)] for number in range(rounds)]
    random.shuffle(found)
    return found
