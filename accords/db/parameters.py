"""Values that a query set does not know yet: they are bound when its statement runs, so SQL is written once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression

Values = Mapping[str, Any]


class BoundParameter(Expression):
    """A value that is read from what a statement is given when it runs. `read` gives it as the database takes it."""

    def __init__(self, read: Callable[[Values], Any], output_field: Any = None, name: str = "") -> None:
        """Read by a function; `name` is that of the value, if it is one as it is given."""
        super().__init__(output_field)
        self.read, self.name = read, name

    @classmethod
    def named(cls, name: str) -> "BoundParameter":
        """The value of that name."""
        return cls(lambda values: values[name], name=name)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """A place for the value."""
        return "%s", [self]


def derived(function: Callable[..., Any], *values: Any) -> Any:
    """What a function makes of values; of those that are given later, later."""
    if not any(isinstance(value, BoundParameter) for value in values):
        return function(*values)
    reads = [value.read if isinstance(value, BoundParameter) else always(value) for value in values]
    return BoundParameter(lambda given: function(*(read(given) for read in reads)))


def always(value: Any) -> Callable[[Values], Any]:
    """What reads the same value whatever is given."""
    return lambda given: value
