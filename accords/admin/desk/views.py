"""The desk's addresses: the page, proposals, and what is written from it. Answers to scripts are JSON."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accords.admin.autocomplete import ID_PATTERN
from accords.admin.deletions import deleted_objects
from accords.admin.desk.data import (
    agreement_data,
    citation_data,
    claim_data,
    coverage_data,
    desk_data,
    field_labels,
    group_headings,
    named_rows,
    visible_citations,
)
from accords.admin.desk.forms import MODELS, DeskForm, Errors, PassageForm, errors_of
from accords.admin.desk.search import ANY_ROW, SEARCHABLE, DeskSearch
from accords.admin.desk.texts import messages, shortcuts
from accords.admin.in_place import as_html, save_once
from accords.admin.refusals import refusal
from accords.db.integrity_errors import explain
from accords.models import Citation, Source
from accords.models.citations import CLAIM_TARGETS
from accords.services import (
    NotPublisher,
    PublicationGuard,
    Uncited,
    affected_agreements,
    may_publish,
    renewals_changed,
)

UNDO_SALT = "accords.admin.desk.undo"
UNDO_SECONDS = 3600


class Invalid(Exception):
    """What was sent cannot be written; `errors` has the messages by the name of the input."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(errors)
        self.errors = errors


class DeskViews:
    """The views of the desk, which belong to the admin of sources."""

    def __init__(self, admin: ModelAdmin) -> None:
        self.admin, self.site = admin, admin.admin_site

    def urls(self) -> list[URLPattern]:
        views: dict[str, Callable[..., HttpResponse]] = {
            "read": require_GET(self.page),
            "find": require_GET(self.find),
            "cite": require_POST(partial(self.write, self.cite)),
            "make": require_POST(partial(self.write, self.create)),
            "uncite": require_POST(partial(self.write, self.remove_citation)),
            "undo": require_POST(partial(self.write, self.undo)),
        }
        return [
            path(
                f"<str:pk>/read/{'' if name == 'read' else f'{name}/'}",
                self.site.admin_view(view),
                name=f"accords_source_{name}",
            )
            for name, view in views.items()
        ]

    def get_source(self, request: HttpRequest, pk: str) -> Source:
        source = Source.objects.filter(pk=pk).first() if ID_PATTERN.fullmatch(pk) else None
        if source is None:
            raise Http404
        if not self.admin.has_view_or_change_permission(request, source):
            raise PermissionDenied
        return source

    def page(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Show the text with its citations, and the forms of the rows that the user may create."""
        source = self.get_source(request, pk)
        may = self.permissions(request)
        data = desk_data(source, request.user)
        script = {
            "urls": {
                name: reverse(f"admin:accords_source_{name}", args=[source.pk])
                for name in ("find", "cite", "make", "uncite", "undo")
            },
            "sha256": source.sha256,
            "language": source.language,
            "source": source.pk,
            "headings": group_headings(),
            "fields": field_labels(),
            "can": may,
            "cookie": settings.CSRF_COOKIE_NAME,
        }
        context = {
            **self.site.each_context(request),
            "title": source.title,
            "opts": self.admin.opts,
            "source": source,
            "coverage": data["coverage"],
            "forms": [DeskForm(kind, self.site, request) for kind in may["make"]],
            "can": may,
            "data": data | script,
            "messages_for_scripts": messages(),
            "shortcuts": shortcuts(may["cite"]),
        }
        return TemplateResponse(request, "admin/accords/source/read.html", context)

    def permissions(self, request: HttpRequest) -> dict[str, Any]:
        """Return whether the user may cite and remove citations, and of which kinds they may create rows."""
        citations = self.site.get_model_admin(Citation)
        may_cite = citations.has_add_permission(request)
        kinds = [
            kind
            for kind, model in MODELS.items()
            if may_cite and self.site.get_model_admin(model).has_add_permission(request)
        ]
        return {"cite": may_cite, "uncite": citations.has_delete_permission(request), "make": kinds}

    def find(self, request: HttpRequest, pk: str) -> HttpResponse:
        source = self.get_source(request, pk)
        kind = request.GET.get("what", "")
        if kind not in (*SEARCHABLE, ANY_ROW):
            return error_response({"what": [_("This cannot be searched for.")]})
        return JsonResponse({"found": DeskSearch(self.site, request, source).proposals(kind)})

    # Writing

    def write(self, action: Callable[..., dict[str, Any]], request: HttpRequest, pk: str) -> HttpResponse:
        """Run an action in a transaction, and answer with its result or with its errors."""
        source = self.get_source(request, pk)
        try:
            with transaction.atomic():
                return save_once(request, lambda: JsonResponse(action(request, source)))
        except Invalid as error:
            return error_response(error.errors)
        except ValidationError as error:
            return error_response(errors_of(error))
        except (IntegrityError, DataError) as error:
            return error_response({NON_FIELD_ERRORS: as_html([explain(error)])})
        except (NotPublisher, Uncited) as error:
            return error_response({NON_FIELD_ERRORS: [refusal(error)]}, status=409)
        except PermissionDenied:
            return error_response({NON_FIELD_ERRORS: [_("You have no permission to do this.")]}, status=403)

    def check_permission(self, request: HttpRequest, model: type[Model], verb: str) -> None:
        if not getattr(self.site.get_model_admin(model), f"has_{verb}_permission")(request):
            raise PermissionDenied

    def cite(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Cite a passage for an existing row."""
        self.check_permission(request, Citation, "add")
        passage = PassageForm(request.POST, source)
        errors = {name: as_html(messages) for name, messages in passage.errors.items()}
        kind, row = self.get_target(request)
        if row is None:
            errors["target"] = [_("Choose what these words support.")]
        if errors or row is None:
            raise Invalid(errors)
        citation = passage.cite(kind, row)
        renewals_changed(affected_agreements(citation), on=timezone.localdate())
        PublicationGuard(may_publish(request.user)).check([citation])
        return self.result(request, source, citation, kind, row, [])

    def get_target(self, request: HttpRequest) -> tuple[str, Model | None]:
        """Return the row to be cited, among those that the user may see."""
        kind, _colon, pk = request.POST.get("target", "").partition(":")
        if kind not in CLAIM_TARGETS or not ID_PATTERN.fullmatch(pk):
            return kind, None
        rows: Any = CLAIM_TARGETS[kind]._default_manager
        return kind, rows.visible_to(request.user).filter(pk=pk).first()

    def create(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Create a row and cite a passage for it."""
        kind = request.POST.get("make", "")
        if kind not in MODELS:
            raise Invalid({"make": [_("This cannot be created here.")]})
        self.check_permission(request, Citation, "add")
        self.check_permission(request, MODELS[kind], "add")
        form, passage = DeskForm(kind, self.site, request), PassageForm(request.POST, source)
        errors = form.errors() | {name: as_html(messages) for name, messages in passage.errors.items()}
        if errors:
            raise Invalid(errors)
        row, created = form.save()
        self.log_addition(request, row)
        target = (
            (kind, row) if kind in CLAIM_TARGETS else ("agreement", row.agreement)
        )  # a role is cited for the agreement
        citation = passage.cite(*target)
        renewals_changed(affected_agreements(row) | affected_agreements(citation), on=timezone.localdate())
        PublicationGuard(may_publish(request.user)).check([row, citation])
        return self.result(request, source, citation, *target, created)

    def result(
        self, request: HttpRequest, source: Source, citation: Citation, kind: str, row: Any, created: list[Any]
    ) -> dict[str, Any]:
        """Return the JSON with which the page shows a new citation. `created` are the rows that were added with it."""
        self.log_addition(request, citation)
        rows_to_undo = [citation, *created]
        rows: Any = CLAIM_TARGETS[kind]._default_manager
        shown = named_rows(kind, rows.filter(pk=row.pk)).get()
        ids = [row.pk if name == kind else None for name in CLAIM_TARGETS]
        return {
            "citation": citation_data((citation.pk, citation.start, citation.end, citation.field, *ids)),
            "claim": claim_data(kind, shown),
            "agreement": agreement_data(shown if kind == "agreement" else shown.agreement),
            "coverage": self.coverage(request, source),
            "undo": self.undo_token(request, rows_to_undo) if self.may_undo(request, rows_to_undo) else "",
        }

    def undo_token(self, request: HttpRequest, rows: list[Any]) -> str:
        names = [(row._meta.model_name, row.pk) for row in rows]
        return signing.dumps([request.user.pk, names], salt=UNDO_SALT)

    def may_undo(self, request: HttpRequest, rows: list[Any]) -> bool:
        """Return whether the user may delete what one act created, and nothing was added to it since."""
        citation = rows[0]
        for row in rows:
            name = row._meta.model_name
            if name in CLAIM_TARGETS and Citation.objects.filter(**{name: row}).exclude(pk=citation.pk).exists():
                return False
            if type(row).history.filter(id=row.pk).exclude(history_user=request.user).exists():
                return False
            _tree, _counts, missing, _protected = deleted_objects([row], request, self.site)
            if missing:
                return False
        return True

    def undo(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Delete the citation and the rows that one act created; a party that something else refers to stays."""
        try:
            user, names = signing.loads(request.POST.get("undo", ""), salt=UNDO_SALT, max_age=UNDO_SECONDS)
        except signing.BadSignature:
            user, names = None, []
        rows: list[Any] = [apps.get_model("accords", name)._default_manager.filter(pk=pk).first() for name, pk in names]
        if user != request.user.pk or None in rows or not rows or not self.may_undo(request, rows):
            raise Invalid({NON_FIELD_ERRORS: [_("This cannot be undone here any more. Delete it on its page.")]})
        for row in [*rows[1:], rows[0]]:  # a claim before its citation, so that nothing public is without one
            still = type(row)._default_manager.filter(pk=row.pk)
            if still.exists() and not deleted_objects([row], request, self.site)[3]:
                model_admin = self.site.get_model_admin(type(row))
                model_admin.log_deletions(request, still)
                model_admin.delete_model(request, row)
        return {"coverage": self.coverage(request, source)}

    def log_addition(self, request: HttpRequest, row: Model) -> None:
        self.site.get_model_admin(type(row)).log_addition(request, row, [{"added": {}}])

    def coverage(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        spans = visible_citations(source, request.user).values_list("start", "end")
        return coverage_data(source.text, spans)

    def remove_citation(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Delete a citation of this source; the row that it supported stays."""
        pk = request.POST.get("citation", "")
        citation = visible_citations(source, request.user).filter(pk=pk).first() if ID_PATTERN.fullmatch(pk) else None
        model_admin = self.site.get_model_admin(Citation)
        if not model_admin.has_delete_permission(request, citation):
            raise PermissionDenied
        if citation is None:
            raise Invalid({"citation": [_("This citation does not exist any more.")]})
        model_admin.log_deletions(request, Citation.objects.filter(pk=citation.pk))
        model_admin.delete_model(request, citation)
        return {"gone": int(pk), "coverage": self.coverage(request, source)}


def error_response(errors: Errors, status: int = 400) -> JsonResponse:
    return JsonResponse({"problems": errors}, status=status)
