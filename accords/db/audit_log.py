"""The audit log: every write to a row of the domain is recorded with its instant, its author and its origin.

django-simple-history creates the history tables and receives the signals of saves and deletions. It does not notice
rows written many at a time, fixtures, and relations that a deletion sets to null: `AuditLog` and
`accords.models.base.BaseQuerySet` record these.

Internals of django-simple-history are used in this module only: `HistoricalRecords.context` and `.m2m_models`, and
`tracked_fields` and `_history_m2m_fields` of its models (tried with 3.13).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Field, Model
from django.utils import timezone
from simple_history.models import HistoricalRecords

BATCH_SIZE = 500  # rows of an INSERT statement
CREATED, CHANGED, DELETED = "+", "~", "-"
RESOLUTION = timedelta(microseconds=1)  # of the instants that databases store


class RecordGroup:
    """The records of one transaction. They share an instant, so that a history shows them as one entry.

    It is the instant of the first record, unless `instant_for` chooses a later one.
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.record_ids: dict[Any, list[int]] = defaultdict(list)  # by their model

    def instant_for(self, history: Any, ids: list[int]) -> datetime:
        """Return the instant of new records. `ids` are those of the rows that have records already.

        The records of a row have the order of their instants. Another transaction may have written one of the rows
        after the first record of the group, while this one waited for it. Then all records of the group move to a later
        instant; nobody else has written their rows meanwhile, because this transaction holds the locks.
        """
        self.at = self.at or timezone.now()
        last = history.objects.filter(id__in=ids).aggregate(last=models.Max("history_date"))["last"] if ids else None
        if last is not None and last > self.at:
            before, self.at = self.at, max(timezone.now(), last + RESOLUTION)
            for model, record_ids in self.record_ids.items():
                # Ids of records that were rolled back may be those of other records by now.
                model.objects.filter(pk__in=record_ids, history_date=before).update(history_date=self.at)
        return self.at


class Origin(NamedTuple):
    """How rows are written (`api`, `admin`, `import`, `command:NAME`), and the group of the records.

    Without a group, each call of `record` makes one.
    """

    through: str = ""
    group: RecordGroup | None = None


UNKNOWN = Origin()
_origin: ContextVar[Origin | None] = ContextVar("origin", default=UNKNOWN)  # None: nothing is recorded


@contextmanager
def recorded_as(through: str, *, grouped: bool = False) -> Iterator[None]:
    """Record the writes of this block with an origin, and as one group if `grouped`.

    Requests need none: their origin is `api` or `admin`, and their records are grouped.
    """
    token = _origin.set(Origin(through, RecordGroup() if grouped else None))
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing that this block writes, for example the data of a benchmark."""
    token = _origin.set(None)
    try:
        yield
    finally:
        _origin.reset(token)


def is_recorded() -> bool:
    return _origin.get() is not None


def current_origin() -> Origin:
    """Return the origin of the current writes."""
    request: Any = getattr(HistoricalRecords.context, "request", None)
    origin = _origin.get() or UNKNOWN
    if request is None or origin.through:
        return origin
    if not hasattr(request, "record_group"):
        request.record_group = RecordGroup()
    return Origin("api" if request.path.startswith("/api/") else "admin", request.record_group)


def record(rows: Iterable[Any], history_type: str) -> None:
    """Record rows of one model as `CREATED`, `CHANGED` or `DELETED`."""
    if not is_recorded() or not (rows := list(rows)):
        return
    model: Any = type(rows[0])
    origin = current_origin()
    user = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    user = user if user is not None and user.is_authenticated else None
    history = history_model(model)
    group = origin.group or RecordGroup()
    # A new row has no records, unless it has the id of one that was deleted, long before.
    at = group.instant_for(history, [] if history_type == CREATED else [row.pk for row in rows])
    metadata = {"history_type": history_type, "history_date": at, "through": origin.through}
    metadata |= {"history_user": user, "author": user.get_username() if user else ""}
    columns = [field.attname for field in recorded_fields(model)]
    records = [history(**metadata, **{name: getattr(row, name) for name in columns}) for row in rows]
    history.objects.bulk_create(records, batch_size=BATCH_SIZE)
    group.record_ids[history] += [entry.history_id for entry in records]
    by_id = {entry.id: entry for entry in records}
    for field in recorded_relations(model):
        through = field.remote_field.through
        names = [column.attname for column in through._meta.concrete_fields]
        pairs = through._default_manager.filter(models.Q((f"{field.m2m_column_name()}__in", list(by_id))))
        copies = [
            relation_model(field)(
                history=by_id[getattr(pair, field.m2m_column_name())],
                **{name: getattr(pair, name) for name in names},
            )
            for pair in pairs
        ]
        relation_model(field).objects.bulk_create(copies, batch_size=BATCH_SIZE)


@cache
def history_model(model: Any) -> Any:
    """Return the model of a model's records; cached, because the attribute `history` creates a class each time."""
    return model.history.model


def recorded_fields(model: Any) -> list[Any]:
    """Return a model's own fields that its history copies. Many-to-many fields are in `recorded_relations`."""
    fields: list[Any] = history_model(model).tracked_fields
    return fields


def recorded_relations(model: type[Model]) -> list[Any]:
    """Return the many-to-many fields of a model whose pairs are recorded with its rows."""
    return list(history_model(model)._history_m2m_fields)


def relation_model(field: Field) -> Any:
    """Return the model of the recorded pairs of a many-to-many field."""
    return HistoricalRecords.m2m_models[field]


class AuditRecord(models.Model):
    """Columns of every history table besides those of django-simple-history."""

    through = models.CharField(max_length=64, blank=True, default="", help_text="How the row was written.")
    author = models.CharField(
        max_length=150, blank=True, default="", help_text="Username of the account, which may be deleted by now."
    )

    class Meta:
        abstract = True


class AuditLog(HistoricalRecords):  # type: ignore[misc]  # django-simple-history has no types
    """History that also notices fixtures, saves of some columns, and relations that a deletion sets to null."""

    def fields_included(self, model: type[Model]) -> list[Any]:
        """Leave out columns that the database computes, and those that fixtures leave out (`serialize=False`).

        Django sets that of primary keys, too, which are recorded.
        """
        fields = super().fields_included(model)
        return [field for field in fields if not field.generated and (field.serialize or field.primary_key)]

    def copy_fields(self, model: type[Model]) -> dict[str, Any]:
        """Return copies of the columns without indexes, except for keys and slugs.

        A field class of ours with a `pre_save` of its own, such as `EdtfBound`, becomes Django's class on which it is
        based: a record keeps the value that the row had, and derives none.
        """
        fields = super().copy_fields(model)
        for name, field in fields.items():
            field.db_index = field.is_relation or name == "slug"
            if "pre_save" in vars(type(field)) and type(field).__module__.startswith("accords."):
                field.__class__ = type(field).__base__
        return fields

    def get_meta_options(self, model: type[Model]) -> dict[str, Any]:
        """Order by the sequence of writes, and index the records of a row."""
        index = models.Index(fields=["id", "history_id"], name=f"{model._meta.model_name}_log")
        return {**super().get_meta_options(model), "ordering": ("-history_id",), "indexes": [index]}

    def post_save(self, instance: Model, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Record a saved row; after a save with `update_fields`, as the database has it."""
        if kwargs.get("update_fields") is not None:
            instance = type(instance)._base_manager.using(using).get(pk=instance.pk)
        if created or not (kwargs.get("raw") and self._is_unchanged(instance)):
            record([instance], CREATED if created else CHANGED)

    def _is_unchanged(self, instance: Any) -> bool:
        """Return whether the last record has the same values, as when a fixture is loaded again."""
        last = type(instance).history.filter(id=instance.pk).first()
        names = [field.attname for field in recorded_fields(type(instance))]
        return last is not None and all(getattr(last, name) == getattr(instance, name) for name in names)

    def pre_delete(self, instance: Any, **kwargs: Any) -> None:
        """Note the rows whose relation to this one the deletion sets to null, for which Django sends no signal."""
        super().pre_delete(instance, **kwargs)
        instance.set_null_ids = defaultdict(set)
        for relation in instance._meta.related_objects:
            if relation.on_delete is models.SET_NULL and hasattr(relation.related_model, "history"):
                rows = relation.related_model._base_manager.filter(models.Q((relation.field.name, instance.pk)))
                instance.set_null_ids[relation.related_model] |= set(rows.values_list("pk", flat=True))

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Record a deleted row, and those that `pre_delete` noted."""
        record([instance], DELETED)
        for model, ids in instance.set_null_ids.items():
            if ids:
                record(model._base_manager.filter(pk__in=ids), CHANGED)

    def m2m_changed(self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **kwargs: Any) -> None:
        """Record the row whose many-to-many relation was changed, from either side."""
        if action == "pre_clear" and reverse:  # afterwards nothing says which rows they were
            rows = kwargs["model"]._base_manager.filter(models.Q((attr, instance)))
            instance.cleared_ids = set(rows.values_list("pk", flat=True))
        if action not in ("post_add", "post_remove", "post_clear"):
            return
        if action == "post_clear" and reverse:
            pk_set = instance.cleared_ids
        if not reverse:
            record([instance], CHANGED)
        elif pk_set:
            record(kwargs["model"]._base_manager.filter(pk__in=pk_set), CHANGED)
