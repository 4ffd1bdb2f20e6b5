"""Importing an annotation: a page to upload it, and a page that shows what it will change before it does."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
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
from accords.importing.imports import CHANGED, NEW, SAME, Plan, PlanChanged, import_annotation, preview
from accords.models import Agreement

MAX_SIZE = 2**20  # bytes of a request, files included
MAX_AGE = 24 * 3600  # seconds from preview to import
SALT = "accords.admin.importing"
MAX_SHOWN = 200  # rows of a kind named one by one


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class MultipleFileField(forms.FileField):
    """Any number of files, no two of the same name: the annotation could not tell them apart."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        clean_one = super().clean
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
    """The uploaded annotation, and the texts by the names of their files. None of it is stored on disk."""

    name: str
    content: bytes
    texts: dict[str, bytes]

    @property
    def annotation(self) -> Annotation:
        return Annotation(self.name, self.content, self.texts.get)

    def signed(self, user: Any) -> str:
        """Return the upload as text that only this user can send back."""
        texts = {name: base64.b64encode(text).decode() for name, text in self.texts.items()}
        content = base64.b64encode(self.content).decode()
        return signing.dumps([user.pk, self.name, content, texts], salt=SALT, compress=True)

    @classmethod
    def from_signed(cls, text: str, user: Any) -> "Upload | None":
        """Return the upload; None if it was not signed for this user, or too long ago."""
        try:
            owner, name, content, texts = signing.loads(text, salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature:
            return None
        if owner != user.pk:
            return None
        return cls(name, base64.b64decode(content), {key: base64.b64decode(value) for key, value in texts.items()})


class Counts(NamedTuple):
    """A row of the table of numbers."""

    name: Any
    new: int
    changed: int
    same: int


def missing_permissions(request: HttpRequest, plan: Plan) -> list[str]:
    """Return the permissions that the import needs and the user does not have, in words."""
    verbs = {NEW: ("add", _("You may not add %s.")), CHANGED: ("change", _("You may not change %s."))}
    missing = {
        sentence % change.model._meta.verbose_name_plural
        for effect, (verb, sentence) in verbs.items()
        for change in plan.with_effect(effect)
        if not request.user.has_perm(f"accords.{verb}_{change.model._meta.model_name}")
    }
    return sorted(missing)


class ImportView(View):
    """Show the form; read what was uploaded and show its plan; or carry out the plan that was confirmed."""

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None

    @classmethod
    def protected(cls, model_admin: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, which checks a request's size before anything reads its body, where its CSRF token is."""
        view = csrf_protect(cls.as_view(model_admin=model_admin))

        @csrf_exempt
        def check_size(request: HttpRequest) -> HttpResponseBase:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdecimal() or len(length) > 17 or int(length) > MAX_SIZE:
                request.method = "GET"
                request.too_large = True  # type: ignore[attr-defined]
            return view(request)

        return check_size

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not self.model_admin.has_add_permission(request):
            raise PermissionDenied
        self.may_publish = self.model_admin.has_publish_permission(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(ImportForm(), [too_large()] if hasattr(request, "too_large") else [])

    def post(self, request: HttpRequest) -> HttpResponse:
        if "sent" in request.POST:
            return self._import()
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._form(form)
        file, texts = form.cleaned_data["annotation"], form.cleaned_data["texts"]
        return self._preview(Upload(file.name, file.read(), {text.name: text.read() for text in texts}))

    def _preview(self, upload: Upload, notice: str = "") -> HttpResponse:
        """Show what the annotation will change, or all its errors."""
        try:
            plan = preview(upload.annotation, may_publish=self.may_publish)
        except AnnotationError as error:
            return self._form(ImportForm(), faults=error.errors)
        sent = upload.signed(self.request.user)
        if len(sent) > MAX_SIZE - 10_000:
            return self._form(ImportForm(), [too_large()])
        counts = [
            Counts(model._meta.verbose_name_plural, *(counted[status] for status in (NEW, CHANGED, SAME)))
            for model, counted in plan.counts().items()
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
            "sent": sent,
            "notice": notice,
        }
        return self._page("accords/import_plan.html", context)

    def _import(self) -> HttpResponse:
        """Carry out the plan that was shown, if it is still the same."""
        request = self.request
        upload = Upload.from_signed(request.POST["sent"], request.user)
        if upload is None:
            return self._form(ImportForm(), [_("This page is too old. Upload the files again.")])
        try:
            with transaction.atomic():
                plan = import_annotation(
                    upload.annotation,
                    may_publish=self.may_publish,
                    agreed_digest=request.POST.get("digest", ""),
                    at=timezone.now(),
                    on=timezone.localdate(),
                )
                if missing_permissions(request, plan):
                    raise PermissionDenied
        except PlanChanged:
            return self._preview(
                upload, _("The data changed meanwhile, so nothing was imported. Check the plan again.")
            )
        except AnnotationError as error:
            return self._form(ImportForm(), faults=error.errors)
        text = _("Imported: %(new)d entries are new, %(changed)d changed, %(same)d stayed the same.")
        numbers = {effect: len(plan.with_effect(effect)) for effect in (NEW, CHANGED, SAME)}
        self.model_admin.message_user(request, text % numbers, messages.SUCCESS)
        self.model_admin.log_change(request, plan.agreement, _("Imported an annotation."))
        return HttpResponseRedirect(change_url(plan.agreement))

    def _form(self, form: ImportForm, messages: Iterable[str] = (), faults: Iterable[LineError] = ()) -> HttpResponse:
        return self._page("accords/import.html", {"form": form, "errors": list(messages), "faults": list(faults)})

    def _page(self, template: str, context: dict[str, Any]) -> HttpResponse:
        common = {
            **self.model_admin.admin_site.each_context(self.request),
            "title": _("Import an annotation"),
            "opts": Agreement._meta,
        }
        return TemplateResponse(self.request, template, common | context)


def too_large() -> str:
    text = _("The files are larger than %d bytes together. Enter the texts as sources first: then none is needed here.")
    return text % MAX_SIZE
