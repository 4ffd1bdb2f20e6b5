"""What every row has in common: its address, its stamps, and how a request narrows and widens it."""

from datetime import UTC
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.db.models import Model
from rest_framework import serializers

from accords.db.fields import StringList

Names = frozenset[str]


class Shape(NamedTuple):
    """What a request wants of each row: only these fields, not these, and these expanded."""

    fields: Names = frozenset()
    omit: Names = frozenset()
    expand: Names = frozenset()


PLAIN = Shape()


class Either(serializers.Field):
    """A relation shown as its short name, or expanded. `short` may be None: then it is shown only when expanded."""

    def __init__(
        self,
        short: Any,
        long: Any,
        *,
        expanded: bool = False,
        **kwargs: Any,
    ) -> None:
        """Keep both; they read the same attribute."""
        super().__init__(read_only=True, **kwargs)
        self.short, self.long, self.expanded = short, long, expanded

    @property
    def shown(self) -> Any:
        """The one that this request gets."""
        return self.long if self.expanded or self.short is None else self.short

    def bind(self, field_name: str, parent: Any) -> None:
        """Bind both."""
        super().bind(field_name, parent)
        for field in (self.short, self.long):
            if field is not None:
                field.bind(field_name, self)

    def get_attribute(self, instance: Any) -> Any:
        """Whatever the shown one reads."""
        value = self.shown.get_attribute(instance)
        return value.all() if hasattr(value, "all") else value

    def to_representation(self, value: Any) -> Any:
        """As the shown one does."""
        return self.shown.to_representation(value)


class Address(serializers.Field):
    """The address of a row in this API."""

    def __init__(self, path: str, key: str, **kwargs: Any) -> None:
        """`path` is the resource, `key` the attribute that names the row."""
        super().__init__(source="*", read_only=True, help_text="The address of this row.", **kwargs)
        self.path, self.key = path, key

    def to_representation(self, row: Model) -> str:
        """The address, on the host that was asked."""
        return f"{self.context.get('base', '/api/v1')}/{self.path}/{getattr(row, self.key)}"


class Number(serializers.DecimalField):
    """A decimal number as a JSON number: 15 digits at most, which every client reads exactly."""

    def to_representation(self, value: Decimal | None) -> int | float | None:  # type: ignore[override]
        """Without needless zeros: 57, not 57.0000."""
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)


class Instant(serializers.DateTimeField):
    """An instant in UTC, whatever time zone the project is set to."""

    def __init__(self, **kwargs: Any) -> None:
        """Turn every instant into UTC."""
        super().__init__(default_timezone=UTC, **kwargs)


class Strings(serializers.ListField):
    """A list of strings."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        """Without the codecs that the model's field has."""
        kwargs.pop("encoder", None), kwargs.pop("decoder", None)
        super().__init__(**kwargs)


class RowSerializer(serializers.ModelSerializer[Any]):
    """A row of a resource. `Meta.path` and `Meta.key` make its address.

    What may be written of it follows from it (`accords.api.writing.bodies`): `Meta.nested` names the rows below it that
    are written with it, `Meta.fixed` what never changes once it is there, `Meta.beside` the field by which it is
    said that the same row is there already, where that is not the last of those that must differ.
    """

    serializer_field_mapping: ClassVar[dict[Any, Any]] = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateTimeField: Instant,
        models.DecimalField: Number,
        StringList: Strings,
    }
    always: ClassVar[tuple[str, ...]] = ("id", "url")
    derives: ClassVar[dict[str, tuple[str, ...]]] = {}  # fields that follow from columns, and from which, by path

    def __init__(self, *args: Any, shape: Shape = PLAIN, **kwargs: Any) -> None:
        """Take the shape that the request wants; nested rows have the plain one."""
        self.shape = shape
        super().__init__(*args, **kwargs)

    def get_fields(self) -> dict[str, serializers.Field]:
        """The fields that this request gets, in order."""
        fields = {
            "id": serializers.IntegerField(read_only=True, help_text="The row's number; it never changes."),
            "url": self._address(),
        }
        fields |= {name: field for name, field in super().get_fields().items() if name not in fields}
        for name, field in list(fields.items()):
            if isinstance(field, Either):
                field.expanded = name in self.shape.expand
                if field.short is None and not (field.expanded or self.context.get("documenting")):
                    del fields[name]
        return {name: field for name, field in fields.items() if self._wanted(name)}

    def _wanted(self, name: str) -> bool:
        """Whether the request wants this field: the row's identity always, an expansion because it asked for it."""
        if name in self.always:
            return True
        asked = not self.shape.fields or name in self.shape.fields | self.shape.expand
        return asked and name not in self.shape.omit

    def _address(self) -> Address:
        return Address(self.Meta.path, getattr(self.Meta, "key", "pk"))

    @classmethod
    def field_names(cls) -> list[str]:
        """Every name that `fields` and `omit` accept."""
        return [*cls.always, *(name for name in cls.Meta.fields if name not in cls.always)]

    @classmethod
    def expansions(cls) -> list[str]:
        """Every name that `expand` accepts."""
        return sorted(name for name, field in cls._declared_fields.items() if isinstance(field, Either))

    @classmethod
    def hidden(cls) -> frozenset[str]:
        """Every name that is shown only when expanded."""
        return frozenset(name for name in cls.expansions() if cls._declared_fields[name].short is None)  # type: ignore[attr-defined]


def slug(source: str, help_text: str) -> serializers.Field:
    """The slug of a related row, or null."""
    return serializers.CharField(
        source=f"{source}.slug", read_only=True, default=None, allow_null=True, help_text=help_text
    )


def bounds(*names: str) -> tuple[str, ...]:
    """The three fields of each uncertain date: its text and its two bounds."""
    return tuple(f"{name}{side}" for name in names for side in ("", "_earliest", "_latest"))


STAMPS = ("created_at", "updated_at")
