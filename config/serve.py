"""Serves accords: `python -m config.serve`. granian, chosen by measurement; values come from the environment."""

import gc
import os
from importlib import import_module

from django.db import connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

# A query of 50 parameters, or a list of 100 slugs, fits into the head of a request; nothing needs more.
LONGEST_HEAD = 32 * 1024
HEAD_IN = 30_000  # milliseconds for it to arrive; an idle connection is closed after as long
GRACE = 30  # seconds in which accepted requests end when the server stops
IDLE = 600  # seconds after which a thread without work ends, and with it its connection to the database


def whole(name: str, default: int) -> int:
    """A variable that is a whole number."""
    return int(os.environ.get(name) or default)


def server() -> MPServer:
    """The server as the environment wants it.

    Each of `WEB_CONCURRENCY` processes has `WEB_THREADS` threads, and each thread keeps one connection to the
    database: a thread that waits for SQLite's one writer, or for a slow caller, does not hold up the others.
    With `WEB_LIFETIME` processes are replaced after so many seconds, one after the other; connections that wait for
    one in the kernel's queue are then lost, unless the kernel moves them (`sysctl net.ipv4.tcp_migrate_req=1`).
    """
    return MPServer(
        "config.wsgi:application",
        address=os.environ.get("HOST") or "127.0.0.1",
        port=whole("PORT", 8000),
        interface=Interfaces.WSGI,
        workers=whole("WEB_CONCURRENCY", 2),
        blocking_threads=whole("WEB_THREADS", 4),
        blocking_threads_idle_timeout=IDLE,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_IN, max_buffer_size=LONGEST_HEAD),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_lifetime=whole("WEB_LIFETIME", 0) or None,
        workers_kill_timeout=GRACE,
    )


def main() -> None:
    """Load the application, so that a fault in the settings stops the start with its message, and serve it."""
    import_module("config.wsgi")
    connections.close_all()  # the processes inherit what is loaded, and nothing that is open
    gc.freeze()  # what is loaded is never garbage: looking through it again and again took 3 % of a page
    server().serve()


if __name__ == "__main__":
    main()
