"""Serve accords with Granian: `python -m config.serve`. HOST, PORT and WEB_… are environment variables.

SIGTERM ends the server after the requests that it has accepted; SIGHUP takes new code without a pause.
"""

import gc
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from copy import deepcopy
from importlib import import_module
from typing import NoReturn

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from config.environment import env_bool, env_int, env_str

HOST, PORT = env_str("HOST", "127.0.0.1"), env_int("PORT", 8000)
MAX_HEAD = 32 * 1024  # bytes; the head of a request has a query of 50 parameters, or a list of 100 slugs
HEAD_MILLISECONDS = 30_000  # for a head to arrive; an idle connection is closed after the same time
OTHER_FILES = 256  # files that a process opens besides its connections
STOP_SECONDS = 30  # for accepted requests to end when the server stops
CHECK_SECONDS = 120  # for the check of new code
RELOAD_SECONDS = 3  # for new processes to start accepting connections
OLD_WORKERS = "WEB_OLD_WORKERS"  # the variable with the ids of the processes that a reload replaces
HANDLED = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
logger = logging.getLogger(__name__)


def main() -> None:
    """Serve accords, or with `--check` only exit with status 1 and a message if it cannot be served."""
    logging.captureWarnings(True)
    import_module("config.wsgi")  # a fault in the settings ends the process with its message
    refuse_unprepared_release()
    if "--check" in sys.argv:
        return
    old_workers = [int(pid) for pid in os.environ.pop(OLD_WORKERS, "").split()]
    if not (old_workers or env_bool("WEB_SHARE_PORT")):
        refuse_port_in_use()
    connections.close_all()  # the processes must not inherit open connections
    gc.freeze()  # loaded modules are never garbage; scanning them took 3 % of the time of a page
    gc.set_threshold(10_000)  # a page makes some 500 objects; a collection after each page took another 2 %
    server = make_server(raise_connection_limit())
    server.on_startup(lambda: take_new_code_on_hangup(server))
    if old_workers:
        threading.Thread(target=stop_old_workers, args=(old_workers,)).start()
    server.serve()


def refuse_unprepared_release() -> None:
    """Exit if the release is not prepared. If the database is down, start: `/readyz` reports it."""
    release = import_module("config.release")  # needs the settings, which config.wsgi has set up
    with suppress(DatabaseError, InterfaceError):
        if missing := release.unfinished():
            exit_with_error(" ".join(missing))


def refuse_port_in_use() -> None:
    """Exit if another server listens on the port.

    Granian's workers share their port (SO_REUSEPORT), so a second instance would start and get half of the requests.
    """
    family = socket.AF_INET6 if ":" in HOST else socket.AF_INET
    try:
        socket.create_server((HOST, PORT), family=family).close()
    except (OSError, OverflowError) as error:
        exit_with_error(
            f"accords cannot listen on {HOST} port {PORT}: {error}. Set WEB_SHARE_PORT=1 to share the port."
        )


def exit_with_error(message: str) -> NoReturn:
    logger.critical(message)
    sys.exit(1)


def raise_connection_limit() -> int:
    """Return how many connections each process accepts: WEB_CONNECTIONS, or fewer if it may open fewer files.

    Raises the limit of open files as far as needed, and logs a warning if that is not far enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    requested = env_int("WEB_CONNECTIONS", 4096) + OTHER_FILES
    files = requested if hard == resource.RLIM_INFINITY else min(requested, hard)
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    accepted = max(files - OTHER_FILES, 1)
    if files < requested:
        logger.warning(
            "Each process accepts %d connections and not %d (WEB_CONNECTIONS), because it may open only %d files.",
            accepted,
            requested - OTHER_FILES,
            hard,
        )
    return accepted


def make_server(connection_limit: int) -> MPServer:
    """Return the server: WEB_CONCURRENCY processes, each with WEB_THREADS threads that answer (config/worker.py).

    With WEB_LIFETIME, processes are replaced after so many seconds, one after the other. Connections that wait in the
    kernel's queue of a process are then lost, unless the kernel moves them (`sysctl net.ipv4.tcp_migrate_req=1`).
    """
    return MPServer(
        "config.worker:worker",
        address=HOST,
        port=PORT,
        interface=Interfaces.RSGI,
        workers=env_int("WEB_CONCURRENCY", 2),
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS, max_buffer_size=MAX_HEAD),
        websockets=False,
        backpressure=connection_limit,
        log_level=LogLevels.warning,
        log_dictconfig=deepcopy(settings.LOGGING),
        respawn_failed_workers=True,
        workers_lifetime=env_int("WEB_LIFETIME", 0) or None,
        workers_kill_timeout=STOP_SECONDS,
    )


def take_new_code_on_hangup(server: MPServer) -> None:
    """Handle SIGHUP instead of Granian, whose new processes would inherit the modules that this one has loaded."""
    reloading = threading.Lock()

    def on_hangup(*args: object) -> None:
        if reloading.acquire(blocking=False):
            threading.Thread(target=reload, args=(server, reloading), daemon=True).start()

    signal.signal(signal.SIGHUP, on_hangup)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)


def reload(server: MPServer, reloading: threading.Lock) -> None:
    """Replace this process by one with the new code, and pass it the ids of the processes to stop.

    If the new code cannot be served, log that, release `reloading`, which the caller has locked, and continue with the
    old.
    """
    command = [sys.executable, "-m", "config.serve"]
    check = [*command, "--check"]
    try:
        subprocess.run(check, capture_output=True, text=True, check=True, timeout=CHECK_SECONDS)  # noqa: S603 - our own
        os.environ[OLD_WORKERS] = " ".join(str(worker.inner.pid) for worker in server.wrks)
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)  # until the new code handles them: they would end the process
        os.execv(sys.executable, command)  # noqa: S606 - our own
    except subprocess.CalledProcessError as error:
        logger.error("The new code cannot be served: %s", error.stderr.strip())
    except (OSError, subprocess.TimeoutExpired) as error:  # no interpreter, or a check that does not end
        logger.error("The new code cannot be served: %s", error)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
    reloading.release()


def stop_old_workers(pids: list[int]) -> None:
    """Stop the processes that a reload replaces, as soon as the new ones accept connections.

    Some may have ended before: the reload replaces those that are listed when it begins.
    """
    time.sleep(RELOAD_SECONDS)
    pids = [pid for pid in pids if is_running(pid)]
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while pids and time.monotonic() < deadline:
        pids = [pid for pid in pids if is_running(pid)]
        time.sleep(0.1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def is_running(pid: int) -> bool:
    """Return whether a child process runs. If it has ended, its exit status is read, so that its id is free."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    main()
