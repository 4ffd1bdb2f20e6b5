"""The databases: how each is started, made to fail, queried and checked for damage."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests import postgres

PATIENCE = 60
DURABLE = {name: postgres.SETTINGS[name] for name in ("max_connections", "timezone", "lc_messages")}
WORDS = ("agreement", "clause", "event", "party", "source", "statement")
ORPHANS = """
SELECT c.conname, c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f'
"""
INDEXES = "SELECT indexrelid, indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indexrelid {}"
BTREES = "WHERE c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') AND c.relpersistence = 'p' AND indisvalid"


class SQLite:
    """A SQLite file."""

    name = "sqlite"
    failures = ("server", "workers")

    def __init__(self, folder: Path) -> None:
        self.path = folder / "accords.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=PATIENCE)) as connection:
            return connection.execute(question).fetchall()

    def faults(self) -> list[str]:
        """Return damage of pages and indexes, of foreign keys, and of the search index."""
        found = [str(row) for row in self.rows("PRAGMA integrity_check") if row != ("ok",)]
        found += [f"orphan: {row}" for row in self.rows("PRAGMA foreign_key_check")]
        with closing(sqlite3.connect(self.path, timeout=PATIENCE)) as connection:
            for noun in WORDS:
                try:
                    connection.execute(
                        f"INSERT INTO accords_{noun}_words (accords_{noun}_words) VALUES ('integrity-check')"
                    )
                except sqlite3.DatabaseError as error:
                    found.append(f"search of {noun}: {error}")
            connection.rollback()
        return found


class PostgreSQL:
    """A cluster of its own, with PostgreSQL's default durability."""

    name = "postgresql"
    failures = ("server", "workers", "backend", "database")

    def __init__(self, binaries: Path, folder: Path, start: dict[str, Any], url: str) -> None:
        """Take the folder, arguments of `Popen` and URL of a cluster, as `tests/postgres.py` gives them."""
        self.binaries, self.folder, self.how, self.url = binaries, folder, start, url
        self.port = psycopg.conninfo.conninfo_to_dict(url)["port"]
        self.server: subprocess.Popen[bytes]
        self.running = ExitStack()

    def start(self) -> None:
        server = postgres.running(self.binaries, self.folder, self.how, int(str(self.port)), DURABLE)
        self.server = self.running.enter_context(server)

    def stop(self) -> None:
        self.running.close()

    def crash(self) -> None:
        """Stop the server without a checkpoint, so that it must recover."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(PATIENCE)
        self.running.close()

    def kill_backend(self) -> None:
        """Kill one backend process; the server then ends all others and recovers."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        pids = [pid for (pid,) in self.rows(query)]
        os.kill(random.choice(pids), signal.SIGKILL)

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; wait for a server that is recovering."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as connection:
                return connection.execute(question).fetchall()
            assert time.monotonic() < deadline, "the database does not come back"
            time.sleep(0.05)

    def faults(self) -> list[str]:
        """Return damage of indexes and foreign keys, and rows that cannot be read."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return [*self._indexes(connection), *self._orphans(connection), *self._unreadable(connection)]

    def _indexes(self, connection: psycopg.Connection) -> Iterator[str]:
        connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        for oid, name in connection.execute(INDEXES.format(BTREES)).fetchall():
            try:
                connection.execute("SELECT bt_index_parent_check(%s::oid::regclass, true)", [oid])
            except psycopg.DatabaseError as error:
                yield f"index {name}: {error}"

    def _orphans(self, connection: psycopg.Connection) -> Iterator[str]:
        for name, table, column, whole, key in connection.execute(ORPHANS).fetchall():
            names = [sql.SQL(table), sql.SQL(whole), *map(sql.Identifier, (key, column, column, key))]
            query = "SELECT count(*) FROM {} one LEFT JOIN {} other ON other.{} = one.{} WHERE one.{} IS NOT NULL AND other.{} IS NULL"
            if connection.execute(sql.SQL(query).format(*names)).fetchone() != (0,):
                yield f"orphans: {name}"

    def _unreadable(self, connection: psycopg.Connection) -> Iterator[str]:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            try:
                connection.execute(sql.SQL("SELECT count(t::text) FROM {} t").format(sql.Identifier(table)))
            except psycopg.DatabaseError as error:
                yield f"table {table}: {error}"


@contextmanager
def sqlite(folder: Path) -> Iterator[SQLite]:
    """Yield a file in the folder."""
    yield SQLite(folder)


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """Run a new cluster. `folder` is not used, because the cluster belongs to another user."""
    binaries, user = postgres.programs(), postgres.owner()
    assert binaries is not None, "PostgreSQL's server programs are not installed"
    with postgres.home(user) as home:
        start, port = postgres.as_user(user, home), postgres.free_port()
        postgres.initialize(binaries, home, start, "chaos")
        cluster = PostgreSQL(binaries, home, start, f"postgresql://{postgres.USER}:chaos@127.0.0.1:{port}/postgres")
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


Engine = SQLite | PostgreSQL
ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
