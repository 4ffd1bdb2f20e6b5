"""The rows of a list as a file: exactly those that its search and filters leave, on whichever page they stand."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone

from accords.admin.display import plain
from accords.db.search_index import Words
from accords.models import Agreement, Clause, Event, Party, Renewal, Source, Statement
from accords.models.agreements import ReadingDay
from accords.models.base import TimestampedModel
from accords.rules.csv_cells import cell

AT_ONCE = 500  # rows that are held in memory
FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
MARK = "\ufeff"  # by which spreadsheets know UTF-8
# How a row that another row names is written: the parts of its natural key, with a slash between them.
KEYS: dict[type[Model], tuple[str, ...]] = {
    Agreement: ("slug",),
    Party: ("slug",),
    Source: ("slug",),
    Clause: ("agreement__slug", "number"),
    Event: ("agreement__slug", "number"),
    Statement: ("agreement__slug", "number"),
    Renewal: ("agreement__slug", "kind", "sequence"),
}
LEFT_OUT = {(Source, "text")}  # as long as a book; its page and the API have it


class Column(NamedTuple):
    """A column of the file, and the columns of the database from which it is read."""

    name: str
    paths: tuple[str, ...]

    def value(self, parts: tuple[Any, ...]) -> Any:
        """What the file says, given what the database does."""
        if len(parts) == 1:
            return parts[0]
        return None if None in parts else "/".join(map(str, parts))


def columns(model: type[Model]) -> list[Column]:
    """The columns of a kind of row: all that is entered, and what is derived from it."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, Words | ReadingDay)]
    return [Column(field.name, _paths(field)) for field in fields if (model, field.name) not in LEFT_OUT]


def _paths(field: Any) -> tuple[str, ...]:
    keys = KEYS[field.related_model] if field.is_relation else ()
    return tuple(f"{field.name}__{part}" for part in keys) or (field.name,)


def rows(queryset: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """The rows by the names of their columns, in the order of the query set; a few hundred are in memory at a time."""
    model = queryset.model
    shown = columns(model)
    paths = [part for column in shown for part in column.paths]
    found = queryset.values_list("pk", *paths).iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        lists = {field.name: _related(field, [row[0] for row in some]) for field in model._meta.many_to_many}
        for row in some:
            rest = iter(row[1:])
            own = {column.name: column.value(tuple(next(rest) for _ in column.paths)) for column in shown}
            yield own | {name: found.get(row[0], []) for name, found in lists.items()}


def _related(field: Any, ids: list[int]) -> dict[int, list[str]]:
    """The slugs to which a relation to many leads, by row."""
    found: dict[int, list[str]] = {}
    pairs = field.model._default_manager.filter(pk__in=ids).exclude(**{field.name: None})
    for pk, slug in pairs.order_by("pk", f"{field.name}__slug").values_list("pk", f"{field.name}__slug"):
        found.setdefault(pk, []).append(slug)
    return found


class _Line:
    """What a writer of CSV writes to, to have each line back."""

    def write(self, text: str) -> str:
        """The line."""
        return text


def as_csv(names: list[str], found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of a CSV file; no cell of it is a formula."""
    writer = csv.writer(_Line())
    yield MARK + writer.writerow(names)
    for row in found:
        yield writer.writerow([cell(_told(row[name])) for name in names])


def _told(value: Any) -> Any:
    """Numbers without idle zeros, days and instants as the API writes them."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else value


def as_json(names: list[str], found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of a JSON file: an array of objects."""
    yield "["
    for number, row in enumerate(found):
        yield f"{',' if number else ''}\n{json.dumps(row, cls=_Encoder, ensure_ascii=False)}"
    yield "\n]\n"


class _Encoder(DjangoJSONEncoder):
    """Numbers are numbers."""

    def default(self, o: Any) -> Any:
        """A decimal as a number, all else as Django has it."""
        return float(o) if isinstance(o, Decimal) else super().default(o)


WRITERS = {"csv": as_csv, "json": as_json}


class Exporting:
    """The files of a list, for the admin of a noun of the domain; accounts and tokens have none."""

    def get_urls(self) -> list[Any]:
        """One for each form; its query is the list's."""
        own: list[Any] = super().get_urls()  # type: ignore[misc]
        if not issubclass(self.model, TimestampedModel):  # type: ignore[attr-defined]
            return own
        return [path(f"export.{form}", self._file(form), name=f"{self._name()}_{form}") for form in FORMS] + own

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, with the ways to its files."""
        names = FORMS if issubclass(self.model, TimestampedModel) else ()  # type: ignore[attr-defined]
        exports = [(form, reverse(f"admin:{self._name()}_{form}")) for form in names]
        return super().changelist_view(request, {"exports": exports} | (extra_context or {}))  # type: ignore[misc]

    def _name(self) -> str:
        return f"accords_{self.model._meta.model_name}"  # type: ignore[attr-defined]

    def _file(self, form: str) -> Any:
        def file(request: HttpRequest) -> HttpResponseBase:
            return self.export_view(request, form)

        return self.admin_site.admin_view(file)  # type: ignore[attr-defined]

    def export_view(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """The rows of the list that the same query shows, as a file."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            listed = self.get_changelist_instance(request).queryset  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(f"admin:{self._name()}_changelist") + "?e=1")
        model = listed.model
        names = [column.name for column in columns(model)] + [field.name for field in model._meta.many_to_many]
        answer = StreamingHttpResponse(WRITERS[form](names, rows(listed)), content_type=FORMS[form])
        stem = f"{model._meta.model_name}-{timezone.localdate()}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{stem}.{form}"'
        return answer
