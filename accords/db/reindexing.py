"""Bringing the index of search up to date where a row was written without its words.

Triggers note every such row in `accords_search_stale`, in the writing transaction.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, models, transaction

from accords.db.search_index import words_of

AT_ONCE = 500


def last_noted(model: type[models.Model], using: str) -> int:
    """The number of the latest note of a stale row of a model; 0 without any."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM accords_search_stale WHERE kind = %s", [model._meta.db_table])
        number: int = cursor.fetchone()[0]
        return number


def noted(model: type[models.Model], using: str, after: int = 0) -> list[int]:
    """The ids of the rows of a model that were noted as stale after a note."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT row_id FROM accords_search_stale WHERE kind = %s AND seq > %s ORDER BY row_id",
            [model._meta.db_table, after],
        )
        return [pk for (pk,) in cursor.fetchall()]


def refresh(model: type[models.Model], ids: list[int], using: str) -> Iterator[int]:
    """Write the words of these rows anew, some at once, and tell how many; no one else writes the rows meanwhile.

    Nothing that anyone sees of them changes: the space before the words says so to the rows' versions.
    """
    field: Any = words_of(model)
    sql = f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE id = %s'  # noqa: S608 - names of ours
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            rows = model._base_manager.using(using).filter(pk__in=some).order_by("pk").only(*field.watched)
            cursor.execute(*_forget(model, some))
            cursor.executemany(sql, [(f" {field.derive(row)}", row.pk) for row in rows.select_for_update()])
        yield len(some)


def _forget(model: type[models.Model], ids: list[int]) -> tuple[str, list[Any]]:
    """The statement that removes the notes of these ids; of rows that were never written there can be some too."""
    marks = ", ".join(["%s"] * len(ids))
    sql = f"DELETE FROM accords_search_stale WHERE kind = %s AND row_id IN ({marks})"  # noqa: S608 - no values
    return sql, [model._meta.db_table, *ids]


def follow(model: type[models.Model], using: str, after: int) -> None:
    """Write the words of the rows that were noted after a note."""
    for _ in refresh(model, noted(model, using, after), using):
        pass


@contextmanager
def followed(model: type[models.Model], using: str, written: Collection[str]) -> Iterator[None]:
    """Where these fields decide which words rows have, write the words of all rows that are noted meanwhile."""
    words = words_of(model)
    if words is None or words.watched.isdisjoint(written):
        yield
        return
    with transaction.atomic(using=using):
        before = last_noted(model, using)
        yield
        follow(model, using, before)


def unindexed(model: type[models.Model], using: str) -> list[int]:
    """The ids of the rows that the index does not have at all."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} t WHERE {_without(f'{table}_words', 'rowid', 't.id')} ORDER BY id")  # noqa: S608 - names of ours
        return [pk for (pk,) in cursor.fetchall()]


def stale(model: type[models.Model], using: str) -> list[int]:
    """The ids of the rows whose words are not in the index, or are out of date there."""
    return sorted({*noted(model, using), *unindexed(model, using)})


def every(model: type[models.Model], using: str) -> list[int]:
    """The ids of all rows."""
    return list(model._base_manager.using(using).order_by("pk").values_list("pk", flat=True))


def remove_orphans(model: type[models.Model], using: str) -> None:
    """Remove from the index what has no row."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}_words WHERE {_without(table, 'id', f'{table}_words.rowid')}")  # noqa: S608 - names of ours


def _without(table: str, column: str, value: str) -> str:
    """That no row of a table has a value. For `NOT IN` PostgreSQL reads the whole table for each row of a large one."""
    return f"NOT EXISTS (SELECT 1 FROM {table} o WHERE o.{column} = {value})"  # noqa: S608 - names of ours


def is_indexed(model: type[models.Model], using: str) -> bool:
    """Return whether the index has every row of a model. Reads all ids."""
    table = model._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} t WHERE {_without(f'{table}_words', 'rowid', 't.id')} LIMIT 1")  # noqa: S608 - names of ours
        return cursor.fetchone() is None
