"""Fields of the domain, validated alike by the API, the admin and the importers."""

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accords.db.translation import translate
from accords.rules import durations, edtf
from accords.rules.text import normalize_number
from accords.vocabulary import COUNTRIES, Word

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
BREAKS = {0x0B: "\n", 0x0C: "\n"}  # vertical tab and form feed: line and page ends of word processors and PDF


def validate_plain(text: str) -> None:
    """Refuse control characters and lone surrogates, which not every database or client can store or show."""
    if match := CONTROL_CHARACTERS.search(text):
        raise ValidationError(
            _("The character %(character)s at position %(position)d is not allowed in a text."),
            code="control_character",
            params={"character": f"U+{ord(match[0]):04X}", "position": match.start()},
        )


def validate_line(text: str) -> None:
    """Refuse line breaks (also U+0085, U+2028 and U+2029) and tabs."""
    if re.search(r"[\n\r\t\x85\u2028\u2029]", text):
        raise ValidationError(_("One line only, without tabs."), code="one_line")


def validate_edtf(text: str) -> None:
    """Refuse a text that is not an EDTF date (ISO 8601-2, levels 0 and 1)."""
    try:
        edtf.bounds(text)
    except edtf.EdtfError as error:
        raise ValidationError(translate(error.args[0]), code="invalid_date") from error


def validate_duration(text: str) -> None:
    """Refuse a text that is not an ISO 8601 duration."""
    try:
        durations.parse(text)
    except durations.DurationError as error:
        raise ValidationError(translate(error.args[0]), code="invalid_duration") from error


def validate_country(code: str) -> None:
    """Refuse a code that ISO 3166-1 does not list."""
    if code not in COUNTRIES:
        message = _("%(code)r is not an ISO 3166-1 alpha-2 code.")
        raise ValidationError(message, code="invalid_country", params={"code": code})


class Text(models.TextField):
    """A text of any length, without control characters. Vertical tabs and form feeds become line breaks."""

    default_validators = [validate_plain]

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.translate(BREAKS) if isinstance(value, str) else value


class Line(models.CharField):
    """A text of one line, without control characters. Vertical tabs and form feeds become spaces."""

    default_validators = [validate_plain, validate_line]

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.translate(dict.fromkeys(BREAKS, " ")) if isinstance(value, str) else value


class RowNumber(Line):
    """A row's number in its agreement. Numbers that look alike are the same: `5`, `5 ` and a full-width `５`."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return normalize_number(value) if isinstance(value, str) else value


RESERVED_SLUGS = {"bulk"}  # parts of the addresses below a resource


def validate_not_reserved(slug: str) -> None:
    """Refuse a slug that is part of another address."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This word is reserved. Choose another slug."), code="reserved_slug")


class Slug(models.CharField):
    """A short, stable name for URLs, kept in lower case so that it is found in any case."""

    default_validators = [
        validate_not_reserved,
        RegexValidator(
            r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
            _("Lower-case letters, digits and single hyphens only: `us-china-rare-metals`."),
            code="invalid_slug",
        ),
    ]

    def to_python(self, value: Any) -> Any:
        """Convert to lower case, as lookups do."""
        value = super().to_python(value)
        return value.lower() if isinstance(value, str) else value


class Language(models.CharField):
    """A BCP 47 language tag, such as `fr` or `zh-Hant`."""

    default_validators = [
        RegexValidator(
            r"\A[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z",
            _("A BCP 47 tag, such as `fr` or `zh-Hant`."),
            code="invalid_language",
        )
    ]


class Country(models.CharField):
    """An ISO 3166-1 alpha-2 code."""

    default_validators = [validate_country]


class Duration(models.CharField):
    """An ISO 8601 duration, calendar based: `P1Y`, `P6M`, `PT1H40M`. Blank = not stated."""

    default_validators = [validate_duration]


class Quantity(models.DecimalField):
    """A decimal number of up to 15 significant digits, with the point anywhere; as doubles they all differ.

    A value that is read has no trailing zeros after the point: 57, not 57.000.
    """

    DIGITS = 15

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 2 * self.DIGITS, "decimal_places": self.DIGITS} | kwargs)

    def from_db_value(self, value: Decimal | None, expression: Any, connection: Any) -> Decimal | None:
        """Remove trailing zeros after the point."""
        if value is None:
            return None
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()

    def to_python(self, value: Any) -> Any:
        """Convert a float by its shortest text: 0.1 is 0.1, not the binary fraction that is nearest to it."""
        return super().to_python(repr(value) if isinstance(value, float) else value)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None and len(value.normalize().as_tuple().digits) > self.DIGITS:
            message = _("Ensure that there are no more than %(most)d significant digits.")
            raise ValidationError(message, code="max_digits", params={"most": self.DIGITS})


class Edtf(models.CharField):
    """An uncertain date as its EDTF text. Blank = not stated. Two `EdtfBound` columns have its bounds."""

    default_validators = [validate_edtf]


BOUND_HELP: dict[str, Any] = {
    "earliest": _("The earliest day that `{of}` allows (ISO 8601 date); null if it sets no such bound."),
    "latest": _("The latest day that `{of}` allows (ISO 8601 date); null if it sets no such bound."),
}


class EdtfBound(models.DateField):
    """The first or last day that an uncertain date allows, derived from its EDTF text at every save.

    `of` names the `Edtf` field, `side` is `earliest` or `latest`; null if the text sets no bound on that side.
    """

    def __init__(self, *args: Any, of: str = "", side: str = "", **kwargs: Any) -> None:
        self.of, self.side = of, side
        kwargs |= {"null": True, "blank": True, "editable": False}
        if side:
            kwargs.setdefault("help_text", format_lazy(BOUND_HELP[side], of=of))
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "side": self.side}

    def pre_save(self, model_instance: models.Model, add: bool) -> date | None:
        value = self.derive(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value

    def derive(self, text: str) -> date | None:
        """Return the bound of an EDTF text. Raise `ValidationError` for an impossible date."""
        validate_edtf(text)
        bound: date | None = getattr(edtf.bounds(text), self.side)
        return bound


class Sha256(models.CharField):
    """The sha256 of another field's UTF-8 text, in hexadecimal, derived at every save."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs | {"max_length": 64, "editable": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"], kwargs["editable"]
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        digest = hashlib.sha256(getattr(model_instance, self.of).encode()).hexdigest()
        setattr(model_instance, self.attname, digest)
        return digest


class StringListInput(forms.CharField):
    """A form field for a list of strings, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("encoder", None), kwargs.pop("decoder", None)  # `JSONField.formfield` passes them
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3, "cols": 40})} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list in place of text
        if isinstance(value, list):
            return value
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial or []) != self.to_python(data)


class PlainJson(json.JSONEncoder):
    """Encode without escapes, so that a search in the stored text finds accented letters on every database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"ensure_ascii": False})


class StringList(models.JSONField):
    """A list of distinct strings of one line without spaces around them. Each matches the pattern, if there is one."""

    def __init__(self, *args: Any, item_pattern: str = "", **kwargs: Any) -> None:
        self.item_pattern = item_pattern
        options: dict[str, Any] = {"default": list, "blank": True, "encoder": PlainJson}
        super().__init__(*args, **options | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"item_pattern": self.item_pattern} if self.item_pattern else {})

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not isinstance(value, list):
            return value
        return [item.translate(dict.fromkeys(BREAKS, " ")) if isinstance(item, str) else item for item in value]

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise ValidationError(_("A list of non-blank strings is needed."), code="invalid_list")
        if len(value) != len(set(value)) or len(value) > 100:
            raise ValidationError(_("At most 100 strings, each once."), code="invalid_list")
        for item in value:
            validate_plain(item)
            validate_line(item)  # a form has one on each line
            if item != item.strip():
                raise ValidationError(_("No spaces at the beginning or the end of an item."), code="spaces")
            if self.item_pattern and not re.fullmatch(self.item_pattern, item, re.ASCII):
                params = {"item": item, "pattern": self.item_pattern}
                raise ValidationError(_("%(item)r does not match %(pattern)s."), code="invalid_item", params=params)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": StringListInput} | kwargs)


class DurationList(StringList):
    """A list of ISO 8601 durations of whole days or more, in order; the last item may be `open`."""

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        models.JSONField.validate(self, value, model_instance)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value) or len(value) > 100:
            raise ValidationError(_("A list of at most 100 durations is needed."), code="invalid_list")
        for item in value[:-1] if value[-1:] == ["open"] else value:
            if item == "open":
                raise ValidationError(_("`open` can only be the last of the list."), code="invalid_item")
            validate_duration(item)
            if not durations.is_calendar(item):
                message = _("Hours cannot be added to a date: write years, months, weeks or days.")
                raise ValidationError(message, code="not_calendar")


def word_field(
    verbose_name: "StrOrPromise", vocabulary: type[Word], help_text: "StrOrPromise", **kwargs: Any
) -> models.CharField:
    """Return a field for one word of a vocabulary.

    Add `one_of` to the model's constraints: the database does not enforce `choices`.
    """
    return models.CharField(verbose_name, max_length=32, choices=vocabulary.choices, help_text=help_text, **kwargs)


def edtf_field(verbose_name: "StrOrPromise", help_text: "StrOrPromise", **kwargs: Any) -> Edtf:
    """Return a field for an uncertain date that may be blank.

    Add its two `EdtfBound` columns to the model, and `valid_edtf` to the model's constraints.
    """
    full_help_text = format_lazy("{} {}", help_text, _("EDTF (ISO 8601-2); blank = not stated."))
    return Edtf(verbose_name, max_length=64, blank=True, default="", help_text=full_help_text, **kwargs)


def duration_field(verbose_name: "StrOrPromise", help_text: "StrOrPromise") -> Duration:
    """Return a field for an ISO 8601 duration that may be blank.

    Add `calendar_duration` to the model's constraints if dates are counted with it.
    """
    full_help_text = format_lazy("{} {}", help_text, _("ISO 8601 duration; blank = not stated."))
    return Duration(verbose_name, max_length=32, blank=True, default="", help_text=full_help_text)
