"""Putting back what a row was: by the rules that every save keeps, recorded as the change that it is.

Whether an agreement is published is never put back: that is decided anew.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.admin.edit_conflicts import is_versioned, refuse_stale, told
from accords.admin.records import below, entered
from accords.db.audit_log import DELETED
from accords.db.integrity_errors import by_field
from accords.db.row_history import named
from accords.models import Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement
from accords.services import affected_agreements, renewals_changed

KEPT = {"is_published"}
ORDER: list[Any] = [Participation, Clause, ClauseParty, Renewal, Event, Statement, Citation]  # others name those before


def fields(model: Any) -> list[Any]:
    """What is put back of a row."""
    return [field for field in entered(model) if field.name not in KEPT]


def put_back(record: Any, seen: str) -> Any:
    """Give a row the values of one of its records. `seen` is what a page remembers of the row (`remembered`).

    Raises `ValidationError` where the row has changed since, or its rules say no, or its agreement's terms undo it.
    """
    model = record.instance_type
    with transaction.atomic():
        row = model._default_manager.select_for_update().get(pk=record.id)
        refuse_changed(row, seen)
        agreements = affected_agreements(row)
        many = fill(row, record)
        row.full_clean()
        row.save()
        put(row, many)
        renewals_changed(agreements | affected_agreements(row), on=timezone.localdate())
        refuse_undone(row, record)
    return row


def make_again(record: Any, user: Any) -> list[Any]:
    """Make a row that was deleted again, with all that went with it; an agreement comes back as a draft.

    Raises `ValidationError` where rules say no, or someone may not add rows of a kind that comes back.
    """
    records = [record, *gone_with(record)]
    refuse_forbidden({one.instance_type for one in records}, user)
    with transaction.atomic():
        rows = [_made(one) for one in in_order(records)]
        renewals_changed(set().union(*map(affected_agreements, rows)), on=timezone.localdate())
    return rows


def _made(record: Any) -> Any:
    model = record.instance_type
    row = model(pk=record.id)
    many = fill(row, living(record))
    row.full_clean()
    if is_versioned(model):
        row.version = 1 + lives(model, record.id)
    row.save(force_insert=True)
    put(row, many)
    return row


def living(record: Any) -> Any:
    """The record of what a row was at last: of a deletion the one before, for its relations were gone by then."""
    before = type(record).objects.filter(id=record.id, history_id__lt=record.history_id).exclude(history_type=DELETED)
    return (before.first() if record.history_type == DELETED else None) or record


def lives(model: Any, pk: int) -> int:
    """How often a row was written, at least; no version of its earlier life is higher."""
    parts = (one.related_model.history.filter(Q((one.field.name, pk))).count() for one in below(model))
    return sum(parts, model.history.filter(id=pk).count())


def gone_with(record: Any) -> Iterator[Any]:
    """The records of what went when a row was deleted, because it hung on it."""
    waiting = [(record.instance_type, [record.id])]
    seen: set[tuple[Any, int]] = set()
    for parent, ids in waiting:
        for relation in below(parent):
            log = relation.related_model.history.filter(history_type=DELETED, history_date=record.history_date)
            hung = log.filter(Q((f"{relation.field.name}__in", ids)))
            new = [one for one in hung if (one.instance_type, one.id) not in seen]
            seen |= {(one.instance_type, one.id) for one in new}
            waiting.append((relation.related_model, [one.id for one in new])) if new else None
            yield from new


def in_order(records: list[Any]) -> list[Any]:
    """The records so that each comes after those of the rows that it names."""
    first, *rest = records
    rest.sort(key=lambda one: (ORDER.index(one.instance_type), one.id))
    done, waiting = [first], rest
    while waiting:
        coming = {(one.instance_type, one.id) for one in waiting}
        ready = [one for one in waiting if not coming & names(one)] or waiting  # in a circle the rules will say so
        done += ready
        waiting = [one for one in waiting if one not in ready]
    return done


def names(record: Any) -> set[tuple[Any, int]]:
    """The rows that a record names."""
    relations = (field for field in record.tracked_fields if field.is_relation)
    return {(field.related_model, getattr(record, field.attname)) for field in relations}


def fill(row: Any, record: Any) -> dict[str, list[int]]:
    """Give a row the values of a record; those of relations to many are given back, for they come after the save."""
    many: dict[str, list[int]] = {}
    for field in fields(record.instance_type):
        if field.many_to_many:
            many[field.name] = named(field, [record.history_id])[record.history_id]
        else:
            setattr(row, field.attname, getattr(record, field.attname))
    return many


def put(row: Any, many: dict[str, list[int]]) -> None:
    """Set relations to many. Raises `ValidationError` where a row is no longer there."""
    for name, ids in many.items():
        manager = getattr(row, name)
        there = set(manager.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        if there != set(ids):
            told = _("%(kind)s: some that it named are no longer there.") % {"kind": capfirst(name)}
            raise ValidationError(told, code="gone")
        if there != set(manager.values_list("pk", flat=True)):
            manager.set(there)


# What speaks against it


def remembered(row: Any) -> str:
    """What a page remembers of a row that it shows."""
    return told(row.version if is_versioned(type(row)) else last(row))


def last(row: Any) -> int:
    """The number of a row's last record; 0 without any."""
    found: int | None = type(row).history.filter(id=row.pk).values_list("history_id", flat=True).first()
    return found or 0


def refuse_changed(row: Any, seen: str) -> None:
    """Raise `ValidationError` if a row is not the one that the page has shown."""
    number = seen.partition("@")[0]
    if not number.isdigit():
        raise ValidationError(_("Look first at what this will change."), code="unseen")
    if is_versioned(type(row)):
        refuse_stale(row, seen)
    elif int(number) != last(row):
        raise ValidationError(_("Someone changed this meanwhile: look again at what this will change."), code="stale")


def refuse_undone(row: Any, record: Any) -> None:
    """Raise `ValidationError` where a renewal date that was put back follows from terms that say something else."""
    if not isinstance(row, Renewal):
        return
    now = Renewal.objects.filter(pk=row.pk).first()
    if now is None or any(getattr(now, field.attname) != getattr(record, field.attname) for field in fields(Renewal)):
        told = _("This date follows from its agreement's terms, which say something else now: put those back instead.")
        raise ValidationError(told, code="follows_from_terms")


def refuse_forbidden(models: set[Any], user: Any) -> None:
    """Raise `ValidationError` where someone may not add rows of these kinds."""
    lacking = [model for model in models if not user.has_perm(f"accords.add_{model._meta.model_name}")]
    if lacking:
        kinds = ", ".join(sorted(str(model._meta.verbose_name_plural) for model in lacking))
        raise ValidationError(_("You may not add what would come back with it: %s.") % kinds, code="forbidden")


def problems(error: ValidationError, model: Any) -> list[str]:
    """What a refusal says, with the field that each problem is about."""
    found = []
    for name, several in by_field(error).items():
        label = "" if name == NON_FIELD_ERRORS else f"{capfirst(str(model._meta.get_field(name).verbose_name))}: "
        found += [f"{label}{message}" for problem in several for message in problem.messages]
    return found
