"""The data as they were known at an instant: in a block, every SELECT reads the change log in place of our tables.

Each statement is headed by common table expressions of the tables' own names, so filters, orders, joins and counts
mean the same as ever, and every related row is of the same instant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from simple_history.models import HistoricalRecords

HANGING = ("participation", "clause", "renewal", "event", "statement")  # what leads to its agreement by a column
RELATIONS = (("event", "participants"), ("statement", "mentions"))
# Agreements come last: a table before them that asks for `accords_agreement` gets the one of now (on SQLite by `main`).
NOUNS = ("source", "party", "clauseparty", "citation", *HANGING, "agreement")


@contextmanager
def as_known(at: datetime, *, drafts: bool) -> Iterator[None]:
    """Read what was known at an instant in this block.

    Unless the caller sees `drafts`, an agreement counts as published if it was then and is now, and what hangs on an
    agreement that is hidden now was not there.
    """
    instant = connection.ops.adapt_datetimefield_value(at)

    def read(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip(" (").startswith("SELECT"):
            return execute(sql, params, many, context)
        found = [made for name, made in tables(connection.vendor, drafts) if f'"{name}"' in sql]
        if not found:
            return execute(sql, params, many, context)
        times = sum(made.count("%s") for made in found)
        return execute(f"WITH {', '.join(found)} {sql}", (*(instant,) * times, *(params or ())), many, context)

    with connection.execute_wrapper(read):
        yield


@cache
def tables(vendor: str, drafts: bool) -> list[tuple[str, str]]:
    """Our tables by name, each as an expression with a place for the instant wherever it needs it."""
    relations = [_relation(*relation) for relation in RELATIONS]
    return relations + [_table(noun, "" if vendor == "postgresql" else "main.", drafts) for noun in NOUNS]


def _table(noun: str, live: str, drafts: bool) -> tuple[str, str]:
    model: Any = apps.get_model("accords", noun)
    name = model._meta.db_table
    columns = ", ".join(_column(model, field) for field in model._meta.concrete_fields)
    where = _latest(model.history.model._meta.db_table)
    if not drafts and noun == "agreement":
        columns = columns.replace('h."is_published"', f"{_published(live)} AS is_published")
    if not drafts and noun in HANGING:
        where += f" AND NOT EXISTS ({_hidden(name, live)})"
    log = model.history.model._meta.db_table
    return name, f'"{name}" AS NOT MATERIALIZED (SELECT {columns} FROM {log} h WHERE {where})'  # noqa: S608 - names of ours


def _column(model: Any, field: models.Field) -> str:
    """A column as it was; what the database computes is computed again, and versions count from now only."""
    if field.generated:
        computed, params = field.generated_sql(connection)  # type: ignore[attr-defined]
        return f'{computed % tuple(map(int, params))} AS "{field.column}"'  # only whole numbers stand in ours
    recorded = {kept.column for kept in model.history.model.tracked_fields}
    return f'h."{field.column}"' if field.column in recorded else f'0 AS "{field.column}"'


def _latest(log: str) -> str:
    """Whether a record is the last one of its row until the instant, and not of its deletion."""
    later = f"SELECT 1 FROM {log} l WHERE l.id = h.id AND l.history_id > h.history_id AND l.history_date <= %s"  # noqa: S608
    return f"h.history_date <= %s AND h.history_type <> '-' AND NOT EXISTS ({later})"


def _published(live: str) -> str:
    now = f"SELECT 1 FROM {live}accords_agreement n WHERE n.id = h.id AND n.is_published"  # noqa: S608 - names of ours
    return f'(h."is_published" AND EXISTS ({now}))'


def _hidden(name: str, live: str) -> str:
    """The row of now that is hidden now."""
    return (
        f"SELECT 1 FROM {live}{name} n JOIN {live}accords_agreement a ON a.id = n.agreement_id "  # noqa: S608
        "WHERE n.id = h.id AND NOT a.is_published"
    )


def _relation(noun: str, relation: str) -> tuple[str, str]:
    model: Any = apps.get_model("accords", noun)
    field = model._meta.get_field(relation)
    name, log = field.remote_field.through._meta.db_table, HistoricalRecords.m2m_models[field]._meta.db_table
    columns = ", ".join(f'm."{column.column}"' for column in field.remote_field.through._meta.concrete_fields)
    of = model.history.model._meta.db_table
    return name, (
        f'"{name}" AS NOT MATERIALIZED (SELECT {columns} FROM {log} m '  # noqa: S608 - names of ours
        f"JOIN {of} h ON h.history_id = m.history_id WHERE {_latest(of)})"
    )
