"""Field types of the domain: each validates itself the same way for the API, the admin, seeding and the database."""

import hashlib
import json
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accords.db.wording import reason
from accords.rules import durations, edtf
from accords.rules.wording import Said
from accords.vocabulary import COUNTRIES, Word

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def validate_plain(text: str) -> None:
    """Refuse what cannot be stored on both databases or shown anywhere: control characters and lone surrogates."""
    if found := CONTROL_CHARACTERS.search(text):
        raise ValidationError(
            _("The character %(character)s at position %(position)d is not allowed in a text."),
            code="control_character",
            params={"character": f"U+{ord(found[0]):04X}", "position": found.start()},
        )


def validate_line(text: str) -> None:
    """Refuse line breaks and tabs."""
    if re.search(r"[\n\r\t\u2028\u2029]", text):
        raise ValidationError(_("One line only, without tabs."), code="one_line")


def validate_edtf(text: str) -> None:
    """Refuse what is not an EDTF date (ISO 8601-2, levels 0 and 1)."""
    try:
        edtf.bounds(text)
    except edtf.EdtfError as error:
        raise ValidationError(reason(error), code="invalid_date") from error


def validate_duration(text: str) -> None:
    """Refuse what is not an ISO 8601 duration."""
    try:
        durations.parse(text)
    except durations.DurationError as error:
        raise ValidationError(reason(error), code="invalid_duration") from error


def validate_country(code: str) -> None:
    """Refuse what ISO 3166-1 does not list."""
    if code not in COUNTRIES:
        message = _("%(code)r is not an ISO 3166-1 alpha-2 code.")
        raise ValidationError(message, code="invalid_country", params={"code": code})


class Text(models.TextField):
    """A text of any length, without control characters."""

    default_validators = [validate_plain]


class Line(models.CharField):
    """A text of one line, without control characters."""

    default_validators = [validate_plain, validate_line]


class Slug(models.CharField):
    """A short, stable name for URLs, kept in lower case so that it is found in any case."""

    default_validators = [
        RegexValidator(
            r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
            _("Lower-case letters, digits and single hyphens only: `us-china-rare-metals`."),
            code="invalid_slug",
        )
    ]

    def to_python(self, value: Any) -> Any:
        """Fold the case, as look-ups do."""
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


class Edtf(models.CharField):
    """An uncertain date as its EDTF text. Blank = not stated. Its bounds stand in two `EdtfBound` columns beside it."""

    default_validators = [validate_edtf]

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Where the model derives this date (`derive_<name>`), take what it derives."""
        derive = getattr(model_instance, f"derive_{self.name}", None)
        if derive is not None:
            setattr(model_instance, self.attname, derive())
        return super().pre_save(model_instance, add)


def bound_help(of: str, side: str) -> str:
    """What the first or last day of an uncertain date is."""
    if side == "earliest":
        return Said("The earliest day that `%(of)s` allows (ISO 8601 date); null where it sets no such bound.", of=of)
    return Said("The latest day that `%(of)s` allows (ISO 8601 date); null where it sets no such bound.", of=of)


class EdtfBound(models.DateField):
    """The first or last day an uncertain date allows, derived from its EDTF text at every save.

    `of` names the `Edtf` field, `side` is `earliest` or `latest`; null where the text sets no bound on that side.
    """

    def __init__(self, *args: Any, of: str = "", side: str = "", **kwargs: Any) -> None:
        """Keep what the bound is derived from."""
        self.of, self.side = of, side
        kwargs |= {"null": True, "blank": True, "editable": False}
        kwargs.setdefault("help_text", bound_help(of, side))
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Name the two arguments in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "side": self.side}

    def pre_save(self, model_instance: models.Model, add: bool) -> date | None:
        """Derive the bound anew."""
        value = self.derive(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value

    def derive(self, text: str) -> date | None:
        """The bound of an EDTF text; an impossible date is a `ValidationError`."""
        validate_edtf(text)
        bound: date | None = getattr(edtf.bounds(text), self.side)
        return bound


class Sha256(models.CharField):
    """The sha256 of another field's UTF-8 text, in hexadecimal, derived at every save."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        """Keep what is hashed."""
        self.of = of
        super().__init__(*args, **kwargs | {"max_length": 64, "editable": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Name the argument in migrations."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"], kwargs["editable"]
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Hash the text anew."""
        digest = hashlib.sha256(getattr(model_instance, self.of).encode()).hexdigest()
        setattr(model_instance, self.attname, digest)
        return digest


class StringListInput(forms.CharField):
    """A list of strings typed one a line."""

    def __init__(self, **kwargs: Any) -> None:
        """Offer a small text area."""
        kwargs.pop("encoder", None), kwargs.pop("decoder", None)
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3, "cols": 40})} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show one string a line."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Read one string a line; blank lines do not count."""
        if isinstance(value, list):
            return value
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not their spelling."""
        return self.to_python(initial or []) != self.to_python(data)


class PlainJson(json.JSONEncoder):
    """JSON that keeps letters as they are, so that a search in the stored text finds them on every database."""

    def __init__(self, **kwargs: Any) -> None:
        """Write é, not its escape."""
        super().__init__(**kwargs | {"ensure_ascii": False})


class StringList(models.JSONField):
    """A list of distinct, non-blank strings; `item_pattern` (a regular expression) can narrow them."""

    def __init__(self, *args: Any, item_pattern: str = "", **kwargs: Any) -> None:
        """Start as the empty list."""
        self.item_pattern = item_pattern
        options: dict[str, Any] = {"default": list, "blank": True, "encoder": PlainJson}
        super().__init__(*args, **options | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Name the pattern in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"item_pattern": self.item_pattern} if self.item_pattern else {})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse anything but a list of distinct strings that match the pattern."""
        super().validate(value, model_instance)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise ValidationError(_("A list of non-blank strings is needed."), code="invalid_list")
        if len(value) != len(set(value)) or len(value) > 100:
            raise ValidationError(_("At most 100 strings, each once."), code="invalid_list")
        for item in value:
            validate_plain(item)
            if self.item_pattern and not re.fullmatch(self.item_pattern, item, re.ASCII):
                told = {"item": item, "pattern": self.item_pattern}
                raise ValidationError(_("%(item)r does not match %(pattern)s."), code="invalid_item", params=told)

    def formfield(self, **kwargs: Any) -> Any:
        """Let editors type one string a line."""
        return super().formfield(**{"form_class": StringListInput} | kwargs)


def word(vocabulary: type[Word], help_text: str, **kwargs: Any) -> models.CharField:
    """A field of a closed vocabulary. `one_of` in `constraints` makes the database keep it closed."""
    return models.CharField(max_length=32, choices=vocabulary.choices, help_text=help_text, **kwargs)


def edtf_date(help_text: str, **kwargs: Any) -> Edtf:
    """An uncertain date that may be blank."""
    told = Said("%(what)s EDTF (ISO 8601-2); blank = not stated.", what=Said(help_text))
    return Edtf(max_length=64, blank=True, default="", help_text=told, **kwargs)


def duration(help_text: str) -> Duration:
    """An ISO 8601 duration that may be blank."""
    told = Said("%(what)s ISO 8601 duration; blank = not stated.", what=Said(help_text))
    return Duration(max_length=32, blank=True, default="", help_text=told)
