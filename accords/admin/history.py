"""The history pages: changes of a row and its child rows, deleted rows, and restoring versions.

A record is a row of the audit log, and a log a query set of records. The child rows of a row are those that are deleted
with it (`CASCADE`), and their own child rows.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, Field, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from accords.admin.autocomplete import ID_PATTERN, clean_id
from accords.admin.display import change_url, plain_number
from accords.admin.edit_conflicts import deleted_row_message
from accords.admin.in_place import is_in_place
from accords.admin.refusals import refusal_message
from accords.db.audit_log import CREATED, DELETED, recorded_fields, recorded_relations
from accords.db.fields import Sha256
from accords.db.integrity_errors import by_field, explain
from accords.db.row_history import References, related_ids, without_texts
from accords.models import Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement
from accords.models.base import VersionedModel, can_view_drafts, version_of_restored
from accords.services import (
    PublicationGuard,
    RefusedWrite,
    affected_agreements,
    check_computed_renewals,
    may_publish,
    renewals_changed,
)
from accords.vocabulary import ChangeKind

PAGE_SIZE = 50
PAGE_VAR = "p"
MAX_VALUE_LENGTH = 400  # characters that are shown
KINDS = {CREATED: ChangeKind.CREATED, DELETED: ChangeKind.DELETED}  # of records; all others are changes
NOT_RESTORED = {"is_published"}  # publishing is a separate decision
RESTORE_ORDER: list[type[Model]] = [Participation, Clause, ClauseParty, Renewal, Event, Statement, Citation]
"""The models of child rows, each after those to which it refers."""

Logs = list[tuple[Any, QuerySet[Any]]]
"""Models, each with a query set of its records. A model has several if several relations lead to it."""


# Reading the audit log


class Change(NamedTuple):
    """A field's label, and its value before and after as text; blank if there is none."""

    label: str
    before: str
    after: str


class Entry(NamedTuple):
    """A record of the audit log, the row's name at that time, and the changes that it records."""

    record: Any
    name: str
    kind: ChangeKind
    changes: list[Change]

    @property
    def model(self) -> type[Model]:
        return self.record.instance_type

    @property
    def model_name(self) -> str:
        return str(self.model._meta.verbose_name)


def child_relations(model: type[Model]) -> list[Any]:
    """Return the relations to child rows that the audit log records."""
    relations = [relation for relation in model._meta.related_objects if relation.on_delete is models.CASCADE]
    return [relation for relation in relations if hasattr(relation.related_model, "history")]


def row_logs(model: Any, pk: int) -> Logs:
    """Return the records of a row and, by model and relation, of every row that was ever its child row.

    These include the records of a child row from before and after it was one, such as that of its move.
    """
    logs: Logs = [(model, model.history.filter(id=pk))]
    waiting: list[tuple[type[Model], list[int] | QuerySet[Any]]] = [(model, [pk])]
    for parent, ids in waiting:  # grows in the loop
        for relation in child_relations(parent):
            history = relation.related_model.history
            children = history.filter(Q((f"{relation.field.name}__in", ids))).order_by().values("id")
            log = history.filter(id__in=children)
            logs.append((relation.related_model, log))
            waiting.append((relation.related_model, children))
    return logs


def record_keys(logs: Logs) -> QuerySet[Any]:
    """Return (date, record id, model name) of all records, newest first.

    Records of several models can have the same date and id; their order must not differ from page to page.
    """
    querysets = [
        log.order_by()
        .annotate(model_name=Value(model._meta.model_name))
        .values_list("history_date", "history_id", "model_name")
        for model, log in logs
    ]
    return querysets[0].union(*querysets[1:]).order_by("-history_date", "-history_id", "model_name")


def entries(page: Iterable[tuple[datetime, int, str]], logs: Logs) -> list[Entry]:
    """Return the entries of a page of `record_keys`, with a fixed number of queries for each model on it."""
    keys = [(model_name, record_id) for _date, record_id, model_name in page]
    by_key: dict[tuple[str, int], Entry] = {}
    for name, model in {model._meta.model_name: model for model, _log in logs}.items():
        if ids := [record_id for model_name, record_id in keys if model_name == name]:
            by_key |= {(name, entry.record.history_id): entry for entry in _model_entries(model, ids)}
    return [by_key[key] for key in keys]


def _model_entries(model: Any, ids: list[int]) -> list[Entry]:
    """Return the entries of these records of one model, each compared with the row's record before it."""
    earlier = model.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    log = without_texts(model.history.filter(history_id__in=ids))
    records = list(log.annotate(earlier_id=Subquery(earlier.values("history_id")[:1])))
    earlier_log = model.history.filter(history_id__in=[record.earlier_id for record in records if record.earlier_id])
    earlier_records = {record.history_id: record for record in without_texts(earlier_log)}
    record_text = RecordText(model, [*records, *earlier_records.values()])
    return [record_text.entry(record, earlier_records.get(record.earlier_id)) for record in records]


def entered_fields(model: type[Model]) -> list[Any]:
    """Return the fields of a row that editors enter, many-to-many relations included."""
    columns = [field for field in recorded_fields(model) if field.editable and not field.primary_key]
    return [*columns, *recorded_relations(model)]


class RecordText:
    """The labels and values of records of one model, as text. Related rows are fetched once, for all records.

    A long text is compared and shown by its hash.
    """

    def __init__(self, model: type[Model], records: list[Any]) -> None:
        hashes = [field for field in recorded_fields(model) if isinstance(field, Sha256)]
        hashed_names = {field.of for field in hashes}
        self.model = model
        self.fields = [field for field in entered_fields(model) if field.name not in hashed_names] + hashes
        self.references = References(
            self.fields, records, lambda other: without_texts(other._default_manager.all()), deleted=True
        )

    def entry(self, record: Any, earlier: Any) -> Entry:
        before = None if record.history_type == CREATED else earlier
        after = None if record.history_type == DELETED else record
        kind = KINDS.get(record.history_type, ChangeKind.CHANGED)
        return Entry(record, self.name(record), kind, self.changes(before, after))

    def name(self, record: Any) -> str:
        """Return the row's `__str__` at the time of the record."""
        try:
            return str(self.references.row(record, self.model))
        except ObjectDoesNotExist:  # `__str__` reads a related row that is neither stored nor in the audit log
            return f"{self.model._meta.verbose_name} {record.id}"

    def changes(self, before: Any, after: Any) -> list[Change]:
        """Return the fields that differ between two records. If one of them is None, all of its fields are blank."""
        values = ((field, self.value(field, before), self.value(field, after)) for field in self.fields)
        return [
            Change(capfirst(str(field.verbose_name)), self.text(field, old), self.text(field, new))
            for field, old, new in values
            if old != new
        ]

    def value(self, field: Field, record: Any) -> Any:
        """Return the value to compare: the ids of a relation as a list, "" for any blank value."""
        if record is None:
            return [] if field.is_relation else ""
        if field.is_relation:
            return self.references.ids(field, record)
        value = getattr(record, field.attname)
        return "" if value is None or value == [] else value

    def text(self, field: Field, value: Any) -> str:
        """Return a value of `value` as readers see it; a long one is cut."""
        if field.is_relation:
            return ", ".join(str(self.references.get(field, pk) or pk) for pk in value)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, Decimal):
            return plain_number(value)
        return Truncator(", ".join(value) if isinstance(value, list) else str(value)).chars(MAX_VALUE_LENGTH)


# Restoring


def last_record_id(row: Any) -> int:
    """Return the id of the newest record of a row; 0 if it has none."""
    newest: int | None = type(row).history.filter(id=row.pk).values_list("history_id", flat=True).first()
    return newest or 0


def restore_version(record: Any, last_record_shown: str, user: User | AnonymousUser) -> Model:
    """Give a row the values of one of its records.

    `last_record_shown` is `last_record_id` as the page had it; blank if it was not shown. Raises `ValidationError` if
    the row was changed or deleted since or is invalid, and `RefusedWrite` if it is public and the user may not publish,
    if it lacks a citation, or if it is a computed renewal with another date.
    """
    model = record.instance_type
    with transaction.atomic():
        row = model._default_manager.select_for_update().filter(pk=record.id).first()
        if row is None:
            raise ValidationError(_("This was deleted meanwhile. Restore its last version first."), code="gone")
        if not ID_PATTERN.fullmatch(last_record_shown):
            raise ValidationError(_("Check first what this will change."), code="unseen")
        if int(last_record_shown) != last_record_id(row):
            raise ValidationError(_("This was changed meanwhile. Check again what this will change."), code="stale")
        affected_ids, guard = affected_agreements(row), PublicationGuard(may_publish(user), [row])
        many_to_many = set_values(row, last_state(record))
        validate_restored(row)
        row.save()
        set_relations(row, many_to_many)
        renewals_changed(affected_ids | affected_agreements(row), on=timezone.localdate())
        check_computed_renewals(written=[row])
        guard.check([row])
    return row


def restore_deleted(record: Any, user: User | AnonymousUser) -> list[Model]:
    """Create a deleted row again, with the child rows that were deleted with it. A restored agreement is a draft.

    Raises `ValidationError`, which the page shows, if a row is invalid or the user lacks the permission to add rows of
    its model. Raises `RefusedWrite` if a row would be public and the user may not publish it, or it lacks a citation,
    and for a computed renewal that no longer follows from the terms.
    """
    deletions = [record, *child_deletions(record)]
    forbidden_models = [
        model
        for model in {deletion.instance_type for deletion in deletions}
        if not user.has_perm(f"accords.add_{model._meta.model_name}")
    ]
    if forbidden_models:
        names = ", ".join(sorted(str(model._meta.verbose_name_plural) for model in forbidden_models))
        raise ValidationError(_("You may not add what would be restored with it: %s.") % names, code="forbidden")
    with transaction.atomic():
        rows = [_recreate_row(deletion) for deletion in in_dependency_order(deletions)]
        affected_ids: set[int | None] = set().union(*map(affected_agreements, rows))
        renewals_changed(affected_ids, on=timezone.localdate())
        check_computed_renewals(written=rows[:1])  # dates of a restored agreement follow from what is restored
        PublicationGuard(may_publish(user)).check(rows)
    return rows


def _recreate_row(record: Any) -> Model:
    """Create the row of a deletion under its old id, with the values that it had last."""
    model = record.instance_type
    row = model(pk=record.id)
    many_to_many = set_values(row, last_state(record))
    validate_restored(row)
    if issubclass(model, VersionedModel):
        row.version = version_of_restored(timezone.now())
    row.save(force_insert=True)
    set_relations(row, many_to_many)
    return row


def validate_restored(row: Model) -> None:
    """Validate a row whose related rows may be gone. Raises `ValidationError` with a list of messages.

    The messages have the labels of the fields, because the page of a row shows the errors of its child rows too.
    """
    try:
        row.clean_fields()  # `Model.clean` needs the related rows
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(error_lines(error, type(row))) from error


def last_state(record: Any) -> Any:
    """Return a record; for a deletion the record before it, because a deletion has no many-to-many relations."""
    if record.history_type != DELETED:
        return record
    earlier = type(record).objects.filter(id=record.id, history_id__lt=record.history_id).exclude(history_type=DELETED)
    return earlier.first() or record


def child_deletions(record: Any) -> list[Any]:
    """Return the deletions of the child rows that were deleted with the row of `record`, itself a deletion.

    All records of one request have the same `history_date`, by which they are found.
    """
    records: list[Any] = []
    seen: set[tuple[type[Model], int]] = set()
    waiting = [(record.instance_type, [record.id])]
    for parent, ids in waiting:  # grows in the loop
        for relation in child_relations(parent):
            log = relation.related_model.history.filter(history_type=DELETED, history_date=record.history_date)
            deletions = log.filter(Q((f"{relation.field.name}__in", ids)))
            unseen = [deletion for deletion in deletions if (deletion.instance_type, deletion.id) not in seen]
            seen |= {(deletion.instance_type, deletion.id) for deletion in unseen}
            if unseen:
                waiting.append((relation.related_model, [deletion.id for deletion in unseen]))
            records += unseen
    return records


def in_dependency_order(records: list[Any]) -> list[Any]:
    """Return the records in an order in which each comes after those of the rows to which it refers.

    The first is that of the parent row and stays first.
    """
    parent, *waiting = records
    waiting.sort(key=lambda record: (RESTORE_ORDER.index(record.instance_type), record.id))
    ordered = [parent]
    while waiting:
        waiting_keys = {(record.instance_type, record.id) for record in waiting}
        ready = [record for record in waiting if not waiting_keys & _referenced_keys(record)]
        ready = ready or waiting  # they form a cycle, which validation refuses
        ordered += ready
        waiting = [record for record in waiting if record not in ready]
    return ordered


def _referenced_keys(record: Any) -> set[tuple[type[Model], int]]:
    relations = (field for field in recorded_fields(record.instance_type) if field.is_relation)
    return {(field.related_model, getattr(record, field.attname)) for field in relations}


def set_values(row: Model, record: Any) -> dict[str, list[int]]:
    """Set a row's columns to a record's values, and return its many-to-many relations, which are set after the save.

    Columns that editors do not enter, and those of `NOT_RESTORED`, stay. A deletion has no relations to many: pass its
    `last_state`.
    """
    many_to_many: dict[str, list[int]] = {}
    for field in entered_fields(record.instance_type):
        if field.name in NOT_RESTORED:
            continue
        if field.many_to_many:
            many_to_many[field.name] = related_ids(field, [record.history_id])[record.history_id]
        else:
            setattr(row, field.attname, getattr(record, field.attname))
    return many_to_many


def set_relations(row: Model, many_to_many: dict[str, list[int]]) -> None:
    """Set many-to-many relations. Raises `ValidationError` if a related row does not exist any more."""
    for name, ids in many_to_many.items():
        manager = getattr(row, name)
        existing = set(manager.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        if existing != set(ids):
            label = capfirst(str(row._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # a relation of ours has a verbose name
            message = _("%(relation)s: some of these do not exist any more.") % {"relation": label}
            raise ValidationError(message, code="gone")
        if existing != set(manager.values_list("pk", flat=True)):
            manager.set(existing)


def error_lines(error: ValidationError, model: Any) -> list[str]:
    """Return the messages, each with the label of its field."""
    lines = []
    for name, field_errors in by_field(error).items():
        label = "" if name == NON_FIELD_ERRORS else f"{capfirst(str(model._meta.get_field(name).verbose_name))}: "
        lines += [f"{label}{message}" for field_error in field_errors for message in field_error.messages]
    return lines


# Pages


def is_recorded(model_admin: ModelAdmin) -> bool:
    return hasattr(model_admin.model, "history")


def urls(model_admin: ModelAdmin) -> list[URLPattern]:
    """Return the URL patterns of the pages. They must come before Django's, which match any path."""
    if not is_recorded(model_admin):
        return []
    pages, name = HistoryPages(model_admin), f"accords_{model_admin.opts.model_name}"
    view = model_admin.admin_site.admin_view
    return [
        path("deleted/", view(pages.deleted), name=f"{name}_deleted"),
        path("<str:object_id>/history/", view(pages.history), name=f"{name}_history"),
        path("<str:object_id>/history/<str:record_id>/restore/", view(pages.restore), name=f"{name}_restore"),
    ]


def deleted_url(model_admin: ModelAdmin) -> str:
    """Return the address of the page of deleted rows; blank for a model without an audit log."""
    return reverse(f"admin:accords_{model_admin.opts.model_name}_deleted") if is_recorded(model_admin) else ""


def deleted_row_response(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse | None:
    """Return a page that offers to restore a row that somebody deleted after its form was opened; else None."""
    model: Any = model_admin.model
    pk = clean_id(object_id)
    if not is_recorded(model_admin) or model._default_manager.filter(pk=pk).exists():
        return None
    if not model.history.filter(id=pk).exists():
        return None
    message = deleted_row_message(model, pk)
    if is_in_place(request):
        return JsonResponse({"errors": {NON_FIELD_ERRORS: [message]}, "values": {}}, status=410)
    context = {**model_admin.admin_site.each_context(request), "title": _("Deleted meanwhile"), "message": message}
    return TemplateResponse(request, "accords/deleted_meanwhile.html", context, status=410)


class HistoryPages:
    """The history views of one model admin."""

    def __init__(self, model_admin: ModelAdmin) -> None:
        self.admin, self.model, self.opts = model_admin, model_admin.model, model_admin.opts
        self.log: Any = self.model.history

    def _check_drafts(self, request: HttpRequest) -> None:
        """Raise `PermissionDenied` if the user may not view drafts: a record may be of the time of a draft."""
        if not can_view_drafts(request.user):
            raise PermissionDenied

    def history(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the changes of a row and its child rows, newest first, also of a deleted row."""
        self._check_drafts(request)
        pk = int(clean_id(object_id))
        row, last_record = self.admin.get_object(request, str(pk)), self.log.filter(id=pk).first()
        if row is None and last_record is None:
            return self.admin.history_view(request, object_id)  # redirects to the index with a message
        if not self.admin.has_view_or_change_permission(request, row):
            raise PermissionDenied
        site = self.admin.admin_site
        logs = [
            (model, log)
            for model, log in row_logs(self.model, pk)
            if site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)
        ]
        paginator = self.admin.get_paginator(request, record_keys(logs), PAGE_SIZE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        context = {
            "entries": [(entry, self._links(request, entry, row, last_record)) for entry in entries(page, logs)],
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "object": row,
            "title": _("History: %s") % (row or RecordText(self.model, [last_record]).name(last_record)),
        }
        return self._render(request, "accords/history.html", context)

    def _links(self, request: HttpRequest, entry: Entry, row: Model | None, last_record: Any) -> dict[str, str | bool]:
        """Return a link to the history of a child row, or to restore a version of the row itself.

        Of a deleted row (None) only the last version can be restored.
        """
        record = entry.record
        if entry.model is not self.model or record.id != last_record.id:
            return {"history": reverse(f"admin:accords_{entry.model._meta.model_name}_history", args=[record.id])}
        if row is not None and record == last_record:
            return {"is_current": True}
        may_restore = self._may_restore(request, row)
        return {"restore": self._restore_url(record)} if may_restore and (row or record == last_record) else {}

    def _may_restore(self, request: HttpRequest, row: Model | None) -> bool:
        """Return whether the user may change the row or, if it was deleted (None), add rows."""
        return self.admin.has_change_permission(request, row) if row else self.admin.has_add_permission(request)

    def _restore_url(self, record: Any) -> str:
        return reverse(f"admin:accords_{self.opts.model_name}_restore", args=[record.id, record.history_id])

    def deleted(self, request: HttpRequest) -> HttpResponse:
        """List the rows that were deleted and not created again, newest first."""
        self._check_drafts(request)
        if not self.admin.has_view_or_change_permission(request):
            raise PermissionDenied
        log = self.log.filter(history_type=DELETED)
        rows = self.model._default_manager.filter(pk=OuterRef("id"))
        later_records = self.log.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
        deletions = log.filter(~Exists(rows), ~Exists(later_records))
        page_number = int(clean_id(request.GET.get(PAGE_VAR, "1")[:6])) or 1  # six digits: databases limit offsets
        start, end = (page_number - 1) * PAGE_SIZE, page_number * PAGE_SIZE
        # One more key shows whether there is an older page, without counting them all.
        keys = list(deletions.values_list("history_date", "history_id")[start : end + 1])
        page = [(instant, record_id, self.opts.model_name or "") for instant, record_id in keys[:PAGE_SIZE]]
        may_restore = self._may_restore(request, None)
        linked_entries = []
        for entry in entries(page, [(self.model, log)]):
            history = reverse(f"admin:accords_{self.opts.model_name}_history", args=[entry.record.id])
            restore = self._restore_url(entry.record) if may_restore else ""
            linked_entries.append((entry, {"history": history, "restore": restore}))
        context = {
            "entries": linked_entries,
            "newer": page_number - 1,
            "older": page_number + 1 if len(keys) > PAGE_SIZE else 0,
            "page_var": PAGE_VAR,
            "title": _("Deleted: %s") % capfirst(str(self.opts.verbose_name_plural)),
        }
        return self._render(request, "accords/deleted.html", context)

    def restore(self, request: HttpRequest, object_id: str, record_id: str) -> HttpResponse:
        """Show the changes that restoring a version would make; a POST makes them."""
        self._check_drafts(request)
        records = self.log.filter(id=clean_id(object_id))
        record = records.filter(history_id=clean_id(record_id)).first()
        row = self.model._default_manager.filter(pk=clean_id(object_id)).first()
        if record is None or (row is None and record != records.first()):
            raise Http404
        if not self._may_restore(request, row):
            raise PermissionDenied
        errors = self._save_version(request, record, row) if request.method == "POST" else []
        if errors is None:
            return HttpResponseRedirect(change_url(self.model(pk=record.id)))
        target = last_state(record)
        current = type(record).objects.filter(id=record.id).first() if row else None
        record_text = RecordText(self.model, [state for state in (target, current) if state is not None])
        record_text.fields = [field for field in record_text.fields if field.name not in NOT_RESTORED]
        context = {
            "record": record,
            "changes": record_text.changes(current, target),
            "restored_with_it": len(child_deletions(record)) if row is None else 0,
            "is_agreement": self.opts.model_name == "agreement",
            "problems": errors,
            "seen": last_record_id(row) if row else "",
            "object": row,
            "title": _("Restore: %s") % record_text.name(record),
        }
        return self._render(request, "accords/restore.html", context, status=409 if errors else 200)

    def _save_version(self, request: HttpRequest, record: Any, row: Model | None) -> list[str] | None:
        """Restore a version of a row, which is None if it was deleted. Return the errors, or None if it was saved."""
        try:
            if row is None:
                rows = restore_deleted(record, request.user)
                message = _("“%(name)s” was restored, with %(count)d other entries.")
            else:
                rows = [restore_version(record, request.POST.get("seen", ""), request.user)]
                message = _("The earlier version of “%(name)s” was restored.")
        except ValidationError as error:
            return error.messages
        except IntegrityError as error:
            return [explain(error)]
        except RefusedWrite as error:
            return [refusal_message(error)]
        self.admin.log_change(request, rows[0], f"Restored the version of {record.history_date:%Y-%m-%d %H:%M:%S}.")
        self.admin.message_user(request, message % {"name": rows[0], "count": len(rows) - 1}, messages.SUCCESS)
        return None

    def _render(self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        request.current_app = self.admin.admin_site.name
        common = {
            **self.admin.admin_site.each_context(request),
            "opts": self.opts,
            "module_name": capfirst(str(self.opts.verbose_name_plural)),
            "subtitle": None,
        }
        return TemplateResponse(request, template, common | context, status=status)
