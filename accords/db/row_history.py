"""Reading the audit log: the versions of a row, and the rows that its records refer to."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Field, Q, QuerySet

from accords.db.audit_log import CREATED, DELETED, recorded_fields, relation_model
from accords.db.fields import Sha256


class NestedRelation(NamedTuple):
    """Rows that are written with another one, such as the parties of a clause: their model and foreign key."""

    model: Any
    foreign_key: str


class Version(NamedTuple):
    """A row at an instant, with its nested rows in the order of their ids.

    `record` is its last record until then, None if the row did not exist. `latest` is the last record of the row or a
    nested row, deletions included. `created` says whether the row was created at the instant of `record`.
    """

    record: Any = None
    nested: list[Any] = []
    latest: Any = None
    created: bool = False


class RowHistory:
    """The versions of one row. `columns` are the ones to read of its records."""

    def __init__(self, model: Any, pk: int, columns: Iterable[str], nested: NestedRelation | None = None) -> None:
        self.model, self.pk, self.nested = model, pk, nested
        metadata = ("history_id", "history_date", "history_type", "through", "author")
        self.queryset = model.history.filter(id=pk).only(*metadata, "id", *columns)
        self.records: list[Any] = []
        self.nested_records: list[Any] = []

    def instants(
        self, limit: int, *, before: datetime | None = None, after: datetime | None = None, newest: bool = True
    ) -> list[datetime]:
        """Return instants at which the row or a nested row was written, newest or oldest first, bounds excluded."""
        bounds = {"history_date__lt": before, "history_date__gt": after}
        within = {name: value for name, value in bounds.items() if value is not None}
        own_instants = self.model.history.filter(id=self.pk, **within).order_by().values_list("history_date", flat=True)
        nested_instants = [
            records.filter(**within).values_list("history_date", flat=True) for records in self._nested_querysets()
        ]
        return list(
            own_instants.union(*nested_instants).order_by("-history_date" if newest else "history_date")[:limit]
        )

    def load(self, first: datetime, last: datetime) -> None:
        """Read the records between two instants and the one before, which `at` and `before` need."""
        earlier = self.queryset.filter(history_date__lt=first).order_by("-history_id")[:1]
        within = self.queryset.filter(history_date__gte=first, history_date__lte=last).order_by("history_id")
        self.records = [*earlier, *within]
        for records in self._nested_querysets():
            self.nested_records += records.filter(history_date__lte=last).order_by("history_id")

    def at(self, instant: datetime) -> Version:
        """Return the version at an instant, that instant included. `load` must have read it."""
        return self._version(lambda record: record.history_date <= instant)

    def before(self, instant: datetime) -> Version:
        """Return the version just before an instant. `load` must have read it."""
        return self._version(lambda record: record.history_date < instant)

    def _version(self, is_included: Callable[[Any], bool]) -> Version:
        """Return the version that the included records describe."""
        records, nested = [*filter(is_included, self.records)], [*filter(is_included, self.nested_records)]
        latest = max([*records[::-1], *nested[::-1]], key=lambda record: record.history_date, default=None)
        if not records or records[-1].history_type == DELETED:
            return Version(latest=latest)
        last = records[-1]
        created = any(record.history_type == CREATED and record.history_date == last.history_date for record in records)
        last_nested = {record.id: record for record in nested}  # of each nested row the last record
        return Version(last, [row for _, row in sorted(last_nested.items()) if self._belongs(row)], latest, created)

    def _belongs(self, record: Any) -> bool:
        """Return whether a nested row, as its last record has it, exists and belongs to the row."""
        assert self.nested is not None  # noqa: S101 - otherwise there are no nested records
        return record.history_type != DELETED and getattr(record, f"{self.nested.foreign_key}_id") == self.pk

    def _nested_querysets(self) -> list[Any]:
        """Return a query set of the records of all rows that were ever nested in this one; none if none can be."""
        if self.nested is None:
            return []
        records = self.nested.model.history.order_by()
        return [records.filter(id__in=records.filter(Q((self.nested.foreign_key, self.pk))).values("id"))]


class References:
    """The rows to which records refer in some of their fields.

    `add` reads them with at most three queries for each model, and one for each many-to-many field.

    `queryset` returns the rows of a model that may be shown. With `deleted`, rows that no longer exist are included as
    they were last recorded.
    """

    def __init__(
        self, fields: Iterable[Any], records: list[Any], queryset: Callable[[Any], Any], *, deleted: bool
    ) -> None:
        self.queryset, self.deleted = queryset, deleted
        self.rows: dict[tuple[Any, int], Any] = {}
        self.pairs: dict[Any, dict[int, list[int]]] = {}
        self.add(fields, records)

    def add(self, fields: Iterable[Any], records: list[Any]) -> None:
        """Read also the rows to which these records refer; they may be records of another model."""
        ids_by_model: dict[Any, set[int]] = {}
        for field in fields:
            if field.many_to_many:
                self.pairs.setdefault(field, {}).update(related_ids(field, [record.history_id for record in records]))
            if field.is_relation:
                ids = {pk for record in records for pk in self.ids(field, record)}
                ids_by_model.setdefault(field.related_model, set()).update(ids)
        for model, ids in ids_by_model.items():
            self._read(model, {pk for pk in ids if (model, pk) not in self.rows})

    def ids(self, field: Field, record: Any) -> list[int]:
        """Return the ids of the rows that a record refers to in a field."""
        if field.many_to_many:
            return self.pairs[field].get(record.history_id, [])
        pk = getattr(record, field.attname)
        return [] if pk is None else [pk]

    def get(self, field: Field, pk: int) -> Any:
        """Return a row, or None if it may not be shown."""
        return self.rows.get((field.related_model, pk))

    def _read(self, model: Any, ids: set[int]) -> None:
        """Read the rows of a model with these ids, as far as they may be shown."""
        if not ids:
            return
        self.rows |= {(model, row.pk): row for row in self.queryset(model).filter(pk__in=ids)}
        missing = {pk for pk in ids if (model, pk) not in self.rows}
        if self.deleted and missing:
            deleted = missing - {*model._default_manager.filter(pk__in=missing).values_list("pk", flat=True)}
            for record in without_texts(model.history.filter(id__in=deleted)).order_by("history_id"):
                self.rows[model, record.id] = self.row(record, model)

    def row(self, record: Any, model: Any) -> Any:
        """Return an unsaved row with the values of a record, and those of its related rows that were read."""
        values = {
            field: record.__dict__[field.attname] for field in recorded_fields(model) if _is_loaded(field, record)
        }
        row = model(**{field.attname: value for field, value in values.items()})
        for field, pk in values.items():
            if field.is_relation and (other := self.rows.get((field.related_model, pk))) is not None:
                setattr(row, field.name, other)
        return row


def related_ids(field: Any, record_ids: list[int]) -> dict[int, list[int]]:
    """Return the ids of the rows of a many-to-many field, by record."""
    name = f"{field.m2m_reverse_field_name()}_id"
    ids: dict[int, list[int]] = {pk: [] for pk in record_ids}
    pairs = relation_model(field).objects.filter(history__in=record_ids).order_by(name)
    for record, pk in pairs.values_list("history_id", name):
        ids[record].append(pk)
    return ids


def _is_loaded(field: Field, record: Any) -> bool:
    """Return whether a column of a record was read, and not deferred."""
    return field.attname in record.__dict__


def without_texts(queryset: QuerySet[Any]) -> Any:
    """Defer the long texts of rows or of records: the fields that have a hash."""
    fields = getattr(queryset.model, "tracked_fields", queryset.model._meta.concrete_fields)
    return queryset.defer(*(field.of for field in fields if isinstance(field, Sha256)))
