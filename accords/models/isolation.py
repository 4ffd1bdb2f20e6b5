"""How several reads see one state of the data, whoever writes meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the data in this block, and write nothing; nobody who writes has to wait for it.

    PostgreSQL: `REPEATABLE READ, READ ONLY`. SQLite: a transaction that asks for no lock, which in WAL mode is the
    same. Both take the state that is there at the first read. Within a transaction its own state is read.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with _unlocked(), transaction.atomic():
            yield


@contextmanager
def _unlocked() -> Iterator[None]:
    """Transactions on SQLite begin without the lock of writers."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()  # which sets the mode
    mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        database.transaction_mode = mode
