"""Locks that a transaction holds until it ends, on PostgreSQL. SQLite has one writer at a time.

They are taken in one order, so that transactions do not wait for each other: the turn to change a relation, then
agreements, then rows that belong to them.
"""

import random
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import OperationalError, connection
from django.db.models import Model

from accords.db.relation_triggers import ACYCLIC, constraint_name

ATTEMPTS = 3
PAUSE = (0.01, 0.1)  # seconds between attempts, at random: writers that begin again at once would meet again
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


def wait_for_turn(model: type[Model], fields: Collection[str]) -> None:
    """Wait for other transactions that change these relations, where they must not lead round in a circle.

    Outcomes of renewals and `supersedes` are one relation in this respect. What an agreement amends decides which
    clauses its own may modify: writers of `modifies` wait for those of `amends`.

    The triggers of `relation_triggers` take the same lock when a row is written. Take it before any other lock where
    it is known that the relation will be written.
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


def keep_rows(model: type[Model], lookup: str, keys: Collection[Any]) -> None:
    """Prevent the deletion of rows, and of their agreements. `lookup` is the column by which the rows are found.

    Waits for transactions that are deleting them. Others may still change them.
    """
    keep_agreements(model, lookup, keys)
    _lock(model, lookup, keys)


def keep_agreements(model: type[Model], lookup: str, keys: Collection[Any]) -> None:
    """Prevent the deletion of the agreements to which rows belong."""
    if connection.vendor != "postgresql" or not (paths := agreement_paths(model)):
        return
    rows = model._base_manager.filter(**{f"{lookup}__in": keys}).values_list(*paths)
    agreement: Any = model._meta.get_field("agreement").related_model
    _lock(agreement, "id", {pk for row in rows for pk in row if pk is not None})


def agreement_paths(model: type[Model]) -> list[str]:
    """Return the look-ups of the agreement to which a row belongs: its own, or that of a row to which it refers."""
    relations: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    own = relations.get("agreement")
    if own is None:
        return []
    others = [name for name, field in relations.items() if own.null and agreement_paths(field.related_model)]
    return ["agreement_id", *(f"{name}__agreement_id" for name in others)]


def _lock(model: type[Model], column: str, keys: Collection[Any]) -> None:
    if keys:
        table = model._meta.db_table
        _execute(f"SELECT 1 FROM {table} WHERE {column} = ANY(%s) ORDER BY id FOR KEY SHARE", [list(keys)])  # noqa: S608 - names of ours


def _execute(sql: str, params: list[Any]) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
