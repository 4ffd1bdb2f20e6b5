"""The filters of filter sets, and their form fields, which accept the documented notations only."""

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accords.db.compiled_query import BoundParameter, CompiledQuery, Values, call_when_bound
from accords.db.search_index import SearchQuery, compile_query, search_entry_field
from accords.db.text_search import has_item_beginning_with
from accords.models import Party
from accords.models.base import can_view_drafts
from accords.models.slugs import RESOURCE_OF, row_id_of_slug
from accords.rules import durations, search_query
from accords.rules.text import folded_words, normalize_number

MAX_VALUES = 100  # in a list
Choices = Sequence[tuple[Any, Any]]
DATE_LOOKUPS = {  # lookups of an uncertain date, and the methods of the query set that filter by them
    "before": "possibly_by",
    "after": "possibly_from",
    "certain_before": "certainly_by",
    "certain_after": "certainly_from",
    "unknown": "date_unknown",
}
INSTANT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    # The space is a + that a client did not escape as %2B.
    r"(?P<offset>[Zz]|[+ -][0-9]{2}(?::?[0-9]{2})?)"
)


class ContainedTextField(forms.Field):
    """A part of a text, compared without case, accents and punctuation."""

    def to_python(self, value: Any) -> str:
        if not folded_words(value):
            raise ValidationError("Enter a letter or a digit.", code="no_words")
        return str(value)


class RowNumberField(forms.Field):
    """The number of a clause, statement or event, in its stored form: full-width digits become ASCII digits."""

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
    """`true` or `false`, in any case, or `1` or `0`."""

    def to_python(self, value: Any) -> bool:
        text = str(value).lower()
        if text not in ("true", "false", "1", "0"):
            raise ValidationError("Enter true or false.", code="not_boolean")
        return text in ("true", "1")


class IntegerField(forms.Field):
    """A whole number of at most 18 digits: a larger one may not fit into 64 bits."""

    def to_python(self, value: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise ValidationError("Enter a whole number of at most 18 digits.", code="not_a_number")
        return int(value)


class DecimalField(forms.Field):
    """A decimal number of at most 15 significant digits: both databases compare these exactly."""

    def to_python(self, value: Any) -> Decimal:
        is_number = re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", value)
        # `Decimal.normalize` would round to 28 digits.
        if not is_number or len(re.sub(r"[-.]", "", value).strip("0")) > 15:
            raise ValidationError("Enter a decimal number of at most 15 digits.", code="not_a_number")
        return Decimal(value)


class DateField(forms.Field):
    """A date in the form `YYYY-MM-DD`. Django's own field accepts other forms, depending on the language."""

    def to_python(self, value: Any) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValidationError("Enter a date, YYYY-MM-DD.", code="not_a_date")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("There is no such day.", code="impossible_date") from error


class InstantField(forms.Field):
    """An RFC 3339 instant with any number of fraction digits; the databases store microseconds.

    An instant between two microseconds is rounded down, or with `round_up`, for a lower bound, up.
    """

    def __init__(self, *, round_up: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.round_up = round_up

    def to_python(self, value: Any) -> datetime:
        match = INSTANT.fullmatch(value)
        if match is None:
            message = "Enter an RFC 3339 instant: 2026-11-23T12:00:00Z (write + as %2B)."
            raise ValidationError(message, code="not_an_instant")
        fraction, offset = match["fraction"] or "", match["offset"].upper().replace(" ", "+")
        try:
            instant = datetime.fromisoformat(f"{match['date']}T{match['time']}.{fraction[:6]:0<6}{offset}")
            is_rounded_up = self.round_up and int(fraction[6:] or 0) > 0
            return (instant + timedelta(microseconds=1 if is_rounded_up else 0)).astimezone(UTC)
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


def _item_reader(name: str, index: int) -> Callable[[Values], Any]:
    """Return a function that reads one item of a filter's list from the values of a run (`CompiledQuery`)."""
    return lambda values: values[name][index]


class StrictFilter(django_filters.Filter):
    """The base class of all filters: its SQL can be compiled once for all values (`placeholder`, `cache_key`).

    `schema` is the OpenAPI schema of one value. `modifies` names the filters of which a request that has this one must
    have at least one: `certainty` modifies `in_force_on`. A filter with a `default` filters nothing
    itself: methods of the filter set read its value. `queryset_method` names a method of the query set that is called
    with the value, instead of a lookup.
    """

    field_class: type[forms.Field] = forms.Field
    schema: dict[str, Any] = {"type": "string"}
    bindable = True  # whether the SQL is the same for all values
    can_be_prepared = False  # whether one plan of PostgreSQL suits all values (`CompiledQuery`)
    takes_list: bool  # whether it takes several values, separated by commas or repeated, and matches any of them

    def __init__(
        self,
        field_name: str | None = None,
        lookup_expr: str = "exact",
        *,
        modifies: tuple[str, ...] = (),
        default: Callable[[], Any] | None = None,
        queryset_method: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(field_name, lookup_expr, **kwargs)
        self.modifies, self.default, self.queryset_method = modifies, default, queryset_method
        self.takes_list = lookup_expr == "in"

    @property
    def help_text(self) -> str:
        return str(self.extra.get("help_text", ""))

    def clean(self, text: str, request: HttpRequest) -> Any:
        """Return the cleaned value of a parameter; a list if `takes_list`. Raises `ValidationError`."""
        if not self.takes_list:
            return self.clean_one(text, request)
        parts = text.split(",")
        if len(parts) > MAX_VALUES:
            raise ValidationError(f"Enter at most {MAX_VALUES} values.", code="too_many_values")
        if not all(parts):
            raise ValidationError("A value between commas is empty.", code="empty_value")
        return [self.clean_one(part, request) for part in parts]

    def clean_one(self, text: str, request: HttpRequest) -> Any:
        """Return one cleaned value. Raises `ValidationError`."""
        return self.field.clean(text)

    def placeholder(self, name: str, value: Any) -> Any:
        """Return the form of a value in compiled SQL: bound parameters, or the value itself if it is not `bindable`."""
        if not self.bindable:
            return value
        if not self.takes_list:
            return BoundParameter.named(name)
        return [BoundParameter(_item_reader(name, index)) for index in range(len(value))]

    def cache_key(self, value: Any) -> Hashable:
        """Return the part of a value on which the SQL depends: of a bound list the length, else None or all of it."""
        if self.bindable:
            return len(value) if self.takes_list else None
        return tuple(value) if self.takes_list else value

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if self.default is not None:
            return queryset
        if self.queryset_method:
            return getattr(queryset, self.queryset_method)(value)
        lookup = self.lookup_expr
        if self.takes_list:
            lookup, value = ("exact", value[0]) if len(value) == 1 else ("in", value)
        return queryset.filter(**{f"{self.field_name}__{lookup}": value})


class TextFilter(StrictFilter):
    """A text that is equal. It is one value even if it contains commas (`StrictFilterSet.filter_for_field`)."""


class RowNumberFilter(TextFilter):
    """A row's number: `５` finds `5`, as it is stored."""

    field_class = RowNumberField


class PatternFilter(StrictFilter):
    """A text that matches a regular expression. The schema documents the expression."""

    field_class = PatternField

    def __init__(self, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any) -> None:
        super().__init__(field_name, lookup_expr, **kwargs)
        self.schema = {"type": "string", "pattern": f"^{self.field.pattern.pattern}$"}


class SlugFilter(PatternFilter):
    field_class = SlugField


class ItemFilter(PatternFilter):
    """An item of a list of strings."""

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        item = call_when_bound('{}"'.format, value)  # a whole item: stored JSON ends it with this quotation mark
        return queryset.filter(has_item_beginning_with(str(self.field_name), item))


class HsCodeFilter(PatternFilter):
    """A code of the Harmonized System that codes and ranges of a list cover."""

    bindable = False  # the SQL contains the first and the last code that begin with the value


class ChoiceFilter(StrictFilter):
    bindable = False  # the query planner needs to see the choice: some are rare
    field_class = forms.ChoiceField

    def __init__(
        self, field_name: str | None = None, lookup_expr: str = "exact", *, choices: Choices, **kwargs: Any
    ) -> None:
        self.words = [str(word) for word, _ in choices]
        errors = {"invalid_choice": f"Enter one of: {', '.join(self.words)}."}
        super().__init__(field_name, lookup_expr, choices=choices, error_messages=errors, **kwargs)
        self.schema = {"type": "string", "enum": self.words}

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Exclude the other words if most are listed. SQLite would read all rows of each listed word, and sort them."""
        if not self.takes_list or self.queryset_method or len({*value}) <= len(self.words) // 2:
            return super().filter(queryset, value)
        others = [word for word in ("", *self.words) if word not in value]
        return queryset.exclude(**{f"{self.field_name}__in": others})


class BooleanFilter(StrictFilter):
    field_class = BooleanField
    schema = {"type": "boolean"}
    bindable = False


class IntegerFilter(StrictFilter):
    field_class = IntegerField
    schema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}


class DecimalFilter(StrictFilter):
    field_class = DecimalField
    schema = {"type": "number", "minimum": -999999999999999, "maximum": 999999999999999}


class DateFilter(StrictFilter):
    field_class = DateField
    schema = {"type": "string", "format": "date"}


class UncertainDateFilter(DateFilter):
    """A day before or after which an uncertain date lies, by a method of the query set (`DATE_LOOKUPS`)."""

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return getattr(queryset, DATE_LOOKUPS[self.lookup_expr])(self.field_name, value)


class UnknownDateFilter(BooleanFilter):
    """Whether nothing is known of an uncertain date."""

    filter = UncertainDateFilter.filter  # its method of the query set takes a boolean instead of a day


class InstantFilter(StrictFilter):
    field_class = InstantField
    schema = {"type": "string", "format": "date-time"}

    def __init__(self, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any) -> None:
        super().__init__(field_name, lookup_expr, round_up=lookup_expr == "gte", **kwargs)


class CalendarDurationFilter(StrictFilter):
    """An ISO 8601 duration of whole days or longer units."""

    field_class = CalendarDurationField
    schema = {"type": "string", "pattern": "^P(?:[0-9]+[YMWD])+$"}
    can_be_prepared = True  # the index of due dates has the rows in order, whatever the duration is


class ContainsFilter(StrictFilter):
    """A part of a text. Case and accents do not matter."""

    field_class = ContainedTextField


class SearchFilter(StrictFilter):
    """Full text."""

    field_class = SearchField

    def __init__(self, model: type[models.Model]) -> None:
        entry_field = search_entry_field(model)
        fields = ", ".join(entry_field.searched_fields if entry_field else ())
        super().__init__(
            queryset_method="matching",
            help_text=f"Full text: rows that have every word, in one of {fields}. "
            "French and English words are found in any of their forms, case and accents do not matter; a phrase in "
            "quotation marks is found to the letter.",
        )


class HighlightFilter(BooleanFilter):
    """Whether to show where rows match the filter `q`."""

    def __init__(self) -> None:
        super().__init__(
            modifies=("q",),
            default=lambda: False,
            help_text="true: each row has `highlight`, the first places where its texts match `q`. Default: false.",
        )


class DayFilter(DateFilter):
    """The day for which questions about time are answered."""

    def __init__(self, help_text: str) -> None:
        help_text = f"{help_text} Default: today (UTC); the response names the day."
        super().__init__(default=timezone.localdate, help_text=help_text)


class RowFilter(StrictFilter):
    """A row of another resource by its slug, in any case; the cleaned value is the row's primary key.

    It is an error if there is no such row that the user may see: a mistyped slug must not look like an empty list.
    """

    schema = {"type": "string", "maxLength": 100}

    def __init__(
        self,
        model: type[models.Model],
        field_name: str | None = None,
        lookup_expr: str = "exact",
        **kwargs: Any,
    ) -> None:
        super().__init__(field_name, lookup_expr, **kwargs)
        self.model, self.noun = model, str(model._meta.verbose_name)
        # By whether the user views drafts. `StrictFilterSet` shares its filters with all requests, so this is a cache.
        self.statements: dict[bool, CompiledQuery] = {}

    def parameters(self, value: Any) -> dict[str, Any]:
        """Return the values of the bound parameters of `unbound_queryset` for a cleaned value."""
        return {"slug": value.lower() if value.isascii() else None}  # `lower` turns U+212A into ASCII

    def unbound_queryset(self) -> Any:
        """Return the query set that finds the row, with bound parameters, to be compiled once."""
        return self.model._default_manager.filter(slug=BoundParameter.named("slug"))

    def clean_one(self, text: str, request: HttpRequest) -> int:
        parameters, views_drafts = self.parameters(super().clean_one(text, request)), can_view_drafts(request.user)
        if views_drafts not in self.statements:
            queryset = self.unbound_queryset().visible_to(request.user).order_by().values_list("pk")
            self.statements[views_drafts] = CompiledQuery(queryset)
        rows = self.statements[views_drafts].run(parameters) or self.renamed_rows(text, request, views_drafts)
        if not rows:
            raise ValidationError(f"There is no such {self.noun}.", code=f"unknown_{self.noun}")
        pk: int = rows[0][0]
        return pk

    def renamed_rows(self, text: str, request: HttpRequest, views_drafts: bool) -> list[tuple[int]]:
        """Return the id of the row that once had this slug, if the user may see it; else an empty list."""
        pk = row_id_of_slug(RESOURCE_OF[self.model._meta.db_table], text, drafts=views_drafts)
        rows: Any = self.model._default_manager.filter(pk=pk)
        return list(rows.visible_to(request.user).values_list("pk"))


class RowIdFilter(RowFilter):
    """A row of another resource by its id."""

    field_class = IntegerField
    schema = IntegerFilter.schema

    def parameters(self, value: Any) -> dict[str, Any]:
        return {"pk": value}

    def unbound_queryset(self) -> Any:
        return self.model._default_manager.filter(pk=BoundParameter.named("pk"))

    def renamed_rows(self, text: Any, request: HttpRequest, views_drafts: bool) -> list[tuple[int]]:
        return []  # an id never changes


class PartyFilter(RowFilter):
    """A party by its slug, or a state by its ISO 3166-1 alpha-2 code."""

    def __init__(self, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any) -> None:
        super().__init__(Party, field_name, lookup_expr, **kwargs)

    @property
    def help_text(self) -> str:
        return f"{super().help_text} A party's slug, or the ISO 3166-1 alpha-2 code of a state (`CN`)."

    def parameters(self, value: Any) -> dict[str, Any]:
        code = value.upper() if len(value) == 2 and value.isascii() else None
        return super().parameters(value) | {"code": code}

    def unbound_queryset(self) -> Any:
        return Party.objects.called(BoundParameter.named("slug"), BoundParameter.named("code"))


def related_filter(model: type[Model], name: str, lookup_expr: str = "exact") -> RowFilter:
    """Return the filter of the relation `name` to rows of a model: by slug if they have one, else by id."""
    if model is Party:
        return PartyFilter(f"{name}__pk", lookup_expr)
    has_slug = any(field.name == "slug" for field in model._meta.fields)
    return (RowFilter if has_slug else RowIdFilter)(model, f"{name}__pk", lookup_expr)
