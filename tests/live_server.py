"""The server as `make serve` starts it, for tests: started on a database, asked, stopped politely, and killed."""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.postgres import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds in which a server must answer, or stop


class Ended(AssertionError):
    """The server has ended, and will not answer."""


class Service:
    """A server of a database. It is started by `start`; whoever started it stops it."""

    def __init__(self, log: Path, database: str, **env: str) -> None:
        """Configure a server: `database` is a URL, `log` its output, `env` overrides the usual settings."""
        self.log, self.port, self.root = log, free_port(), ROOT
        fields = {"DATABASE_URL": database, "ENVIRONMENT": "local", "PORT": str(self.port), "HOST": "127.0.0.1"}
        fields |= {"WEB_CONCURRENCY": "2", "WEB_THREADS": "3", "SECRET_KEY": "s" * 60}
        self.env = {**os.environ, **fields, **env}
        self.process: subprocess.Popen[bytes]

    def run(self, *arguments: str, given: str = "") -> str:
        """Run a management command with the server's settings, and return its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.env,
            input=given,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "config.serve"]
            self.process = subprocess.Popen(command, cwd=self.root, env=self.env, stdout=output, stderr=output)
        self.wait()

    def ask(self, path: str) -> tuple[int, dict[str, str]]:
        """Return the status and headers of a response on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def wait(self, path: str = "/livez") -> float:
        """Wait for status 200; return the seconds that this took. Raises `Ended`."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if self.process.poll() is not None:
                raise Ended(self.log.read_text())
            with suppress(OSError, http.client.HTTPException):
                if self.ask(path)[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        found: list[int] = []
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
                found += map(int, children.read_text().split())
        return found

    def kill(self, parent: bool = True) -> None:
        """Kill the processes with `kill -9`: the parent first, so that it starts no new ones, or only its workers."""
        processes = [self.process.pid, *self.workers()] if parent else self.workers()
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if parent:
            self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Let it end what it has accepted; a kill would leave its workers behind."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
