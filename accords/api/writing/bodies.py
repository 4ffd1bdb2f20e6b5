"""The body of a write: what may be sent of a row, derived from what is served of it."""

from functools import cache
from typing import Any, NamedTuple, Self

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from rest_framework import serializers

from accords.api.errors import ErrorItem, faults_in
from accords.api.query import unknown
from accords.api.serializers.base import Either
from accords.api.writing.fields import of_column, of_relation
from accords.api.writing.parser import plain, step
from accords.models.citations import TARGETS

READ_ONLY = "It is served, not written: it follows from other fields or is given by us. Leave it out."
MAX_ENTRIES = 200  # of one list, and rows of one request


class Reading(NamedTuple):
    """What a body says: values by the model's names, rows below it by the served name, and every fault of type."""

    values: dict[str, Any]
    below: dict[str, list["Reading"]]
    faults: list[ErrorItem]


class Entries(serializers.ListField):
    """Rows that are written with the row above them."""

    child: "Body"

    def __init__(self, child: "Body", **kwargs: Any) -> None:
        """Keep what each says; a row can do without any."""
        super().__init__(child=child, required=False, max_length=MAX_ENTRIES, **kwargs)

    def read(self, data: Any, pointer: str) -> tuple[list[Reading], list[ErrorItem]]:
        """What each entry says, and all their faults."""
        if not isinstance(data, list):
            return [], [ErrorItem(pointer, "wrong_type", "It must be a list of objects.")]
        if len(data) > MAX_ENTRIES:
            return [], [ErrorItem(pointer, "too_many", f"{MAX_ENTRIES} at most.")]
        readings = [self.child.read(entry, f"{pointer}/{position}") for position, entry in enumerate(data)]
        return readings, [fault for reading in readings for fault in reading.faults]


class Body(serializers.Serializer[Any]):
    """What may be sent of a row. `served` are all names that are served, `fixed` those that no change may move.

    `beside` is where it is told that a row of the same values is there already; if blank, at the last of these.
    """

    model: type[models.Model]
    served: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    beside: str = ""

    def read(self, data: Any, pointer: str = "", partial: bool = False) -> Reading:
        """What a body says. `partial` lets needed fields be missing."""
        if not isinstance(data, dict):
            return Reading({}, {}, [ErrorItem(pointer, "wrong_type", "It must be an object.")])
        reading = Reading({}, {}, self._strangers(data, pointer))
        for name, field in self.fields.items():
            place = pointer + step(name)
            if name in data:
                self._take(reading, name, field, data[name], place)
            elif field.required and not partial:
                reading.faults.append(ErrorItem(place, "required", "It is needed."))
        return reading

    def _take(self, reading: Reading, name: str, field: serializers.Field, data: Any, place: str) -> None:
        """Read one field into what is read so far."""
        if isinstance(field, Entries):
            reading.below[name], faults = field.read(data, place)
            reading.faults.extend(faults)
            return
        try:
            reading.values[str(field.source)] = field.run_validation(data)
        except serializers.ValidationError as error:
            reading.faults.extend(faults_in(error.detail, place))

    def _strangers(self, data: dict[str, Any], pointer: str) -> list[ErrorItem]:
        """The names that cannot be written: those only served, and those that are not known at all."""
        told = []
        for name in (name for name in data if name not in self.fields):
            place = pointer + step(plain(name))
            if name in self.served:
                told.append(ErrorItem(place, "read_only", READ_ONLY))
            else:
                told.append(ErrorItem(place, "unknown_field", unknown(plain(name)[:50], self.fields)))
        return told

    def name_of(self, attribute: str) -> str:
        """The name under which a field of the model is sent; empty where it is not."""
        return next((name for name, field in self.fields.items() if field.source == attribute), "")

    def blank(self) -> dict[str, Any]:
        """The value that each field has where nothing is said of it, by the model's names."""
        found = {}
        for field in self.fields.values():
            if not isinstance(field, Entries):
                column: Any = self.model._meta.get_field(str(field.source))
                found[column.name] = [] if column.many_to_many else column.get_default()
        return found

    @classmethod
    def seen_by(cls, user: Any) -> Self:
        """The body as this caller can send it."""
        return cls(context={"user": user})


@cache
def body_of(serializer: Any, within: bool = False) -> type[Body]:
    """The body that belongs to a serializer. `within` another one it is understood to which row it belongs."""
    meta, model = serializer.Meta, serializer.Meta.model
    found = {name: _field(serializer, name) for name in meta.fields if not (within and name in TARGETS)}
    own = {name: field for name, field in found.items() if field is not None}
    given = {"model": model, "served": ("id", "url", *meta.fields)}
    given |= {"fixed": getattr(meta, "fixed", ()), "beside": getattr(meta, "beside", "")}
    name = f"{model.__name__}{'Entry' if within else ''}"
    return type(name, (Body,), own | given | {"__doc__": serializer.__doc__, "__module__": __name__})


def _field(serializer: Any, name: str) -> serializers.Field | None:
    """What reads a served field; None where it cannot be written."""
    if name in getattr(serializer.Meta, "nested", ()):
        return _entries(serializer, name)
    declared = serializer._declared_fields.get(name)
    shown = (declared.short or declared.long) if isinstance(declared, Either) else declared
    attribute, _, key = (getattr(shown, "source", None) or name).partition(".")
    try:
        column: Any = serializer.Meta.model._meta.get_field(attribute.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    if column.auto_created or not column.editable or getattr(column, "generated", False):
        return None
    if column.is_relation:
        told = getattr(shown, "help_text", None) or declared.help_text
        return of_relation(column, by_slug=bool(key), help_text=str(told))
    return of_column(column, source=None if attribute == name else attribute)


def _entries(serializer: Any, name: str) -> Entries:
    """What reads the rows below a row."""
    declared: Any = serializer._declared_fields[name]
    served: Any = type((declared.short or declared.long).child)
    child = body_of(served, within=True)
    source = declared.source if declared.source != name else None
    return Entries(child(), source=source, help_text=declared.help_text)
