"""Bands of uncertain dates by width, so that an index returns the dates that may be in a period in order.

An index orders dates by only one of their two bounds. But if a date spans at most n days and may be in a period, its
first day is between n days before the period and the end of the period.
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func

# The greatest number of days between the first and the last day of a date, by band: 0, a month, a year, no limit.
# Most dates are known to the day, month or year, so that few rows outside the period are read.
BAND_DAYS: dict[int, int | None] = {0: 0, 1: 31, 2: 366, 3: None}


class DateBand(Func):
    """The band of a date by its first and last day: a key of BAND_DAYS."""

    arity = 2
    output_field = models.SmallIntegerField()

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]  # as Django calls it for a database
        """Write plain SQL without parameters, as the expression of an index needs."""
        first, last = (compiler.compile(expression)[0] for expression in self.source_expressions)
        days = f"{last} - {first}" if connection.vendor == "postgresql" else f"julianday({last}) - julianday({first})"
        branches = (f"WHEN {days} <= {most} THEN {band}" for band, most in BAND_DAYS.items() if most is not None)
        return f"CASE {' '.join(branches)} ELSE {max(BAND_DAYS)} END", ()
