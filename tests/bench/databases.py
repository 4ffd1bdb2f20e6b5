"""The databases of the benchmark: made, filled and served for one run, or kept in a folder for the next.

A database that is kept is migrated again each time: it has the tables and indexes of the code that is measured.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg

from tests import postgres
from tests.bench.servers import ROOT


def manage(url: str, *command: str) -> None:
    """Run a command of the project on a database, in a process of its own."""
    env = os.environ | {"DATABASE_URL": url, "ENVIRONMENT": "local", "DATABASE_STATEMENT_TIMEOUT": "0"}
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)


def prepared(url: str, clauses: int, filled: Path) -> None:
    """Migrate a database, and fill it unless the file says that it is; the file is made when it is."""
    manage(url, "migrate", "--verbosity", "0")
    if not filled.exists():
        manage(url, "shell", "-v", "0", "-c", f"from tests.bench.load import main; main({clauses})")
        filled.touch()


@contextmanager
def database(engine: str, clauses: int, kept: Path | None) -> Iterator[tuple[str, list[int]]]:
    """Start a database with this number of clauses; yield its URL and the processes that serve it."""
    temporary = tempfile.TemporaryDirectory(prefix="accords-bench-", ignore_cleanup_errors=True)
    with nullcontext(kept) if kept else temporary as place:
        folder = Path(place).resolve() / f"{engine}-{clauses}"
        folder.mkdir(parents=True, exist_ok=True)
        if engine == "sqlite":
            url = f"sqlite:///{folder}/accords.sqlite3"
            prepared(url, clauses, folder / "filled")
            yield url, []
            return
        with cluster(folder) as url:
            prepared(url, clauses, folder / "filled")
            yield url, [postmaster(url)]


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start the PostgreSQL server of a folder, initialized if it is empty; yield the URL of its database."""
    binaries, user = postgres.programs(), postgres.owner()
    if binaries is None:
        raise SystemExit("PostgreSQL's server programs are missing. On Debian and Ubuntu: apt-get install postgresql")
    start, port, password = postgres.as_user(user, folder), postgres.free_port(), folder / "password"
    if not (folder / "data" / "PG_VERSION").exists():
        if user is not None:
            folder.parent.chmod(0o755)
            os.chown(folder, user.pw_uid, user.pw_gid)
        postgres.initialize(binaries, folder, start, secrets.token_urlsafe(24))
    with postgres.running(binaries, folder, start, port):
        yield f"postgresql://{postgres.USER}:{password.read_text()}@127.0.0.1:{port}/postgres"


def postmaster(url: str) -> int:
    """Return the parent process of a PostgreSQL server."""
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
