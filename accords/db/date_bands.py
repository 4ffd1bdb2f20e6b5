"""How much an uncertain date leaves open, as a column of an index: dates that may lie in a span are found in order.

Of two bounds an index can follow only one. Among dates that leave open at most so many days, though, those that may
lie between two days have their first day between the one, less so many days, and the other.
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func

# The days that a spread leaves open at most besides the first: none, a month, a year, or nobody knows how many. Dates
# are mostly known to the day, month or year: hardly any is then passed over on the way to those that may lie in a span.
SPREADS: dict[int, int | None] = {0: 0, 1: 31, 2: 366, 3: None}


class Spread(Func):
    """The spread of a date by its first and last day: a key of SPREADS."""

    arity = 2
    output_field = models.SmallIntegerField()

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # type: ignore[override]
        """Write it out, with nothing that an index could not repeat."""
        first, last = (compiler.compile(expression)[0] for expression in self.source_expressions)
        apart = f"{last} - {first}" if connection.vendor == "postgresql" else f"julianday({last}) - julianday({first})"
        known = (f"WHEN {apart} <= {days} THEN {spread}" for spread, days in SPREADS.items() if days is not None)
        return f"CASE {' '.join(known)} ELSE {max(SPREADS)} END", ()
