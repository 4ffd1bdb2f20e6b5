"""The change log: every write to a row of the domain leaves a record of who, when, through what, and the row's state.

django-simple-history makes the tables and hears of saves and deletions; what it does not hear of is recorded here and
in the query set of `base.py`: rows written many at a time, fixtures, relations set to null by a deletion.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

AT_ONCE = 500  # rows a statement
NOT_RECORDED = {"version", "search"}  # beside what the database computes: a count of writes, and words on their way
CREATED, CHANGED, DELETED = "+", "~", "-"


class Act(NamedTuple):
    """Through what rows are being written, and the instant that all its records get; None = each its own."""

    through: str = ""
    at: datetime | None = None


UNSAID = Act()
_act: ContextVar[Act | None] = ContextVar("act", default=UNSAID)  # None: nothing is recorded


@contextmanager
def acting(through: str, at: datetime | None = None) -> Iterator[None]:
    """Say through what this block writes: `command:NAME`, `import`. What a request writes says so itself."""
    token = _act.set(Act(through, at))
    try:
        yield
    finally:
        _act.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Leave no record of what this block writes: for data that nobody will ask about, such as a benchmark's."""
    token = _act.set(None)
    try:
        yield
    finally:
        _act.reset(token)


def is_recorded() -> bool:
    """Whether writes are recorded here."""
    return _act.get() is not None


def present() -> Act:
    """What is being done. All that a request writes has one instant, so that it is known as a whole or not at all."""
    request: Any = getattr(HistoricalRecords.context, "request", None)
    act = _act.get() or UNSAID
    if request is None or act.through:
        return Act(act.through, act.at or timezone.now())
    if not hasattr(request, "acted_at"):
        request.acted_at = timezone.now()
    return Act("api" if request.path.startswith("/api/") else "admin", request.acted_at)


def record(rows: Iterable[Any], kind: str) -> None:
    """Record the state of rows of one model: created, changed or deleted."""
    if not is_recorded() or not (found := list(rows)):
        return
    log, act, who = type(found[0]).history.model, present(), _author()
    about = {"history_type": kind, "history_date": act.at, "through": act.through, "history_user": who}
    columns = [field.attname for field in log.tracked_fields]
    made = [log(**about, **{name: getattr(row, name) for name in columns}) for row in found]
    log.objects.bulk_create(made, batch_size=AT_ONCE)
    for field in log._history_m2m_fields:
        _record_relation(field, {one.id: one for one in made})


def _record_relation(field: Any, made: dict[int, Any]) -> None:
    """Keep beside each record what a relation to many named at that time."""
    through, log = field.remote_field.through, HistoricalRecords.m2m_models[field]
    names = [column.attname for column in through._meta.concrete_fields]
    of = field.m2m_column_name()
    pairs = through._default_manager.filter(models.Q((f"{of}__in", list(made))))
    log.objects.bulk_create(
        [log(history=made[getattr(pair, of)], **{name: getattr(pair, name) for name in names}) for pair in pairs],
        batch_size=AT_ONCE,
    )


def relations(model: Any) -> list[str]:
    """The names of the relations to many that are recorded with the rows of a model."""
    return [field.name for field in model.history.model._history_m2m_fields]


def _author() -> Any:
    user = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return user if user is not None and user.is_authenticated else None


class Log(HistoricalRecords):  # type: ignore[misc]  # the library has no types
    """The library's records, with `through`, and without what can be derived or is only there to be fast."""

    def fields_included(self, model: Any) -> list[Any]:
        """All columns but those that the database itself keeps."""
        every = super().fields_included(model)
        return [field for field in every if not field.generated and field.name not in NOT_RECORDED]

    def copy_fields(self, model: Any) -> dict[str, Any]:
        """Columns that hold what the row held: nothing is derived again, and only keys have an index."""
        fields = super().copy_fields(model)
        for name, field in fields.items():
            field.db_index = field.is_relation or name == "slug"
            if "pre_save" in vars(type(field)) and type(field).__module__.startswith("accords."):
                field.__class__ = type(field).__base__
        return fields

    def get_extra_fields(self, model: Any, fields: Any) -> dict[str, Any]:
        """What the record says besides the row."""
        through = models.CharField(max_length=64, blank=True, default="", help_text="Through what it was written.")
        return {**super().get_extra_fields(model, fields), "through": through}

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        """Newest first as they were written; the states of a row are found by an index."""
        order = models.Index(fields=["id", "history_id"], name=f"{model._meta.model_name}_log")
        return {**super().get_meta_options(model), "ordering": ("-history_id",), "indexes": [order]}

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Record a row that was saved, by a fixture too; of one that was saved in part, what the database has."""
        if kwargs.get("update_fields") is not None:
            instance = type(instance)._base_manager.using(using).get(pk=instance.pk)
        if not (kwargs.get("raw") and self._is_known(instance)):
            record([instance], CREATED if created else CHANGED)

    def _is_known(self, instance: Any) -> bool:
        """Whether its last record tells its state already, as when a fixture is loaded again."""
        last = type(instance).history.filter(id=instance.pk).first()
        names = [field.attname for field in self.fields_included(type(instance))]
        return last is not None and all(getattr(last, name) == getattr(instance, name) for name in names)

    def pre_delete(self, instance: Any, **kwargs: Any) -> None:
        """Remember whose relation to this row its deletion sets to null: nobody is told of that."""
        super().pre_delete(instance, **kwargs)
        instance.loosened = [
            list(relation.related_model._base_manager.filter(models.Q((relation.field.name, instance.pk))))
            for relation in instance._meta.related_objects
            if relation.on_delete is models.SET_NULL and hasattr(relation.related_model, "history")
        ]

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Record the deletion, and the rows whose relation to this one is null now."""
        record([instance], DELETED)
        for rows in filter(None, instance.loosened):
            record(type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]), CHANGED)

    def m2m_changed(self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **kwargs: Any) -> None:
        """Record the row whose relation to many was changed, from whichever side."""
        if action not in ("post_add", "post_remove", "post_clear"):
            return
        if not reverse:
            record([instance], CHANGED)
        elif pk_set:
            record(kwargs["model"]._base_manager.filter(pk__in=pk_set), CHANGED)
