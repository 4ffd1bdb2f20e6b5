"""The views of the desk: the page, proposals, and writes. Responses to scripts are JSON."""

from collections.abc import Callable
from functools import partial
from itertools import chain
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
from accords.admin.deletions import collect, deleted_objects
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
from accords.admin.desk.forms import MODELS, DeskForm, Errors, PassageForm, messages_by_field
from accords.admin.desk.search import ANY_ROW, SEARCHABLE, DeskSearch
from accords.admin.desk.texts import messages, shortcuts
from accords.admin.in_place import as_html, save_once
from accords.admin.refusals import refusal_message
from accords.db.integrity_errors import explain
from accords.models import Citation, Renewal, Source
from accords.models.citations import CLAIM_TARGETS
from accords.services import (
    PublicationGuard,
    RefusedWrite,
    affected_agreements,
    check_computed_renewals,
    may_publish,
    renewals_changed,
)

UNDO_SALT = "accords.admin.desk.undo"
UNDO_SECONDS = 3600  # after which a write can no longer be undone


class InvalidInput(Exception):
    """The data of a request are invalid. `errors` has the messages by the name of the input."""

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
        """Return the source. Raises `Http404` if the user sees none, `PermissionDenied` if they may view no sources."""
        source = Source.objects.visible_to(request.user).filter(pk=pk).first() if ID_PATTERN.fullmatch(pk) else None
        if source is None:
            raise Http404
        if not self.admin.has_view_or_change_permission(request, source):
            raise PermissionDenied
        return source

    def page(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Show the text with its citations, and the forms of the rows that the user may create."""
        source = self.get_source(request, pk)
        permissions = self.permissions(request)
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
            "can": permissions,
            "cookie": settings.CSRF_COOKIE_NAME,
        }
        context = {
            **self.site.each_context(request),
            "title": source.title,
            "opts": self.admin.opts,
            "source": source,
            "coverage": data["coverage"],
            "forms": [DeskForm(form_name, self.site, request) for form_name in permissions["make"]],
            "can": permissions,
            "data": data | script,
            "messages_for_scripts": messages(),
            "shortcuts": shortcuts(permissions["cite"]),
        }
        return TemplateResponse(request, "admin/accords/source/read.html", context)

    def permissions(self, request: HttpRequest) -> dict[str, Any]:
        """Return whether the user may cite and remove citations, and the names of the forms that they may use."""
        citations = self.site.get_model_admin(Citation)
        may_cite = citations.has_add_permission(request)
        form_names = [
            form_name
            for form_name, model in MODELS.items()
            if may_cite and self.site.get_model_admin(model).has_add_permission(request)
        ]
        return {"cite": may_cite, "uncite": citations.has_delete_permission(request), "make": form_names}

    def find(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Return proposals of the rows of a model (`what`). See `DeskSearch` for the other parameters."""
        source = self.get_source(request, pk)
        model_name = request.GET.get("what", "")
        if model_name not in (*SEARCHABLE, ANY_ROW):
            return error_response({"what": [_("This cannot be searched for.")]})
        return JsonResponse({"found": DeskSearch(self.site, request, source).proposals(model_name)})

    # Writing

    def write(self, action: Callable[..., dict[str, Any]], request: HttpRequest, pk: str) -> HttpResponse:
        """Run an action in a transaction, and answer with its result or with its errors."""
        source = self.get_source(request, pk)
        try:
            with transaction.atomic():
                return save_once(request, lambda: JsonResponse(action(request, source)))
        except InvalidInput as error:
            return error_response(error.errors)
        except ValidationError as error:
            return error_response(messages_by_field(error))
        except (IntegrityError, DataError) as error:
            return error_response({NON_FIELD_ERRORS: as_html([explain(error)])})
        except RefusedWrite as error:
            return error_response({NON_FIELD_ERRORS: [refusal_message(error)]}, status=409)
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
        model_name, row = self.get_target(request)
        if row is None:
            errors["target"] = [_("Choose what these words support.")]
        if errors or row is None:  # without a row there is an error; it says so for the type checker
            raise InvalidInput(errors)
        citation = passage.create_citation(model_name, row)
        renewals_changed(affected_agreements(citation), on=timezone.localdate())
        PublicationGuard(may_publish(request.user)).check([citation])
        return self.citation_result(request, source, citation, model_name, row, [])

    def get_target(self, request: HttpRequest) -> tuple[str, Model | None]:
        """Return the model name and the row of `target`; None if it is not a row that the user may see."""
        model_name, _colon, pk = request.POST.get("target", "").partition(":")
        if model_name not in CLAIM_TARGETS or not ID_PATTERN.fullmatch(pk):
            return model_name, None
        rows: Any = CLAIM_TARGETS[model_name]._default_manager
        return model_name, rows.visible_to(request.user).filter(pk=pk).first()

    def create(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Create a row and cite a passage for it."""
        form_name = request.POST.get("make", "")
        if form_name not in MODELS:
            raise InvalidInput({"make": [_("This cannot be created here.")]})
        self.check_permission(request, Citation, "add")
        self.check_permission(request, MODELS[form_name], "add")
        form, passage = DeskForm(form_name, self.site, request), PassageForm(request.POST, source)
        errors = form.errors() | {name: as_html(messages) for name, messages in passage.errors.items()}
        if errors:
            raise InvalidInput(errors)
        row, created = form.save()
        for new_row in created:
            self.log_addition(request, new_row)
        # The desk shows citations of `CLAIM_TARGETS` only, so a participation is cited as a field of its agreement.
        target = (form_name, row) if form_name in CLAIM_TARGETS else ("agreement", row.agreement)
        citation = passage.create_citation(*target)
        renewals_changed(affected_agreements(row) | affected_agreements(citation), on=timezone.localdate())
        check_computed_renewals(written=[row])
        PublicationGuard(may_publish(request.user)).check([row, citation])
        return self.citation_result(request, source, citation, *target, created)

    def citation_result(
        self, request: HttpRequest, source: Source, citation: Citation, model_name: str, row: Model, created: list[Any]
    ) -> dict[str, Any]:
        """Log a new citation and return the JSON with which the page shows it. `created` are the rows added with it."""
        self.log_addition(request, citation)
        rows_to_undo = [citation, *created]
        rows: Any = CLAIM_TARGETS[model_name]._default_manager
        named_row = named_rows(model_name, rows.filter(pk=row.pk)).get()
        ids = [row.pk if target == model_name else None for target in CLAIM_TARGETS]
        return {
            "citation": citation_data((citation.pk, citation.start, citation.end, citation.field, *ids)),
            "claim": claim_data(model_name, named_row),
            "agreement": agreement_data(named_row if model_name == "agreement" else named_row.agreement),
            "coverage": self.coverage(request, source),
            "undo": self.undo_token(request, rows_to_undo) if self.may_undo(request, rows_to_undo) else "",
        }

    def undo_token(self, request: HttpRequest, rows: list[Any]) -> str:
        """Return a signed list of the rows, which `undo` accepts from this user only."""
        keys = [(row._meta.model_name, row.pk) for row in rows]
        return signing.dumps([request.user.pk, keys], salt=UNDO_SALT)

    def may_undo(self, request: HttpRequest, rows: list[Any]) -> bool:
        """Return whether the user may delete these rows: a citation and those created with it.

        They must have no other citation, and nobody else may have changed them. `undo` checks what was added to them.
        """
        citation = rows[0]
        for row in rows:
            model_name = row._meta.model_name
            is_target = model_name in CLAIM_TARGETS
            if is_target and Citation.objects.filter(**{model_name: row}).exclude(pk=citation.pk).exists():
                return False
            if type(row).history.filter(id=row.pk).exclude(history_user=request.user).exists():
                return False
            _tree, _counts, forbidden, _protected = deleted_objects([row], request, self.site)
            if forbidden:
                return False
        return True

    def undo(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Delete a citation and the rows created with it; a row to which others refer stays.

        Raises `InvalidInput` if `may_undo` refuses it, or if rows that were added since would be deleted too.
        """
        refused = InvalidInput({NON_FIELD_ERRORS: [_("This cannot be undone here any more. Delete it on its page.")]})
        try:
            user_id, keys = signing.loads(request.POST.get("undo", ""), salt=UNDO_SALT, max_age=UNDO_SECONDS)
        except signing.BadSignature:
            user_id, keys = None, []
        rows: list[Any] = [apps.get_model("accords", name)._default_manager.filter(pk=pk).first() for name, pk in keys]
        if user_id != request.user.pk or None in rows or not rows or not self.may_undo(request, rows):
            raise refused
        for row in [*rows[1:], rows[0]]:  # a claim before its citation, so that nothing public is without one
            stored = type(row)._default_manager.filter(pk=row.pk)
            if not stored.exists():  # it was deleted with the row before it
                continue
            collector = collect([row])
            if not collector.protected:
                if any(is_added_since(deleted, keys) for deleted in chain(*collector.model_objs.values())):
                    raise refused
                model_admin = self.site.get_model_admin(type(row))
                model_admin.log_deletions(request, stored)
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
            raise InvalidInput({"citation": [_("This citation does not exist any more.")]})
        model_admin.log_deletions(request, Citation.objects.filter(pk=citation.pk))
        model_admin.delete_model(request, citation)
        return {"gone": int(pk), "coverage": self.coverage(request, source)}


def is_added_since(row: Any, keys: list[list[Any]]) -> bool:
    """Return whether a row is none of those that `undo_token` names, and did not follow from them.

    Computed renewals follow from an agreement, as long as nobody recorded what became of them.
    """
    if row._meta.auto_created or [row._meta.model_name, row.pk] in keys:
        return False
    return not (isinstance(row, Renewal) and row.is_only_computed)


def error_response(errors: Errors, status: int = 400) -> JsonResponse:
    return JsonResponse({"problems": errors}, status=status)
