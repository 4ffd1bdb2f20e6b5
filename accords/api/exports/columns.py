"""The columns of a resource in CSV. They depend on its serializer and the shape of the request, never on the data.

A field is a column. A field that is a row has a column for each field of that row, named `agreement.title`. A field
that is a list of rows has the same columns, each with the values of all these rows, in the same order. A list in a list
has no column, and neither have the fields of `LEFT_OUT`. NDJSON has both.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, get_origin, get_type_hints

from rest_framework import serializers

from accords.api.serializers.fields import SlugListField

LEFT_OUT = {"selector": "made of exact, prefix, suffix, start and end, which have columns"}  # fields and reasons
OBJECTS = {"target": ("type", "id")}  # the members of fields that are objects, but have no serializer
Read = Callable[[Any], Any]  # returns a value of a representation


class Column(NamedTuple):
    """A column: its name in the header, and the function that reads its value from the representation of a row."""

    name: str
    read: Read


def export_columns(serializer: Any, first: Sequence[str] = ()) -> list[Column]:
    """Return the columns of a serializer's rows: its required members, then those named in `first`, then the rest."""
    order = [*(name for name in serializer.required_members if name not in first), *first]
    ranks = {name: rank for rank, name in enumerate(order)}
    names = sorted(serializer.fields, key=lambda name: ranks.get(name, len(ranks)))
    return [*_field_columns({name: serializer.fields[name] for name in names}, in_list=False)]


def _field_columns(fields: Any, *, in_list: bool) -> Iterator[Column]:
    """Yield the columns of fields by name. With `in_list`, the fields are those of objects in a list."""
    for name, field in fields.items():
        many, inner = is_list(field), inner_fields(name, field)
        if name in LEFT_OUT or (many and in_list):
            continue
        if inner is None:
            yield Column(name, itemgetter(name))
        else:
            reader = _list_reader if many else _object_reader
            for column in _field_columns(inner, in_list=in_list or many):
                yield Column(f"{name}.{column.name}", reader(name, column.read))


def is_list(field: Any) -> bool:
    """Return whether the value of a field is a list."""
    if isinstance(field, serializers.SerializerMethodField):  # the annotation of its method says so
        hints = get_type_hints(getattr(type(field.parent), str(field.method_name)))
        return get_origin(hints["return"]) is list
    return isinstance(field, serializers.ListSerializer | serializers.ListField | SlugListField)


def inner_fields(name: str, field: Any) -> Any:
    """Return the fields of the object or objects in a field by name; None for those of `OBJECTS`, which are plain.

    None if the values of the field are no objects.
    """
    if name in OBJECTS:
        return dict.fromkeys(OBJECTS[name])
    serializer = field.child if isinstance(field, serializers.ListSerializer) else field
    return serializer.fields if isinstance(serializer, serializers.Serializer) else None


def _object_reader(name: str, read: Read) -> Read:
    """Return a function that reads a value of the object in a field; None if there is no object."""
    return lambda row: None if row.get(name) is None else read(row[name])


def _list_reader(name: str, read: Read) -> Read:
    """Return a function that reads a value of each object in a field."""
    return lambda row: [read(item) for item in row[name]]
