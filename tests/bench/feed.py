"""What the feed of changes costs a write: single-row requests with its triggers and without, in this process.

The aim is a ratio of 1.15 at most. Batches alternate, so that what else the machine does meets both alike. Run in a
process of its own on the database of DATABASE_URL, which is left without the feed if it fails; `--only feed` does so.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from accords.models import Clause
from tests.bench.queries import API
from tests.clients import Client

WARM, BATCH, BATCHES = 2, 10, 9
SETTLE = "accords_change_settle"


def fetch(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def switches() -> tuple[list[str], list[str]]:
    """Return the statements that turn the feed off, and those that turn it on again."""
    if connection.vendor == "sqlite":
        triggers = fetch("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_noted_%'")
        return [f"DROP TRIGGER {name}" for name, _ in triggers], [create for _, create in triggers]
    triggers = fetch("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE '%_noted_%'")
    [(function,)] = fetch(f"SELECT pg_get_functiondef('{SETTLE}'::regproc)")
    nothing = f"CREATE OR REPLACE FUNCTION {SETTLE}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$"
    disabled, enabled = (
        [f"ALTER TABLE {table} {verb} TRIGGER {name}" for table, name in triggers] for verb in ("DISABLE", "ENABLE")
    )
    return [*disabled, nothing], [*enabled, function]


def writes(client: Client) -> dict[str, Callable[[int], Any]]:
    """Return the kinds of write, each of a number that is never repeated."""
    clause = Clause.objects.filter(citations__isnull=False).order_by("pk")[0]
    confirmed = [*clause.citations.values_list("pk", flat=True)]
    options: Any = {"content_type": "application/json", "headers": {"If-Match": "*"}}
    parties, clauses = f"{API}/parties", f"{API}/clauses"
    return {
        "UPDATE a clause": lambda number: Clause.objects.filter(pk=clause.pk).update(scope_note=f"Note {number}"),
        "PATCH a clause": lambda number: client.patch(
            f"{clauses}/{clause.pk}", {"scope_note": f"Note {number}", "confirm": confirmed}, **options
        ),
        "POST a party": lambda number: client.post(
            parties, {"slug": f"party-{number}", "name": f"Party {number}", "kind": "organization"}, **options
        ),
    }


def seconds(backend: int | None) -> tuple[float, float]:
    """Return seconds: processor time of this process and of its PostgreSQL backend together, and elapsed time."""
    served = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9 if backend else 0
    return time.process_time() + served, time.perf_counter()


def batch(write: Callable[[int], Any], backend: int | None) -> tuple[float, float]:
    """Return the cost of a batch, begun when plans are made again for what was switched."""
    first = time.time_ns()
    before = seconds(backend)
    for number in range(WARM + BATCH):
        if number == WARM:
            before = seconds(backend)
        answer = write(first + number)
        if getattr(answer, "status_code", 200) >= 400:
            raise SystemExit(answer.content.decode())
    after = seconds(backend)
    return after[0] - before[0], after[1] - before[1]


def main() -> None:
    """Print, for each kind of write, the cost in milliseconds with and without the feed, and their ratio."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser(f"bench-{time.time_ns()}"))
    off, on = switches()
    backend = fetch("SELECT pg_backend_pid()")[0][0] if connection.vendor == "postgresql" else None
    print(f"{'write':20} {'with':>8} {'without':>8} {'CPU':>6} {'clock':>6}   (ms of CPU; medians of ratios)")
    for name, write in writes(client).items():
        costs: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
        for _ in range(BATCHES):
            for has_feed, statements in ((False, off), (True, on)):
                for statement in statements:
                    fetch(statement)
                costs[has_feed].append(batch(write, backend))
        pairs = [*zip(costs[True], costs[False], strict=True)]
        cpu, clock = (median(with_feed[i] / without[i] for with_feed, without in pairs) for i in (0, 1))
        milliseconds = (median(cost[0] for cost in costs[arm]) * 1000 / BATCH for arm in (True, False))
        print(f"{name:20} {' '.join(f'{value:8.2f}' for value in milliseconds)} {cpu:6.3f} {clock:6.3f}", flush=True)
