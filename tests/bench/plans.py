"""What the database would do for each question: the steps that read a table from one end or sort what they found.

Run in a process of its own on the database of DATABASE_URL: paths by name as JSON on standard input, steps on output.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.bench.queries import Query
from tests.bench.servers import ROOT
from tests.clients import Client

ASKED = 3  # variants of each question
COMMAND = "from tests.bench.plans import main; main()"
# PostgreSQL also prints steps that it does not run: only those that it ran are noted, with their numbers of rows.
EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN",
    "postgresql": "EXPLAIN (ANALYZE, COSTS FALSE, TIMING FALSE, SUMMARY FALSE, BUFFERS FALSE)",
}
NOTED = {"sqlite": r"SCAN (?!json_each|band\d)|TEMP B-TREE", "postgresql": r"(Seq Scan|Sort|Hash)\b.* \(actual "}
DONE = re.compile(r" \(actual rows=(?P<rows>[\d.]+) loops=(?P<loops>\d+)\)")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Record every statement that is executed, with its parameters."""
    found: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield found


def notable_steps(sql: str, params: Any) -> Iterator[tuple[str, int]]:
    """Return the notable steps of a statement's plan with their estimated rows; 0 if the database gives none."""
    with connection.cursor() as cursor:
        cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
        steps = [str(row[-1]).strip(" ->") for row in cursor.fetchall()]
    for step in steps:
        if re.search(NOTED[connection.vendor], step):
            done = DONE.search(step)
            yield DONE.sub("", step), round(float(done["rows"]) * int(done["loops"])) if done else 0


def steps(paths: list[str]) -> list[str]:
    """Return the notable steps of all statements of requests, each with its most rows."""
    most: dict[str, int] = {}
    for path in paths:
        with statements() as executed:
            answer = Client(headers={"host": "127.0.0.1"}).get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        for statement in executed:
            for step, rows in notable_steps(*statement):
                most[step] = max(rows, most.get(step, 0))
    return [f"{step} ({rows:,} rows)" if rows else step for step, rows in sorted(most.items())]


def main() -> None:
    """Answer on standard output."""
    asked = json.load(sys.stdin)
    json.dump({name: steps(paths) for name, paths in asked.items()}, sys.stdout)


def explain(url: str, queries: list[Query]) -> dict[str, list[str]]:
    """Return the notable steps of queries' plans, by query."""
    env = os.environ | {"DATABASE_URL": url, "ENVIRONMENT": "local", "LOG_LEVEL": "ERROR", "ANSWER_CACHE_BYTES": "0"}
    paths = {
        query.name: query.ours[:: max(1, len(query.ours) // ASKED)][:ASKED] for query in queries if not query.repeated
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", COMMAND],
        **{"cwd": ROOT, "env": env, "input": json.dumps(paths), "stdout": subprocess.PIPE, "text": True, "check": True},
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found
