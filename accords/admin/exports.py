"""The rows of a list as a CSV or JSON file: exactly those that its search and filters leave, on all pages."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accords.admin.display import plain_number
from accords.db.search_index import SearchEntry
from accords.models import Agreement, Clause, Event, Participation, Party, Renewal, Source, Statement
from accords.models.agreements import DerivedDay
from accords.models.base import TimestampedModel
from accords.rules.csv_cells import cell

BATCH_SIZE = 500  # rows in memory
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
# How a related row is written: the parts of its natural key, joined by slashes.
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
EXCLUDED = {(Source, "text")}  # as long as a book: its page and the API have it


class Column(NamedTuple):
    """A column of the file, and the paths from which it is read."""

    name: str
    paths: tuple[str, ...]


def columns(model: type[Model]) -> list[Column]:
    """Return a column for each field that is entered, and for what is derived from them."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, SearchEntry | DerivedDay)]
    exported = []
    for field in fields:
        if (model, field.name) not in EXCLUDED:
            keys = NATURAL_KEYS[field.related_model] if field.is_relation else ()  # type: ignore[index]
            exported.append(Column(field.name, tuple(f"{field.name}__{key}" for key in keys) or (field.name,)))
    return exported


def rows(queryset: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows by column, in the order of the query set."""
    model = queryset.model
    shown = columns(model)
    paths = [part for column in shown for part in column.paths]
    records = queryset.values_list("pk", *paths).iterator(chunk_size=BATCH_SIZE)
    while batch := list(islice(records, BATCH_SIZE)):
        related = {field.name: _related_slugs(field, [row[0] for row in batch]) for field in model._meta.many_to_many}
        for pk, *values in batch:
            rest = iter(values)
            row = {}
            for column in shown:
                parts = [next(rest) for _path in column.paths]
                missing = None in parts
                row[column.name] = parts[0] if len(parts) == 1 else None if missing else "/".join(map(str, parts))
            yield row | {name: slugs.get(pk, []) for name, slugs in related.items()}


def _related_slugs(field: Any, ids: list[int]) -> dict[int, list[str]]:
    slugs_by_pk: dict[int, list[str]] = {}
    pairs = field.model._default_manager.filter(pk__in=ids).exclude(**{field.name: None})
    for pk, slug in pairs.order_by("pk", f"{field.name}__slug").values_list("pk", f"{field.name}__slug"):
        slugs_by_pk.setdefault(pk, []).append(slug)
    return slugs_by_pk


class _Echo:
    """A file whose `write` returns the line, as Django's documentation streams CSV."""

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
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row, cls=_NumberEncoder, ensure_ascii=False)}"
    yield "\n]\n"


class _NumberEncoder(DjangoJSONEncoder):
    """Writes decimals as numbers, not as strings."""

    def default(self, o: Any) -> Any:
        return float(o) if isinstance(o, Decimal) else super().default(o)


WRITERS = {"csv": as_csv, "json": as_json}


def urls(model_admin: ModelAdmin) -> list[URLPattern]:
    """Return an address for each format; its query is that of the list. Accounts and tokens have none."""
    if not issubclass(model_admin.model, TimestampedModel):
        return []
    view = model_admin.admin_site.admin_view(export_view)
    name = f"accords_{model_admin.opts.model_name}"
    return [
        path(f"export.{kind}", view, {"model_admin": model_admin, "kind": kind}, name=f"{name}_{kind}")
        for kind in WRITERS
    ]


def links(model_admin: ModelAdmin) -> list[tuple[str, str]]:
    """Return the name and the address of each format."""
    return [(url.name.rpartition("_")[2], reverse(f"admin:{url.name}")) for url in urls(model_admin)]  # type: ignore[union-attr]


def export_view(request: HttpRequest, model_admin: ModelAdmin, kind: str) -> HttpResponseBase:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    name = model_admin.opts.model_name
    try:
        queryset = model_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(reverse(f"admin:accords_{name}_changelist") + "?e=1")
    model = queryset.model
    names = [column.name for column in columns(model)] + [field.name for field in model._meta.many_to_many]
    response = StreamingHttpResponse(WRITERS[kind](names, rows(queryset)), content_type=CONTENT_TYPES[kind])
    filename = f"{name}-{timezone.localdate()}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
