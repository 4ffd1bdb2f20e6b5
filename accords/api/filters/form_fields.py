"""Form fields that read one value of a query string in its documented forms, and refuse any other form."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accords.db.search_index import SearchQuery, compile_query
from accords.rules import durations, search_query
from accords.rules.text import normalize_number, words

INSTANT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    # A + that was not written as %2B arrives as a space.
    r"(?P<offset>[Zz]|[+ -][0-9]{2}(?::?[0-9]{2})?)"
)


class ContainedTextField(forms.Field):
    """A part of a text, compared without case, accents and punctuation."""

    def to_python(self, value: Any) -> str:
        if not words(value):
            raise ValidationError("Enter a letter or a digit.", code="no_words")
        return str(value)


class RowNumberField(forms.Field):
    """A row's number, in any of the forms that look alike."""

    def to_python(self, value: Any) -> str:
        return normalize_number(value)


class PatternField(forms.Field):
    """A text that matches a regular expression as a whole (ASCII)."""

    def __init__(self, *, pattern: str, example: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern, self.example = re.compile(pattern, re.ASCII), example

    def to_python(self, value: Any) -> str:
        if not self.pattern.fullmatch(value):
            raise ValidationError(f"Enter a value such as `{self.example}`.", code="malformed")
        return str(value)


class SlugField(PatternField):
    """A slug, in any case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern="[A-Za-z0-9-]{1,100}", example="us-china-rare-metals", **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).lower()


class BooleanField(forms.Field):
    """`true` or `false`, in any case; `1` and `0` too, as other APIs have them."""

    def to_python(self, value: Any) -> bool:
        text = str(value).lower()
        if text not in ("true", "false", "1", "0"):
            raise ValidationError("Enter true or false.", code="not_boolean")
        return text in ("true", "1")


class IntegerField(forms.Field):
    """A whole number of at most 18 digits: more does not fit the databases."""

    def to_python(self, value: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise ValidationError("Enter a whole number of at most 18 digits.", code="not_a_number")
        return int(value)


class DecimalField(forms.Field):
    """A decimal number of at most 15 significant digits, as the databases compare it exactly."""

    def to_python(self, value: Any) -> Decimal:
        number = Decimal(value) if re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", value) else None
        if number is None or len(number.normalize().as_tuple().digits) > 15:
            raise ValidationError("Enter a decimal number of at most 15 digits.", code="not_a_number")
        return number


class DateField(forms.Field):
    """A day, `YYYY-MM-DD`."""

    def to_python(self, value: Any) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValidationError("Enter a date, YYYY-MM-DD.", code="not_a_date")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("There is no such day.", code="impossible_date") from error


class InstantField(forms.Field):
    """An RFC 3339 instant with any number of fraction digits; the databases store microseconds.

    `round_up` says which microsecond stands for an instant between two: the later one for a lower bound.
    """

    def __init__(self, *, round_up: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.round_up = round_up

    def to_python(self, value: Any) -> datetime:
        found = INSTANT.fullmatch(value)
        if found is None:
            message = "Enter an RFC 3339 instant: 2026-11-23T12:00:00Z (write + as %2B)."
            raise ValidationError(message, code="not_an_instant")
        fraction, offset = found["fraction"] or "", found["offset"].upper().replace(" ", "+")
        try:
            instant = datetime.fromisoformat(f"{found['date']}T{found['time']}.{fraction[:6]:0<6}{offset}")
            rest = timedelta(microseconds=self.round_up and int(fraction[6:] or 0) > 0)
            return (instant + rest).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError("There is no such instant.", code="impossible_instant") from error


class CalendarDurationField(forms.Field):
    """An ISO 8601 duration of whole days, weeks, months or years."""

    def to_python(self, value: Any) -> str:
        try:
            durations.require_calendar(durations.parse(value))
        except durations.DurationError as error:
            raise ValidationError(str(error), code="not_a_duration") from error
        return str(value)


class SearchField(forms.Field):
    """Words and phrases to search for in the full-text index of a model."""

    def to_python(self, value: Any) -> SearchQuery:
        try:
            return compile_query(search_query.parse(value))
        except search_query.QueryError as error:
            raise ValidationError(str(error), code="words") from error
