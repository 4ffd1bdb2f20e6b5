"""One statement for a row and all that is nested in it, for PostgreSQL: there a statement costs more than its rows.

Nested rows come as JSON, column by column as statements of their own would give them, so they are shown alike.
"""

import re
from typing import Any

from accords.api.fast.rows import OUTER, Layout, Nested
from accords.db.compiled_query import PLACEHOLDER, BoundParameter, CompiledQuery

Written = tuple[str, list[Any]]  # SQL, and the parameters of its placeholders


def nest_as_json(layout: Layout, statement: CompiledQuery) -> None:
    """Let the statement, which reads these rows, read what is nested in them too: as JSON in one more column."""
    if not layout.nested:
        return
    arrays, params = nested_in(layout, 0)
    sql = f"SELECT l0.*, json_build_array({arrays})::text FROM ({statement.sql}) l0({column_names(layout)})"  # noqa: S608 - ours
    statement.write(sql, [*params, *statement.params])


def nested_in(layout: Layout, level: int) -> Written:
    """Return an expression for each nested relation of rows that are called `l0`, `l1`, … by their level."""
    written = [_array(nested, level) for nested in layout.nested]
    layout.has_nested_json = True
    return ", ".join(sql for sql, _ in written), [param for _, params in written for param in params]


def _array(nested: Nested, level: int) -> Written:
    """Return the related rows as an array of their columns and nested rows; null if there are none."""
    rows, rows_params = _for_outer_row(nested, f"l{level}.c{nested.outer_place}")
    alias = f"l{level + 1}"
    values = [f"{alias}.c{place}" for place in range(len(nested.layout.columns))]
    arrays, params = nested_in(nested.layout, level + 1)
    values += [arrays] if arrays else []
    array = f"json_agg(json_build_array({', '.join(values)}))"
    sql = f"(SELECT {array} FROM ({rows}) {alias}({column_names(nested.layout)}))"  # noqa: S608 - our own SQL
    return sql, [*params, *rows_params]


def _for_outer_row(nested: Nested, column: str) -> Written:
    """Return the SQL of the related rows of one outer row, which has the value that they are found by in `column`."""
    params, kept = iter(nested.statement.params), []

    def replace(match: re.Match[str]) -> str:
        if match[0] != "%s":
            return match[0]
        param = next(params)
        if isinstance(param, BoundParameter) and param.name == OUTER:
            return f"ARRAY[{column}]"
        kept.append(param)
        return match[0]

    return PLACEHOLDER.sub(replace, nested.statement.sql), kept


def column_names(layout: Layout) -> str:
    """Return the names `c0`, `c1`, … of the columns of a layout, as a subquery's alias takes them."""
    return ", ".join(f"c{place}" for place in range(len(layout.columns)))
