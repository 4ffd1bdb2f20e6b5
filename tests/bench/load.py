"""Put the benchmark's rows into the database of DATABASE_URL, which must be empty and migrated.

    python manage.py shell -c "from tests.bench.load import main; main(100_000)"

Rows go past `save()`, in bulk, but each is made an instance whose own fields derive their columns.
"""

import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from accords.db.fields import EdtfBound, Sha256
from accords.models.agreements import ReadingDay
from tests.bench import data

DERIVED = (EdtfBound, ReadingDay, Sha256)
AT_ONCE = 100 * data.SHARING  # agreements a transaction
STATEMENT = 2000  # rows
AFTERWARDS = (("rebuild_search", "--stale"),)  # commands that bring up to date what no trigger keeps


def insert(model: type[models.Model], rows: Iterator[data.Row]) -> None:
    """Write rows of one model."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    if model._meta.pk.attname not in (first := next(rows, {})):  # left to the database
        fields.remove(model._meta.pk)
    derived = [field for field in fields if isinstance(field, DERIVED)]
    write = _copied if connection.vendor == "postgresql" else _inserted
    database = connections[DEFAULT_DB_ALIAS]  # itself: its proxy would be asked ten times a row
    prepared = (_values(model(**row), fields, derived, database) for row in _again(first, rows))
    while some := list(islice(prepared, STATEMENT)):
        write(model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields), some)


def _again(first: data.Row, rows: Iterator[data.Row]) -> Iterator[data.Row]:
    if first:
        yield first
        yield from rows


def _values(row: models.Model, fields: list[Any], derived: list[Any], database: BaseDatabaseWrapper) -> list[Any]:
    for field in derived:
        field.pre_save(row, add=True)
    return [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]


def _copied(table: str, columns: str, rows: list[list[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _inserted(table: str, columns: str, rows: list[list[Any]]) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)  # noqa: S608 - names of ours


def load(clauses: int, progress: Callable[[int], None] = lambda done: None) -> None:
    """Make so many clauses, ten an agreement, with all that belongs to them; `progress` is called with the number so far."""
    agreements = clauses // data.CLAUSES
    with transaction.atomic():
        for name, rows in data.everyone(agreements):
            insert(apps.get_model("accords", name), rows)
    for first in range(1, agreements + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, agreements)
        with transaction.atomic():
            for name, rows in data.some(first, last, agreements):
                insert(apps.get_model("accords", name), rows)
        progress(last * data.CLAUSES)
    with connection.cursor() as cursor:
        known = apps.get_app_config("accords").get_models()
        for statement in connection.ops.sequence_reset_sql(no_style(), list(known)):
            cursor.execute(statement)


def settle() -> None:
    """Run the maintenance of the database, and the commands that bring derived data up to date."""
    for command in AFTERWARDS:
        call_command(*command, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


class Bar:
    """A progress bar on a terminal; one line in the end anywhere else."""

    def __init__(self, total: int) -> None:
        """Set the total number of clauses."""
        self.total, self.began = total, time.monotonic()

    def advance(self, done: int) -> None:
        """Draw it again."""
        seconds, share = time.monotonic() - self.began, done / self.total
        if sys.stderr.isatty():
            left = seconds * (1 - share) / share
            line = f"\r[{'#' * round(30 * share):<30}] {share:4.0%} {done} clauses, {left:.0f} s left "
            print(line, end="", file=sys.stderr, flush=True)
        if done == self.total:
            print(f"\r{done} clauses on {connection.vendor} in {seconds:.0f} s{' ' * 40}", file=sys.stderr, flush=True)


def main(clauses: int) -> None:
    """Make so many clauses."""
    load(clauses, Bar(clauses).advance)
    settle()
