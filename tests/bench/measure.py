"""Drives services by wrk, in short rounds that take turns, and reads what each request cost."""

import json
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.bench.queries import Query, tag
from tests.bench.servers import Peer

CONNECTIONS = 8
SLOW = 0.15  # seconds an answer; slower ones get fewer connections and more time
SLOW_CONNECTIONS = 2
ENOUGH = 10  # answers of a slow question in a round
LONGEST = 20.0  # seconds a round
WARM = 60  # requests, one by one, before the first round
PASSES = 8  # times that each path is asked before anything counts: every thread of every process maps the file itself
LONGEST_WARM = 6.0  # seconds that these may take
SCRIPT = Path(__file__).parent / "urls.lua"


class NoWrk(SystemExit):
    """The load generator is missing."""


def wrk() -> str:
    """Return the path of the load generator."""
    found = shutil.which("wrk")
    if found is None:
        raise NoWrk("The benchmark needs wrk, a load generator. On Debian and Ubuntu: apt-get install wrk")
    return found


@dataclass
class Figures:
    """What the rounds of one question at one service gave, one item a round. Milliseconds, but `rate` a second."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    size: float = 0  # bytes an answer, with its header
    failed: int = 0

    def median(self, name: str) -> float:
        """Return the median of the rounds."""
        return median(getattr(self, name))

    def spread(self) -> float:
        """Return the range of processor times as a share of the median."""
        return (max(self.cpu) - min(self.cpu)) / 2 / self.median("cpu") if self.median("cpu") else 0.0


class Runner:
    """Asks questions in rounds."""

    def __init__(self, seconds: float, rounds: int) -> None:
        """Set the number of rounds and their length in seconds."""
        self.seconds, self.rounds, self.chance, self.program = seconds, rounds, Random(7), wrk()

    def compare(self, query: Query, peers: dict[Peer, list[str]]) -> dict[str, Figures]:
        """Ask the services in turn, each at its own paths; figures by the service's name."""
        found = {peer.name: Figures() for peer in peers}
        lines = {peer.name: self._lines(query, peer, paths) for peer, paths in peers.items()}
        taken = {peer.name: self.warm_up(peer, lines[peer.name]) for peer in peers}
        for turn in range(self.rounds):
            for peer in list(peers)[:: 1 if turn % 2 else -1]:
                self._round(peer, lines[peer.name], taken[peer.name], found[peer.name])
        return found

    def _lines(self, query: Query, peer: Peer, paths: list[str]) -> list[str]:
        if not query.tagged:
            return paths
        return [f"{path}\t{tag(peer.base + path)}" for path in paths]

    def warm_up(self, peer: Peer, lines: list[str]) -> float:
        """Let a service meet the rows it will be asked for, as one that serves for an hour has; seconds an answer."""
        taken = warm(peer, lines)
        seconds = min(LONGEST_WARM, PASSES * len(lines) * taken / 2)
        self.drive(peer.base, lines, seconds, connections(taken))
        return taken

    def _round(self, peer: Peer, lines: list[str], taken: float, figures: Figures) -> None:
        """Run one round at one service."""
        slow = taken > SLOW
        seconds = min(LONGEST, max(self.seconds, taken * ENOUGH / SLOW_CONNECTIONS)) if slow else self.seconds
        before = peer.settled()
        output = self.drive(peer.base, lines, seconds, connections(taken))
        used = peer.settled() - before
        figures.cpu.append(1000 * used / max(output["sent"], 1))
        figures.rate.append(output["answered"] / output["seconds"])
        figures.p50.append(output["p50"])
        figures.p99.append(output["p99"])
        figures.size = output["bytes"] / max(output["answered"], 1)
        figures.failed += output["failed"]

    def drive(self, base: str, lines: list[str], seconds: float, connections: int, pause: float = 0) -> dict[str, Any]:
        """Run wrk, each connection pausing for so many seconds before it asks; what it says."""
        with tempfile.NamedTemporaryFile("w", suffix=".urls") as urls:
            urls.write("\n".join(self.chance.sample(lines, len(lines))) + "\n")
            urls.flush()
            command = [self.program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
            command += ["-s", str(SCRIPT), base, "--", urls.name]
            command += [f"{1000 * pause:.0f}"] if pause else []
            process = subprocess.run(command, capture_output=True, text=True, check=True)
        output: dict[str, Any] = json.loads(process.stdout.strip().splitlines()[-1])
        return output


def connections(taken: float) -> int:
    """Return the number of connections for a response time in seconds."""
    return SLOW_CONNECTIONS if taken > SLOW else CONNECTIONS


def warm(peer: Peer, lines: list[str]) -> float:
    """Ask a few times before anything is measured, each process and thread once or more; seconds an answer took."""
    taken, deadline = [], time.monotonic() + 2
    for line in (lines * WARM)[:WARM]:
        path, _, known = line.partition("\t")
        began = time.monotonic()
        ask(peer.base + path, known)
        taken.append(time.monotonic() - began)
        if time.monotonic() > deadline:
            break
    return median(taken)


def ask(url: str, known: str) -> None:
    """Send a request. 304 is a response too; failures are counted by wrk."""
    with suppress(HTTPError):
        urlopen(Request(url, headers={"If-None-Match": known} if known else {}), timeout=120).read()
