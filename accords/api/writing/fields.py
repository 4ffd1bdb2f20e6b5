"""What a field of a body reads: the type alone, strictly. Every rule about a value is the model's own."""

from decimal import Decimal
from typing import Any, NoReturn

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from rest_framework import serializers

from accords.api.query import unknown
from accords.db.fields import StringList

INT32 = 2**31 - 1  # what both databases keep in the columns of numbers
NUMBER = (int, Decimal)


class Strict(serializers.Field):
    """A field whose validators only describe it: the model runs them, once, for whoever writes."""

    kind = "a value"

    def run_validators(self, value: Any) -> None:
        """Leave it to the model."""

    def refuse(self, code: str, detail: str) -> NoReturn:
        """Raise one fault."""
        raise serializers.ValidationError(detail, code=code)

    def wrong_type(self) -> NoReturn:
        """Say what is needed."""
        self.refuse("wrong_type", f"It must be {self.kind}.")


class Text(Strict, serializers.CharField):
    """A string, kept to the letter."""

    kind = "a string"

    def __init__(self, *, one_line: bool = False, **kwargs: Any) -> None:
        """A line of blanks alone says nothing."""
        self.one_line = one_line
        super().__init__(**kwargs | {"trim_whitespace": False})

    def to_internal_value(self, data: Any) -> str:
        """The string."""
        if not isinstance(data, str):
            self.wrong_type()
        if not data.strip() and ((self.one_line and data) or not self.allow_blank):
            self.refuse("blank", "Blanks alone say nothing.")
        return data


class Choice(Strict, serializers.ChoiceField):
    """A word of a closed vocabulary."""

    def to_internal_value(self, data: Any) -> str:
        """The word."""
        words = [str(word) for word in self.choices]
        if not isinstance(data, str):
            self.refuse("wrong_type", "It must be a string.")
        if data not in words:
            self.refuse("invalid_choice", unknown(data[:100], words))
        return data


class Whole(Strict, serializers.IntegerField):
    """A whole number of 32 bits."""

    kind = "a whole number"

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.wrong_type()
        if data > INT32:
            self.refuse("number_out_of_range", f"It must be {INT32} or less.")
        return data


class Amount(Strict, serializers.DecimalField):
    """A decimal number, kept to the digit."""

    kind = "a number"

    def to_internal_value(self, data: Any) -> Decimal:
        """The number."""
        if not isinstance(data, NUMBER) or isinstance(data, bool):
            self.wrong_type()
        found: Decimal = super().to_internal_value(data)
        return found


class Truth(Strict, serializers.BooleanField):
    """True or false."""

    kind = "true or false"

    def to_internal_value(self, data: Any) -> bool:
        """The same."""
        if not isinstance(data, bool):
            self.wrong_type()
        return data


class Strings(Strict, serializers.ListField):
    """A list of strings."""

    kind = "a list of strings"
    child = Text()

    def to_internal_value(self, data: Any) -> list[str]:
        """The list."""
        if not isinstance(data, list):
            self.wrong_type()
        found: list[str] = super().to_internal_value(data)
        return found


class Related(Strict):
    """A relation. Rows that the caller may not see are not there."""

    def row(self, model: type[models.Model], name: str, key: Any) -> Any:
        """The row whose `slug` or `id` is this; the many rows of a request ask for the same ones."""
        context: Any = self.context
        found = context.setdefault("found", {})
        if (model, key) not in found:
            rows = model._default_manager.visible_to(self.context["user"])  # type: ignore[attr-defined]
            row = rows.filter(Q((name, key))).first()
            if row is None:
                told = f"There is no {model._meta.verbose_name} of this {name} that you may see."
                self.refuse("does_not_exist", told)
            found[model, key] = row
        return found[model, key]


class BySlug(Related, serializers.CharField):
    """A relation by the slug of its row, in any case."""

    kind = "a slug"

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        """Keep whose slugs are meant."""
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The row."""
        if not isinstance(data, str):
            self.wrong_type()
        return self.row(self.model, "slug", data.lower())


class ById(Related, serializers.IntegerField):
    """A relation by the id of its row."""

    kind = "an id: a whole number"

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        """Keep whose ids are meant."""
        self.model = model
        super().__init__(min_value=1, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The row."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.wrong_type()
        return self.row(self.model, "id", data)


class Slugs(Strict, serializers.ListField):
    """Several rows by their slugs, each once."""

    kind = "a list of slugs"

    def to_internal_value(self, data: Any) -> list[Any]:
        """The rows."""
        if not isinstance(data, list):
            self.wrong_type()
        rows: list[Any] = super().to_internal_value(data)
        if len({row.pk for row in rows}) < len(rows):
            self.refuse("repeated", "Name each once.")
        return rows


def of_column(column: Any, **more: Any) -> serializers.Field:
    """The field that reads a column of a model."""
    described: dict[str, Any] = more | {
        "help_text": column.help_text,
        "required": not (column.null or column.blank or column.has_default()),
    }
    if column.choices:
        return Choice(choices=column.choices, **described)
    if isinstance(column, StringList):
        return Strings(max_length=100, **described)
    if isinstance(column, models.BooleanField):
        return Truth(**described)
    if isinstance(column, models.DecimalField):
        digits: dict[str, Any] = {"max_digits": column.max_digits, "decimal_places": column.decimal_places}
        digits["coerce_to_string"] = False
        return Amount(allow_null=column.null, **digits, **described)
    if isinstance(column, models.IntegerField):
        return Whole(allow_null=column.null or column.blank, min_value=_lowest(column), max_value=INT32, **described)
    return _of_text(column, described)


def _lowest(column: Any) -> int:
    """The lowest number that a column takes; its own rules, for those of the databases differ."""
    return max([0, *(rule.limit_value for rule in column._validators if isinstance(rule, MinValueValidator))])


def _of_text(column: Any, described: dict[str, Any]) -> Text:
    lengths: dict[str, Any] = {"max_length": column.max_length, "allow_blank": column.blank}
    rules = [*column.default_validators, *column._validators]
    return Text(one_line=not isinstance(column, models.TextField), validators=rules, **lengths, **described)


def of_relation(column: Any, by_slug: bool, help_text: str) -> serializers.Field:
    """The field that reads a relation of a model, by the slug or the id of its row."""
    kind = BySlug if by_slug else ById
    if column.many_to_many:
        child = BySlug(column.related_model)
        return Slugs(child=child, required=False, max_length=100, help_text=help_text)
    return kind(column.related_model, required=not column.null, allow_null=column.null, help_text=help_text)
