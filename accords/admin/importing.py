"""Importing an annotation: a page to send it, a page that says what it will change, and then exactly that is done."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accords.admin.display import page_url
from accords.importing.annotations import Annotation, ErrorItem, SeedError
from accords.importing.imports import CHANGED, NEW, SAME, Plan, Stale, carry_out, preview
from accords.models import Agreement

LARGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # bytes of one request, files and all
LASTS = 24 * 3600  # seconds from preview to import
SALT = "accords.admin.importing"
SHOWN = 200  # rows of a sort named one by one


class SeveralFiles(forms.FileInput):
    """An input for several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All that were chosen."""
        return files.getlist(name)


class Texts(forms.FileField):
    """Several files, perhaps none."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each by itself; no two of one name, for the annotation could not tell them apart."""
        check = super().clean
        found: list[Any] = [check(one, initial) for one in data or []]
        if len({one.name for one in found}) < len(found):
            raise forms.ValidationError(_("Two of them have the same name."), code="twice")
        return found


class ImportForm(forms.Form):
    """An annotation, and the texts of its sources."""

    annotation = forms.FileField(
        label=lazy("Annotation"),
        help_text=lazy("A YAML file, such as us-china-rare-metals.annotation.yaml."),
    )
    texts = Texts(
        label=lazy("Texts of its sources"),
        required=False,
        widget=SeveralFiles(attrs={"multiple": True}),
        help_text=lazy("The files that it names under “file”. A source that is stored already needs none."),
    )


@dataclass(frozen=True)
class Sent:
    """What was sent: the annotation, and the texts by the names of their files. Nothing of it is kept on a disk."""

    name: str
    content: bytes
    texts: dict[str, bytes]

    @property
    def annotation(self) -> Annotation:
        """As it is read: only the texts that were sent can be named."""
        return Annotation(self.name, self.content, self.texts.get)

    def packed(self, user: Any) -> str:
        """Signed text that a page can bring back for this user, and no one else can make."""
        plain = {name: base64.b64encode(text).decode() for name, text in self.texts.items()}
        content = base64.b64encode(self.content).decode()
        return signing.dumps([user.pk, self.name, content, plain], salt=SALT, compress=True)


def unpacked(text: str, user: Any) -> Sent | None:
    """What a page brings back; None if we did not make it for this user, or too long ago."""
    try:
        owner, name, content, texts = signing.loads(text, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    if owner != user.pk:
        return None
    return Sent(name, base64.b64decode(content), {key: base64.b64decode(value) for key, value in texts.items()})


def missing_permissions(request: HttpRequest, plan: Plan) -> list[str]:
    """The permissions that the import would need and the user does not have, in words."""
    verbs = {NEW: ("add", _("You may not add %s.")), CHANGED: ("change", _("You may not change %s."))}
    told = {
        sentence % change.model._meta.verbose_name_plural
        for what, (verb, sentence) in verbs.items()
        for change in plan.of(what)
        if not request.user.has_perm(f"accords.{verb}_{change.model._meta.model_name}")
    }
    return sorted(told)


class Kind(NamedTuple):
    """A line of the table of numbers."""

    name: Any
    new: int
    changed: int
    same: int


class Importing:
    """The page of importing, for the admin of agreements."""

    def get_urls(self) -> list[Any]:
        """One page."""
        page = path("import/", self._import_page(), name="accords_agreement_import")
        return [page, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, with the way to the page for who may add agreements."""
        may = self.has_add_permission(request)  # type: ignore[attr-defined]
        way = reverse("admin:accords_agreement_import") if may else ""
        return super().changelist_view(request, {"import_url": way} | (extra_context or {}))  # type: ignore[misc]

    def _import_page(self) -> Any:
        """The page, which looks at the size of a request before anything reads it: its body has the CSRF token."""
        protected = csrf_protect(self.import_view)

        @csrf_exempt
        def page(request: HttpRequest) -> HttpResponse:
            if not self.has_add_permission(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            if length(request) > LARGEST:
                request.method = "GET"
                return self._form(request, ImportForm(), [too_large()])
            answer: HttpResponse = protected(request)
            return answer

        return self.admin_site.admin_view(page)  # type: ignore[attr-defined]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form; what was sent, read; or what was agreed to, done."""
        if request.method != "POST":
            return self._form(request, ImportForm())
        if "sent" in request.POST:
            return self._confirmed(request)
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._form(request, form)
        file, texts = form.cleaned_data["annotation"], form.cleaned_data["texts"]
        return self._preview(request, Sent(file.name, file.read(), {text.name: text.read() for text in texts}))

    def _preview(self, request: HttpRequest, sent: Sent, notice: str = "") -> HttpResponse:
        """Say what it will change, or every fault."""
        try:
            plan = preview(sent.annotation, may_publish=self._publishes(request))
        except SeedError as error:
            return self._form(request, ImportForm(), faults=error.faults)
        packed = sent.packed(request.user)
        if len(packed) > LARGEST - 10_000:
            return self._form(request, ImportForm(), [too_large()])
        return self._plan(request, plan, packed, notice)

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        """Do what the page said, if it is still so."""
        sent = unpacked(request.POST["sent"], request.user)
        if sent is None:
            return self._form(request, ImportForm(), [_("This page is too old. Send the files again.")])
        about: dict[str, Any] = {"may_publish": self._publishes(request), "seen": request.POST.get("digest", "")}
        about |= {"at": timezone.now(), "on": timezone.localdate()}
        try:
            with transaction.atomic():
                plan = carry_out(sent.annotation, **about)
                if missing_permissions(request, plan):
                    raise PermissionDenied  # and nothing was done
        except Stale:
            return self._preview(request, sent, _("The data changed meanwhile, so nothing was imported. Look again."))
        except SeedError as error:
            return self._form(request, ImportForm(), faults=error.faults)
        return self._done(request, plan)

    def _done(self, request: HttpRequest, plan: Plan) -> HttpResponse:
        """Tell, and go to the agreement."""
        told = _("Imported: %(new)d rows are new, %(changed)d changed, %(same)d stayed the same.")
        numbers = {what: len(plan.of(what)) for what in (NEW, CHANGED, SAME)}
        self.message_user(request, told % numbers, messages.SUCCESS)  # type: ignore[attr-defined]
        self.log_change(request, plan.agreement, str(_("Imported an annotation.")))  # type: ignore[attr-defined]
        return HttpResponseRedirect(page_url(plan.agreement))

    def _publishes(self, request: HttpRequest) -> bool:
        """Whether the import may publish."""
        may: bool = self.has_publish_permission(request)  # type: ignore[attr-defined]
        return may

    def _form(
        self, request: HttpRequest, form: ImportForm, told: Iterable[str] = (), faults: Iterable[ErrorItem] = ()
    ) -> HttpResponse:
        context = {"form": form, "told": list(told), "faults": list(faults)}
        return self._page_of(request, "accords/import.html", context)

    def _plan(self, request: HttpRequest, plan: Plan, packed: str, notice: str) -> HttpResponse:
        kinds = [
            Kind(model._meta.verbose_name_plural, *(counted[what] for what in (NEW, CHANGED, SAME)))
            for model, counted in plan.counts().items()
        ]
        stored = Agreement.objects.filter(slug=plan.agreement.slug).first()
        context = {
            "plan": plan,
            "kinds": kinds,
            "stored": stored,
            "new": plan.of(NEW)[:SHOWN],
            "changed": plan.of(CHANGED)[:SHOWN],
            "numbers": {what: len(plan.of(what)) for what in (NEW, CHANGED, SAME)},
            "left": [(row, page_url(row)) for row in plan.left[:SHOWN]],
            "missing_permissions": missing_permissions(request, plan),
            "sent": packed,
            "notice": notice,
        }
        return self._page_of(request, "accords/import_plan.html", context)

    def _page_of(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        about = {**self.admin_site.each_context(request), "title": _("Import an annotation"), "opts": Agreement._meta}  # type: ignore[attr-defined]
        return TemplateResponse(request, template, about | context)


def length(request: HttpRequest) -> int:
    """How long a request says that its body is; what is no number is too long."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdecimal() and len(told) < 18 else LARGEST + 1


def too_large() -> str:
    """What is said of files that are too large."""
    told = _("The files are larger than %d bytes together. Enter the texts as sources first: then none is needed here.")
    return told % LARGEST
