"""The kinds of filters: each reads one parameter strictly, says in the schema what it takes, and asks the query set.

Filters are django-filter's declarations; no form is built from them, so a request pays only for the filters it uses.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from accords.api.errors import InvalidParameter
from accords.db.parameters import BoundParameter, Values
from accords.db.search_index import SearchQuery, ask, words_of
from accords.db.text_search import contains, has_item
from accords.models.base import RecordQuerySet
from accords.rules import durations, search_query
from accords.rules.text import words
from accords.vocabulary import Word

MAX_LIST = 100
Schema = dict[str, Any]
Beside = Mapping[str, Any]  # every parameter of the request by name, read


class Kind(django_filters.Filter):
    """A filter of one parameter. `ask` names the query set's method that answers it, where a mere look-up does not."""

    schema: Schema = {"type": "string"}
    binds = False  # whether SQL stays the same whatever the value, so that it can be given when a statement runs

    def __init__(
        self,
        field_name: str | None = None,
        lookup_expr: str = "exact",
        *,
        ask: str = "",
        beside: tuple[str, ...] = (),
        help_text: str = "",
    ) -> None:
        """`beside` names the parameters that the question takes besides this one; each is a `Companion`."""
        super().__init__(field_name=field_name, lookup_expr=lookup_expr)
        self.ask, self.beside, self.help_text = ask, beside, help_text

    @property
    def column(self) -> str | None:
        """What a list of values is compared to."""
        return self.field_name

    def parse(self, text: str, request: HttpRequest) -> Any:
        """The value of a parameter's text. Raises `InvalidParameter`."""
        return text

    def later(self, name: str, value: Any) -> Any:
        """What stands for the value in a statement: one to be given by the parameter's name, or the value itself."""
        return BoundParameter.named(name) if self.binds else value

    def sort(self, text: str, value: Any) -> Any:
        """What of a value decides the SQL."""
        return None if self.binds else text

    def narrow(self, queryset: QuerySet[Any], value: Any, given: Beside) -> QuerySet[Any]:
        """The rows that answer."""
        if self.ask:
            answer: QuerySet[Any] = getattr(queryset, self.ask)(value, **{name: given[name] for name in self.beside})
            return answer
        return queryset.filter(Q((f"{self.field_name}__{self.lookup_expr}", value)))


class Companion(Kind):
    """A parameter that says how to read others, such as `certainty` beside `in_force_on`; it narrows nothing itself."""

    def __init__(self, kind: Kind, default: Callable[[], Any], of: tuple[str, ...] = ()) -> None:
        """Read as another kind, with a default; without one of the parameters `of` it means nothing."""
        super().__init__(help_text=kind.help_text)
        self.kind, self.default, self.of = kind, default, of
        self.binds = kind.binds
        self.schema = kind.schema

    def parse(self, text: str, request: HttpRequest) -> Any:
        """As the other kind does."""
        return self.kind.parse(text, request)

    def narrow(self, queryset: QuerySet[Any], value: Any, given: Beside) -> QuerySet[Any]:
        """All rows."""
        return queryset


class WordKind(Kind):
    """One word of a closed vocabulary."""

    def __init__(
        self, vocabulary: type[Word], field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any
    ) -> None:
        """Take the vocabulary's words."""
        super().__init__(field_name, lookup_expr, **kwargs)
        self.words = [str(value) for value in vocabulary.values]
        self.schema = {"type": "string", "enum": self.words}

    def parse(self, text: str, request: HttpRequest) -> Any:
        """The word."""
        if text not in self.words:
            raise InvalidParameter("unknown_word", f"It must be one of: {', '.join(self.words)}.")
        return text


def _item(name: str, place: int) -> Callable[[Values], Any]:
    return lambda values: values[name][place]


class ListKind(Kind):
    """Several values of another kind, separated by commas: rows that have one of them."""

    def __init__(self, one: Kind) -> None:
        """Repeat the other kind."""
        super().__init__(one.column, "in", help_text=f"Any of several, separated by commas. {one.help_text}")
        self.one = one
        self.schema = {"type": "array", "items": one.schema, "minItems": 1, "maxItems": MAX_LIST}

    def later(self, name: str, value: Any) -> Any:
        """One for each value."""
        return [BoundParameter(_item(name, place)) for place in range(len(value))] if self.one.binds else value

    def sort(self, text: str, value: Any) -> Any:
        """How many there are."""
        return len(value) if self.one.binds else text

    def parse(self, text: str, request: HttpRequest) -> list[Any]:
        """Every value; none may be empty."""
        parts = text.split(",")
        if len(parts) > MAX_LIST:
            raise InvalidParameter("too_many_values", f"At most {MAX_LIST} values.")
        if not all(parts):
            raise InvalidParameter("empty_value", "A value between commas is empty.")
        return [self.one.parse(part, request) for part in parts]


class TextKind(Kind):
    """A text that must be equal, to the letter."""

    binds = True


class PatternKind(Kind):
    """A text of a fixed form."""

    def __init__(
        self, pattern: str, example: str, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any
    ) -> None:
        """Take the form as a regular expression (ASCII), and an example for the message."""
        super().__init__(field_name, lookup_expr, **kwargs)
        self.pattern, self.example = re.compile(pattern, re.ASCII), example
        self.binds = not self.ask
        self.schema = {"type": "string", "pattern": f"^{pattern}$", "example": example}

    def parse(self, text: str, request: HttpRequest) -> Any:
        """The text, if it has the form."""
        if not self.pattern.fullmatch(text):
            raise InvalidParameter("malformed", f"It must look like `{self.example}`.")
        return text


class SlugKind(PatternKind):
    """A slug, in any case."""

    def __init__(self, example: str, **kwargs: Any) -> None:
        """Take an example."""
        super().__init__(r"[A-Za-z0-9-]{1,100}", example, "slug", **kwargs)

    def parse(self, text: str, request: HttpRequest) -> Any:
        """The slug in small letters, as it is stored."""
        return super().parse(text, request).lower()


class PrefixKind(PatternKind):
    """The beginning of an item in a list of strings."""

    def narrow(self, queryset: QuerySet[Any], value: Any, given: Beside) -> QuerySet[Any]:
        """Rows whose list has an item that begins so; items are stored in quotation marks."""
        return queryset.filter(has_item(self.field_name or "", value))


class PartKind(Kind):
    """A part of a text, whatever its case and accents."""

    def __init__(self, field_name: str, *, help_text: str) -> None:
        """Search this field."""
        super().__init__(field_name, help_text=f"{help_text} Punctuation counts as space.")

    def parse(self, text: str, request: HttpRequest) -> str:
        """The part, if it has anything that can be compared."""
        if not words(text):
            raise InvalidParameter("words", "It must have a letter or a digit.")
        return text

    def narrow(self, queryset: QuerySet[Any], value: Any, given: Beside) -> QuerySet[Any]:
        """Rows that contain it."""
        return queryset.filter(contains(self.field_name or "", value))


class WordsKind(Kind):
    """Words and phrases to search for: `q`."""

    binds = True

    def __init__(self, model: type[Model]) -> None:
        """Search the fields that the model's index has."""
        index = words_of(model)
        names = ", ".join(index.searched) if index else ""
        super().__init__(
            help_text=f"Full text: rows that have every word, in one of {names}. French and English words are found in "
            "any of their forms, case and accents do not matter; a phrase in quotation marks is found to the letter."
        )

    def parse(self, text: str, request: HttpRequest) -> SearchQuery:
        """The query as the databases take it, if it has words and not too many."""
        try:
            return ask(search_query.parse(text))
        except search_query.QueryError as error:
            raise InvalidParameter("words", str(error)) from error

    def narrow(self, queryset: Any, value: Any, given: Beside) -> QuerySet[Any]:
        """Rows that match."""
        answer: QuerySet[Any] = queryset.matching(value)
        return answer


class FlagKind(Kind):
    """`true` or `false`."""

    schema = {"type": "boolean"}

    def parse(self, text: str, request: HttpRequest) -> bool:
        """The truth value."""
        if text not in ("true", "false"):
            raise InvalidParameter("not_boolean", "It must be true or false.")
        return text == "true"


class WholeKind(Kind):
    """A whole number of at most 18 digits: more does not fit the database."""

    binds = True
    schema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}

    def parse(self, text: str, request: HttpRequest) -> int:
        """The number."""
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise InvalidParameter("not_a_number", "It must be a whole number of at most 18 digits.")
        return int(text)


class DecimalKind(Kind):
    """A decimal number as the database keeps it: 11 digits before and 4 after the point."""

    binds = True
    schema = {"type": "number", "minimum": -99999999999.9999, "maximum": 99999999999.9999}

    def parse(self, text: str, request: HttpRequest) -> Decimal:
        """The number, exactly."""
        if not re.fullmatch(r"-?[0-9]{1,11}(?:\.[0-9]{1,4})?", text):
            raise InvalidParameter(
                "not_a_number", "It must be a decimal number: at most 11 digits, a point, at most 4 digits."
            )
        return Decimal(text)


class DayKind(Kind):
    """A day, `YYYY-MM-DD`."""

    binds = True
    schema = {"type": "string", "format": "date"}

    def parse(self, text: str, request: HttpRequest) -> date:
        """The day."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise InvalidParameter("not_a_date", "It must be a date, YYYY-MM-DD.")
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InvalidParameter("impossible_date", "There is no such day.") from error


class UncertainDayKind(DayKind):
    """A day to which an uncertain date is compared: `ask` is a question of `RecordQuerySet`."""

    def narrow(self, queryset: QuerySet[Any], value: date, given: Beside) -> QuerySet[Any]:
        """The rows that answer."""
        answer: QuerySet[Any] = getattr(queryset, self.ask)(self.field_name, value)
        return answer


class UnknownDayKind(FlagKind):
    """Whether an uncertain date has no bounds at all."""

    def narrow(self, queryset: RecordQuerySet, value: bool, given: Beside) -> QuerySet[Any]:  # type: ignore[override]
        """Rows without bounds, or with one."""
        return queryset.date_unknown(self.field_name or "", value)


class InstantKind(Kind):
    """An instant, RFC 3339 with its offset from UTC."""

    binds = True
    schema = {"type": "string", "format": "date-time"}

    def parse(self, text: str, request: HttpRequest) -> datetime:
        """The instant, in UTC."""
        shape = (
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+ -][0-9]{2}:[0-9]{2})"
        )
        if not re.fullmatch(shape, text):
            raise InvalidParameter(
                "not_an_instant", "It must be an RFC 3339 instant: 2026-11-23T12:00:00Z (write + as %2B)."
            )
        zoned = text[:19] + text[19:].replace(" ", "+")  # a + that was not written as %2B arrives as a space
        try:
            return datetime.fromisoformat(zoned.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidParameter("impossible_instant", "There is no such instant.") from error


class DurationKind(Kind):
    """An ISO 8601 duration of whole days, weeks, months or years."""

    binds = True
    schema = {"type": "string", "pattern": r"^P(?:[0-9]+[YMWD])+$", "example": "P90D"}

    def parse(self, text: str, request: HttpRequest) -> str:
        """The duration, checked."""
        try:
            durations.require_calendar(durations.parse(text))
        except durations.DurationError as error:
            raise InvalidParameter("not_a_duration", str(error)) from error
        return text
