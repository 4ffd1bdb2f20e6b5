"""What all clauses as one file cost, in each form: rows a second, processor time a row, the memory of the worker.

Beside it the usual service, asked for as many rows page by page, for it has nothing else.

    python -m tests.bench --only export --rows 1000000 --engines sqlite
"""

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.bench import servers
from tests.bench.databases import database
from tests.bench.queries import API
from tests.bench.servers import Memory, Peer

FORMS = {"application/x-ndjson": "ndjson", "text/csv": "csv"}
CODINGS = ("identity", "gzip")
BLOCK = 2**20
LOOK = 0.05  # seconds between two looks at the memory
SAMPLE = 20  # pages of the usual service
USUAL = "the usual service, pages of 200"


class Cost(NamedTuple):
    """What a caller got, and what it took: rows, bytes, seconds, processor seconds, the most MiB of a process."""

    rows: int
    size: int
    seconds: float
    cpu: float
    own: float
    resident: float


@dataclass
class Exports:
    """What files of all clauses cost on one engine with so many, by form and coding; and pages of the usual service."""

    engine: str
    clauses: int
    command: str = ""
    when: str = ""
    costs: dict[str, Cost] = field(default_factory=dict)


def measure(peer: Peer, ask: Callable[[], tuple[int, int]]) -> Cost:
    """Measure requests for a file. Memory is sampled while they run, because a process releases it afterwards."""
    found: list[tuple[int, int]] = []
    before, began = peer.settled(), time.monotonic()
    asking = Thread(target=lambda: found.append(ask()))
    asking.start()
    seen = [servers.memory(peer.pid)]
    while asking.is_alive():
        asking.join(LOOK)
        seen.append(servers.memory(peer.pid))
    seconds = time.monotonic() - began
    most = Memory(*(max(getattr(each, name) for each in seen) for name in Memory._fields))
    rows, size = found[0]
    return Cost(rows, size, seconds, peer.settled() - before, most.own, most.resident)


def read_file(base: str, form: str, coding: str) -> tuple[int, int]:
    """Return the rows and bytes of the file of all clauses; rows are not counted in compressed files."""
    headers = {"Accept-Encoding": coding}
    rows = size = 0
    with urlopen(Request(f"{base}{API}/clauses.{FORMS[form]}", headers=headers), timeout=3600) as answer:
        assert form in answer.headers["Content-Type"]
        while block := answer.read(BLOCK):
            size += len(block)
            rows += block.count(b"\n")
        assert size == int(answer.headers["Content-Length"])
    return rows, size


def read_pages(base: str) -> tuple[int, int]:
    """Return the rows and bytes of the first pages of the baseline."""
    rows = size = 0
    for number in range(1, SAMPLE + 1):
        query = urlencode({"page": number, "page_size": 200})
        with urlopen(f"{base}/clauses/?{query}", timeout=600) as answer:
            body = answer.read()
        rows, size = rows + len(json.loads(body)["results"]), size + len(body)
    return rows, size


def exports(engine: str, clauses: int, stored_exports: Path | None) -> Exports:
    """Ask for every file on one engine with so many clauses. Of compressed ones the rows are those of the others."""
    found = Exports(engine, clauses)
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accords-bench-log-")))
        url, serving = stack.enter_context(database(engine, clauses, stored_exports))
        usual, ours = servers.baseline(), servers.accords(cached=False)
        ours.env["EXPORT_SECONDS"] = "3600"  # however busy the machine is
        for peer in (usual, ours):
            peer.also = serving
            stack.enter_context(servers.running(peer, url, logs))
        found.costs[USUAL] = measure(usual, partial(read_pages, usual.base))
        for form in FORMS:
            rows = 0
            for coding in CODINGS:
                taken = measure(ours, partial(read_file, ours.base, form, coding))
                rows = rows or taken.rows - (form == "text/csv")
                found.costs[f"{form}, {coding}"] = taken._replace(rows=rows)
    return found


def keep(found: Exports, folder: Path) -> None:
    """Write down what files cost."""
    (folder / f"exports-{found.engine}-{found.clauses}.json").write_text(json.dumps(asdict(found)), encoding="utf-8")


def stored_exports(folder: Path) -> list[Exports]:
    """Return the stored results about files."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("exports-*.json"))]
    results = [Exports(**each) for each in documents]
    for each in results:
        each.costs = {name: Cost(*values) for name, values in each.costs.items()}
    return sorted(results, key=lambda each: (each.clauses, each.engine != "sqlite"))
