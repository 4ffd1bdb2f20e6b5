"""Publishing and withdrawing one or several agreements: a page shows what will happen, and a POST does it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views import View

from accords.admin.agreement_summary import agreement_field_label
from accords.admin.autocomplete import ID_PATTERN
from accords.admin.display import badge, change_link, change_url, list_url
from accords.admin.history import RecordText
from accords.admin.refusals import cached_missing_citations, claim_links
from accords.admin.warnings import date_warnings_by_agreement
from accords.missing_citations import RELATED_MODELS, MissingCitation, missing_citations
from accords.models import Agreement, Citation, Participation, Party, Source
from accords.models.base import can_view_drafts
from accords.models.parties import AGREEMENTS_OF_A_PARTY
from accords.models.sources import about_agreement
from accords.services import PublishingResult, publish, withdraw

MAX_AGREEMENTS = 200  # at once: as many as a page can describe
MAX_LISTED = 10  # warnings or changes
RELATED: tuple[Any, ...] = (Participation, *RELATED_MODELS)


class Outcome(NamedTuple):
    """What will happen to one agreement. `reason` says why nothing will, else it is blank."""

    row: Any
    will_change: bool
    reason: str
    missing_citations: list[SafeString]
    counts: list[tuple[Any, int]]
    not_stated: str
    warnings: list[SafeString]


class PublicationPlan(NamedTuple):
    """The outcome for each agreement, and the sources and parties that become visible, or invisible, with them."""

    outcomes: list[Outcome]
    sources: list[Any]
    parties: list[Any]

    @property
    def ready(self) -> list[Any]:
        """The agreements that will be published or withdrawn."""
        return [outcome.row for outcome in self.outcomes if outcome.will_change]


class PublicationView(View):
    """The page for the agreements that `ids` in the query string names; a POST publishes or withdraws them."""

    http_method_names = ["get", "head", "post", "options"]
    model_admin: Any = None
    verb: ClassVar[str]
    """The end of the name of its URL."""

    publishes: ClassVar[bool]
    """Whether a POST publishes the agreements; else it withdraws them."""

    service: ClassVar[Callable[..., PublishingResult]]
    texts: ClassVar[dict[str, Any]]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not (self.model_admin.has_publish_permission(request) and can_view_drafts(request.user)):
            raise PermissionDenied
        ids = request.GET.get("ids", "").split(",")
        if not all(map(ID_PATTERN.fullmatch, ids)) or len(ids) > MAX_AGREEMENTS:
            raise Http404
        self.ids = sorted({*map(int, ids)})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._render(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, unless an agreement or a row of it has changed since the page was shown (`seen`)."""
        seen_digest, _at, seen_at = request.POST.get("seen", "").partition("@")
        with transaction.atomic():
            list(Agreement.objects.filter(pk__in=self.ids).order_by("pk").select_for_update())
            if seen_digest != agreements_digest(self.ids):
                return self._render(request, changes_since(self.ids, seen_at))
            result = type(self).service(ids=self.ids, on=timezone.localdate())
            for agreement in result.changed:
                self.model_admin.log_change(request, agreement, [{"changed": {"fields": ["is_published"]}}])
        self._add_messages(request, result)
        pk = self.ids[0] if len(self.ids) == 1 else None
        return HttpResponseRedirect(change_url(Agreement(pk=pk)) if pk else list_url(Agreement))

    def _render(self, request: HttpRequest, error: SafeString | str = "") -> HttpResponse:
        seen = f"{agreements_digest(self.ids)}@{timezone.now().isoformat()}"
        agreements = list(self.model_admin.get_queryset(request).filter(pk__in=self.ids).select_related("supersedes"))
        if not agreements:
            raise Http404
        agreement, title = agreements[0] if len(agreements) == 1 else None, self.texts["title"]
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": _("{}: {}").format(title, agreement) if agreement else title,
            "opts": self.model_admin.opts,
            "publishes": self.publishes,
            "texts": self.texts,
            "plan": self._plan(agreements),
            "one": agreement,
            "seen": seen,
            "error": error,
        }
        return TemplateResponse(self.request, "accords/publishing.html", context, status=409 if error else 200)

    def _plan(self, agreements: list[Any]) -> PublicationPlan:
        """Return the consequences of the action. The number of queries does not depend on the number of agreements."""
        drafts = [agreement for agreement in agreements if not agreement.is_published]
        missing = missing_citations(drafts) if self.publishes else {}
        warnings = date_warnings_by_agreement(drafts, timezone.localdate()) if self.publishes else {}
        outcomes = [
            self._outcome(agreement, missing.get(agreement.pk, []), warnings.get(agreement.pk, []))
            for agreement in agreements
        ]
        ids = [outcome.row.pk for outcome in outcomes if outcome.will_change]
        return PublicationPlan(outcomes, list(only_used_by(Source, ids)), list(only_used_by(Party, ids)))

    def _outcome(self, agreement: Any, missing: list[MissingCitation], warnings: list[SafeString]) -> Outcome:
        if agreement.is_published == self.publishes:
            reason = str(self.texts["unchanged"])
        elif agreement.working_copy_of_id:
            reason = _("is a working copy: publish it on its own page")
        elif missing:
            reason = missing_citations_text(len(missing))
        else:
            reason = ""
        # `AgreementAdmin.get_queryset` annotates the counts.
        counts = [(model, getattr(agreement, f"n_{model._meta.model_name}")) for model in RELATED]
        counts.append((Citation, agreement.n_evidence))
        named_counts = [(model._meta.verbose_name_plural, count) for model, count in counts if count]
        not_stated = ", ".join(map(agreement_field_label, agreement.missing))
        links = claim_links(missing)
        return Outcome(agreement, not reason, reason, links, named_counts, not_stated, warnings[:MAX_LISTED])

    def _add_messages(self, request: HttpRequest, result: PublishingResult) -> None:
        if count := len(result.changed):
            self.model_admin.message_user(request, self._success_message(count), messages.SUCCESS)
        if count := len(result.refused):
            message = ngettext(
                "%d agreement stays a draft, because claims of it have no citation.",
                "%d agreements stay drafts, because claims of them have no citation.",
                count,
            )
            self.model_admin.message_user(request, message % count, messages.WARNING)

    def _success_message(self, count: int) -> str:
        raise NotImplementedError


class PublishView(PublicationView):
    verb, publishes, service = "publish", True, publish
    texts = {
        "title": lazy("Publish"),
        "button": lazy("Publish now"),
        "unchanged": lazy("is published already"),
        "visible": lazy("What becomes public"),
        "only_here": lazy("public for the first time"),
        "impossible": lazy("This cannot be published yet:"),
    }

    def _success_message(self, count: int) -> str:
        return ngettext("%d agreement was published.", "%d agreements were published.", count) % count


class WithdrawView(PublicationView):
    verb, publishes, service = "withdraw", False, withdraw
    texts = {
        "title": lazy("Withdraw"),
        "button": lazy("Withdraw now"),
        "unchanged": lazy("is a draft already"),
        "visible": lazy("What is no longer public"),
        "only_here": lazy("no longer public, because nothing else that is published refers to them"),
        "impossible": lazy("This cannot be withdrawn:"),
    }

    def _success_message(self, count: int) -> str:
        return ngettext("%d agreement was withdrawn.", "%d agreements were withdrawn.", count) % count


def publication_url(verb: str, ids: Iterable[int]) -> str:
    return f"{reverse(f'admin:accords_agreement_{verb}')}?ids={','.join(map(str, ids))}"


def only_used_by(model: type[Model], ids: list[int]) -> QuerySet[Any]:
    """Return the sources or parties to which these agreements refer and no other published agreement does."""
    others = Agreement.objects.published().exclude(pk__in=ids)
    if not ids:
        return model._default_manager.none()
    if model is Source:
        citations = Citation.objects.filter(source=OuterRef("pk"))
        sources = Source.objects.filter(Exists(citations.filter(about_agreement("in", ids))))
        sources = sources.exclude(Exists(citations.filter(about_agreement("in", others))))
        return sources.defer("text").order_by("title", "pk")
    in_these, in_others = Q(), Q()
    for path in AGREEMENTS_OF_A_PARTY:
        in_these |= Q(Exists(Party.objects.filter(Q((f"{path}__in", ids)), pk=OuterRef("pk"))))
        in_others |= Q(Exists(Party.objects.filter(Q((f"{path}__in", others)), pk=OuterRef("pk"))))
    return Party.objects.filter(in_these).exclude(in_others).order_by("name", "pk")


def agreements_digest(ids: list[int]) -> str:
    """Return a digest of agreements and their rows, which changes with every write to any of them.

    A write increases the version of its row. An added or deleted row changes the number and the sum of the ids.
    """
    versions: list[Any] = list(Agreement.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "version"))
    for model in RELATED_MODELS:
        rows = model._default_manager.filter(agreement__in=ids).order_by("agreement").values_list("agreement")
        versions += rows.annotate(row_count=Count("pk"), version_sum=Sum("version"), id_sum=Sum("pk"))
    return sha256(repr(versions).encode()).hexdigest()


def changes_since(ids: list[int], instant: str) -> SafeString:
    """Return a message with the changes of these agreements and their rows since an instant.

    `instant` is ISO 8601 with an offset; without a valid one no change is listed.
    """
    try:
        since = datetime.fromisoformat(instant)
        since = timezone.now() if timezone.is_naive(since) else since.astimezone(UTC)
    except (ValueError, OverflowError):  # no instant, or one beyond the calendar in UTC
        since = timezone.now()
    changes = []
    for model in (Agreement, *RELATED, Citation):
        condition = {Agreement: Q(id__in=ids), Citation: about_agreement("in", ids)}.get(model, Q(agreement__in=ids))
        records = list(model.history.filter(condition, history_date__gt=since)[:MAX_LISTED])
        record_text = RecordText(model, records)
        changes += [_change_text(record, record_text.name(record)) for record in records]
    return format_html(
        "{} <ul>{}</ul>",
        _("This was changed meanwhile, so nothing was done. Check again what will happen."),
        format_html_join("", "<li>{}</li>", ((change,) for change in changes[:MAX_LISTED])),
    )


def _change_text(record: Any, name: str) -> str:
    """Return a record as a sentence: “anna changed clause “7””. `name` is the row's name at the time of the record."""
    texts = {"+": _("%(who)s added %(what)s"), "~": _("%(who)s changed %(what)s"), "-": _("%(who)s deleted %(what)s")}
    author = record.author or record.through or _("someone")
    what = _("%(kind)s “%(name)s”") % {"kind": record.instance_type._meta.verbose_name, "name": name}
    return texts[record.history_type] % {"who": author, "what": what}


# On the agreement's page


def link_to_publish(model_admin: ModelAdmin, request: HttpRequest, agreement: Agreement) -> SafeString | str:
    """Return a button that leads to the page; blank for users who may not publish, and for working copies."""
    if agreement.working_copy_of_id or not model_admin.has_publish_permission(request):  # type: ignore[attr-defined]  # of `AgreementAdmin`
        return ""
    view = WithdrawView if agreement.is_published else PublishView
    url = publication_url(view.verb, [agreement.pk])
    return format_html('<a class="button publish" href="{}">{}…</a>', url, view.texts["title"])


def publication_state(agreement: Agreement, button: SafeString | str) -> SafeString:
    """Return whether an agreement is published, the button, and the claims that have no citation."""
    label = badge(_("published"), "good") if agreement.is_published else badge(_("draft"), "warn")
    if agreement.working_copy_of is not None:
        label = format_html("{} {}", badge(_("working copy of"), "warn"), change_link(agreement.working_copy_of))
    missing = cached_missing_citations(agreement)
    details: SafeString | str = ""
    if missing:
        details = format_html(
            '<details class="missing"><summary>{}</summary><ul>{}</ul></details>',
            badge(missing_citations_text(len(missing)), "warn"),
            format_html_join("", "<li>{}</li>", ((claim_link,) for claim_link in claim_links(missing))),
        )
    return format_html('<div class="state">{} {}</div>{}', label, button, details)


def missing_citations_text(count: int) -> str:
    return ngettext("%d claim has no citation", "%d claims have no citation", count) % count
