"""The columns of a resource in CSV: they follow from its serializer and the request's shape, never from the data.

A field is a column. A row in a field has a column for each of its own fields, named `field.own`. Several rows in a
field have the same columns, in which the values of all of them stand in one order. A list in a list has no column, and
neither has what `LEFT_OUT` says; NDJSON has both.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, get_origin, get_type_hints

from rest_framework import serializers

from accords.api.serializers.fields import SlugListField

LEFT_OUT = {"selector": "made of exact, prefix, suffix, start and end, which have columns"}
OBJECTS = {"target": ("type", "id")}  # fields that are objects and no rows, and what these have
Read = Callable[[Any], Any]


class Column(NamedTuple):
    """A column: its name in the header, and what reads its value from a row as JSON shows it."""

    name: str
    read: Read


def columns(serializer: Any, first: Sequence[str] = ()) -> list[Column]:
    """Return the columns of a serializer's rows: those of `always`, then the fields named in `first`, then the rest."""
    order = [*(name for name in serializer.always if name not in first), *first]
    ranks = {name: rank for rank, name in enumerate(order)}
    names = sorted(serializer.fields, key=lambda name: ranks.get(name, len(ranks)))
    return [*_columns({name: serializer.fields[name] for name in names}, in_list=False)]


def _columns(fields: Any, in_list: bool) -> Iterator[Column]:
    for name, field in fields.items():
        many, inner_fields = is_list(field), fields_of(name, field)
        if name in LEFT_OUT or (many and in_list):
            continue
        if inner_fields is None:
            yield Column(name, itemgetter(name))
        else:
            for inner in _columns(inner_fields, in_list or many):
                yield Column(f"{name}.{inner.name}", (_of_each if many else _of_one)(name, inner.read))


def is_list(field: Any) -> bool:
    """Return whether a field has several values."""
    if isinstance(field, serializers.SerializerMethodField):
        hints = get_type_hints(getattr(type(field.parent), str(field.method_name)))
        return get_origin(hints["return"]) is list
    return isinstance(field, serializers.ListSerializer | serializers.ListField | SlugListField)


def fields_of(name: str, field: Any) -> Any:
    """Return the fields of the object or objects in a field; None if it has none."""
    if name in OBJECTS:
        return dict.fromkeys(OBJECTS[name])
    inner = field.child if isinstance(field, serializers.ListSerializer) else field
    return inner.fields if isinstance(inner, serializers.Serializer) else None


def _of_one(name: str, read: Read) -> Read:
    return lambda row: None if row.get(name) is None else read(row[name])


def _of_each(name: str, read: Read) -> Read:
    return lambda row: [read(item) for item in row[name]]
