"""A query set's SQL, written once; its values are bound each time it runs."""

import re
import select
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, DateField, DateTimeField, F, Field, Func, QuerySet
from psycopg import RawCursor

from accords.db.parameters import BoundParameter, Values, always

Row = tuple[Any, ...]


class JsonColumn(Func):
    """A column as JSON has it where a database can write that: dates, and instants in UTC as RFC 3339 has them."""

    arity = 1
    template = "%(expressions)s"
    forms: ClassVar[dict[tuple[str, type], str]] = {
        # SQLite's driver would parse plain columns of dates; it leaves expressions as they are.
        ("sqlite", DateTimeField): "replace(%(expressions)s, ' ', 'T') || 'Z'",
        ("sqlite", DateField): "+%(expressions)s",
        ("postgresql", DateTimeField): (
            "replace(to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000', '')"
        ),
        ("postgresql", DateField): "%(expressions)s::text",
    }

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write the column out."""
        field = self.source_expressions[0].output_field
        kinds = (kind for kind in (DateTimeField, DateField) if isinstance(field, kind))
        form = self.forms.get((connection.vendor, next(kinds, Field)), self.template)
        return super().as_sql(compiler, connection, template=form)


class InList(Func):
    """Whether a column is one of several values, given as one list so that SQL does not depend on how many."""

    arity = 2
    conditional = True
    output_field = BooleanField()

    def __init__(self, column: str, name: str) -> None:
        """The list is given by name."""
        super().__init__(F(column), BoundParameter.named(name))

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """The list as JSON."""
        return self.as_sql(
            compiler,
            connection,
            template="%(expressions)s))",
            arg_joiner=" IN (SELECT value FROM json_each(",
            **context,
        )

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """The list as an array."""
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(", **context)


PLACE = re.compile(r"%s|%%")
PLAIN = (int, str, type(None))


def for_sqlite(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, datetime):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return orjson.dumps(value).decode()


def close_if_broken(database: Any) -> None:
    """Close a connection that its server has left, as Django does, without a question to the database each time.

    Nothing comes on an idle connection but the end: only where something has come does Django have to ask.
    """
    if database.connection is None or database.health_check_done:
        return
    if database.vendor == "postgresql" and database.health_check_enabled:
        come = select.poll()
        come.register(database.connection.fileno(), select.POLLIN)
        if not come.poll(0):
            database.health_check_done = True
            return
    database.close_if_health_check_failed()


def native(sql: str) -> tuple[str, bytes]:
    """SQL with Django's places for values as SQLite's driver has it, and as PostgreSQL itself does."""
    numbers = count(1)
    numbered = PLACE.sub(lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", sql)
    return PLACE.sub(lambda found: "?" if found[0] == "%s" else "%", sql), numbered.encode()


class CompiledQuery:
    """A compiled query set."""

    def __init__(self, queryset: QuerySet[Any], prepare: bool = False) -> None:
        """Write the SQL. `prepare`: one plan is right whatever the values, so PostgreSQL plans only once a connection.

        Rows found by their keys are read so. Of filters and searches the values decide which index serves best.
        """
        self.prepare = prepare
        self.write(*queryset.query.get_compiler(DEFAULT_DB_ALIAS).as_sql())

    def write(self, sql: str, params: Sequence[Any]) -> None:
        """Keep the SQL, and the values that are known already."""
        self.sql, self.params = sql, [*params]
        self.reads = [param.read if isinstance(param, BoundParameter) else always(param) for param in params]
        self.marked, self.numbered = native(sql)

    def run(self, values: Values) -> list[Row]:
        """The rows. Raises what Django makes of the driver's errors."""
        database: Any = connections[DEFAULT_DB_ALIAS]
        close_if_broken(database)
        bound = [read(values) for read in self.reads]
        if database.vendor == "sqlite":
            bound = [value if type(value) in PLAIN else for_sqlite(value) for value in bound]
        if database.connection is None or database.queries_logged or database.execute_wrappers:
            return self._run_watched(database, bound)
        try:
            if database.vendor == "sqlite":
                return database.connection.execute(self.marked, bound).fetchall()
            return RawCursor(database.connection).execute(self.numbered, bound, prepare=self.prepare).fetchall()
        except database.Database.Error:
            with database.wrap_database_errors:
                raise

    def _run_watched(self, database: BaseDatabaseWrapper, bound: list[Any]) -> list[Row]:
        """Through Django's cursor, which connects where that is needed, and logs."""
        with database.cursor() as cursor:
            cursor.execute(self.sql, bound)
            found: list[Row] = cursor.fetchall()
            return found
