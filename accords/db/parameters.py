"""Parameters of a query set that are bound when its statement runs, so that it is compiled once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression

Values = Mapping[str, Any]


class BoundParameter(Expression):
    """A parameter of a compiled query. `read` takes the values of a run and returns this one for the database."""

    def __init__(self, read: Callable[[Values], Any], output_field: Any = None, name: str = "") -> None:
        super().__init__(output_field)
        self.read, self.name = read, name

    @classmethod
    def named(cls, name: str) -> "BoundParameter":
        """Return the parameter that is the value of this name."""
        return cls(lambda values: values[name], name=name)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", [self]


def derived(function: Callable[..., Any], *values: Any) -> Any:
    """Return the result of a function; if some of its values are parameters, a parameter that calls it later."""
    if not any(isinstance(value, BoundParameter) for value in values):
        return function(*values)
    reads = [value.read if isinstance(value, BoundParameter) else constant(value) for value in values]
    return BoundParameter(lambda bound: function(*(read(bound) for read in reads)))


def constant(value: Any) -> Callable[[Values], Any]:
    """Return a `read` of a constant."""
    return lambda bound: value
