"""SQLite's one writer at a time, and how the others wait: each with the same chance, and long enough."""

import random
import sqlite3
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

TURN = 60  # seconds in which a writer's turn comes, with sixteen of them on a machine that has other work too
POLL = (0.005, 0.02)  # seconds between two looks, by chance

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for how a transaction begins that may write.

    SQLite itself looks the more seldom the longer one has waited, at last ten times a second: whoever has just come
    is then served first, and under load some wait for ever ("database is locked"). Here all look equally often.
    """

    def _start_transaction_under_autocommit(self) -> None:
        """Begin, as soon as it is our turn. Raises `OperationalError` when it has not come within `TURN`."""
        deadline = time.monotonic() + TURN
        with self.cursor() as cursor:
            usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                while not self._begun(deadline):
                    time.sleep(random.uniform(*POLL))  # noqa: S311 - no secret
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")

    def _begun(self, deadline: float) -> bool:
        """Whether the transaction has begun, and not just someone else's turn is."""
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs do not know it
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlite_errorcode", None)
            if code not in BUSY or time.monotonic() > deadline:
                raise
            return False
        return True
