"""The desk's addresses: the page, proposals, and what is written from it. Answers to scripts are JSON."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accords.admin.autocomplete import ROW_ID
from accords.admin.desk.finding import FOUND, ROW, Finder
from accords.admin.desk.forms import KINDS, Blank, PassageForm, Problems, is_citable, problems_of
from accords.admin.desk.reading import (
    Reading,
    cited,
    claim,
    field_names,
    headings,
    in_short,
    named,
    seen_citations,
    told,
)
from accords.admin.desk.words import keys, words
from accords.db.integrity_errors import explain
from accords.models import Citation, Source
from accords.models.citations import TARGETS
from accords.services import affected_agreements, renewals_changed

View = Callable[..., HttpResponse]


class Refused(Exception):
    """What was sent cannot be written; says why, by the name of the input."""

    def __init__(self, problems: Problems) -> None:
        """Keep why."""
        super().__init__(problems)
        self.problems = problems


class DeskViews:
    """The views of the desk, which belong to the admin of sources."""

    def __init__(self, admin: ModelAdmin) -> None:
        """Serve on the admin's own site."""
        self.admin, self.site = admin, admin.admin_site

    def urls(self) -> list[URLPattern]:
        """A page, and what its script asks for."""
        views: dict[str, View] = {
            "read": require_GET(self.read),
            "find": require_GET(self.find),
            "cite": require_POST(partial(self.answer, self.cite)),
            "make": require_POST(partial(self.answer, self.make)),
            "uncite": require_POST(partial(self.answer, self.uncite)),
        }
        return [
            path(
                f"<str:pk>/read/{'' if name == 'read' else f'{name}/'}",
                self.site.admin_view(view),
                name=f"accords_source_{name}",
            )
            for name, view in views.items()
        ]

    def source(self, request: HttpRequest, pk: str) -> Source:
        """The source that is read. Raises `Http404` or `PermissionDenied`."""
        found = Source.objects.filter(pk=pk).first() if ROW_ID.fullmatch(pk) else None
        if found is None:
            raise Http404
        if not self.admin.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return found

    def read(self, request: HttpRequest, pk: str) -> HttpResponse:
        """The page."""
        source = self.source(request, pk)
        can = permissions(self.site, request)
        data = Reading(source, request.user).as_data()
        context = {
            **self.site.each_context(request),
            "title": source.title,
            "opts": self.admin.opts,
            "source": source,
            "coverage": data["coverage"],
            "blanks": [Blank(kind, self.site, request) for kind in can["make"]],
            "can": can,
            "data": data | self.settings(source, can),
            "words": words(),
            "help": keys(can["cite"]),
        }
        return TemplateResponse(request, "admin/accords/source/read.html", context)

    def settings(self, source: Source, can: dict[str, Any]) -> dict[str, Any]:
        """What the script needs to know besides."""
        names = ("find", "cite", "make", "uncite")
        return {
            "urls": {name: reverse(f"admin:accords_source_{name}", args=[source.pk]) for name in names},
            "sha256": source.sha256,
            "language": source.language,
            "source": source.pk,
            "headings": headings(),
            "fields": field_names(),
            "can": can,
            "cookie": settings.CSRF_COOKIE_NAME,
        }

    def find(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Proposals for what is typed."""
        source = self.source(request, pk)
        what = request.GET.get("what", "")
        if what not in (*FOUND, ROW):
            return refusal({"what": [_("This cannot be looked for.")]})
        return JsonResponse({"found": Finder(self.site, request, source).found(what)})

    # What is written

    def answer(self, write: Callable[..., dict[str, Any]], request: HttpRequest, pk: str) -> HttpResponse:
        """Write in one transaction and say what came of it; what was refused comes back by the name of its input."""
        source = self.source(request, pk)
        try:
            with transaction.atomic():
                return JsonResponse(write(request, source))
        except Refused as error:
            return refusal(error.problems)
        except ValidationError as error:
            return refusal(problems_of(error))
        except (IntegrityError, DataError) as error:
            return refusal({NON_FIELD_ERRORS: [explain(error)]})
        except PermissionDenied:
            return refusal({NON_FIELD_ERRORS: [_("You have no permission to do this.")]}, status=403)

    def cite(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Cite a passage for a row that is there."""
        allow(self.site, request, Citation, "add")
        passage = PassageForm(request.POST, source)
        problems = {name: [*map(str, said)] for name, said in passage.errors.items()}
        kind, row = self.target(request)
        if row is None:
            problems["target"] = [_("Choose what these words support.")]
        if problems or row is None:
            raise Refused(problems)
        return self.told(request, source, passage.cite(kind, row), kind, row)

    def target(self, request: HttpRequest) -> tuple[str, Model | None]:
        """The row that is to be cited, among those that the user may see."""
        kind, _colon, pk = request.POST.get("target", "").partition(":")
        if kind not in TARGETS or not ROW_ID.fullmatch(pk):
            return kind, None
        rows: Any = TARGETS[kind]._default_manager
        return kind, rows.visible_to(request.user).filter(pk=pk).first()

    def make(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Make a row and cite a passage for it."""
        kind = request.POST.get("make", "")
        if kind not in KINDS:
            raise Refused({"make": [_("This cannot be made here.")]})
        allow(self.site, request, Citation, "add")
        allow(self.site, request, KINDS[kind], "add")
        blank, passage = Blank(kind, self.site, request), PassageForm(request.POST, source)
        problems = blank.problems() | {name: [*map(str, said)] for name, said in passage.errors.items()}
        if problems:
            raise Refused(problems)
        row = blank.write()
        log(self.site, request, row)
        target = (kind, row) if is_citable(kind) else ("agreement", row.agreement)
        made = passage.cite(*target)
        renewals_changed(affected_agreements(row), on=timezone.localdate())
        return self.told(request, source, made, *target)

    def told(self, request: HttpRequest, source: Source, made: Citation, kind: str, row: Any) -> dict[str, Any]:
        """What the page adds to what it shows."""
        log(self.site, request, made)
        rows: Any = TARGETS[kind]._default_manager
        shown = in_short(kind, rows.filter(pk=row.pk)).get()
        ids = [row.pk if name == kind else None for name in TARGETS]
        return {
            "citation": cited((made.pk, made.start, made.end, made.field, *ids)),
            "claim": claim(kind, shown),
            "agreement": named(shown if kind == "agreement" else shown.agreement),
            "coverage": self.coverage(request, source),
        }

    def coverage(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """How much is cited now."""
        return told(source.text, seen_citations(source, request.user).values_list("start", "end"))

    def uncite(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        """Delete a citation of this source; the row that it supported stays."""
        allow(self.site, request, Citation, "delete")
        pk = request.POST.get("citation", "")
        known = seen_citations(source, request.user)
        found = known.filter(pk=pk).first() if ROW_ID.fullmatch(pk) else None
        if found is None:
            raise Refused({"citation": [_("This citation is no longer there.")]})
        its = self.site.get_model_admin(Citation)
        its.log_deletions(request, Citation.objects.filter(pk=found.pk))
        its.delete_model(request, found)
        return {"gone": int(pk), "coverage": self.coverage(request, source)}


def permissions(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    """What the user may do at the desk: cite, take citations back, and make rows of these kinds."""
    its = site.get_model_admin(Citation)
    may_cite = its.has_add_permission(request)
    made = [
        kind for kind, model in KINDS.items() if may_cite and site.get_model_admin(model).has_add_permission(request)
    ]
    return {"cite": may_cite, "uncite": its.has_delete_permission(request), "make": made}


def allow(site: AdminSite, request: HttpRequest, model: type[Model], what: str) -> None:
    """Raise `PermissionDenied` unless the user may add, or delete, rows of a model."""
    if not getattr(site.get_model_admin(model), f"has_{what}_permission")(request):
        raise PermissionDenied


def log(site: AdminSite, request: HttpRequest, row: Model) -> None:
    """Tell the admin's own log that a row was added."""
    site.get_model_admin(type(row)).log_addition(request, row, [{"added": {}}])


def refusal(problems: Problems, status: int = 400) -> JsonResponse:
    """Why nothing was written."""
    return JsonResponse({"problems": problems}, status=status)
