"""How several reads see one state of the data, whoever writes meanwhile, and hold little of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

FRUGAL = {"mmap_size": 0, "cache_size": -2000}  # SQLite's settings: bytes of the file mapped; below 0, KiB of cache


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


@contextmanager
def frugal() -> Iterator[None]:
    """Hold little of SQLite's file in this block, so that whoever reads all rows needs no more memory than for a few.

    Mapped pages are the kernel's cache, but count as the process's own, up to all of the file; the pages of our own
    cache would stay when the block is left.
    """
    if connection.vendor != "sqlite":
        yield
        return
    usual = {name: _pragma(name) for name in FRUGAL}
    try:
        for name, value in FRUGAL.items():
            _pragma(name, value)
        yield
    finally:
        for name, value in usual.items():
            _pragma(name, value)


def _pragma(name: str, value: int | None = None) -> int:
    """What SQLite says of a setting of this connection, after it was given a value."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}" if value is None else f"PRAGMA {name} = {value}")
        found = cursor.fetchone()
    return int(found[0]) if found else 0
