"""Django's backend for SQLite, with private files, a fair queue of writers, and a time limit for statements."""

import os
import random
import sqlite3
import time
from contextlib import suppress
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from accords.db import changes
from accords.db.statement_time import statement_time

WAIT = 60  # seconds after which a writer gives up; sixteen writers on a busy machine need far less
POLL = (0.005, 0.02)  # the range of seconds between two attempts
INSTRUCTIONS = 100_000  # of SQLite's virtual machine between two checks of the time, about a millisecond
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT)


class TimedConnection(sqlite3.Connection):
    """A connection that interrupts statements after `statement_time.limit` seconds.

    Its own `execute`, which the fast read path calls, records when a statement begins.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_progress_handler(statement_time.is_exceeded, INSTRUCTIONS)

    def execute(self, *args: Any) -> Any:
        statement_time.began = time.monotonic()
        return super().execute(*args)


class TimedCursor(base.SQLiteCursorWrapper):
    """Django's cursor, which also records when a statement begins."""

    def execute(self, query: Any, params: Any = None) -> Any:
        statement_time.began = time.monotonic()
        return super().execute(query, params)

    def executemany(self, query: Any, param_list: Any) -> Any:
        statement_time.began = time.monotonic()
        return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite through Django."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Return a connection. Create a missing file first, with mode 0600, unless its name is a URI (`file:`).

        SQLite gives its -wal and -shm files the same mode. A statement that takes more than `statement_time.limit`
        seconds (0: no limit) is ended: "interrupted", an `OperationalError`.
        """
        name = str(conn_params["database"])
        if not (self.is_in_memory_db() or name.startswith("file:")):
            with suppress(OSError):  # the file exists, or SQLite reports why it cannot be created
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return super().get_new_connection(conn_params | {"factory": TimedConnection})

    def create_cursor(self, name: Any = None) -> Any:
        """Return a cursor that records when a statement begins. `name` is for PostgreSQL."""
        return self.connection.cursor(factory=TimedCursor)

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction. Raises `OperationalError` if no other writer has finished within `WAIT` seconds.

        SQLite's own busy handler polls less often the longer it has waited, at last ten times a second. Under load new
        writers are then served first, and some never are ("database is locked"). Here all poll equally often.

        The name is private to Django (tried with 5.2).
        """
        deadline = time.monotonic() + WAIT
        with self.cursor() as cursor:
            usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                while True:
                    try:
                        super()._start_transaction_under_autocommit()  # type: ignore[misc]  # missing in the stubs
                        return
                    except OperationalError as error:
                        code = getattr(error.__cause__, "sqlite_errorcode", None)
                        if code not in BUSY or time.monotonic() > deadline:
                            raise
                    time.sleep(random.uniform(*POLL))  # noqa: S311 - no secret
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")

    def commit(self) -> None:
        """Write the entries of the feed of changes, and commit. Those of writes without a transaction wait for this."""
        with self.wrap_database_errors:
            changes.write_entries(self.connection)
        super().commit()
