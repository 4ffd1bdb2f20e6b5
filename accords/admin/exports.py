"""The rows of a change list as a CSV or JSON file: those that its search and filters select, on all pages."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Field, Model, Q, QuerySet, When
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accords.admin.autocomplete import visible_rows
from accords.admin.display import plain_number
from accords.db.search_index import SearchEntry
from accords.models import Agreement, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.agreements import DerivedDay
from accords.models.base import TimestampedModel, can_view_drafts
from accords.rules.csv_cells import cell

BATCH_SIZE = 500  # rows in memory
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets do not read UTF-8
# The natural key of a related row: the file has its parts, joined by slashes.
NATURAL_KEYS: dict[type[Model], tuple[str, ...]] = {
    Agreement: ("slug",),
    Party: ("slug",),
    Source: ("slug",),
    Clause: ("agreement__slug", "number"),
    Event: ("agreement__slug", "number"),
    Statement: ("agreement__slug", "number"),
    Renewal: ("agreement__slug", "kind", "sequence"),
    Participation: ("agreement__slug", "party__slug", "role", "since"),
}
EXCLUDED = {(Source, "text")}  # it can be as long as a book; the source's page and the API have it


class Column(NamedTuple):
    """A column of the file, and the lookups of its value or of the parts of its value."""

    name: str
    paths: tuple[str, ...]


def exported_columns(model: type[Model]) -> list[Column]:
    """Return a column for each field of the model's table, except those that only queries use and `EXCLUDED`."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, SearchEntry | DerivedDay)]
    columns = []
    for field in fields:
        if (model, field.name) not in EXCLUDED:
            keys = NATURAL_KEYS[field.related_model] if field.is_relation else ()  # type: ignore[index]  # a relation to a model, never to a name
            columns.append(Column(field.name, tuple(f"{field.name}__{key}" for key in keys) or (field.name,)))
    return columns


def exported_rows(queryset: QuerySet[Any], user: User | AnonymousUser) -> Iterator[dict[str, Any]]:
    """Yield the values of each row by the name of the column, in the order of the query set.

    A relation to a row that the user may not see is null.
    """
    model = queryset.model
    columns = exported_columns(model)
    values = [value for column in columns for value in _column_values(model, column, user)]
    tuples = queryset.values_list("pk", *values).iterator(chunk_size=BATCH_SIZE)
    while batch := list(islice(tuples, BATCH_SIZE)):
        related = {field.name: _related_slugs(field, [row[0] for row in batch]) for field in model._meta.many_to_many}
        for pk, *values in batch:
            remaining_values = iter(values)
            row = {}
            for column in columns:
                parts = [next(remaining_values) for _path in column.paths]
                is_null = None in parts
                row[column.name] = parts[0] if len(parts) == 1 else None if is_null else "/".join(map(str, parts))
            yield row | {name: slugs.get(pk, []) for name, slugs in related.items()}


def _column_values(model: type[Model], column: Column, user: User | AnonymousUser) -> list[Any]:
    """Return the lookups of a column, or expressions that are null for a row that the user may not see."""
    field: Any = model._meta.get_field(column.name)
    if not field.is_relation or can_view_drafts(user):
        return [*column.paths]
    is_visible = Q((f"{field.name}__in", visible_rows(field.related_model._default_manager, user)))
    return [Case(When(is_visible, then=F(path))) for path in column.paths]


def _related_slugs(field: Field, ids: list[int]) -> dict[int, list[str]]:
    """Return the slugs of the rows of a many-to-many relation by the id of the row that refers to them."""
    slugs_by_pk: dict[int, list[str]] = {}
    pairs = field.model._default_manager.filter(pk__in=ids).exclude(**{field.name: None})
    for pk, slug in pairs.order_by("pk", f"{field.name}__slug").values_list("pk", f"{field.name}__slug"):
        slugs_by_pk.setdefault(pk, []).append(slug)
    return slugs_by_pk


class _Echo:
    """A file whose `write` returns the line, as in the section on large CSV files of Django's documentation."""

    def write(self, line: str) -> str:
        return line


def as_csv(names: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file. No cell of it is a formula."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(names)
    for row in rows:
        yield writer.writerow([cell(_csv_value(row[name])) for name in names])


def _csv_value(value: Any) -> Any:
    """Return numbers without trailing zeros, dates and times as the API writes them."""
    if isinstance(value, Decimal):
        return plain_number(value)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else value


def as_json(names: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a JSON file: an array of objects."""
    yield "["
    for index, row in enumerate(rows):
        yield f"{',' if index else ''}\n{json.dumps(row, cls=_NumberEncoder, ensure_ascii=False)}"
    yield "\n]\n"


class _NumberEncoder(DjangoJSONEncoder):
    """A JSON encoder that writes decimals as numbers, and instants with their microseconds, as the API does."""

    def default(self, o: Any) -> Any:
        return float(o) if isinstance(o, Decimal) else _csv_value(o) if isinstance(o, date) else super().default(o)


WRITERS = {"csv": as_csv, "json": as_json}


def urls(model_admin: ModelAdmin) -> list[URLPattern]:
    """Return a URL pattern for each format. Its query string is that of the list. Accounts and tokens have none."""
    if not issubclass(model_admin.model, TimestampedModel):
        return []
    view = model_admin.admin_site.admin_view(export_view)
    name = f"accords_{model_admin.opts.model_name}"
    return [
        path(f"export.{suffix}", view, {"model_admin": model_admin, "suffix": suffix}, name=f"{name}_{suffix}")
        for suffix in WRITERS
    ]


def links(model_admin: ModelAdmin) -> list[tuple[str, str]]:
    """Return the name and the address of each format."""
    return [(url.name.rpartition("_")[2], reverse(f"admin:{url.name}")) for url in urls(model_admin)]  # type: ignore[union-attr]  # each of these addresses has a name


def export_view(request: HttpRequest, model_admin: ModelAdmin, suffix: str) -> HttpResponseBase:
    """Stream the file. If a filter cannot be read, redirect to the list with Django's message."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    name = model_admin.opts.model_name
    try:
        queryset = model_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(reverse(f"admin:accords_{name}_changelist") + f"?{ERROR_FLAG}=1")
    model = queryset.model
    names = [column.name for column in exported_columns(model)] + [field.name for field in model._meta.many_to_many]
    lines = WRITERS[suffix](names, exported_rows(queryset, request.user))
    response = StreamingHttpResponse(lines, content_type=CONTENT_TYPES[suffix])
    filename = f"{name}-{timezone.localdate()}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
