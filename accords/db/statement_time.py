"""The time limit of SQLite's statements. PostgreSQL has its own."""

import threading
import time


class StatementTime(threading.local):
    """The time limit of statements in this thread.

    `began` is when its statement began (`time.monotonic`), `limit` how many seconds it may take; 0 is no limit.
    """

    began = limit = 0.0

    def is_exceeded(self) -> bool:
        """Return whether the statement has taken longer than the limit; SQLite then interrupts it."""
        return 0 < self.limit < time.monotonic() - self.began


statement_time = StatementTime()
