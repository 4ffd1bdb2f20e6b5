"""The services that are measured: how each is started and stopped, and what its processes have used."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.postgres import free_port

ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")
IDLE = 0.06  # seconds without any work after which a service has done what it was asked
PATIENCE = 60


class Memory(NamedTuple):
    """Of the largest process, in MiB: all that is mapped, and what is its own (without files, such as the database)."""

    resident: float
    own: float


def descendants(pid: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def cpu(root: int) -> float:
    """Return the processor time of a tree of processes in seconds, including those that have ended."""
    ticks = 0
    for pid in descendants(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(value) for value in fields[11:15])  # its own in user and kernel mode, its dead children's
    return ticks / TICK


def memory(root: int) -> Memory:
    """Return the memory of the largest process of a tree."""
    found = [Memory(0, 0)]
    for pid in descendants(root):
        try:
            lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        except OSError:
            continue
        if "VmRSS" in lines:
            found.append(Memory(*(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))))
    return max(found, key=lambda each: each.own)


@dataclass(eq=False)
class Peer:
    """A service: its name, its program with {port} for the port, what its environment has besides ours."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    base: str = ""
    also: list[int] = field(default_factory=list)  # processes that work for it: the database server's

    @property
    def pid(self) -> int:
        """The process at the root of its tree."""
        assert self.process is not None
        return self.process.pid

    def cpu(self) -> float:
        """Return the processor time in seconds, including that of the database server."""
        return sum(cpu(pid) for pid in (self.pid, *self.also))

    def settled(self) -> float:
        """Return the processor time once it no longer grows."""
        before, deadline = self.cpu(), time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            time.sleep(IDLE)
            now = self.cpu()
            if now == before:
                break
            before = now
        return before


def baseline(kept: bool = True) -> Peer:
    """Return the baseline in its usual configuration; `kept` says whether its database connections are persistent."""
    program = [sys.executable, "-m", "gunicorn", "tests.bench.baseline.wsgi", "--workers", "2", "--log-level", "error"]
    name = "baseline" if kept else "baseline, a connection a request"
    env = {"BASELINE_CONN_MAX_AGE": "600" if kept else "0"}
    return Peer(name, [*program, "--no-control-socket", "--bind", "127.0.0.1:{port}"], env)


def accords(cached: bool) -> Peer:
    """Return accords as `make serve` starts it, without its response cache unless `cached`."""
    command = [sys.executable, "-m", "config.serve"]
    env = {"HOST": "127.0.0.1", "PORT": "{port}", "STATIC_FILES": "plain"}
    return Peer(
        "accords" + (", repeated" if cached else ""), command, env | ({} if cached else {"ANSWER_CACHE_BYTES": "0"})
    )


def answers(url: str) -> bool:
    """Return whether a server responds, whatever its status."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def running(peer: Peer, database: str, log: Path) -> Iterator[Peer]:
    """Run a service on a free port until the block ends."""
    port = free_port()
    env = {name: value.format(port=port) for name, value in peer.env.items()}
    env = os.environ | {"DATABASE_URL": database, "ENVIRONMENT": "local", "LOG_LEVEL": "ERROR"} | env
    command = [part.format(port=port) for part in peer.command]
    with (log / f"{peer.name}.log").open("wb") as output:
        peer.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    peer.base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"{peer.base}/"):
            if peer.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{peer.name} does not start:\n{(log / f'{peer.name}.log').read_text()}")
            time.sleep(0.1)
        yield peer
    finally:
        stop(peer.process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process: politely, then not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
