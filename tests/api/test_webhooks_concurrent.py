"""Messages to a receiver that fails, hangs and is down, from workers that are killed: none is lost, all are in order.

`make deliveries` sends 10 000 with a minute of downtime: DELIVERIES, DELIVERIES_DOWN (seconds).
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple

import pytest
from django.db import connection
from standardwebhooks.webhooks import Webhook as Verifier

from accords.db.changes import last_position, write_pending_entries
from accords.models import Clause, PublicChange, Webhook, WebhookDelivery
from tests import factories
from tests.api import callers
from tests.template_database import url

pytestmark = pytest.mark.django_db(transaction=True)
DELIVERIES = int(os.environ.get("DELIVERIES", "60"))
DOWN = float(os.environ.get("DELIVERIES_DOWN", "0.5"))
WEBHOOKS = 20 if DELIVERIES > 1000 else 3
ROWS = 5
WORKERS = 3 if connection.vendor == "postgresql" else 1
KILLS = max(1, DELIVERIES // 500)
PATIENCE = 60 + DELIVERIES / 5  # seconds
FAILS, HANGS = 1 / 3, 1 / 50


class Arrival(NamedTuple):
    """A message that arrived: the webhook's path, its id, and whether it was taken at once."""

    path: str
    id: str
    body: bytes
    taken: bool


class Receiver:
    """A receiver that takes about two of three messages, hangs at some, and can be down."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets, self.arrivals, self.lock = secrets, list[Arrival](), Lock()
        self.chance = random.Random(1)
        self.port = 0
        self.up()

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hangs, fails = receiver.note(self.path, dict(self.headers), body)
                time.sleep(0.6 if hangs else 0)
                self.send_response(500 if fails else 204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:  # the worker has hung up, or is dead
                    self.close_connection = True

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def note(self, path: str, headers: dict[str, str], body: bytes) -> tuple[bool, bool]:
        """Verify and keep a message; return whether to hang at it, and whether to fail."""
        assert Verifier(self.secrets[path]).verify(body, headers)
        with self.lock:
            hangs, fails = self.chance.random() < HANGS, self.chance.random() < FAILS
            self.arrivals.append(Arrival(path, headers["webhook-id"], body, not hangs and not fails))
        return hangs, fails


def worker() -> "subprocess.Popen[bytes]":
    env = {**os.environ, "DATABASE_URL": url(), "WEBHOOKS_TO_PRIVATE_ADDRESSES": "1"}
    return subprocess.Popen([sys.executable, "-m", "tests.deliveries"], env=env)


@contextmanager
def workers() -> Iterator[list[Any]]:
    """Run the workers, and end those that are there then."""
    running = [worker() for _ in range(WORKERS)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def wait_until_taken(receiver: Receiver, messages: int) -> None:
    began = time.monotonic()
    while len({(one.path, one.id) for one in [*receiver.arrivals] if one.taken}) < messages:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.05)


def test_no_message_is_lost_and_none_overtakes_another() -> None:
    rows = factories.deal()
    clauses = [rows.clause, *(factories.clause(rows.agreement, f"more-{number}") for number in range(ROWS - 1))]
    write_pending_entries()
    owner, start = callers.user("owner"), last_position(False)
    hooks = [Webhook.objects.create(url="-", owner=owner, position=start) for _ in range(WEBHOOKS)]
    receiver = Receiver({f"/{hook.pk}": hook.secret for hook in hooks})
    for hook in hooks:
        Webhook.objects.filter(pk=hook.pk).update(url=f"http://127.0.0.1:{receiver.port}/{hook.pk}")
    began, chance = time.monotonic(), random.Random(2)
    with workers() as running:
        for number in range(DELIVERIES // WEBHOOKS):
            Clause.objects.filter(pk=clauses[number % ROWS].pk).update(title=f"Title {number}")
        for kill in range(1, KILLS + 1):
            wait_until_taken(receiver, DELIVERIES * kill // (KILLS + 2))
            if kill == KILLS // 2 + 1:
                receiver.down()
                time.sleep(DOWN)
                receiver.up()
            killed = running.pop(chance.randrange(WORKERS))
            killed.kill()
            killed.wait()
            running.append(worker())
        end = last_position(False)
        while Webhook.objects.filter(position=end, claimed_until=None).count() < WEBHOOKS:
            assert time.monotonic() - began < PATIENCE, list(Webhook.objects.values("position", "attempts"))
            time.sleep(0.1)
    receiver.down()

    expected = [entry.position for entry in PublicChange.objects.after(start)]
    assert len(expected) * WEBHOOKS == DELIVERIES
    by_webhook: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in receiver.arrivals:
        by_webhook[arrival.path].append(arrival)
    for path, arrivals in by_webhook.items():
        bodies = {(one.id, one.body) for one in arrivals}
        assert len(bodies) == len({one.id for one in arrivals}), "the same id is the same message"
        taken = list(dict.fromkeys(one.id for one in arrivals if one.taken))  # each where it was first taken
        assert taken == [f"msg_{path[1:]}_public_{position}" for position in expected]
        positions = [json.loads(one.body)["data"]["position"] for one in arrivals]
        assert positions == sorted(positions), "no message comes after a later one"
    twice = sum(times > 1 for times in Counter((one.path, one.id) for one in receiver.arrivals if one.taken).values())
    assert WebhookDelivery.objects.filter(error="").count() <= DELIVERIES + twice
    seconds = time.monotonic() - began
    print(  # noqa: T201 - for `make deliveries`
        f"{DELIVERIES} messages to {WEBHOOKS} webhooks by {WORKERS} workers in {seconds:.0f} s: "
        f"{len(receiver.arrivals)} arrived, {twice} were taken twice, {KILLS} workers killed, down for {DOWN:.0f} s"
    )
