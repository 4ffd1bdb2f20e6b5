"""A Redis server for tests: on a socket, empty, and removed at the end of the block."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest


def is_installed() -> bool:
    """Return whether it can run here; in CI it must."""
    return shutil.which("redis-server") is not None or bool(os.environ.get("CI"))


class Running:
    """A Redis that runs for the block, on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        """Choose the folder of its socket and files."""
        self.socket = Path("/tmp") / f"accords-redis-{os.getpid()}-{folder.name}"  # a socket's path is short
        self.folder = folder

    def __enter__(self) -> str:
        """Start it; gives its URL."""
        program = shutil.which("redis-server")
        if program is None:
            assert not os.environ.get("CI"), "redis-server is needed to try the shared store"
            pytest.skip("redis-server is not installed here (on Debian: apt-get install redis-server)")
        options = {"port": "0", "unixsocket": str(self.socket), "save": "", "dir": str(self.folder)}
        self.server = subprocess.Popen(
            [program, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
        )
        self._wait()
        return f"unix://{self.socket}"

    def _wait(self) -> None:
        for _ in range(200):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            assert self.server.poll() is None, "redis-server ended"
            time.sleep(0.05)
        raise AssertionError("redis-server does not answer")

    def __exit__(self, *error: object) -> None:
        """Stop it."""
        self.server.terminate()
        self.server.wait()
        self.socket.unlink(missing_ok=True)
