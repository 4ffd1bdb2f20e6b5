"""Bands of uncertain dates by width, so that an index returns the dates that may lie in a period in order.

An index can follow only one of the two bounds of a date. But dates of at most so many days that may lie between two
days have their first day between the first of these, less that number of days, and the second.
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func

# Most days between the first and the last day of a date, by band: none, a month, a year, or unbounded. Most dates are
# known to the day, month or year, so that few rows are skipped on the way to those in the period.
BAND_DAYS: dict[int, int | None] = {0: 0, 1: 31, 2: 366, 3: None}


class DateBand(Func):
    """The band of a date by its first and last day: a key of BAND_DAYS."""

    arity = 2
    output_field = models.SmallIntegerField()

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write plain SQL without parameters, as the expression of an index needs."""
        first, last = (compiler.compile(expression)[0] for expression in self.source_expressions)
        days = f"{last} - {first}" if connection.vendor == "postgresql" else f"julianday({last}) - julianday({first})"
        known = (f"WHEN {days} <= {most} THEN {band}" for band, most in BAND_DAYS.items() if most is not None)
        return f"CASE {' '.join(known)} ELSE {max(BAND_DAYS)} END", ()
