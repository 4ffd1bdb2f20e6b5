"""Abstract models, and the query set that all models of the domain share."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, NoReturn, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Field, Q
from django.utils.translation import gettext_lazy as _

from accords.db import reindexing
from accords.db.audit_log import BATCH_SIZE, CHANGED, CREATED, AuditLog, AuditRecord, is_recorded, record
from accords.db.compiled_query import BoundParameter
from accords.db.fields import EdtfBound
from accords.db.search_index import SearchQuery, search_condition

UPDATED_AT_ONCE = 100  # rows of an UPDATE statement, which PostgreSQL evaluates in the square of their number
EPOCH = 1577836800  # 2020-01-01, in seconds since 1970


def can_view_drafts(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Return whether the user may view drafts (permission `accords.view_agreement`)."""
    return user is not None and user.is_authenticated and user.has_perm("accords.view_agreement")  # type: ignore[attr-defined]  # users of Django have permissions


class Band(NamedTuple):
    """Rows of a query set whose column lies between two values."""

    rows: Any
    low: Any
    high: Any


class BaseQuerySet(models.QuerySet[Any]):
    """Filters by visibility and by uncertain dates. Every write is recorded in the audit log.

    An uncertain date has no bounds if nothing is stated (blank, or `XXXX-04`): neither the *possible* nor the *certain*
    filters find it, `date_unknown` does. A date with one bound is open on the other side.
    """

    published_path = "agreement__is_published"

    def published(self) -> Self:
        return self.filter(Q((self.published_path, True)))

    def visible_to(self, user: AbstractBaseUser | AnonymousUser | None) -> Self:
        """Return the rows that the user may read: the published ones, or all if the user may view drafts."""
        return self.all() if can_view_drafts(user) else self.published()

    def related_manager(self, name: str) -> Any:
        """Return the default manager of the model to which a relation leads.

        Query sets use it for models whose modules import theirs, so that they cannot import those.
        """
        return self.model._meta.get_field(name).related_model._default_manager

    def citing(self, source: Any) -> Self:
        """Return the rows that a citation of this source supports."""
        name = self.model._meta.model_name
        citations = self.related_manager("citations").filter(Q((f"{name}__isnull", False)), source=source)
        return self.filter(pk__in=citations.values(name))

    def possibly_by(self, field: str, day: date) -> Self:
        """Return the rows whose date may be on or before the day."""
        open_start = Q((f"{field}_earliest__isnull", True), (f"{field}_latest__isnull", False))
        return self.filter(Q((f"{field}_earliest__lte", day)) | open_start)

    def possibly_from(self, field: str, day: date) -> Self:
        """Return the rows whose date may be on or after the day."""
        open_end = Q((f"{field}_latest__isnull", True), (f"{field}_earliest__isnull", False))
        return self.filter(Q((f"{field}_latest__gte", day)) | open_end)

    def certainly_by(self, field: str, day: date) -> Self:
        """Return the rows whose date is on or before the day under every reading."""
        return self.filter(Q((f"{field}_latest__lte", day)))

    def certainly_from(self, field: str, day: date) -> Self:
        """Return the rows whose date is on or after the day under every reading."""
        return self.filter(Q((f"{field}_earliest__gte", day)))

    def date_unknown(self, field: str, unknown: bool) -> Self:
        """Return the rows whose date has no bounds, or, with `unknown=False`, at least one."""
        no_bounds = Q((f"{field}_earliest__isnull", True), (f"{field}_latest__isnull", True))
        return self.filter(no_bounds if unknown else ~no_bounds)

    def matching(self, search_query: "SearchQuery | BoundParameter") -> Self:
        """Return the rows that a full-text query finds."""
        queryset = self.filter(search_condition(search_query))
        queryset.query.search_query = search_query  # type: ignore[attr-defined]  # kept when the query is copied
        return queryset

    @property
    def search_query(self) -> "SearchQuery | BoundParameter | None":
        """Return the query that `matching` was called with, for orders by relevance.

        It is an attribute of `query`, because Django copies these to derived query sets.
        """
        return getattr(self.query, "search_query", None)

    def date_bands(self, column: str) -> list[Band]:
        """Return the rows that have a value of a column in parts, each of which an index returns in order.

        The list is empty if the model has no bands for the column.
        """
        return []

    def update(self, **kwargs: Any) -> int:
        """Update rows, the bounds of their uncertain dates and their index entries."""
        bounds = [
            field for field in self.model._meta.concrete_fields if isinstance(field, EdtfBound) and field.of in kwargs
        ]
        kwargs |= {bound.name: bound.derive(kwargs[bound.of]) for bound in bounds if bound.name not in kwargs}
        with reindexing.reindex_after(self.model, self.db, kwargs):
            if not is_recorded():
                return super().update(**kwargs)
            updated = 0
            with transaction.atomic(using=self.db):
                ids = list(self.order_by().values_list("pk", flat=True))
                for start in range(0, len(ids), BATCH_SIZE):
                    batch = ids[start : start + BATCH_SIZE]
                    updated += models.QuerySet.update(self.filter(pk__in=batch), **kwargs)
                    record(self.model._base_manager.using(self.db).filter(pk__in=batch), CHANGED)
            return updated

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Insert rows. Raise `ValueError` for conflicts that are ignored or updated: they cannot be recorded."""
        with reindexing.reindex_after(self.model, self.db, kwargs.get("update_fields") or ()):
            if not (is_recorded() and (objs := list(objs))):
                return super().bulk_create(objs, *args, **kwargs)
            if kwargs.keys() & {"ignore_conflicts", "update_conflicts"}:
                raise ValueError("The audit log cannot record conflicts. Use `unrecorded()` if no record is needed.")
            with transaction.atomic(using=self.db):
                created = super().bulk_create(objs, *args, **kwargs)
                record(created, CREATED)
            return created


class TimestampedModel(models.Model):
    created_at = models.DateTimeField(
        _("created at"),
        auto_now_add=True,
        db_index=True,
        help_text=_("When the row was created: an RFC 3339 instant, UTC."),
    )
    updated_at = models.DateTimeField(
        _("updated at"),
        auto_now=True,
        db_index=True,
        help_text=_("When the row, or what it shows of others, last changed: an RFC 3339 instant, UTC."),
    )

    history = AuditLog(inherit=True, bases=[AuditRecord], history_id_field=models.BigAutoField())

    class Meta:
        abstract = True


class VersionedModel(TimestampedModel):
    """A row with a version that the database maintains (`accords.db.triggers`).

    `save()` and `update()` cannot set the version. It changes together with `updated_at`: with the row, its nested rows
    and citations, and what the row shows of others. Read the row again to get the new values.
    """

    version = models.PositiveIntegerField(
        _("version"),
        default=1,
        db_default=1,
        editable=False,
        serialize=False,
        help_text=_("Number of changes of the row and of its nested entries, from 1; maintained by the database."),
    )

    class Meta:
        abstract = True


def save_rows(rows: list[Any], names: Iterable[str]) -> None:
    """Update columns of rows of one model in few statements, with the derived values that `save()` would write.

    Rows that were deleted meanwhile are ignored.
    """
    columns = list(names)
    for row in rows:
        for name in columns:
            row._meta.get_field(name).pre_save(row, add=False)  # `bulk_update` does not call it
    if rows:
        type(rows[0])._default_manager.bulk_update(rows, columns, batch_size=UPDATED_AT_ONCE)


def version_of_restored(now: datetime) -> int:
    """Return a version for a row that is created again: the seconds since 2020.

    It is higher than any version before, so that no entity tag is used twice, unless a row is restored twice and was
    changed in between more often than seconds have passed.
    """
    return max(1, int(now.timestamp()) - EPOCH)


def update_fields_for(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """Return `update_fields` for `save()`: these fields, and every column that a save derives from others."""
    return sorted({*names} | {field.name for field in model._meta.concrete_fields if _is_derived(field)})


def _is_derived(field: Field) -> bool:
    """Return whether a save computes the column: `auto_now`, or a `pre_save` of the field's own."""
    if isinstance(field, models.DateTimeField):
        return bool(field.auto_now)
    return not field.editable and type(field).pre_save is not models.Field.pre_save


def refuse_cycle(row: models.Model, field: str) -> None:
    """Raise `ValidationError` for `field` if it leads back to the row, directly or through other rows."""
    seen_ids, related = {row.pk}, getattr(row, field)
    while related is not None:
        if related.pk in seen_ids:
            raise_cycle_error(field)
        seen_ids.add(related.pk)
        related = getattr(related, field)


def raise_cycle_error(field: str) -> NoReturn:
    raise ValidationError({field: ValidationError(_("This would form a cycle."), code="loop")})


def refuse_foreign(row: models.Model, *fields: str) -> None:
    """Raise `ValidationError` for each of these relations that refers to a row of another agreement."""
    agreement_id: int | None = row.agreement_id  # type: ignore[attr-defined]  # rows that belong to an agreement have it
    if agreement_id is None:
        return
    wrong_fields = [name for name in fields if getattr(row, name) and getattr(row, name).agreement_id != agreement_id]
    if wrong_fields:
        message = _("This belongs to another agreement.")
        raise ValidationError({name: ValidationError(message, code="other_agreement") for name in wrong_fields})
