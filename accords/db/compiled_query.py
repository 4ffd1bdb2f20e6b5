"""Query sets that Django compiles to SQL once; their values are bound each time they run."""

import re
import select
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateField, DateTimeField, Expression, F, Field, Func, JSONField, Lookup, QuerySet

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class BoundParameter(Expression):
    """A parameter of a compiled query. `read` takes the values of a run and returns this one for the database."""

    def __init__(self, read: Callable[[Values], Any], output_field: Any = None, name: str = "") -> None:
        super().__init__(output_field)
        self.read, self.name = read, name

    @classmethod
    def named(cls, name: str) -> "BoundParameter":
        """Return a parameter that has the value of this name."""
        return cls(lambda values: values[name], name=name)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        # in place of a value: `CompiledQuery.set_sql` finds the expression among the parameters of the SQL
        return "%s", [self]


def call_when_bound(function: Callable[..., Any], *values: Any) -> Any:
    """Return the result of a function; if some of its values are parameters, a parameter that calls it in each run."""
    if not any(isinstance(value, BoundParameter) for value in values):
        return function(*values)
    reads = [value.read if isinstance(value, BoundParameter) else constant(value) for value in values]
    return BoundParameter(lambda bound: function(*(read(bound) for read in reads)))


def constant(value: Any) -> Callable[[Values], Any]:
    """Return a function that takes the values of a run, ignores them, and returns `value`."""
    return lambda bound: value


class JsonColumn(Func):
    """A column as JSON has it, as far as a database can write that: dates, and instants of RFC 3339 in UTC.

    JSON itself is read as text on both databases: most lists are empty, and need no decoding.
    """

    arity = 1
    template = "%(expressions)s"
    templates: ClassVar[dict[tuple[str, type], str]] = {
        # SQLite's driver would parse plain columns of dates; it leaves expressions as they are.
        ("sqlite", DateTimeField): "replace(%(expressions)s, ' ', 'T') || 'Z'",
        ("sqlite", DateField): "+%(expressions)s",
        ("postgresql", DateTimeField): (
            "replace(to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000', '')"
        ),
        ("postgresql", DateField): "%(expressions)s::text",
        ("postgresql", JSONField): "%(expressions)s::text",
    }

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]  # as Django calls it for a database
        field = self.source_expressions[0].output_field
        field_classes = (cls for cls in (DateTimeField, DateField, JSONField) if isinstance(field, cls))
        template = self.templates.get((connection.vendor, next(field_classes, Field)), self.template)
        return super().as_sql(compiler, connection, template=template)


class InList(Lookup):
    """Whether a column is one of several values, bound as one list so that the SQL does not depend on their number."""

    def __init__(self, column: str, name: str) -> None:
        """Take the names of a column and of the value that is the list."""
        super().__init__(F(column), BoundParameter.named(name))

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        template = "%s = ANY(%s)" if connection.vendor == "postgresql" else "%s IN (SELECT value FROM json_each(%s))"
        column, params = compiler.compile(self.lhs)
        values, value_params = compiler.compile(self.rhs)
        return template % (column, values), [*params, *value_params]


PLACEHOLDER = re.compile(r"%s|%%")
SQLITE_TYPES = (int, str, type(None))  # their values need no conversion for SQLite's driver


def sqlite_value(value: Any) -> Any:
    """Return a value as SQLite stores it."""
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
    """Close a connection that the server has closed. Django's own check runs a query each time.

    On an idle connection a server sends nothing but its end, so a query is needed only if there is something to read.
    """
    if database.connection is None or database.health_check_done:
        return
    if database.vendor == "postgresql" and database.health_check_enabled:
        poll = select.poll()
        poll.register(database.connection.fileno(), select.POLLIN)
        if not poll.poll(0):
            database.health_check_done = True
            return
    database.close_if_health_check_failed()


def native_sql(sql: str) -> tuple[str, bytes]:
    """Return SQL with placeholders as SQLite has them (`?`) and as PostgreSQL has them (`$1`), from Django's `%s`."""
    numbers = count(1)
    sqlite_sql = PLACEHOLDER.sub(lambda match: "?" if match[0] == "%s" else "%", sql)
    postgresql_sql = PLACEHOLDER.sub(lambda match: f"${next(numbers)}" if match[0] == "%s" else "%", sql)
    return sqlite_sql, postgresql_sql.encode()


class CompiledQuery:
    """A query set compiled to SQL, which `run` executes with the values of `BoundParameter`s."""

    def __init__(self, queryset: QuerySet[Any], prepare: bool = False) -> None:
        """Compile the query. With `prepare`, PostgreSQL plans it once for each connection, whatever the values.

        That suits rows that are found by their keys or read in the order of an index. Otherwise the best index depends
        on the values: `ClientCursor` writes them into the SQL, as Django's own cursors do, and PostgreSQL plans anew.
        The settings of connections for it are in config/environment.py; `DATABASE_PREPARED=0` turns it off.
        """
        self.prepare = prepare
        self.set_sql(*queryset.query.get_compiler(DEFAULT_DB_ALIAS).as_sql())

    def set_sql(self, sql: str, params: Sequence[Any]) -> None:
        """Set the SQL and its parameters."""
        self.sql, self.params = sql, [*params]
        self.reads = [param.read if isinstance(param, BoundParameter) else constant(param) for param in params]
        self.sqlite_sql, self.postgresql_sql = native_sql(sql)

    def run(self, values: Values) -> list[Row]:
        """Return the rows. Raises Django's database errors."""
        database: Any = connections[DEFAULT_DB_ALIAS]
        close_if_broken(database)
        bound = [read(values) for read in self.reads]
        if database.vendor == "sqlite":
            bound = [value if type(value) in SQLITE_TYPES else sqlite_value(value) for value in bound]
        if database.connection is None or database.queries_logged or database.execute_wrappers:
            return self._run_with_cursor(database, bound)
        try:
            if database.vendor == "sqlite":
                return database.connection.execute(self.sqlite_sql, bound).fetchall()
            psycopg = database.Database  # not imported above: SQLite needs no driver of PostgreSQL
            if self.prepare:
                return (
                    psycopg.RawCursor(database.connection).execute(self.postgresql_sql, bound, prepare=True).fetchall()
                )
            return psycopg.ClientCursor(database.connection).execute(self.sql, bound).fetchall()
        except database.Database.Error:
            with database.wrap_database_errors:
                raise

    def _run_with_cursor(self, database: BaseDatabaseWrapper, bound: list[Any]) -> list[Row]:
        """Return the rows through Django's cursor, which connects, logs and calls wrappers; it prepares nothing."""
        with database.cursor() as cursor:
            cursor.execute(self.sql, bound)
            rows: list[Row] = cursor.fetchall()
            return rows
