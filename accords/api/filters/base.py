"""The base of all filter sets.

Filters are declared as in django-filter: `Meta.fields` names lookups of model fields, attributes declare the others.
Three things differ. An invalid value is an error, so that a typo never returns more rows than were meant. Filters are
shared by all requests instead of copied for each, and only those of the request are cleaned and run, to save time. And
a query set can be filtered by placeholders (`BoundParameter`) instead of values, so that its SQL is compiled once.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import cache
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Field, QuerySet
from django.utils.text import format_lazy
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import try_dbfield
from rest_framework.request import Request

from accords.api.errors import ErrorItem
from accords.api.filters.filter_types import (
    DATE_LOOKUPS,
    BooleanFilter,
    ChoiceFilter,
    ContainsFilter,
    DateFilter,
    DecimalFilter,
    InstantFilter,
    IntegerFilter,
    PatternFilter,
    RowFilter,
    RowNumberFilter,
    SlugFilter,
    StrictFilter,
    TextFilter,
    UncertainDateFilter,
    UnknownDateFilter,
    related_filter,
)
from accords.api.query import error_items
from accords.db import fields
from accords.models import Source
from accords.vocabulary import DateCertainty

# Lookups for `Meta.fields`.
EXACT = ["exact"]
ONE_OR_SEVERAL = ["exact", "in"]
NULLABLE = ["exact", "isnull"]
EXACT_AND_RANGE = ["exact", "gte", "lte"]
RANGE = ["gte", "lte"]
CONTAINS = ["icontains"]
UNCERTAIN = [*DATE_LOOKUPS]

HELP = {
    "exact": "`{field}` is this{several}.",
    "in": "`{field}` is one of these, separated by commas.",
    "icontains": "`{field}` contains this; case and accents do not matter, punctuation counts as space.",
    "gte": "`{field}` is this or more.",
    "lte": "`{field}` is this or less.",
    "isnull": "Whether `{field}` is null.",
    "before": "`{field}` is this day or earlier, under at least one reading of the date.",
    "after": "`{field}` is this day or later, under at least one reading of the date.",
    "certain_before": "`{field}` is this day or earlier, under every reading of the date.",
    "certain_after": "`{field}` is this day or later, under every reading of the date.",
    "unknown": "true: nothing is known of `{field}`: no date is stated, or it has no bounds (`XXXX-04`).",
}


class StrictFilterSet(django_filters.FilterSet):
    """The filters of one resource, and their values in one request.

    `errors` has every error of these values. The other methods may only be called if there is none.
    """

    base_filters: ClassVar[dict[str, StrictFilter]]
    fields_of_every_row: ClassVar[dict[str, list[str]]] = {
        "id": ["in"],
        "created_at": RANGE,
        "updated_at": RANGE,
    }
    filters_by_field: ClassVar[dict[type[models.Field], tuple[type[StrictFilter], dict[str, Any]]]] = {
        models.BooleanField: (BooleanFilter, {}),
        models.CharField: (TextFilter, {}),
        models.DateTimeField: (InstantFilter, {}),
        models.DecimalField: (DecimalFilter, {}),
        models.GeneratedField: (DecimalFilter, {}),
        models.IntegerField: (IntegerFilter, {}),
        fields.Country: (PatternFilter, {"pattern": "[A-Z]{2}", "example": "CN"}),
        fields.Duration: (PatternFilter, {"pattern": "P[0-9YMWDTHS]{2,30}", "example": "P1Y"}),
        fields.Language: (PatternFilter, {"pattern": "[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "example": "fr"}),
        fields.RowNumber: (RowNumberFilter, {}),
        fields.Sha256: (PatternFilter, {"pattern": "[0-9a-f]{64}", "example": "0" * 64}),
        fields.Slug: (SlugFilter, {}),
    }

    def __init__(self, data: Mapping[str, str], queryset: Any = None, *, request: Any = None) -> None:
        """Clean the parameters in `data` that are filters.

        It does not call the base class, which would copy every filter and build a form.
        """
        self.data, self.queryset, self.request = data, queryset, request
        self.filters = self.base_filters
        self._errors: list[ErrorItem] = []
        cleaned: dict[str, Any] = {}
        for name, text in data.items():
            if name in self.filters:
                try:
                    cleaned[name] = self.filters[name].clean(text, request)
                except ValidationError as error:
                    self._errors += error_items(name, error)
        self._errors += self._modifier_errors(cleaned) + self._range_errors(cleaned)
        self.values = {name: default() for name, default in self.defaults()} | cleaned
        self._arguments = self.values  # the values, or during a bound `filter_queryset` their placeholders

    @classmethod
    @cache
    def defaults(cls) -> list[tuple[str, Callable[[], Any]]]:
        """Return the filters that have a default: their names, each with the function that returns it for a request."""
        return [(name, each.default) for name, each in cls.base_filters.items() if each.default is not None]

    @classmethod
    @cache
    def list_parameters(cls) -> frozenset[str]:
        """Return the names of the parameters that take several values, and may be repeated."""
        return frozenset(name for name, each in cls.base_filters.items() if each.takes_list)

    @property
    def errors(self) -> list[ErrorItem]:
        return self._errors

    def is_valid(self) -> bool:
        return not self._errors

    def value(self, name: str, default: Any = None) -> Any:
        """Return the value of another filter, for filter methods; its placeholder if `filter_queryset` is bound."""
        return self._arguments.get(name, default)

    def cache_key(self) -> tuple[Hashable, ...]:
        """Return the key by which compiled queries are cached: the parts of the values on which the SQL depends."""
        return tuple(sorted((name, self.filters[name].cache_key(value)) for name, value in self.values.items()))

    def can_be_prepared(self) -> bool:
        """Return whether one plan of PostgreSQL suits all values of these filters (`CompiledQuery`)."""
        filters = [self.filters[name] for name in self.values]
        # A filter with a default filters nothing itself.
        return all(each.can_be_prepared or each.default is not None for each in filters)

    def filter_queryset(self, queryset: QuerySet[Any], bound: bool = False) -> QuerySet[Any]:
        """Return the rows that match.

        With `bound`, values of `bindable` filters are placeholders: the compiled statement is run with `self.values`.
        """
        self._arguments = {
            name: self.filters[name].placeholder(name, value) if bound else value for name, value in self.values.items()
        }
        for name, value in self._arguments.items():
            each = self.filters[name]
            method = getattr(self, each.method) if each.method else None
            queryset = method(queryset, each.field_name, value) if method else each.filter(queryset, value)
        return queryset

    def _modifier_errors(self, values: Mapping[str, Any]) -> list[ErrorItem]:
        """Return an error for each modifier (`certainty`) without a parameter that it modifies (`in_force_on`)."""
        return [
            ErrorItem(name, "requires_other_parameter", f"Use {name} together with {' or '.join(modified)}.")
            for name in values
            if (modified := self.filters[name].modifies) and self.data.keys().isdisjoint(modified)
        ]

    def _range_errors(self, values: Mapping[str, Any]) -> list[ErrorItem]:
        """Return an error for each lower bound that is greater than its upper bound.

        Bounds are pairs such as `value__gte` and `value__lte`, or `due_after` and `due_before`.
        """
        bounds = [
            (lower, f"{lower.removesuffix(lower_suffix)}{upper_suffix}")
            for lower in values
            for lower_suffix, upper_suffix in (("__gte", "__lte"), ("_after", "_before"))
            if lower.endswith(lower_suffix)
        ]
        return [
            ErrorItem(lower, "inverted_range", f"It is above {upper}: no row can match.")
            for lower, upper in bounds
            if upper in values and values[lower] > values[upper]
        ]

    @classmethod
    def get_fields(cls) -> dict[str, list[str]]:
        return {**super().get_fields(), **cls.fields_of_every_row}

    @classmethod
    def get_filter_name(cls, field_name: str, lookup_expr: str) -> str:
        """Return a name with one underscore for lookups of uncertain dates (`due_before`), which are not the ORM's."""
        if lookup_expr in DATE_LOOKUPS:
            return f"{field_name}_{lookup_expr}"
        return str(super().get_filter_name(field_name, lookup_expr))

    @classmethod
    def filter_for_field(cls, field: Field, field_name: str, lookup_expr: str = "exact") -> StrictFilter:
        """Return the filter of a lookup in `Meta.fields`, with the field's own help text.

        If `Meta.fields` has `in` as well, `exact` also takes several values, unless these can contain commas.
        """
        new_filter = cls._filter_for_lookup(field, field_name, lookup_expr)
        if lookup_expr == "exact" and "in" in cls.get_fields()[field_name]:
            new_filter.takes_list = not isinstance(new_filter, TextFilter)
        several = ", or one of these (separated by commas, or repeated)" if new_filter.takes_list else ""
        lookup_help = HELP[lookup_expr].format(field=field_name, several=several)
        new_filter.extra["help_text"] = format_lazy("{} {}", lookup_help, field.help_text)
        return new_filter

    @classmethod
    def _filter_for_lookup(cls, field: Any, name: str, lookup_expr: str) -> StrictFilter:
        """Return the filter without help text: that of the lookup if it has one, else that of the field's type."""
        if lookup_expr in DATE_LOOKUPS:
            return (UnknownDateFilter if lookup_expr == "unknown" else UncertainDateFilter)(name, lookup_expr)
        if lookup_expr == "icontains":
            return ContainsFilter(name, "folded_contains")
        if lookup_expr == "isnull":
            return BooleanFilter(name, lookup_expr)
        if field.is_relation:
            return related_filter(field.related_model, name, lookup_expr)
        if field.choices:
            return ChoiceFilter(name, lookup_expr, choices=field.choices)
        filter_class, arguments = try_dbfield(cls.filters_by_field.get, type(field))
        new_filter: StrictFilter = filter_class(name, lookup_expr, **arguments)
        return new_filter


class CitedFilterSet(StrictFilterSet):
    """The filter that rows with citations have in common."""

    source = RowFilter(Source, queryset_method="citing", help_text="Rows that cite this source, by slug.")


class InForceFilterSet(StrictFilterSet):
    """The filters for what is in force on a day, possibly or certainly."""

    in_force_on = DateFilter(
        method="filter_in_force", help_text="In force on this day, by the dates and renewal rules."
    )
    certainty = ChoiceFilter(
        choices=DateCertainty.choices,
        modifies=("in_force_on",),
        default=lambda: DateCertainty.POSSIBLE.value,
        help_text="How to read `in_force_on`: `possible` (default) under at least one reading of the dates, `certain` "
        "under every one.",
    )

    def filter_in_force(self, queryset: Any, name: str, day: Any) -> QuerySet[Any]:
        in_force: QuerySet[Any] = queryset.in_force_on(day, self.value("certainty"))
        return in_force


class FilterBackend(DjangoFilterBackend):
    """The backend of lists. It uses the filter set that the view has made of the parameters."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset: StrictFilterSet = view.filterset
        return filterset.filter_queryset(queryset)
