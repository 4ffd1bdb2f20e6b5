"""What every row has, and the questions every query set answers."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accords.db import reindexing
from accords.db.audit_log import AT_ONCE, CHANGED, CREATED, Log, is_recorded, record
from accords.db.fields import EdtfBound
from accords.db.parameters import BoundParameter
from accords.db.search_index import SearchQuery, matching, words_of


def can_view_drafts(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Whether someone may see unpublished agreements: the model permission decides, being logged in does not."""
    return user is not None and user.is_authenticated and user.has_perm("accords.view_agreement")  # type: ignore[attr-defined]


class Strand(NamedTuple):
    """A part of a query set's rows: they have a column between two values."""

    rows: Any
    low: Any
    high: Any


class RecordQuerySet(models.QuerySet[Any]):
    """Questions about visibility and uncertain dates.

    A date has no bounds where nothing is stated (`XXXX-04`, blank): neither *possible* nor *certain* questions find
    it, `date_unknown` does. A date with one bound is open on the other side.
    """

    published_path = "agreement__is_published"
    asked: "SearchQuery | BoundParameter | None" = None

    def published(self) -> Self:
        """Rows that anyone may read."""
        return self.filter(Q((self.published_path, True)))

    def visible_to(self, user: AbstractBaseUser | AnonymousUser | None) -> Self:
        """Rows that this user may read: drafts only with the permission to view agreements."""
        return self.all() if can_view_drafts(user) else self.published()

    def rows_of(self, name: str) -> Any:
        """The manager of the rows behind a relation, for models that stand above this one."""
        return self.model._meta.get_field(name).related_model._default_manager

    def citing(self, source: Any) -> Self:
        """Rows that a quotation from this source supports."""
        name = self.model._meta.model_name
        quotes = self.rows_of("citations").filter(Q((f"{name}__isnull", False)), source=source)
        return self.filter(pk__in=quotes.values(name))

    def possibly_by(self, field: str, day: date) -> Self:
        """Rows whose date may be on or before the day."""
        open_start = Q((f"{field}_earliest__isnull", True), (f"{field}_latest__isnull", False))
        return self.filter(Q((f"{field}_earliest__lte", day)) | open_start)

    def possibly_from(self, field: str, day: date) -> Self:
        """Rows whose date may be on or after the day."""
        open_end = Q((f"{field}_latest__isnull", True), (f"{field}_earliest__isnull", False))
        return self.filter(Q((f"{field}_latest__gte", day)) | open_end)

    def certainly_by(self, field: str, day: date) -> Self:
        """Rows whose date is on or before the day, whichever day it is."""
        return self.filter(Q((f"{field}_latest__lte", day)))

    def certainly_from(self, field: str, day: date) -> Self:
        """Rows whose date is on or after the day, whichever day it is."""
        return self.filter(Q((f"{field}_earliest__gte", day)))

    def date_unknown(self, field: str, unknown: bool) -> Self:
        """Rows whose date has no bounds at all (`unknown`), or has one."""
        no_bounds = Q((f"{field}_earliest__isnull", True), (f"{field}_latest__isnull", True))
        return self.filter(no_bounds if unknown else ~no_bounds)

    def matching(self, asked: "SearchQuery | BoundParameter") -> Self:
        """Rows that match a query, which may be given later."""
        found = self.filter(matching(asked))
        found.asked = asked
        return found

    def _clone(self) -> Self:
        """A copy remembers what was asked: orders by relevance need to know."""
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.asked = self.asked
        return clone

    def strands(self, column: str) -> list[Strand]:
        """Rows that have a value of a column, in parts each of which an index gives in order; none are known."""
        return []

    def update(self, **kwargs: Any) -> int:
        """Update rows, with an uncertain date its bounds and with a text its words; each is recorded."""
        bounds = [
            field for field in self.model._meta.concrete_fields if isinstance(field, EdtfBound) and field.of in kwargs
        ]
        kwargs |= {bound.name: bound.derive(kwargs[bound.of]) for bound in bounds if bound.name not in kwargs}
        with reindexing.followed(self.model, self.db, kwargs):
            return self._update_all(kwargs) if is_recorded() else super().update(**kwargs)

    def _update_all(self, kwargs: Any) -> int:
        with transaction.atomic(using=self.db):
            ids = list(self.order_by().values_list("pk", flat=True))
            return sum(
                self._update_recorded(ids[start : start + AT_ONCE], kwargs) for start in range(0, len(ids), AT_ONCE)
            )

    def _update_recorded(self, ids: list[Any], values: dict[str, Any]) -> int:
        updated = models.QuerySet.update(self.filter(pk__in=ids), **values)
        record(self.model._base_manager.using(self.db).filter(pk__in=ids), CHANGED)
        return updated

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Make rows, many in a statement; each is recorded. Of rows that are updated instead, the words follow."""
        with reindexing.followed(self.model, self.db, kwargs.get("update_fields") or ()):
            return self._bulk_create(objs, *args, **kwargs)

    def _bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not (is_recorded() and (objs := list(objs))):
            return super().bulk_create(objs, *args, **kwargs)
        if kwargs.keys() & {"ignore_conflicts", "update_conflicts"}:
            raise ValueError("What becomes of conflicts cannot be recorded; say `unrecorded` if nobody will ask.")
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **kwargs)
            record(made, CREATED)
        return made


class Record(models.Model):
    """A row with an identity of its own."""

    created_at = models.DateTimeField(auto_now_add=True, help_text="When the row was made: an RFC 3339 instant, UTC.")
    updated_at = models.DateTimeField(
        auto_now=True, db_index=True, help_text="When the row was last changed: an RFC 3339 instant, UTC."
    )

    history = Log(inherit=True, history_id_field=models.BigAutoField())

    class Meta:
        abstract = True

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any) -> Any:
        """Write some fields, as `save(update_fields=…)` and a row that was read in part do; with a text its words."""
        words, written = words_of(type(self)), {field.name for field, *_ in values}
        if words is not None and words.name not in written and not words.watched.isdisjoint(written):
            values = [*values, (words, None, words.derive(self))]
        return super()._do_update(base_qs, using, pk_val, values, *args)


class VersionedRecord(Record):
    """A row that is a resource of its own, with the version that the database keeps (`models/triggers.py`).

    No writer sets the version: what a `save()` or an `update()` says is ignored. To know it, read it anew.
    """

    version = models.PositiveIntegerField(
        default=1,
        db_default=1,
        editable=False,
        serialize=False,
        help_text="How often the row, or what is written as part of it, was changed, from 1; kept by the database.",
    )

    class Meta:
        abstract = True


def columns_of(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """What to save when these fields of a row are to be written: they, and every column that a save derives."""
    return sorted({*names} | {field.name for field in model._meta.concrete_fields if _is_derived(model, field)})


def _is_derived(model: type[models.Model], field: Any) -> bool:
    """Whether a save makes the column anew: bounds, hashes, days of reading, the instant of the change."""
    if isinstance(field, models.DateTimeField):
        return bool(field.auto_now)
    made = not field.editable and type(field).pre_save is not models.Field.pre_save
    return made or hasattr(model, f"derive_{field.name}")


def refuse_loop(row: models.Model, field: str) -> None:
    """Raise `ValidationError` beside `field` when following it leads back to the row."""
    seen, step = {row.pk}, getattr(row, field)
    while step is not None:
        if step.pk in seen:
            raise ValidationError({field: ValidationError(_("This leads round in a circle."), code="loop")})
        seen.add(step.pk)
        step = getattr(step, field)


def refuse_foreign(row: models.Model, *fields: str) -> None:
    """Raise `ValidationError` beside each relation that leads to a row of another agreement, if the row has one."""
    if row.agreement_id is None:  # type: ignore[attr-defined]
        return
    strangers = [name for name in fields if getattr(row, name) and getattr(row, name).agreement_id != row.agreement_id]  # type: ignore[attr-defined]
    if strangers:
        message = _("This belongs to another agreement.")
        raise ValidationError({name: ValidationError(message, code="other_agreement") for name in strangers})
