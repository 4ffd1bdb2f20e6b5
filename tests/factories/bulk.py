"""Very many agreements with renewal dates, made in seconds and always the same: for plans and times, not for meaning.

Rows go past the models into the database, so whoever uses them must not mind that their derived days are one model
row's. One in ten agreements has a date that is only a year or a month, one in fifty is a draft.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection, models

from accords.db.search_index import SearchEntry
from accords.models import Agreement, Renewal
from accords.rules import edtf

PERIODS = 6
MODES = (("negotiated", "renegotiation"), ("automatic", "renewal"), ("optional", "renewal"), ("none", "expiry"))
FIRST_DAY = date(2010, 1, 1)
SPREAD = 7300  # days over which the agreements begin
COARSE = {0: 4, 5: 7}  # of ten agreements, one says only the year and one only the month


def create_many(agreements: int, first: int = 1) -> None:
    """Make so many agreements with `PERIODS` renewal dates each; ids from `first`. On PostgreSQL no trigger runs."""
    numbers = range(first, first + agreements)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        insert(Agreement, map(_agreement, numbers))
        insert(Renewal, (row for number in numbers for row in _renewals(number)))
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("ANALYZE accords_agreement, accords_renewal")  # not empty tables: it is not rolled back


def insert(model: type[models.Model], rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows of one model, given as dictionaries of column values, by COPY on PostgreSQL."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    template = model()
    fixed = {field.attname: field.pre_save(template, add=True) for field in fields if not field.primary_key}
    fixed |= {field.attname: None for field in fields if isinstance(field, SearchEntry)}  # no search finds these rows
    names = ", ".join(f'"{field.column}"' for field in fields)
    into = f'"{model._meta.db_table}" ({names})'
    values = ([_plain((fixed | row)[field.attname]) for field in fields] for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join("%s" for _ in fields)
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", values)  # noqa: S608 - names of ours


def begins(number: int) -> str:
    """Return the effective date of agreement `number` (EDTF)."""
    day = FIRST_DAY + timedelta(days=number * 7919 % SPREAD)
    return day.isoformat()[: COARSE.get(number % 10, 10)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return connection.ops.adapt_datefield_value(value) if type(value) is date else value


def _agreement(number: int) -> dict[str, Any]:
    earliest, latest = edtf.bounds(begins(number))
    dated = {"effective": begins(number), "effective_earliest": earliest, "effective_latest": latest}
    fields = {"title": f"Agreement {number}", "instrument": "treaty", "status": "in_force", "term": "P1Y"}
    mode = MODES[number % len(MODES)][0]
    return (
        dated
        | fields
        | {
            "id": number,
            "slug": f"crowd-{number}",
            "is_published": number % 50 != 0,
            "renewal_mode": mode,
            "starts_low": earliest,
            "starts_high": latest,
        }
    )


def _renewals(number: int) -> Iterator[dict[str, Any]]:
    start, kind = begins(number), MODES[number % len(MODES)][1]
    for sequence in range(1, PERIODS + 1):
        due = f"{int(start[:4]) + sequence}{start[4:]}".replace("-02-29", "-02-28")
        earliest, latest = edtf.bounds(due)
        yield {
            "id": number * PERIODS + sequence,
            "agreement_id": number,
            "sequence": sequence,
            "kind": kind,
            "due": due,
            "due_earliest": earliest,
            "due_latest": latest,
            "offset": f"P{sequence}Y",
            "basis": "computed",
        }
