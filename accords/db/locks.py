"""Database locks for checks across rows. SQLite needs none, because it has one writer at a time.

A transaction on PostgreSQL holds them until it ends. To avoid deadlocks, take them in this order: relations, then
agreements, then rows that belong to agreements.
"""

import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model

from accords.db.relation_triggers import ACYCLIC, constraint_name

ATTEMPTS = 3
PAUSE = (0.01, 0.1)  # seconds between attempts, at random: writers that start again at once would deadlock again
DEADLOCK = "40P01"  # PostgreSQL's sqlstate
Result = TypeVar("Result")


def retry_deadlocks(write: Callable[[], Result]) -> Result:
    """Call a function that runs a transaction, again if PostgreSQL ends it because of a deadlock."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return write()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK or attempt == ATTEMPTS:
                raise
            time.sleep(random.uniform(*PAUSE))  # noqa: S311 - no secret
    raise AssertionError("The last attempt returns or raises.")


@contextmanager
def busy_timeout(milliseconds: int) -> Iterator[None]:
    """Wait no longer than this for SQLite's one writer, within the block. PostgreSQL locks only the rows themselves."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def lock_relations(model: type[Model], fields: Collection[str]) -> None:
    """Lock those of the relations in `fields` that must not form a cycle. Waits for other transactions that hold them.

    An outcome of a renewal takes the lock of `supersedes`, because a cycle can lead through both. `modifies` shares the
    lock of `amends`: a clause may only modify clauses of agreements that its own amends, directly or through others.

    The triggers of `relation_triggers` take the same locks when a stored relation changes, and when an outcome or
    `modifies` is inserted. Call this before taking any other
    lock if it is known that the relation will be written.
    """
    table = model._meta.db_table
    for column in ACYCLIC.get(table, ()):
        if column.removesuffix("_id") in fields:
            name = constraint_name(table, column, "acyclic")
            _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    if table == "accords_renewal" and "outcome" in fields:
        name = constraint_name("accords_agreement", "supersedes_id", "acyclic")
        _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    if table == "accords_clause" and "modifies" in fields:
        name = constraint_name("accords_agreement", "amends_id", "acyclic")
        _execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [name])


def prevent_deletion(model: type[Model], lookup: str, keys: Collection[Any]) -> None:
    """Prevent the deletion of rows, and of the agreements to which they belong.

    `lookup` is the column to which `keys` belong. Waits for transactions that are deleting the rows; others may still
    change them.
    """
    prevent_deletion_of_agreements(model, lookup, keys)
    _lock_key_share(model, lookup, keys)


def prevent_deletion_of_agreements(model: type[Model], lookup: str, keys: Collection[Any]) -> None:
    """Prevent the deletion of the agreements to which rows belong."""
    if connection.vendor != "postgresql" or not (paths := agreement_paths(model)):
        return
    rows = model._base_manager.filter(**{f"{lookup}__in": keys}).values_list(*paths)
    agreement: Any = model._meta.get_field("agreement").related_model
    _lock_key_share(agreement, "id", {pk for row in rows for pk in row if pk is not None})


def agreement_paths(model: type[Model]) -> list[str]:
    """Return the lookup paths from a row to the id of its agreement; none for models without a field `agreement`.

    A citation supports an agreement or a row of one, so its `agreement` can be null, and it has a path for each.
    """
    relations: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    if "agreement" not in relations:
        return []
    paths = ["agreement_id"]
    if relations["agreement"].null:
        paths += [f"{name}__agreement_id" for name, field in relations.items() if agreement_paths(field.related_model)]
    return paths


def _lock_key_share(model: type[Model], column: str, keys: Collection[Any]) -> None:
    """Lock rows against deletion on PostgreSQL, in the order of their ids."""
    if keys:
        table = model._meta.db_table
        _execute(f"SELECT 1 FROM {table} WHERE {column} = ANY(%s) ORDER BY id FOR KEY SHARE", [list(keys)])  # noqa: S608 - names of ours


def _execute(sql: str, params: list[Any]) -> None:
    """Execute a statement on PostgreSQL, and nothing on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
