"""One statement for a row and all that is nested in it, for PostgreSQL: there a statement costs more than its rows.

Nested rows come as JSON, column by column as statements of their own would give them, so they are shown alike.
"""

import re
from typing import Any

from accords.api.fast.rows import OUTER, Layout, Nested
from accords.db.compiled_query import PLACE, BoundParameter, CompiledQuery

Written = tuple[str, list[Any]]  # SQL, and the values for its places


def fold(layout: Layout, statement: CompiledQuery) -> None:
    """Let the statement, which reads these rows, read what is nested in them too: as JSON in one more column."""
    if not layout.nested:
        return
    found, params = nested_in(layout, 0)
    sql = f"SELECT l0.*, json_build_array({found})::text FROM ({statement.sql}) l0({columns(layout)})"  # noqa: S608 - ours
    statement.write(sql, [*params, *statement.params])


def nested_in(layout: Layout, level: int) -> Written:
    """Return an expression for each nested relation of rows that are called `l0`, `l1`, … by their level."""
    written = [_array(nested, level) for nested in layout.nested]
    layout.folded = True
    return ", ".join(sql for sql, _ in written), [param for _, params in written for param in params]


def _array(nested: Nested, level: int) -> Written:
    """Return the related rows as an array of their columns and nested rows; null if there are none."""
    inner, own = _for_outer_row(nested, f"l{level}.c{nested.place}"), f"l{level + 1}"
    values = [f"{own}.c{place}" for place in range(len(nested.layout.columns))]
    found, params = nested_in(nested.layout, level + 1)
    values += [found] if found else []
    array = f"json_agg(json_build_array({', '.join(values)}))"
    sql = f"(SELECT {array} FROM ({inner[0]}) {own}({columns(nested.layout)}))"  # noqa: S608 - our own SQL
    return sql, [*params, *inner[1]]


def _for_outer_row(nested: Nested, column: str) -> Written:
    """Return the SQL of the nested rows of one outer row, whose key is in `column`."""
    params, kept = iter(nested.statement.params), []

    def place(found: re.Match[str]) -> str:
        if found[0] != "%s":
            return found[0]
        param = next(params)
        if isinstance(param, BoundParameter) and param.name == OUTER:
            return f"ARRAY[{column}]"
        kept.append(param)
        return found[0]

    return PLACE.sub(place, nested.statement.sql), kept


def columns(layout: Layout) -> str:
    """Return names for the columns of rows."""
    return ", ".join(f"c{place}" for place in range(len(layout.columns)))
