"""Serializer fields that take JSON types as they are: no number becomes a string, no string a number.

They check types only. The rules about a value (length, range, pattern) are the model's: `StrictModelSerializer` runs
its `full_clean`. The validators that DRF derives from the model only describe the field in the OpenAPI document.
"""

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.fields import empty

from accords.db.locks import prevent_deletion

INT32 = 2**31 - 1  # the range of integer columns on both databases
MAX_ITEMS = 100  # in a list of strings or slugs
WRONG_TYPE = "wrong_type"
OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return the sentence " Did you mean …?" with the candidate most like an unknown name; empty if none is."""
    matches = get_close_matches(name, list(candidates), 1)
    return f" Did you mean {matches[0]}?" if matches else ""


class ModelValidated(serializers.Field):
    """A field whose validators are not run, because the model runs them."""

    def run_validators(self, value: Any) -> None:
        """Leave the validators to the model's `full_clean`."""

    def wrong_type(self) -> serializers.ValidationError:
        """Return the error for a value of another JSON type."""
        return serializers.ValidationError(self.error_messages["invalid"], code=WRONG_TYPE)


class StrictCharField(ModelValidated, serializers.CharField):
    """A string, stored as it was sent. White space alone counts as blank."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        """With `multiline`, accept white space alone if the field may be blank."""
        self.multiline = multiline
        super().__init__(**kwargs | {"trim_whitespace": False})

    def run_validation(self, data: Any = empty) -> Any:
        """Check the type before blanks. DRF checks blanks first, for which it converts numbers to text."""
        if data is None or data is empty:
            return super().run_validation(data)
        return self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise self.wrong_type()
        if not data.strip() and not (self.allow_blank and (self.multiline or not data)):
            self.fail("blank")
        return data


class StrictTextField(StrictCharField):
    """A string of several lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(multiline=True, **kwargs)


class StrictChoiceField(ModelValidated, serializers.ChoiceField):
    """A word of a controlled vocabulary."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(serializers.CharField.default_error_messages["invalid"], code=WRONG_TYPE)
        words = [str(word) for word in self.choices]
        if data not in words and not (data == "" and self.allow_blank):
            message = self.error_messages["invalid_choice"].format(input=data[:100])
            hint = f"{did_you_mean(data[:100], words)} Valid choices: {', '.join(words)}."
            raise serializers.ValidationError(f"{message}{hint}", code="invalid_choice")
        return data


class StrictIntegerField(ModelValidated, serializers.IntegerField):
    """A whole number of 32 bits."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["max_value"] = min(kwargs.get("max_value") or INT32, INT32)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise self.wrong_type()
        if data > INT32:
            message = self.error_messages["max_value"].format(max_value=INT32)
            raise serializers.ValidationError(message, code="number_out_of_range")
        return data


class NumberField(ModelValidated, serializers.DecimalField):
    """A decimal as a JSON number in requests and responses. Its 15 digits survive a double."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"coerce_to_string": False})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Check for null as other fields do. DRF's decimals read blank text as null."""
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, int | Decimal) or isinstance(data, bool):
            raise self.wrong_type()
        return super().to_internal_value(data)

    def to_representation(self, value: Decimal | None) -> int | float | None:
        """Return the number without trailing zeros: 57, not 57.0000."""
        if value is None:
            return None
        return int(value) if value == value.to_integral_value() else float(value)


class StrictBooleanField(ModelValidated, serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            message = self.error_messages["invalid"].format(input=str(data)[:100])
            raise serializers.ValidationError(message, code=WRONG_TYPE)
        return data


class StrictListField(serializers.ListField):
    """An array: no other collection."""

    def to_internal_value(self, data: Any) -> list[Any]:
        return super().to_internal_value(require_list(data))


class StringListField(ModelValidated, StrictListField):
    """A list of strings."""

    child = StrictCharField()

    def __init__(self, **kwargs: Any) -> None:
        """Drop the arguments that DRF passes for JSON columns, for which `ListField` has no parameters."""
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        if not kwargs.get("read_only"):
            kwargs["max_length"] = MAX_ITEMS
        super().__init__(**kwargs)


def require_list(data: Any) -> list[Any]:
    """Return the data if it is a list. Raises `ValidationError` otherwise."""
    if not isinstance(data, list):
        message = serializers.ListField.default_error_messages["not_a_list"].format(input_type=type(data).__name__)
        raise serializers.ValidationError(message, code=WRONG_TYPE)
    return data


class InstantField(serializers.DateTimeField):
    """An instant in UTC, whatever the setting `TIME_ZONE` is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


# Relations


class VisibleRelatedField(serializers.RelatedField[Any, Any, Any]):
    """A relation to a row that the user may see: the error for a hidden row is that for a missing one.

    Looked-up rows are cached in the serializer's context, so that a row to which many others refer is read once.
    """

    queryset: Any
    lookup: ClassVar[str]  # the attribute by which values name a row: its key

    def run_validation(self, data: Any = empty) -> Any:
        """Validate as other fields do. DRF's relations read an empty string as null."""
        return serializers.Field.run_validation(self, data)

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the user of the request may see."""
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["request"].user)

    def cached_rows(self) -> dict[Any, Model | None]:
        """Return the rows that were looked up in this request, by key; None if there is no visible row."""
        context: Any = self.context
        rows: dict[Any, Model | None] = context.setdefault("related_rows", {}).setdefault(
            (self.queryset.model, self.lookup), {}
        )
        return rows

    def look_up(self, keys: Iterable[Any]) -> None:
        """Cache the rows of these keys, read in one query. Nobody can delete them before the transaction ends."""
        cached = self.cached_rows()
        if new_keys := {*keys} - cached.keys():
            prevent_deletion(self.queryset.model, self.lookup.replace("pk", "id"), new_keys)
            visible = self.get_queryset().filter(Q((f"{self.lookup}__in", new_keys)))
            rows = {getattr(row, self.lookup): row for row in visible}
            cached |= {key: rows.get(key) for key in new_keys}

    def parse_key(self, data: Any) -> Any:
        """Return the key of the row that a value names. Raises `ValidationError` for a value of another type."""
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> Any:
        key = self.parse_key(data)
        self.look_up([key])
        row = self.cached_rows()[key]
        if row is None:
            arguments = {"slug_name": self.lookup, "value": key}
            message = serializers.SlugRelatedField.default_error_messages["does_not_exist"].format(**arguments)
            raise serializers.ValidationError(message, code="does_not_exist")
        return row


class SlugRelatedField(VisibleRelatedField, serializers.SlugRelatedField[Any]):
    """A relation by the slug of its row, in any case."""

    lookup = "slug"

    def __init__(self, queryset: QuerySet[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(slug_field="slug", queryset=queryset, **kwargs)

    def parse_key(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(serializers.CharField.default_error_messages["invalid"], code=WRONG_TYPE)
        return data[:200].lower() if data.isascii() else data[:200]  # `lower` turns U+212A into ASCII


class IdRelatedField(VisibleRelatedField, serializers.PrimaryKeyRelatedField[Any]):
    """A relation by the id of its row."""

    lookup = "pk"

    def __init__(self, queryset: QuerySet[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(queryset=queryset, **kwargs)

    def parse_key(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(
                serializers.IntegerField.default_error_messages["invalid"], code=WRONG_TYPE
            )
        return data


class SlugListField(serializers.ManyRelatedField):
    """A relation to several rows by their slugs, each named once."""

    child_relation: SlugRelatedField

    def __init__(self, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(child_relation=SlugRelatedField(queryset), **kwargs)

    def to_internal_value(self, data: Any) -> list[Model]:
        """Return the rows. Raises `ValidationError` with the errors by the index of a slug."""
        require_list(data)
        if len(data) > MAX_ITEMS:
            message = serializers.ListField.default_error_messages["max_length"].format(max_length=MAX_ITEMS)
            raise serializers.ValidationError(message, code="max_length")
        rows: list[Model] = []
        errors: dict[str, Any] = {}
        for index, slug in enumerate(data):
            try:
                rows.append(self.child_relation.to_internal_value(slug))
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        if len({row.pk for row in rows}) < len(rows):
            raise serializers.ValidationError("This list must not name a row twice.", code="repeated")
        return rows
