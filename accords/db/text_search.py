"""Lookups for substrings.

`field__folded_contains="été"` finds rows whose text contains the value, regardless of case and accents. A folded text
is what `accords.rules.text.fold` returns: without case, accents and punctuation. The search index stores folded copies
of the fields that `Words.folded` names; other fields raise `FieldError`. The lookup follows relations, and can be used
in the admin's `search_fields`.
"""

from typing import Any

from django.core.exceptions import FieldError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup, Q, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import GreaterThan

from accords.db.compiled_query import BoundParameter, call_when_bound
from accords.db.fields import Line, StringList, Text
from accords.db.search_index import search_entry_field
from accords.rules.text import fold


class FoldedContains(Lookup):
    """Test whether the folded copy of a text contains the folded value."""

    lookup_name = "folded_contains"
    prepare_rhs = False  # the value is a text or a `BoundParameter`, even for a field that stores lists

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return `"table".id IN (SELECT rowid FROM "table_folded" WHERE …)`.

        The value is folded when the statement runs if it is a `BoundParameter`. Folding replaces punctuation, so it
        contains neither `%` nor `_`, and needs no escaping for LIKE.
        """
        field = self.lhs.target
        entry_field = search_entry_field(field.model)
        if entry_field is None or field.name not in entry_field.folded:
            raise FieldError(f"The search index has no folded copy of {field.model._meta.label}.{field.name}.")
        table_alias, _, _ = compiler.compile(self.lhs)[0].rpartition(".")  # of `"alias"."column"`
        matching_rows = f'SELECT rowid FROM "{field.model._meta.db_table}_folded" WHERE '  # noqa: S608 - names of ours
        if connection.vendor == "postgresql":
            condition, value = f'"{field.column}" LIKE %s', call_when_bound(lambda part: f"%{fold(part)}%", self.rhs)
        else:
            condition, value = f'instr("{field.column}", %s) > 0', call_when_bound(fold, self.rhs)
        return f"{table_alias}.id IN ({matching_rows}{condition})", [value]


for _field in (Line, StringList, Text):
    _field.register_lookup(FoldedContains)


def has_item_beginning_with(field: str, beginning: Any) -> Q:
    """Return the condition that a list of strings has an item with this beginning; case and accents matter."""
    quoted_beginning = call_when_bound('"{}'.format, beginning)  # items are stored in quotation marks
    quoted_beginning = quoted_beginning if isinstance(quoted_beginning, BoundParameter) else Value(quoted_beginning)
    return Q(GreaterThan(StrIndex(Cast(field, TextField()), quoted_beginning), 0))
