"""Run a command with a PostgreSQL server of its own, which is started empty and removed with the command.

    python tests/postgres.py -- pytest          run pytest with DATABASE_URL, and exit with its code
    python tests/postgres.py --find             print where the server's programs are

The exit code is 3 where they are not installed. It needs nothing but Python, so it runs before anything is installed.
"""

import argparse
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

NOT_INSTALLED = 3
PROGRAMS = ("initdb", "postgres")
FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
# Not durable: the data is thrown away.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would see tables of a transaction that is rolled back as empty, and mislead the planner
    "max_connections": "200",
    "timezone": "UTC",
    "lc_messages": "C",
}
USER = "accords"


class CannotStart(Exception):
    """The programs are installed, but the server did not start."""


def version_in(folder: Path) -> list[int]:
    """Return the numbers in a path, to sort by version."""
    return [int(number) for number in re.findall(r"\d+", str(folder))]


def candidates() -> Iterator[Path]:
    """Yield the folders in which the server's programs may be, the likeliest first."""
    for program in PROGRAMS:
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    if pg_config := shutil.which("pg_config"):
        process = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if process.stdout.strip():
            yield Path(process.stdout.strip())
    for pattern in FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=version_in, reverse=True)


def programs() -> Path | None:
    """Return the folder of the server's programs; None where they are not installed."""
    return next(
        (folder for folder in candidates() if all(os.access(folder / name, os.X_OK) for name in PROGRAMS)), None
    )


def owner() -> pwd.struct_passwd | None:
    """Return the user that the server runs as: another one for root, which PostgreSQL refuses; None for the same."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.")


def reachable(folder: Path) -> bool:
    """Return whether every user may enter a folder."""
    return folder.is_dir() and all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents))


@contextmanager
def home(user: pwd.struct_passwd | None) -> Iterator[Path]:
    """Create a folder that belongs to the user, and remove it at the end."""
    bases = [Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")]
    base = next((base for base in bases if user is None or reachable(base)), None)
    if base is None:
        raise CannotStart(f"No folder for temporary files can be reached by the user {user and user.pw_name}.")
    folder = Path(tempfile.mkdtemp(prefix="accords-pg-", dir=base))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_user(user: pwd.struct_passwd | None, folder: Path) -> dict[str, Any]:
    """Return arguments of `Popen`: as the user, in the folder, and in a session that the terminal's Ctrl-C does not reach."""
    start: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "start_new_session": True}
    start["env"] = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}
    if user is not None:
        start |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return start


def initialize(binaries: Path, folder: Path, start: dict[str, Any], password: str) -> None:
    """Create the files of an empty cluster."""
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if "user" in start:
        os.chown(secret, start["user"], start["group"])
    command = [binaries / "initdb", "--pgdata", folder / "data", "--username", USER, "--pwfile", secret]
    command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    done = subprocess.run(command, **start, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise CannotStart(f"initdb failed:\n{done.stdout}")


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def is_ready(folder: Path) -> bool:
    """Return whether the server accepts connections: the eighth line of its lock file says so."""
    try:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server, and kill it if it does not stop."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, at once
        if server.poll() is not None:
            return
        server.send_signal(number)
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def running(
    binaries: Path, folder: Path, start: dict[str, Any], port: int, settings: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server, with connections on loopback and on a socket in the folder, and with `SETTINGS` by default."""
    log = folder / "log"
    command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
    command += [f"--{name}={value}" for name, value in (SETTINGS if settings is None else settings).items()]
    with log.open("wb") as output:
        server = subprocess.Popen(command, **start, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not is_ready(folder):
            if server.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"The server did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield server
    finally:
        stop(server)


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Run a new cluster, and yield the URL of its database."""
    user, password = owner(), secrets.token_urlsafe(24)
    with home(user) as folder:
        start, port = as_user(user, folder), free_port()
        initialize(binaries, folder, start, password)
        with running(binaries, folder, start, port):
            yield f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"


def run(command: list[str], url: str) -> int:
    """Run the command with DATABASE_URL, and return its exit code. When this process is stopped, so is the command."""
    child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    try:
        code = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    return code if code >= 0 else 128 - code


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    """Exit through every `finally`, and ignore further signals meanwhile."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--find", action="store_true", help="print where the server's programs are")
    parser.add_argument("command", nargs="*", help="the command to run with DATABASE_URL, after --")
    options = parser.parse_args()
    binaries = programs()
    if binaries is None:
        print("PostgreSQL's server programs (initdb, postgres) are not installed.", file=sys.stderr)
        return NOT_INSTALLED
    if options.find or not options.command:
        print(binaries)
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, exit_on_signal)
    try:
        with cluster(binaries) as url:
            print(f"PostgreSQL of {binaries}: {url}", file=sys.stderr, flush=True)
            return run(options.command, url)
    except CannotStart as error:
        print(f"PostgreSQL cannot be started. {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
