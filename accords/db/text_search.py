"""Lookups of parts of texts.

`field__folded_contains="été"` finds rows whose text contains the value, whatever the case and accents, by the folded
copy that the search index has of the field (`Words.folded`). It works along relations and in the admin's
`search_fields`.
"""

from typing import Any

from django.core.exceptions import FieldError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, Q, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import GreaterThan

from accords.db.fields import Line, StringList, Text
from accords.db.parameters import BoundParameter, derived
from accords.db.search_index import words_of
from accords.rules.text import fold


class FoldedContains(Lookup):
    """Whether the folded copy of a text contains a folded value, which never has a character special to LIKE."""

    lookup_name = "folded_contains"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        field = self.lhs.target
        words = words_of(field.model)
        if words is None or field.name not in words.folded:
            raise FieldError(f"The search index has no folded copy of {field.model._meta.label}.{field.name}.")
        row, _, _ = compiler.compile(self.lhs)[0].rpartition(".")
        folded = f'SELECT rowid FROM "{field.model._meta.db_table}_folded" WHERE '  # noqa: S608 - names of ours
        if connection.vendor == "postgresql":
            condition, value = f'"{field.column}" LIKE %s', derived(lambda part: f"%{fold(part)}%", self.rhs)
        else:
            condition, value = f'instr("{field.column}", %s) > 0', derived(fold, self.rhs)
        return f"{row}.id IN ({folded}{condition})", [value]


for _field in (Line, StringList, Text):
    _field.register_lookup(FoldedContains)


def has_item(field: str, beginning: Any) -> Q:
    """Return the condition that a list of strings has an item that begins so, to the letter."""
    quoted_beginning = derived('"{}'.format, beginning)  # items are stored in quotation marks
    quoted_beginning = quoted_beginning if isinstance(quoted_beginning, BoundParameter) else Value(quoted_beginning)
    return Q(GreaterThan(StrIndex(Cast(field, TextField()), quoted_beginning), 0))
