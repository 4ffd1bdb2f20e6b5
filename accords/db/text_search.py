"""Comparing texts without case and accents in the database, by the table of `accords.rules.text`."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import Contains, GreaterThan

from accords.db.parameters import BoundParameter, derived
from accords.rules import text


class Folded(Func):
    """A text as `accords.rules.text.fold` gives it."""

    function = "accords_fold"
    output_field = TextField()
    arity = 1

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """Write the folding out with PostgreSQL's own functions, so that nothing has to be installed there."""
        sql, params = compiler.compile(self.source_expressions[0])
        bound: list[str] = []
        for ligature, plain in text.LIGATURES.items():
            sql, bound = f"replace({sql}, %s, %s)", [*bound, ligature, plain]
        blank = text.PUNCTUATION + text.SPACES
        letters = "".join(text.LETTERS) + blank + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        plain = "".join(text.LETTERS.values()) + " " * len(blank) + "abcdefghijklmnopqrstuvwxyz"
        return f"translate({sql}, %s, %s)", [*params, *bound, letters + text.MARKS, plain]  # the marks become nothing


def register(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a new SQLite connection the function that `Folded` calls."""
    if isinstance(connection, SQLite):
        connection.connection.create_function("accords_fold", 1, _fold_or_null, deterministic=True)


def _fold_or_null(value: str | None) -> str | None:
    return None if value is None else text.fold(value)


def contains(field: str, part: str) -> Q:
    """Rows whose field contains a text, whatever its case and accents."""
    return Q(Contains(Folded(field), text.fold(part)))


def has_item(field: str, beginning: Any) -> Q:
    """Rows whose list of strings has an item that begins so, to the letter: items are stored in quotation marks."""
    quoted = derived('"{}'.format, beginning)
    quoted = quoted if isinstance(quoted, BoundParameter) else Value(quoted)
    return Q(GreaterThan(StrIndex(Cast(field, TextField()), quoted), 0))
