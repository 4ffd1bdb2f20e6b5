"""Reads of one state of the data (snapshots), and reads of all rows with little memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from accords.db.statement_time import statement_time

LOW_MEMORY = {"mmap_size": 0, "cache_size": -2000}  # SQLite's settings: bytes of the file mapped; below 0, KiB of cache


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the data in this block, and write nothing. Writers do not wait for it.

    On PostgreSQL the transaction is `REPEATABLE READ, READ ONLY`; on SQLite it takes no lock for writing, which has the
    same effect in WAL mode. The state is that of the first read. Within another transaction this does nothing.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with _deferred_transactions(), transaction.atomic():
            yield


@contextmanager
def _deferred_transactions() -> Iterator[None]:
    """Begin SQLite's transactions in this block without the lock for writing (`BEGIN DEFERRED`)."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()  # connecting sets `transaction_mode`, which Django reads at each BEGIN (5.2)
    mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        database.transaction_mode = mode


@contextmanager
def low_memory() -> Iterator[None]:
    """Cache little of SQLite's file in this block, so that reading all rows needs as little memory as reading a few.

    Mapped pages belong to the kernel's cache but count as memory of the process, up to the whole file; pages in the
    cache of SQLite would stay after the block. Statements have no time limit in it: to read all rows is one statement.
    """
    if connection.vendor != "sqlite":
        yield
        return
    usual, limit = {name: _pragma(name) for name in LOW_MEMORY}, statement_time.limit
    statement_time.limit = 0
    try:
        for name, value in LOW_MEMORY.items():
            _pragma(name, value)
        yield
    finally:
        statement_time.limit = limit
        for name, value in usual.items():
            _pragma(name, value)


def _pragma(name: str, value: int | None = None) -> int:
    """Return a setting of this SQLite connection, after setting it if a value is given."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}" if value is None else f"PRAGMA {name} = {value}")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
