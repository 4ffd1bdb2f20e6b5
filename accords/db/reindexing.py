"""Updates of the search index for rows that were written without their index entry.

Triggers note each such row in `accords_search_stale`, in the writing transaction.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, models, transaction

from accords.db.search_index import search_entry_field

BATCH = 500
# `NOT IN` would make PostgreSQL read a large table once for each row.
NOT_INDEXED = "SELECT id FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM {index} WHERE rowid = t.id)"
ORPHANS = "DELETE FROM {index} WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = {index}.rowid)"


def index_tables(model: type[models.Model]) -> list[str]:
    """Return the names of a model's index tables: of folded texts, and of words if these are searched."""
    field: Any = search_entry_field(model)
    tables: list[str] = field.tables(model._meta.db_table)
    return tables


def last_note(model: type[models.Model], using: str) -> int:
    """Return the number of the latest note of a stale row of a model; 0 without any."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM accords_search_stale WHERE kind = %s", [model._meta.db_table])
        number: int = cursor.fetchone()[0]
        return number


def noted_ids(model: type[models.Model], using: str, after: int = 0) -> list[int]:
    """Return the ids of the rows that were noted as stale after the note of this number."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT row_id FROM accords_search_stale WHERE kind = %s AND seq > %s ORDER BY row_id",
            [model._meta.db_table, after],
        )
        return [pk for (pk,) in cursor.fetchall()]


def unindexed_ids(model: type[models.Model], using: str) -> list[int]:
    """Return the ids of the rows that lack an entry in one of the model's index tables."""
    ids: set[int] = set()
    with connections[using].cursor() as cursor:
        for index in index_tables(model):
            cursor.execute(NOT_INDEXED.format(table=model._meta.db_table, index=index))
            ids.update(pk for (pk,) in cursor.fetchall())
    return sorted(ids)


def is_indexed(model: type[models.Model], using: str) -> bool:
    """Return whether every row of a model has an index entry. Reads all ids."""
    with connections[using].cursor() as cursor:
        for index in index_tables(model):
            cursor.execute(NOT_INDEXED.format(table=model._meta.db_table, index=index) + " LIMIT 1")
            if cursor.fetchone() is not None:
                return False
    return True


def stale_ids(model: type[models.Model], using: str) -> list[int]:
    """Return the ids of the rows whose index entry is missing or out of date."""
    return sorted({*noted_ids(model, using), *unindexed_ids(model, using)})


def all_ids(model: type[models.Model], using: str) -> list[int]:
    return list(model._base_manager.using(using).order_by("pk").values_list("pk", flat=True))


def reindex(model: type[models.Model], ids: list[int], using: str) -> Iterator[int]:
    """Write the index entries of these rows in batches, and yield the size of each. Rows are locked meanwhile.

    An entry begins with a space, by which the trigger `versioned` knows that only the index entry is written, and
    leaves the version as it is.
    """
    field: Any = search_entry_field(model)
    table = model._meta.db_table
    sql = f'UPDATE "{table}" SET "{field.column}" = %s WHERE id = %s'  # noqa: S608 - names of ours
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            rows = model._base_manager.using(using).filter(pk__in=batch).order_by("pk").only(*field.dependencies)
            placeholders = ", ".join(["%s"] * len(batch))
            # Of the whole batch: there can be notes of rows that no longer exist.
            delete_notes = f"DELETE FROM accords_search_stale WHERE kind = %s AND row_id IN ({placeholders})"  # noqa: S608
            cursor.execute(delete_notes, [table, *batch])
            cursor.executemany(sql, [(f" {field.derive(row)}", row.pk) for row in rows.select_for_update()])
        yield len(batch)


@contextmanager
def reindex_after(model: type[models.Model], using: str, written_fields: Collection[str]) -> Iterator[None]:
    """Reindex the rows that are noted in this block, if index entries depend on the fields that it writes."""
    entry_field = search_entry_field(model)
    if entry_field is None or entry_field.dependencies.isdisjoint(written_fields):
        yield
        return
    with transaction.atomic(using=using):
        note_before = last_note(model, using)
        yield
        for _ in reindex(model, noted_ids(model, using, note_before), using):
            pass  # a generator works only while it is read


def remove_orphans(model: type[models.Model], using: str) -> None:
    """Delete the index entries that have no row."""
    with connections[using].cursor() as cursor:
        for index in index_tables(model):
            cursor.execute(ORPHANS.format(table=model._meta.db_table, index=index))
