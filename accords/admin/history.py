"""The history pages: changes of a row and its child rows, deleted rows, and restoring versions.

A record is a row of the audit log. Child rows are those that are deleted with a row (`CASCADE`), and their children.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from accords.admin.autocomplete import clean_id
from accords.admin.display import change_url, plain_number
from accords.admin.in_place import is_in_place
from accords.admin.refusals import refusal
from accords.db.audit_log import CREATED, DELETED, recorded_fields, recorded_relations
from accords.db.fields import Sha256
from accords.db.integrity_errors import by_field, explain
from accords.db.row_history import References, related_ids, without_texts
from accords.models import Citation, Clause, ClauseParty, Event, Participation, Renewal, Statement
from accords.models.base import VersionedModel, version_of_restored
from accords.services import (
    NotPublisher,
    PublicationGuard,
    Uncited,
    affected_agreements,
    may_publish,
    renewals_changed,
)
from accords.vocabulary import ChangeKind

PAGE_SIZE = 50
PAGE_VAR = "p"
LONGEST = 400  # characters of a value that are shown
KINDS = {CREATED: ChangeKind.CREATED, DELETED: ChangeKind.DELETED}  # everything else is a change
NOT_RESTORED = {"is_published"}  # to publish is a decision of its own
RESTORE_ORDER: list[Any] = [Participation, Clause, ClauseParty, Renewal, Event, Statement, Citation]
Logs = list[tuple[Any, QuerySet[Any]]]


# Reading the audit log


class Change(NamedTuple):
    """A field's label, and its value before and after in words; blank where there is none."""

    label: str
    before: str
    after: str


class Entry(NamedTuple):
    """A record of the audit log, the row's name at that time, and what the record changed."""

    record: Any
    name: str
    kind: ChangeKind
    changes: list[Change]

    @property
    def model(self) -> Any:
        return self.record.instance_type

    @property
    def model_name(self) -> str:
        return str(self.model._meta.verbose_name)


def children(model: Any) -> list[Any]:
    """Return the relations to child rows that the audit log records."""
    relations = [relation for relation in model._meta.related_objects if relation.on_delete is models.CASCADE]
    return [relation for relation in relations if hasattr(relation.related_model, "history")]


def logs_of(model: Any, pk: int) -> Logs:
    """Return the records of a row and, by model and relation, of every row that was ever a child of it."""
    logs: Logs = [(model, model.history.filter(id=pk))]
    waiting: list[tuple[Any, Any]] = [(model, [pk])]
    for parent, ids in waiting:
        for relation in children(parent):
            log = relation.related_model.history.filter(Q((f"{relation.field.name}__in", ids)))
            logs.append((relation.related_model, log))
            waiting.append((relation.related_model, log.order_by().values("id")))
    return logs


def union_of(logs: Logs) -> QuerySet[Any]:
    """Return (date, record id, model name) of all records, newest first."""
    parts = [
        log.order_by().values_list("history_date", "history_id", Value(model._meta.model_name)) for model, log in logs
    ]
    return parts[0].union(*parts[1:]).order_by("-history_date", "-history_id")


def entries(page: Iterable[tuple[Any, int, str]], logs: Logs) -> list[Entry]:
    """Return the entries of a page of `union_of`, with a fixed number of queries for each model on it."""
    keys = [(name, record) for _date, record, name in page]
    by_key: dict[tuple[str, int], Entry] = {}
    for name, model in {model._meta.model_name: model for model, _log in logs}.items():
        if ids := [record for other, record in keys if other == name]:
            by_key |= {(name, entry.record.history_id): entry for entry in _entries(model, ids)}
    return [by_key[key] for key in keys]


def _entries(model: Any, ids: list[int]) -> list[Entry]:
    earlier = model.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    log = without_texts(model.history.filter(history_id__in=ids))
    records = list(log.annotate(earlier=Subquery(earlier.values("history_id")[:1])))
    before_ids = [record.earlier for record in records if record.earlier]
    before = {record.history_id: record for record in without_texts(model.history.filter(history_id__in=before_ids))}
    words = RecordText(model, [*records, *before.values()])
    return [words.entry(record, before.get(record.earlier)) for record in records]


def entered_fields(model: Any) -> list[Any]:
    """Return the fields of a row that editors enter, many-to-many relations included."""
    columns = [field for field in recorded_fields(model) if field.editable and not field.primary_key]
    return [*columns, *recorded_relations(model)]


class RecordText:
    """Labels and values of the records of one model, as text. Related rows are fetched once, for all records."""

    def __init__(self, model: Any, records: list[Any]) -> None:
        hashes = [field for field in recorded_fields(model) if isinstance(field, Sha256)]
        hashed = {field.of for field in hashes}
        self.model = model
        self.fields = [field for field in entered_fields(model) if field.name not in hashed] + hashes
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
        """Return the fields that differ between two records; without a record every field is blank."""
        pairs = ((field, self.value(field, before), self.value(field, after)) for field in self.fields)
        return [
            Change(capfirst(str(field.verbose_name)), self.text(field, old), self.text(field, new))
            for field, old, new in pairs
            if old != new
        ]

    def value(self, field: Any, record: Any) -> Any:
        if record is None:
            return [] if field.is_relation else ""
        if field.is_relation:
            return self.references.ids(field, record)
        value = getattr(record, field.attname)
        return "" if value is None or value == [] else value

    def text(self, field: Any, value: Any) -> str:
        if field.is_relation:
            return ", ".join(str(self.references.get(field, pk) or pk) for pk in value)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, Decimal):
            return plain_number(value)
        return Truncator(", ".join(value) if isinstance(value, list) else str(value)).chars(LONGEST)


# Restoring


def last_record_id(row: Any) -> int:
    newest: int | None = type(row).history.filter(id=row.pk).values_list("history_id", flat=True).first()
    return newest or 0


def restore_version(record: Any, last_record_shown: str, user: Any) -> Any:
    """Give a row the values of one of its records. `last_record_shown` is the id of the last when the page was shown.

    Raises `ValidationError` where the row was changed since, its rules forbid it, or its agreement's terms undo it;
    `NotPublisher` or `Uncited` where it is public.
    """
    model = record.instance_type
    with transaction.atomic():
        row = model._default_manager.select_for_update().get(pk=record.id)
        if not last_record_shown.isdigit():
            raise ValidationError(_("Check first what this will change."), code="unseen")
        if int(last_record_shown) != last_record_id(row):
            raise ValidationError(_("This was changed meanwhile. Check again what this will change."), code="stale")
        affected, guard = affected_agreements(row), PublicationGuard(may_publish(user), [row])
        many_to_many = set_values(row, record)
        row.full_clean()
        row.save()
        set_relations(row, many_to_many)
        renewals_changed(affected | affected_agreements(row), on=timezone.localdate())
        refuse_recomputed(row, record)
        guard.check([row])
    return row


def refuse_recomputed(row: Any, record: Any) -> None:
    """Raise `ValidationError` where a restored renewal was computed anew from terms that say something else."""
    if not isinstance(row, Renewal):
        return
    now = Renewal.objects.filter(pk=row.pk).first()
    fields = [field for field in entered_fields(Renewal) if field.name not in NOT_RESTORED]
    if now is None or any(getattr(now, field.attname) != getattr(record, field.attname) for field in fields):
        message = _("This date is computed from the agreement's terms, which have changed. Restore those instead.")
        raise ValidationError(message, code="follows_from_terms")


def restore_deleted(record: Any, user: Any) -> list[Any]:
    """Create a deleted row again, with the child rows that were deleted with it. A restored agreement is a draft.

    Raises `ValidationError`, which the page shows, if a row is invalid or the user lacks the permission to add rows of
    its model. Raises `NotPublisher` or `Uncited` if a row would be public and the user may not publish it, or it lacks
    a citation.
    """
    records = [record, *deleted_with(record)]
    forbidden = [
        model
        for model in {deletion.instance_type for deletion in records}
        if not user.has_perm(f"accords.add_{model._meta.model_name}")
    ]
    if forbidden:
        kinds = ", ".join(sorted(str(model._meta.verbose_name_plural) for model in forbidden))
        raise ValidationError(_("You may not add what would be restored with it: %s.") % kinds, code="forbidden")
    with transaction.atomic():
        rows = [_recreate(deletion) for deletion in in_dependency_order(records)]
        affected: set[int | None] = set().union(*map(affected_agreements, rows))
        renewals_changed(affected, on=timezone.localdate())
        PublicationGuard(may_publish(user)).check(rows)
    return rows


def _recreate(record: Any) -> Any:
    model = record.instance_type
    row = model(pk=record.id)
    many_to_many = set_values(row, last_state(record))
    row.full_clean()
    if issubclass(model, VersionedModel):
        row.version = version_of_restored(timezone.now())
    row.save(force_insert=True)
    set_relations(row, many_to_many)
    return row


def last_state(record: Any) -> Any:
    """Return a record; in place of a deletion the one before it, because a deletion has no relations any more."""
    if record.history_type != DELETED:
        return record
    before = type(record).objects.filter(id=record.id, history_id__lt=record.history_id).exclude(history_type=DELETED)
    return before.first() or record


def deleted_with(record: Any) -> list[Any]:
    """Return the deletions of the child rows that were deleted with a row.

    All records of one request have the same `history_date`, by which they are found.
    """
    records: list[Any] = []
    seen: set[tuple[Any, int]] = set()
    waiting = [(record.instance_type, [record.id])]
    for parent, ids in waiting:
        for relation in children(parent):
            log = relation.related_model.history.filter(history_type=DELETED, history_date=record.history_date)
            deletions = log.filter(Q((f"{relation.field.name}__in", ids)))
            new = [deletion for deletion in deletions if (deletion.instance_type, deletion.id) not in seen]
            seen |= {(deletion.instance_type, deletion.id) for deletion in new}
            if new:
                waiting.append((relation.related_model, [deletion.id for deletion in new]))
            records += new
    return records


def in_dependency_order(records: list[Any]) -> list[Any]:
    """Return the records so that each comes after those of the rows that it refers to."""
    first, *rest = records
    rest.sort(key=lambda record: (RESTORE_ORDER.index(record.instance_type), record.id))
    done, waiting = [first], rest
    while waiting:
        missing = {(record.instance_type, record.id) for record in waiting}
        ready = [
            record for record in waiting if not missing & _references(record)
        ] or waiting  # validation refuses a circle
        done += ready
        waiting = [record for record in waiting if record not in ready]
    return done


def _references(record: Any) -> set[tuple[Any, int]]:
    relations = (field for field in recorded_fields(record.instance_type) if field.is_relation)
    return {(field.related_model, getattr(record, field.attname)) for field in relations}


def set_values(row: Any, record: Any) -> dict[str, list[int]]:
    """Set a row's columns to a record's values, and return its many-to-many relations, which are set after the save."""
    many_to_many: dict[str, list[int]] = {}
    for field in entered_fields(record.instance_type):
        if field.name in NOT_RESTORED:
            continue
        if field.many_to_many:
            many_to_many[field.name] = related_ids(field, [record.history_id])[record.history_id]
        else:
            setattr(row, field.attname, getattr(record, field.attname))
    return many_to_many


def set_relations(row: Any, many_to_many: dict[str, list[int]]) -> None:
    """Set many-to-many relations. Raises `ValidationError` where a related row does not exist any more."""
    for name, ids in many_to_many.items():
        manager = getattr(row, name)
        existing = set(manager.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        if existing != set(ids):
            message = _("%(relation)s: some of these do not exist any more.") % {"relation": capfirst(name)}
            raise ValidationError(message, code="gone")
        if existing != set(manager.values_list("pk", flat=True)):
            manager.set(existing)


def error_lines(error: ValidationError, model: Any) -> list[str]:
    """Return the messages, each with the label of its field."""
    lines = []
    for name, problems in by_field(error).items():
        label = "" if name == NON_FIELD_ERRORS else f"{capfirst(str(model._meta.get_field(name).verbose_name))}: "
        lines += [f"{label}{message}" for problem in problems for message in problem.messages]
    return lines


# Pages


def is_recorded(model_admin: ModelAdmin) -> bool:
    return hasattr(model_admin.model, "history")


def urls(model_admin: ModelAdmin) -> list[URLPattern]:
    """Return the addresses of the pages; they come before Django's own, which take any path."""
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
    """Return the address of the page of deleted rows; blank where none is recorded."""
    return reverse(f"admin:accords_{model_admin.opts.model_name}_deleted") if is_recorded(model_admin) else ""


def deleted_meanwhile(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse | None:
    """Return, for a form of a row that somebody has deleted, a page that offers to restore it; else None."""
    model: Any = model_admin.model
    pk = clean_id(object_id)
    if not is_recorded(model_admin) or model._default_manager.filter(pk=pk).exists():
        return None
    last = model.history.filter(id=pk).first()
    if last is None:
        return None
    url = reverse(f"admin:accords_{model_admin.opts.model_name}_history", args=[pk])
    message = format_html(
        _('{} deleted this meanwhile. To keep it, <a href="{}" target="_blank">restore it</a> and save again.'),
        *(last.author or _("Someone else"), url),
    )
    if is_in_place(request):
        return JsonResponse({"errors": {NON_FIELD_ERRORS: [message]}, "values": {}}, status=410)
    context = {**model_admin.admin_site.each_context(request), "title": _("Deleted meanwhile"), "message": message}
    return TemplateResponse(request, "accords/deleted_meanwhile.html", context, status=410)


class HistoryPages:
    """The views of one model admin."""

    def __init__(self, model_admin: ModelAdmin) -> None:
        self.admin, self.model, self.opts = model_admin, model_admin.model, model_admin.opts
        self.log: Any = self.model.history

    def history(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the changes of a row and its child rows, newest first, also of a deleted row."""
        pk = int(clean_id(object_id))
        row, last = self.admin.get_object(request, str(pk)), self.log.filter(id=pk).first()
        if row is None and last is None:
            return self.admin.history_view(request, object_id)  # which goes to the front page and says so
        if not self.admin.has_view_or_change_permission(request, row):
            raise PermissionDenied
        site = self.admin.admin_site
        logs = [
            (model, log)
            for model, log in logs_of(self.model, pk)
            if site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)
        ]
        paginator = self.admin.get_paginator(request, union_of(logs), PAGE_SIZE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        context = {
            "entries": [(entry, self._links(request, entry, row, last)) for entry in entries(page, logs)],
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "object": row,
            "title": _("History: %s") % (row or RecordText(self.model, [last]).name(last)),
        }
        return self._page(request, "accords/history.html", context)

    def _links(self, request: HttpRequest, entry: Entry, row: Any, last: Any) -> dict[str, Any]:
        """Return links to the history of a child row, or to restore a version of the row itself."""
        record = entry.record
        if entry.model is not self.model or record.id != last.id:
            return {"history": reverse(f"admin:accords_{entry.model._meta.model_name}_history", args=[record.id])}
        if row is not None and record == last:
            return {"is_current": True}
        may = self.admin.has_change_permission(request, row) if row else self.admin.has_add_permission(request)
        return {"restore": self._restore_url(record)} if may and (row is not None or record == last) else {}

    def _restore_url(self, record: Any) -> str:
        return reverse(f"admin:accords_{self.opts.model_name}_restore", args=[record.id, record.history_id])

    def deleted(self, request: HttpRequest) -> HttpResponse:
        """List the rows that were deleted and not created again, newest first."""
        if not self.admin.has_view_or_change_permission(request):
            raise PermissionDenied
        same = OuterRef("id")
        log = self.log.filter(history_type=DELETED)
        again = self.log.filter(id=same, history_id__gt=OuterRef("history_id"))
        deletions = log.filter(~Exists(self.model._default_manager.filter(pk=same)), ~Exists(again))
        number = int(clean_id(request.GET.get(PAGE_VAR, "1")[:6])) or 1
        keys = list(
            deletions.values_list("history_date", "history_id")[(number - 1) * PAGE_SIZE : number * PAGE_SIZE + 1]
        )
        page = [(at, record, self.opts.model_name or "") for at, record in keys[:PAGE_SIZE]]
        may_add = self.admin.has_add_permission(request)
        lines = []
        for entry in entries(page, [(self.model, log)]):
            history = reverse(f"admin:accords_{self.opts.model_name}_history", args=[entry.record.id])
            lines.append((entry, {"history": history, "restore": self._restore_url(entry.record) if may_add else ""}))
        context = {
            "entries": lines,
            "newer": number - 1,
            "older": number + 1 if len(keys) > PAGE_SIZE else 0,
            "page_var": PAGE_VAR,
            "title": _("Deleted: %s") % capfirst(str(self.opts.verbose_name_plural)),
        }
        return self._page(request, "accords/deleted.html", context)

    def restore(self, request: HttpRequest, object_id: str, record_id: str) -> HttpResponse:
        """Show what restoring a version would change; a POST restores it."""
        records = self.log.filter(id=clean_id(object_id))
        record = records.filter(history_id=clean_id(record_id)).first()
        row = self.model._default_manager.filter(pk=clean_id(object_id)).first()
        if record is None or (row is None and record != records.first()):
            raise Http404
        if not (self.admin.has_change_permission(request, row) if row else self.admin.has_add_permission(request)):
            raise PermissionDenied
        problems = self._restore(request, record, row) if request.method == "POST" else []
        if problems is None:
            return HttpResponseRedirect(change_url(self.model(pk=record.id)))
        target = last_state(record)
        current = type(record).objects.filter(id=record.id).first() if row else None
        words = RecordText(self.model, [state for state in (target, current) if state is not None])
        words.fields = [field for field in words.fields if field.name not in NOT_RESTORED]
        context = {
            "record": record,
            "changes": words.changes(current, target),
            "restored_with_it": len(deleted_with(record)) if row is None else 0,
            "is_agreement": self.opts.model_name == "agreement",
            "problems": problems,
            "seen": last_record_id(row) if row else "",
            "object": row,
            "title": _("Restore: %s") % words.name(record),
        }
        return self._page(request, "accords/restore.html", context, status=409 if problems else 200)

    def _restore(self, request: HttpRequest, record: Any, row: Any) -> list[str] | None:
        """Restore a row, and return why that is not possible, or None if it was done."""
        try:
            if row is None:
                rows = restore_deleted(record, request.user)
                message = _("“%(name)s” was restored, with %(count)d other entries.")
            else:
                rows = [restore_version(record, request.POST.get("seen", ""), request.user)]
                message = _("The earlier version of “%(name)s” was restored.")
        except ValidationError as error:
            return error_lines(error, self.model)
        except IntegrityError as error:
            return [explain(error)]
        except (NotPublisher, Uncited) as error:
            return [refusal(error)]
        self.admin.log_change(request, rows[0], f"Restored the version of {record.history_date:%Y-%m-%d %H:%M:%S}.")
        self.admin.message_user(request, message % {"name": rows[0], "count": len(rows) - 1}, messages.SUCCESS)
        return None

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        request.current_app = self.admin.admin_site.name
        common = {
            **self.admin.admin_site.each_context(request),
            "opts": self.opts,
            "module_name": capfirst(str(self.opts.verbose_name_plural)),
            "subtitle": None,
        }
        return TemplateResponse(request, template, common | context, status=status)
