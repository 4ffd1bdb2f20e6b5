"""A round of chaos: many write, something is killed, all comes back, and the books are compared."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.chaos.audit import Found, audit
from tests.chaos.engines import ENGINES, Engine, PostgreSQL
from tests.chaos.writers import Caller, Ledger, Post, Writer
from tests.live_server import PATIENCE, Ended, Service

AWAY = 0.3  # seconds that a database is away before it is started again
PREPARE = ("manage.py", "shell", "-v0", "-c", "from tests.chaos.prepare import prepare; prepare()")


@dataclass
class Result:
    """What came of a round."""

    number: int
    hurt: str
    acknowledged: int
    in_doubt: int
    back: float  # seconds from the blow until the service was ready again
    found: Found

    @property
    def faults(self) -> list[str]:
        """Whatever speaks against it."""
        return self.found.faults


@dataclass
class Place:
    """A database, the service on it, and the books of all rounds so far."""

    engine: Engine
    service: Service
    token: str
    ledger: Ledger = field(default_factory=Ledger)

    def caller(self) -> Caller:
        """Someone who may write."""
        return Caller(self.service.port, self.token)

    def round(self, number: int, hurt: str, writers: int, writes: int) -> Result:
        """Let so many write until so many writes are acknowledged, hurt one thing, and let them write half as many."""
        stop = Event()
        crew = [Writer(self.caller(), f"w{number}-{each}", stop) for each in range(writers)]
        for writer in crew:
            writer.start()
        try:
            wait_for(crew, writes)
            time.sleep(random.uniform(0, 0.05))
            back = self.hurt(hurt)
            if hurt != "server":
                wait_for(crew, writes // 2)  # they go on, without being told anything
        finally:
            stop.set()
        for writer in crew:
            writer.join()
        if hurt == "server":
            back = self.start()
        return self.result(number, hurt, back, [writer.ledger for writer in crew])

    def hurt(self, what: str) -> float:
        """Hurt it; the seconds until the service is ready again, by itself."""
        if what == "server":
            self.service.kill()
            return 0
        if what == "workers":
            return self.hurt_workers()
        assert isinstance(self.engine, PostgreSQL)
        self.engine.kill_backend() if what == "backend" else self.engine.crash()
        if what == "database":
            time.sleep(AWAY)
            self.engine.start()
        return self.service.wait("/readyz")

    def hurt_workers(self) -> float:
        """Kill them. They are replaced; if they die again within seconds, the server may end: a watchdog starts it."""
        self.service.kill(parent=False)
        try:
            return self.service.wait("/readyz")
        except Ended:
            assert self.service.process.returncode == 1
            return self.start()

    def start(self) -> float:
        """Start the service, as a watchdog would; the seconds that this took."""
        began = time.monotonic()
        self.service.start()
        return time.monotonic() - began

    def result(self, number: int, hurt: str, back: float, ledgers: list[Ledger]) -> Result:
        """Compare the books."""
        for each in ledgers:
            self.ledger.rows |= each.rows
        found = self.found([post for each in ledgers for post in each.posts])
        found.broken += [odd for each in ledgers for odd in each.odd]
        told = (sum(each.acknowledged for each in ledgers), sum(each.in_doubt for each in ledgers))
        return Result(number, hurt, *told, back, found)

    def found(self, posts: list[Post]) -> Found:
        """What the books say against the database, once these requests have been sent again."""
        return audit(self.engine, self.caller(), self.ledger, posts)


def wait_for(crew: list[Writer], writes: int) -> None:
    """Wait until a crew has had so many more writes acknowledged."""
    done, due = acknowledged(crew), acknowledged(crew) + writes
    last = time.monotonic()
    while done < due:
        time.sleep(0.01)
        now = acknowledged(crew)
        if now > done:
            done, last = now, time.monotonic()
        assert time.monotonic() < last + PATIENCE, "nobody can write"


def acknowledged(crew: list[Writer]) -> int:
    """The writes of a crew that were acknowledged so far."""
    return sum(writer.ledger.acknowledged for writer in crew)


@contextmanager
def place(engine: str, folder: Path, **env: str) -> Iterator[Place]:
    """A new database of that kind with one deal in it, and a service on it, both gone in the end."""
    with ENGINES[engine](folder) as database:
        service = Service(folder / "log", database.url, **env)
        token = service.run(*PREPARE).strip()
        service.start()
        try:
            yield Place(database, service, token)
        finally:
            service.stop()


def hurts(engine: Engine, rounds: int) -> list[str]:
    """What is hurt in which round: each in turn, in an order of chance."""
    found = [engine.hurts[number % len(engine.hurts)] for number in range(rounds)]
    random.shuffle(found)
    return found
