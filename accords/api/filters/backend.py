"""From a request's parameters to the rows that answer: strict, and documented in the schema."""

from functools import cache
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.filters import BaseFilterBackend

from accords.api.errors import ErrorItem, InvalidParameter, InvalidParameters
from accords.api.filters.kinds import Companion, Kind


class Filters(django_filters.FilterSet):
    """A resource's filters by parameter name."""

    @classmethod
    def kinds(cls) -> dict[str, Kind]:
        """Every filter by the name of its parameter."""
        return cls.base_filters

    @classmethod
    @cache
    def companions(cls) -> list[tuple[str, Companion]]:
        """The filters that say how to read others, by the names of their parameters."""
        return [(name, kind) for name, kind in cls.kinds().items() if isinstance(kind, Companion)]

    @classmethod
    def read(cls, given: dict[str, str], request: HttpRequest) -> dict[str, Any]:
        """Return the values of the filters' parameters, defaults included. Raises `InvalidParameters`."""
        kinds = cls.kinds()
        values, faults = {}, []
        for name, text in given.items():
            if name in kinds:
                try:
                    values[name] = kinds[name].parse(text, request)
                except InvalidParameter as error:
                    faults.append(ErrorItem(name, error.code, error.detail))
        faults += cls.alone(values) + cls.inverted(values)
        if faults:
            raise InvalidParameters(faults)
        return {name: kind.default() for name, kind in cls.companions()} | values

    @classmethod
    def alone(cls, values: dict[str, Any]) -> list[ErrorItem]:
        """Companions that are given without any parameter that they belong to."""
        kinds = cls.kinds()
        return [
            ErrorItem(
                name,
                "means_nothing_alone",
                f"It only says how to read {' or '.join(kinds[name].of)}: give one of them too.",
            )
            for name in values
            if isinstance(kinds[name], Companion) and kinds[name].of and not values.keys() & set(kinds[name].of)
        ]

    @classmethod
    def inverted(cls, values: dict[str, Any]) -> list[ErrorItem]:
        """Ranges whose lower end is above their upper end: no row can answer."""
        ends = [(f"{name}__gte", f"{name}__lte") for name in {key.rpartition("__")[0] for key in values}]
        ends += [(f"{name}_after", f"{name}_before") for name in {key.rpartition("_")[0] for key in values}]
        return [
            ErrorItem(low, "inverted_range", f"It is above {high}: nothing can lie between them.")
            for low, high in ends
            if low in values and high in values and values[low] > values[high]
        ]

    @classmethod
    def narrow(cls, queryset: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The rows that answer every question."""
        kinds = cls.kinds()
        for name, value in values.items():
            queryset = kinds[name].narrow(queryset, value, values)
        return queryset


def filter_set(name: str, **kinds: Kind) -> type[Filters]:
    """A resource's filters, built from the kinds by name."""
    made: type[Filters] = type(name, (Filters,), kinds)
    return made


class FilterBackend(BaseFilterBackend):
    """Narrows a list by the view's `filters`."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The rows that answer the request's filters."""
        filters: type[Filters] = view.filterset_class
        return filters.narrow(queryset, view.values)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The filters as OpenAPI parameters."""
        return [parameter(name, kind) for name, kind in view.filterset_class.kinds().items()]


def parameter(name: str, kind: Kind) -> dict[str, Any]:
    """One filter as an OpenAPI parameter."""
    style = {"style": "form", "explode": False} if kind.schema.get("type") == "array" else {}
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": kind.help_text,
        "schema": kind.schema,
    } | style
