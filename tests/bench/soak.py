"""The memory of a worker over time: under mixed reads, and while it sends all rows."""

import time
from dataclasses import dataclass, field
from random import Random
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.bench.exports import FORMS
from tests.bench.measure import CONNECTIONS, Runner
from tests.bench.queries import API, Query
from tests.bench.servers import Peer, memory

SLICES = 12
CHUNK = 2**20


@dataclass
class Soak:
    """What the largest worker had of its own, in MiB: at each slice of the mixed reads, and at most in each export."""

    minutes: float
    command: str = ""
    when: str = ""
    requests: int = 0
    own: list[float] = field(default_factory=list)
    exports: dict[str, tuple[int, float, float]] = field(default_factory=dict)  # by form: rows, seconds, MiB


def soak(peer: Peer, queries: list[Query], minutes: float, pace: float, runner: Runner) -> Soak:
    """Ask everything in turn for so many minutes, then ask for all clauses in each form.

    At most `pace` questions a second are asked; 0: as many as are answered.
    """
    pause = CONNECTIONS / pace if pace else 0
    found, lines = Soak(minutes), [path for query in queries if not query.tagged for path in query.ours]
    Random(5).shuffle(lines)
    for _ in range(SLICES if minutes else 0):
        output = runner.drive(peer.base, lines, 60 * minutes / SLICES, CONNECTIONS, pause)
        found.requests += output["answered"]
        found.own.append(memory(peer.pid).own)
    for form in FORMS:
        if exported := export(peer, form):
            found.exports[form] = exported
    return found


def export(peer: Peer, form: str) -> tuple[int, float, float] | None:
    """Read all clauses in a form: lines, seconds, and the most that a worker had; None where it is not offered."""
    began, most, lines = time.monotonic(), 0.0, 0
    try:
        answer = urlopen(f"{peer.base}{API}/clauses.{FORMS[form]}", timeout=600)
    except HTTPError:
        return None
    with answer:
        if form not in answer.headers.get("Content-Type", ""):
            return None
        while block := answer.read(CHUNK):
            lines += block.count(b"\n")
            most = max(most, memory(peer.pid).own)
    return lines, time.monotonic() - began, most
