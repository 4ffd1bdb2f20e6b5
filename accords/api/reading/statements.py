"""A query set's SQL, written once; its values are bound each time it runs."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, QuerySet

from accords.models.given import Given, Values

Row = tuple[Any, ...]


class Raw(Func):
    """A column as the database has it: SQLite's driver turns only plain columns into Python's dates."""

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """Make the column an expression."""
        return self.as_sql(compiler, connection, template="+%(expressions)s")


class Among(Func):
    """Whether a column is one of several values, given as one list so that SQL does not depend on how many."""

    arity = 2
    conditional = True
    output_field = BooleanField()

    def __init__(self, column: str, name: str) -> None:
        """The list is given by name."""
        super().__init__(F(column), Given.named(name))

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """The list as JSON."""
        return self.as_sql(
            compiler, connection, template="%(expressions)s))", arg_joiner=" IN (SELECT value FROM json_each(", **context
        )

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """The list as an array."""
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(", **context)


def for_sqlite(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


class Statement:
    """A compiled query set. `limited` lets each run say how many rows it wants at most."""

    def __init__(self, queryset: QuerySet[Any], *, limited: bool = False) -> None:
        """Write the SQL."""
        self.sql, params = queryset.query.get_compiler(connection=connection).as_sql()
        self.params: list[Any] = list(params)
        if limited:
            self.sql += " LIMIT %s"
            self.params.append(Given.named("limit"))
        if connection.vendor == "sqlite":
            self.params = [param if isinstance(param, Given) else for_sqlite(param) for param in self.params]

    def run(self, values: Values) -> list[Row]:
        """The rows."""
        bound = [param.read(values) if isinstance(param, Given) else param for param in self.params]
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                bound = [for_sqlite(value) for value in bound]
            cursor.execute(self.sql, bound)
            found: list[Row] = cursor.fetchall()
            return found
