"""Working copies of published agreements: a page to create one, and to compare it with its original and publish it."""

from collections import defaultdict
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Field, Prefetch, ProtectedError, RestrictedError, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View

from accords.admin.autocomplete import clean_id
from accords.admin.citations import LOCATION_FIELDS
from accords.admin.deletions import NAMED_AFTER
from accords.admin.display import change_link, change_url, link
from accords.admin.refusals import CONFIRM, claim_links, refusal_message
from accords.db.integrity_errors import explain
from accords.models import Agreement, Citation, Source
from accords.services import Uncited, confirm
from accords.vocabulary import ChangeKind
from accords.working_copies import (
    ADDED,
    REMOVED,
    Comparison,
    CopyConflict,
    RowChange,
    compare,
    make_working_copy,
    publish_working_copy,
    rows_of,
)


class FieldLine(NamedTuple):
    """A field that a copy changes, as text. `conflict` is its JSON pointer if it was changed meanwhile, else blank."""

    label: str
    before: str
    after: str
    conflict: str


class QuoteLine(NamedTuple):
    """A citation of a row. `confirm` is its id if the user can confirm that it supports the changed row."""

    text: str
    is_added: bool = False
    is_deleted: bool = False
    confirm: int | None = None


class RowLine(NamedTuple):
    """A row that a copy changes. `kind` says how; `conflict` is its JSON pointer if others changed it, else blank."""

    kind: str
    model: str
    link: SafeString
    fields: list[FieldLine]
    quotes: list[QuoteLine]
    conflict: str


class WorkingCopyView(View):
    """The page of an agreement's working copies, or of one; a POST creates a working copy or publishes the one."""

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        self.agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=clean_id(str(kwargs["pk"])))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._render(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            if self.agreement.working_copy_of_id:
                return self._publish_working_copy(request)
            return self._create_working_copy(request)
        except Agreement.DoesNotExist as error:  # deleted since `setup`
            raise Http404 from error

    def _create_working_copy(self, request: HttpRequest) -> HttpResponse:
        if not self.model_admin.has_add_permission(request) or not self.agreement.is_published:
            raise PermissionDenied  # a draft needs no copy: it can be changed itself
        with transaction.atomic():
            copy = make_working_copy(agreement=self.agreement, on=timezone.localdate())
            self.model_admin.log_addition(request, copy, [{"added": {}}])
        message = _("This is a working copy of {}. Change it; then somebody who may publish puts it in its place.")
        self.model_admin.message_user(request, format_html(message, change_link(self.agreement)), messages.SUCCESS)
        return HttpResponseRedirect(change_url(copy))

    def _publish_working_copy(self, request: HttpRequest) -> HttpResponse:
        """Publish the copy as it was shown, with the chosen conflicts overwritten and citations confirmed."""
        if not self.model_admin.has_publish_permission(request):
            raise PermissionDenied
        overwrite, confirmed_ids = request.POST.getlist("overwrite"), set(request.POST.getlist(CONFIRM))
        if confirmed_ids and not self._may_confirm(request):
            raise PermissionDenied
        try:
            with transaction.atomic():
                list(Agreement.objects.filter(pk=self.agreement.pk).select_for_update())
                if request.POST.get("seen") != comparison_digest(compare(self.agreement)):
                    message = _("This was changed meanwhile, so nothing was done. Check again what will happen.")
                    return self._render(request, message)
                citations = rows_of(Citation, self.agreement)
                confirm(citation for citation in citations if str(citation.pk) in confirmed_ids)
                today = timezone.localdate()
                original = publish_working_copy(working_copy=self.agreement, overwrite=overwrite, on=today)
                self.model_admin.log_change(request, original, _("Published a working copy."))
        except CopyConflict:
            message = _("The published agreement was changed in the same places. Choose for each what shall be public.")
            return self._render(request, message)
        except Uncited as error:
            return self._render(request, refusal_message(error))
        except (ProtectedError, RestrictedError):
            return self._render(request, _("Other entries refer to what the copy deletes. Change those first."))
        except IntegrityError as error:
            return self._render(request, explain(error))
        self.model_admin.message_user(request, _("The working copy was published."), messages.SUCCESS)
        return HttpResponseRedirect(change_url(original))

    def _may_confirm(self, request: HttpRequest) -> bool:
        return bool(self.model_admin.admin_site.get_model_admin(Citation).has_change_permission(request))

    def _render(self, request: HttpRequest, error: SafeString | str = "") -> HttpResponse:
        agreement = self.agreement
        comparison = compare(agreement) if agreement.working_copy_of_id else None
        confirmable = confirmable_citations(comparison) if comparison and self._may_confirm(request) else {}
        title = _("Working copy") if comparison else _("Working copies")
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": _("{}: {}").format(title, agreement),
            "opts": self.model_admin.opts,
            "agreement": agreement,
            "copies": [change_link(copy) for copy in agreement.working_copies.visible_to(request.user).order_by("pk")],
            "comparison": comparison,
            "lines": row_lines(comparison, set().union(*confirmable.values())) if comparison else [],
            "missing": claim_links(comparison.missing) if comparison else [],
            "can_be_published": bool(comparison and all(claim.key in confirmable for claim in comparison.missing)),
            "ticked": {*request.POST.getlist("overwrite"), *request.POST.getlist(CONFIRM)},
            "seen": comparison_digest(comparison) if comparison else "",
            "may_make": agreement.is_published and self.model_admin.has_add_permission(request),
            "may_publish": self.model_admin.has_publish_permission(request),
            "error": error,
        }
        return TemplateResponse(request, "accords/working_copy.html", context, status=409 if error else 200)


def comparison_digest(comparison: Comparison) -> str:
    """Return a digest of what a copy changes and of its conflicts: of all that the page shows."""
    changes = [(change.pointer, change.kind, change.fields, change.meanwhile) for change in comparison.changes]
    return sha256(repr(changes).encode(errors="backslashreplace")).hexdigest()


def confirmable_citations(comparison: Comparison) -> dict[Any, set[int]]:
    """Return the ids of the citations that can be confirmed for each claim without support, by the key of the claim.

    These are the citations of its field if there are any, else those of its whole row.
    """
    citations: dict[tuple[str, int], list[Citation]] = defaultdict(list)
    for citation in rows_of(Citation, comparison.working_copy) if comparison.missing else ():
        citations[target_key(citation)].append(citation)
    by_claim = {}
    for missing in comparison.missing:
        row_citations = citations[str(missing.row._meta.model_name), missing.row.pk]
        candidates = [citation for citation in row_citations if citation.field == missing.field]
        candidates = candidates or [citation for citation in row_citations if citation.field == ""]
        if ids := {citation.pk for citation in candidates}:
            by_claim[missing.key] = ids
    return by_claim


def target_key(citation: Citation) -> tuple[str, int]:
    """Return the model name and the id of the row that a citation supports."""
    model_name = citation.target_kind
    return model_name, getattr(citation, f"{model_name}_id")


def row_lines(comparison: Comparison, confirmable: set[int]) -> list[RowLine]:
    """Return the changes as text. `confirmable` has the ids of the citations that the user can confirm.

    A citation that the copy adds or deletes is shown with the row that it supports if the copy changes that row, and
    the citation is not in conflict. The number of queries does not depend on the number of changes.
    """
    fetch_names([row for change in comparison.changes for row in (change.row, change.origin)])
    related: dict[Any, set[int]] = defaultdict(set)
    for change in comparison.changes:
        for field_change in change.fields:
            field: Any = change.model._meta.get_field(field_change.field)
            if field.is_relation:
                for value in (field_change.before, field_change.after):
                    related[field.related_model].update(value if isinstance(value, list) else [value])
    related_rows = {model: model._default_manager.in_bulk(ids - {None}) for model, ids in related.items()}
    fetch_names([row for rows in related_rows.values() for row in rows.values()])
    related_names = {model: {pk: str(row) for pk, row in rows.items()} for model, rows in related_rows.items()}
    added, deleted = citations_of_changed_rows(comparison)
    quotes: dict[tuple[str, str, int], list[QuoteLine]] = defaultdict(list)
    for citation in rows_of(Citation, comparison.working_copy).select_related("source").defer("source__text"):
        confirm_id = citation.pk if citation.pk in confirmable else None
        quotes["copy", *target_key(citation)].append(QuoteLine(str(citation), citation in added, confirm=confirm_id))
    for citation in deleted:
        quotes["public", *target_key(citation)].append(QuoteLine(str(citation), is_deleted=True))
    return [
        row_line(change, related_names, quotes)
        for change in comparison.changes
        if change.row not in added and change.origin not in deleted
    ]


def fetch_names(rows: list[Any]) -> None:
    """Fetch the relations that the names of these rows need, with one query for each of `NAMED_AFTER`."""
    for model, relation in NAMED_AFTER.items():
        related: Any = model._meta.get_field(relation).related_model
        names = related._default_manager.defer("text") if related is Source else related._default_manager.all()
        prefetch_related_objects([row for row in rows if isinstance(row, model)], Prefetch(relation, names))


def citations_of_changed_rows(comparison: Comparison) -> tuple[set[Citation], set[Citation]]:
    """Return the citations added and those deleted of rows that the copy also changes, without conflicts."""
    changes = comparison.changes
    rows = {(change.model._meta.model_name, change.row.pk) for change in changes if change.row}
    origins = {(change.model._meta.model_name, change.origin.pk) for change in changes if change.origin}
    citations = [change for change in changes if change.model is Citation and not change.meanwhile]
    added = {change.row for change in citations if change.kind == ADDED and target_key(change.row) in rows}
    deleted = {change.origin for change in citations if change.kind == REMOVED and target_key(change.origin) in origins}
    return added, deleted


def row_line(
    change: RowChange, related_names: dict[Any, dict[int, str]], quotes: dict[tuple[str, str, int], list[QuoteLine]]
) -> RowLine:
    """Return a changed row as text. `related_names` is as for `value_text`.

    `quotes` are by `copy` or `public`, model name and id. The agreement of a row and the location of a quote are shown
    only if they are in conflict.
    """
    fields = []
    for field_change in change.fields:
        if not field_change.meanwhile and (
            field_change.field == "agreement" or (change.model is Citation and field_change.field in LOCATION_FIELDS)
        ):
            continue
        field: Any = change.model._meta.get_field(field_change.field)
        before, after = (value_text(field, value, related_names) for value in (field_change.before, field_change.after))
        conflict = f"{change.pointer}/{field_change.field}" if field_change.meanwhile else ""
        fields.append(FieldLine(capfirst(str(field.verbose_name)), before, after, conflict))
    row, model_name = change.row or change.origin, str(change.model._meta.model_name)
    quote_lines = quotes["copy", model_name, change.row.pk] if change.row else []
    quote_lines = quote_lines + (quotes["public", model_name, change.origin.pk] if change.origin else [])
    conflict = change.conflicts()[0] if change.meanwhile else ""
    label = str(ChangeKind(change.kind).label)
    return RowLine(
        label, str(change.model._meta.verbose_name), link(change_url(row), row), fields, quote_lines, conflict
    )


def value_text(field: Field, value: Any, related_names: dict[Any, dict[int, str]]) -> str:
    """Return the value of a field as text. `related_names` has the names of related rows by model and id."""
    if value is None or value in ("", []):
        return ""
    if field.is_relation:
        ids = value if isinstance(value, list) else [value]
        return ", ".join(related_names[field.related_model].get(pk, str(pk)) for pk in ids)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return ", ".join(value) if isinstance(value, list) else str(value)


def working_copy_url(agreement: Agreement) -> str:
    return reverse("admin:accords_agreement_working_copy", args=[agreement.pk])


def link_to_page(model_admin: Any, request: HttpRequest, agreement: Agreement) -> SafeString | str:
    """Return a button that leads to the page; blank if the user can do nothing there."""
    if agreement.working_copy_of_id:
        label = _("Compare and publish…") if model_admin.has_publish_permission(request) else _("Compare…")
    elif agreement.is_published and model_admin.has_add_permission(request):
        label = _("Make a working copy…")
    else:
        return ""
    return format_html('<a class="button publish" href="{}">{}</a>', working_copy_url(agreement), label)
