"""Serve accords with Granian: `python -m config.serve`. HOST, PORT and WEB_… are environment variables."""

import gc
import socket
import sys
from importlib import import_module

from django.db import DatabaseError, InterfaceError, connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from config.environment import env_bool, env_int, env_str

HOST, PORT = env_str("HOST", "127.0.0.1"), env_int("PORT", 8000)
# A query of 50 parameters, or a list of 100 slugs, fits into the head of a request; nothing needs more.
LONGEST_HEAD = 32 * 1024
HEAD_IN = 30_000  # milliseconds for it to arrive; an idle connection is closed after as long
GRACE = 30  # seconds in which accepted requests end when the server stops
IDLE = 600  # seconds after which a thread without work ends, and with it its connection to the database


def server() -> MPServer:
    """The server as the environment wants it.

    Each of `WEB_CONCURRENCY` processes has `WEB_THREADS` threads, and each thread keeps one connection to the
    database: a thread that waits for SQLite's one writer, or for a slow caller, does not hold up the others.
    With `WEB_LIFETIME` processes are replaced after so many seconds, one after the other; connections that wait for
    one in the kernel's queue are then lost, unless the kernel moves them (`sysctl net.ipv4.tcp_migrate_req=1`).
    """
    return MPServer(
        "config.wsgi:application",
        address=HOST,
        port=PORT,
        interface=Interfaces.WSGI,
        workers=env_int("WEB_CONCURRENCY", 2),
        blocking_threads=env_int("WEB_THREADS", 4),
        blocking_threads_idle_timeout=IDLE,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_IN, max_buffer_size=LONGEST_HEAD),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_lifetime=env_int("WEB_LIFETIME", 0) or None,
        workers_kill_timeout=GRACE,
    )


def refuse_port_in_use() -> None:
    """Exit if another server listens on the port.

    Granian's workers share their port (SO_REUSEPORT), so a second instance would start and get half of the requests.
    """
    family = socket.AF_INET6 if ":" in HOST else socket.AF_INET
    try:
        socket.create_server((HOST, PORT), family=family).close()
    except (OSError, OverflowError) as error:
        sys.exit(f"accords cannot listen on {HOST} port {PORT}: {error}. Set WEB_SHARE_PORT=1 to share the port.")


def refuse_unprepared_release() -> None:
    """Exit if the release is not prepared; if the database is away, start, and let `/readyz` report that."""
    release = import_module("config.release")  # needs the settings, which config.wsgi has set up
    try:
        if missing := release.unfinished():
            sys.exit(" ".join(missing))
    except (DatabaseError, InterfaceError):
        return


def main() -> None:
    """Load the application, so that a fault in the settings stops the start with its message, and serve it."""
    import_module("config.wsgi")
    if not env_bool("WEB_SHARE_PORT"):
        refuse_port_in_use()
    refuse_unprepared_release()
    connections.close_all()  # the processes inherit what is loaded, and nothing that is open
    gc.freeze()  # what is loaded is never garbage: scanning it again and again took 3 % of a page
    server().serve()


if __name__ == "__main__":
    main()
