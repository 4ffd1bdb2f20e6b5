"""One statement for a row and its nested rows, for PostgreSQL, where each statement costs more than its rows.

Nested rows are read as JSON arrays of the columns that statements of their own would return, so `Layout` represents
both in the same way.
"""

import re
from typing import Any

from accords.api.fast.layouts import OUTER, Layout, Nested
from accords.db.compiled_query import PLACEHOLDER, BoundParameter, CompiledQuery

Sql = tuple[str, list[Any]]  # SQL, and the parameters of its placeholders


def nest_as_json(layout: Layout, statement: CompiledQuery) -> None:
    """Change the statement of a layout: it reads the nested rows as well, as JSON in one more column."""
    if not layout.nested:
        return
    arrays, params = nested_arrays(layout, 0)
    sql = f"SELECT l0.*, json_build_array({arrays})::text FROM ({statement.sql}) l0({column_names(layout)})"  # noqa: S608 - ours
    statement.set_sql(sql, [*params, *statement.params])


def nested_arrays(layout: Layout, level: int) -> Sql:
    """Return an expression for each nested relation of a layout, separated by commas.

    The alias of the rows in SQL is `l0` for the outermost ones, `l1` for those nested in them, and so on by `level`.
    """
    arrays = [_array(nested, level) for nested in layout.nested]
    layout.has_nested_json = True
    return ", ".join(sql for sql, _ in arrays), [param for _, params in arrays for param in params]


def _array(nested: Nested, level: int) -> Sql:
    """Return the related rows of one row as an array of arrays: columns, then nested rows. It is null without rows."""
    rows, rows_params = _rows_for_outer_value(nested, f"l{level}.c{nested.outer_index}")
    alias = f"l{level + 1}"
    values = [f"{alias}.c{index}" for index in range(len(nested.layout.columns))]
    arrays, params = nested_arrays(nested.layout, level + 1)
    values += [arrays] if arrays else []
    array = f"json_agg(json_build_array({', '.join(values)}))"
    sql = f"(SELECT {array} FROM ({rows}) {alias}({column_names(nested.layout)}))"  # noqa: S608 - our own SQL
    return sql, [*params, *rows_params]


def _rows_for_outer_value(nested: Nested, column: str) -> Sql:
    """Return the statement of related rows for one outer row, with its parameters.

    The bound parameter `OUTER`, a list of values of outer rows, is replaced by an array of the one value in `column`.
    """
    params, other_params = iter(nested.statement.params), []

    def replace(match: re.Match[str]) -> str:
        if match[0] != "%s":
            return match[0]
        param = next(params)
        if isinstance(param, BoundParameter) and param.name == OUTER:
            return f"ARRAY[{column}]"
        other_params.append(param)
        return match[0]

    return PLACEHOLDER.sub(replace, nested.statement.sql), other_params


def column_names(layout: Layout) -> str:
    """Return the names `c0`, `c1`, … that a subquery's alias gives to the columns of a layout."""
    return ", ".join(f"c{index}" for index in range(len(layout.columns)))
