"""Importing an annotation: a page to upload it, and a page that shows what the import will change."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AnonymousUser, User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accords.admin.display import change_url
from accords.importing.annotations import Annotation, AnnotationError, LineError
from accords.importing.imports import CHANGED, NEW, SAME, ImportPlan, PlanChanged, import_annotation, preview
from accords.models import Agreement
from accords.models.base import can_view_drafts

MAX_SIZE = 2**20  # bytes of a request, files included
MAX_AGE = 24 * 3600  # seconds from preview to import
SALT = "accords.admin.importing"
MAX_SHOWN = 200  # new rows that are named, and as many changed ones


class MultipleFileInput(forms.FileInput):
    """An input for several files. Django's own inputs refuse `multiple`."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class MultipleFileField(forms.FileField):
    """Any number of files, no two of the same name: the annotation names them by their names alone."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        clean_one = super().clean  # a comprehension has no `super()`
        files: list[Any] = [clean_one(file, initial) for file in data or []]
        if len({file.name for file in files}) < len(files):
            raise forms.ValidationError(_("Two of the files have the same name."), code="twice")
        return files


class ImportForm(forms.Form):
    annotation = forms.FileField(
        label=lazy("Annotation"),
        help_text=lazy("A YAML file, such as us-china-rare-metals.annotation.yaml."),
    )
    texts = MultipleFileField(
        label=lazy("Texts of its sources"),
        required=False,
        widget=MultipleFileInput(attrs={"multiple": True}),
        help_text=lazy("The files that it names under “file”. A source that is stored already needs none."),
    )


@dataclass(frozen=True)
class Upload:
    """An uploaded annotation, and the texts of its sources by file name. The page carries it: nothing is stored."""

    name: str
    content: bytes
    texts: dict[str, bytes]

    @property
    def annotation(self) -> Annotation:
        return Annotation(self.name, self.content, self.texts.get)

    def to_signed_text(self, user: User | AnonymousUser) -> str:
        """Return the upload as a signed text, which `from_signed_text` accepts from this user only."""
        texts = {name: base64.b64encode(text).decode() for name, text in self.texts.items()}
        content = base64.b64encode(self.content).decode()
        return signing.dumps([user.pk, self.name, content, texts], salt=SALT, compress=True)

    @classmethod
    def from_signed_text(cls, signed_text: str, user: User | AnonymousUser) -> "Upload | None":
        """Return the upload; None if it was signed for another user, or more than `MAX_AGE` ago."""
        try:
            owner_id, name, content, texts = signing.loads(signed_text, salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature:
            return None
        if owner_id != user.pk:
            return None
        return cls(name, base64.b64decode(content), {key: base64.b64decode(text) for key, text in texts.items()})


class Counts(NamedTuple):
    """The numbers of a model's rows that are new, changed or unchanged."""

    name: Any
    new: int
    changed: int
    same: int


def missing_permissions(request: HttpRequest, plan: ImportPlan) -> list[str]:
    """Return messages about the permissions that the import needs and the user does not have."""
    verbs = {NEW: ("add", _("You may not add %s.")), CHANGED: ("change", _("You may not change %s."))}
    messages = {
        message % change.model._meta.verbose_name_plural
        for effect, (verb, message) in verbs.items()
        for change in plan.with_effect(effect)
        if not request.user.has_perm(f"accords.{verb}_{change.model._meta.model_name}")
    }
    return sorted(messages)


class ImportView(View):
    """The pages of an import: the form, the plan of an upload, and the import itself once the plan is confirmed."""

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None

    @classmethod
    def size_checked_view(cls, model_admin: ModelAdmin) -> Callable[..., HttpResponseBase]:
        """Return the view, which checks the size of a request before anything reads its body.

        The body has the CSRF token, so that is checked after the size.
        """
        view = csrf_protect(cls.as_view(model_admin=model_admin))

        @csrf_exempt
        def check_size(request: HttpRequest) -> HttpResponseBase:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdecimal() or len(length) > 17 or int(length) > MAX_SIZE:  # 17: digits that `int` takes
                request.method = "GET"  # of which nothing reads the body; `get` shows the message
                request.too_large = True  # type: ignore[attr-defined]  # kept for `get`
            return view(request)

        return check_size

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        # The plan shows what is stored.
        if not (self.model_admin.has_add_permission(request) and can_view_drafts(request.user)):
            raise PermissionDenied
        self.may_publish = self.model_admin.has_publish_permission(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render_form(ImportForm(), [too_large_message()] if hasattr(request, "too_large") else [])

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the plan of an upload, or import the one that the plan's page sends back (`sent`)."""
        if "sent" in request.POST:
            return self._import_plan()
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._render_form(form)
        file, texts = form.cleaned_data["annotation"], form.cleaned_data["texts"]
        return self._render_plan(Upload(file.name, file.read(), {text.name: text.read() for text in texts}))

    def _render_plan(self, upload: Upload, notice: str = "") -> HttpResponse:
        """Show what the annotation will change, or all its errors."""
        try:
            plan = preview(upload.annotation, may_publish=self.may_publish)
        except AnnotationError as error:
            return self._render_form(ImportForm(), line_errors=error.errors)
        signed_text = upload.to_signed_text(self.request.user)
        if len(signed_text) > MAX_SIZE - 10_000:  # bytes for the rest of the request
            return self._render_form(ImportForm(), [too_large_message()])
        counts = [
            Counts(model._meta.verbose_name_plural, *(by_effect[effect] for effect in (NEW, CHANGED, SAME)))
            for model, by_effect in plan.counts().items()
        ]
        context = {
            "plan": plan,
            "counts": counts,
            "stored": Agreement.objects.filter(slug=plan.agreement.slug).first(),
            "new": plan.with_effect(NEW)[:MAX_SHOWN],
            "changed": plan.with_effect(CHANGED)[:MAX_SHOWN],
            "numbers": {effect: len(plan.with_effect(effect)) for effect in (NEW, CHANGED, SAME)},
            "not_in_annotation": [(row, change_url(row)) for row in plan.not_in_annotation[:MAX_SHOWN]],
            "missing_permissions": missing_permissions(self.request, plan),
            "sent": signed_text,
            "notice": notice,
        }
        return self._render("accords/import_plan.html", context)

    def _import_plan(self) -> HttpResponse:
        """Carry out the plan that was shown, if it is still the same."""
        request = self.request
        upload = Upload.from_signed_text(request.POST["sent"], request.user)
        if upload is None:
            return self._render_form(ImportForm(), [_("This page is too old. Upload the files again.")])
        try:
            with transaction.atomic():
                plan = import_annotation(
                    upload.annotation,
                    may_publish=self.may_publish,
                    agreed_digest=request.POST.get("digest", ""),
                    on=timezone.localdate(),
                )
                if missing_permissions(request, plan):
                    raise PermissionDenied
                self.model_admin.log_change(request, plan.agreement, _("Imported an annotation."))
        except PlanChanged:
            message = _("The data changed meanwhile, so nothing was imported. Check the plan again.")
            return self._render_plan(upload, message)
        except AnnotationError as error:
            return self._render_form(ImportForm(), line_errors=error.errors)
        message = _("Imported: %(new)d entries are new, %(changed)d changed, %(same)d stayed the same.")
        numbers = {effect: len(plan.with_effect(effect)) for effect in (NEW, CHANGED, SAME)}
        self.model_admin.message_user(request, message % numbers, messages.SUCCESS)
        return HttpResponseRedirect(change_url(plan.agreement))

    def _render_form(
        self, form: ImportForm, errors: Iterable[str] = (), line_errors: Iterable[LineError] = ()
    ) -> HttpResponse:
        return self._render("accords/import.html", {"form": form, "errors": [*errors], "faults": [*line_errors]})

    def _render(self, template: str, context: dict[str, Any]) -> HttpResponse:
        common = {
            **self.model_admin.admin_site.each_context(self.request),
            "title": _("Import an annotation"),
            "opts": Agreement._meta,
        }
        return TemplateResponse(self.request, template, common | context)


def too_large_message() -> str:
    message = _(
        "The files are larger than %d bytes together. Enter the texts as sources first: then none is needed here."
    )
    return message % MAX_SIZE
