"""The pages of history: what was written of a row and of all beneath it, what was deleted, and a version put back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accords.admin import restoring
from accords.admin.autocomplete import row_id
from accords.admin.display import page_url
from accords.admin.records import Change, Line, Words, lines, listed, logs
from accords.db.audit_log import DELETED
from accords.db.integrity_errors import explain

A_PAGE = 50
PAGE = "p"


class Historied(admin.ModelAdmin):
    """An admin whose rows, if they are recorded, can be put back to what they were, and be made again once deleted."""

    @property
    def is_recorded(self) -> bool:
        """Whether the change log has these rows: it has those of the domain."""
        return hasattr(self.model, "history")

    def get_urls(self) -> list[Any]:
        """The pages of history before the others, which take every path."""
        if not self.is_recorded:
            return super().get_urls()
        name, view = f"accords_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("deleted/", view(self.deleted_view), name=f"{name}_deleted"),
            path("<str:object_id>/history/<str:record_id>/restore/", view(self.restore_view), name=f"{name}_restore"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with a link to what was deleted."""
        found = {"deleted_url": reverse(f"admin:accords_{self.opts.model_name}_deleted")} if self.is_recorded else {}
        return super().changelist_view(request, found | (extra_context or {}))

    # What was written

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was written of a row and of all beneath it, newest first; of a row that was deleted, too."""
        if not self.is_recorded:
            return super().history_view(request, object_id, extra_context)
        pk = int(row_id(object_id))
        row, last = self.get_object(request, str(pk)), self.model.history.filter(id=pk).first()
        if last is None and row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        found = [(model, log) for model, log in logs(self.model, pk) if self._sees(request, model)]
        paginator = self.get_paginator(request, listed(found), A_PAGE)
        page = paginator.get_page(request.GET.get(PAGE, 1))
        context = {
            "lines": [(line, self._leads_to(request, line, row, last)) for line in lines(page, found)],
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE,
            "object": row,
            "title": _("History: %s") % (row or Words(self.model, [last]).name(last)),
        }
        return self._history_page(request, "accords/history.html", context | (extra_context or {}))

    def _sees(self, request: HttpRequest, model: Any) -> bool:
        return self.admin_site.is_registered(model) and self.admin_site.get_model_admin(
            model
        ).has_view_or_change_permission(request)

    def _leads_to(self, request: HttpRequest, line: Line, row: Any, last: Any) -> dict[str, Any]:
        """Where a line leads: to the history of a row beneath, and to what would be put back of this one."""
        record = line.record
        if line.model is not self.model or record.id != last.id:
            return {"history": reverse(f"admin:accords_{line.model._meta.model_name}_history", args=[record.id])}
        if row is not None and record == last:
            return {"is_now": True}
        may = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        return {"restore": self._restore_url(record)} if may and (row is not None or record == last) else {}

    def _restore_url(self, record: Any) -> str:
        return reverse(f"admin:accords_{self.opts.model_name}_restore", args=[record.id, record.history_id])

    # What was deleted

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """The rows that were deleted and are not there again, the last first."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        model: Any = self.model
        log, same = model.history.filter(history_type=DELETED), OuterRef("id")
        again = model.history.filter(id=same, history_id__gt=OuterRef("history_id"))
        found = log.filter(~Exists(model._default_manager.filter(pk=same)), ~Exists(again))
        number = int(row_id(request.GET.get(PAGE, "1")[:6])) or 1
        places = found.values_list("history_date", "history_id")[(number - 1) * A_PAGE : number * A_PAGE + 1]
        page = [(at, record, model._meta.model_name) for at, record in places]
        context = {
            "lines": [(line, self._deleted_line(request, line)) for line in lines(page[:A_PAGE], [(model, log)])],
            "newer": number - 1,
            "older": number + 1 if len(page) > A_PAGE else 0,
            "page_var": PAGE,
            "title": _("Deleted: %s") % capfirst(str(self.opts.verbose_name_plural)),
        }
        return self._history_page(request, "accords/deleted.html", context)

    def _deleted_line(self, request: HttpRequest, line: Line) -> dict[str, str]:
        history = reverse(f"admin:accords_{self.opts.model_name}_history", args=[line.record.id])
        restore = self._restore_url(line.record) if self.has_add_permission(request) else ""
        return {"history": history, "restore": restore}

    # Putting back

    def restore_view(self, request: HttpRequest, object_id: str, record_id: str) -> HttpResponse:
        """What putting a row back to one of its records will change; when sent, it is done."""
        model: Any = self.model
        records = model.history.filter(id=row_id(object_id))
        record = records.filter(history_id=row_id(record_id)).first()
        row = model._default_manager.filter(pk=row_id(object_id)).first()
        if record is None or (row is None and record != records.first()):
            raise Http404
        may = self.has_change_permission(request, row) if row else self.has_add_permission(request)
        if not may:
            raise PermissionDenied
        problems = self._restored_now(request, record, row) if request.method == "POST" else []
        if problems is None:
            return HttpResponseRedirect(page_url(model(pk=record.id)))
        return self._shown_before(request, record, row, problems)

    def _restored_now(self, request: HttpRequest, record: Any, row: Any) -> list[str] | None:
        """Put a row back; what speaks against it, or None if that is done."""
        try:
            if row is None:
                done = restoring.make_again(record, request.user)
                told = _("“%(name)s” is there again; rows that came back with it: %(number)d.")
            else:
                done = [restoring.put_back(record, request.POST.get("seen", ""))]
                told = _("“%(name)s” is again what it was.")
        except ValidationError as error:
            return restoring.problems(error, self.model)
        except IntegrityError as error:
            return [explain(error)]
        self.log_change(request, done[0], f"Restored the version of {record.history_date:%Y-%m-%d %H:%M:%S}.")
        self.message_user(request, told % {"name": done[0], "number": len(done) - 1}, messages.SUCCESS)
        return None

    def _shown_before(self, request: HttpRequest, record: Any, row: Any, problems: list[str]) -> HttpResponse:
        """What will change, and what speaks against it."""
        words = Words(self.model, [record])
        context = {
            "record": record,
            "changes": self._ahead(record, row),
            "with_it": len(list(restoring.gone_with(record))) if row is None else 0,
            "is_draft": self.opts.model_name == "agreement",
            "problems": problems,
            "seen": restoring.remembered(row) if row else "",
            "object": row,
            "title": _("Restore: %s") % words.name(record),
        }
        return self._history_page(request, "accords/restore.html", context, 409 if problems else 200)

    def _ahead(self, record: Any, row: Any) -> list[Change]:
        """What putting back would change: what is recorded last, against the record."""
        now, record = type(record).objects.filter(id=record.id).first() if row else None, restoring.living(record)
        words = Words(self.model, [one for one in (record, now) if one is not None])
        words.fields = [field for field in words.fields if field.name not in restoring.KEPT]
        return words.changes(now, record)

    def _history_page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        about = {"opts": self.opts, "module_name": capfirst(str(self.opts.verbose_name_plural)), "subtitle": None}
        request.current_app = self.admin_site.name
        whole = {**self.admin_site.each_context(request), **about, **context}
        return TemplateResponse(request, template, whole, status=status)
