"""Publishing and withdrawing agreements, one or several: a page says what will happen, and only then it does."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accords.admin import warnings
from accords.admin.agreement_summary import label
from accords.admin.autocomplete import ROW_ID
from accords.admin.display import badge, link, list_url, page_url
from accords.admin.edit_conflicts import since
from accords.models import Agreement, Citation, Participation, Party, Source
from accords.models.citations import RELATED_MODELS, MissingCitation, missing_citations
from accords.models.parties import AGREEMENTS_OF_A_PARTY
from accords.models.sources import about
from accords.services import PublishingResult, publish, withdraw

MOST = 200  # agreements at once: so many a page can tell of
TOLD = 10  # rows named one by one; of more the number is told
KINDS: tuple[Any, ...] = (Participation, *RELATED_MODELS)


class Verb(NamedTuple):
    """One of the two things that can be done: what it makes of an agreement, and how pages speak of it."""

    name: str
    publishes: bool
    act: Callable[..., PublishingResult]
    title: Any
    button: Any
    nothing: Any
    seen: Any
    alone: Any


PUBLISH = Verb(
    "publish",
    True,
    publish,
    lazy("Publish"),
    lazy("Publish now"),
    lazy("is published already"),
    lazy("What anyone may read from then on"),
    lazy("seen by anyone for the first time"),
)
WITHDRAW = Verb(
    "withdraw",
    False,
    withdraw,
    lazy("Withdraw"),
    lazy("Withdraw now"),
    lazy("is a draft already"),
    lazy("What only those who see drafts may read from then on"),
    lazy("no longer seen by anyone, for nothing else that is published names them"),
)


class Outcome(NamedTuple):
    """What will become of one agreement, and why."""

    row: Any
    will: bool
    reason: SafeString | str
    lacks: list[SafeString]
    counts: list[tuple[Any, int]]
    missing: str
    odd: list[SafeString]


class Plan(NamedTuple):
    """What the page tells: a line for each agreement, and what comes into or goes out of sight with them."""

    lines: list[Outcome]
    sources: list[Any]
    parties: list[Any]

    @property
    def ready(self) -> list[Any]:
        """The agreements that will change."""
        return [line.row for line in self.lines if line.will]


def plan(verb: Verb, agreements: list[Any]) -> Plan:
    """What `verb` will do to these agreements; the number of queries does not depend on how many they are."""
    drafts = [one for one in agreements if not one.is_published]
    lacks = missing_citations(drafts) if verb.publishes else {}
    odd = warnings.odd(drafts, timezone.localdate()) if verb.publishes else {}
    lines = [_line(verb, one, lacks.get(one.pk, []), odd.get(one.pk, [])) for one in agreements]
    ids = [line.row.pk for line in lines if line.will]
    return Plan(lines, list(alone(Source, ids)), list(alone(Party, ids))) if ids else Plan(lines, [], [])


def _line(verb: Verb, row: Any, lacks: list[MissingCitation], odd: list[SafeString]) -> Outcome:
    will = row.is_published != verb.publishes and not lacks
    reason = "" if will else refusal(verb, row, lacks)
    numbers = [(kind, getattr(row, f"n_{kind._meta.model_name}")) for kind in KINDS] + [(Citation, row.n_evidence)]
    counts = [(kind._meta.verbose_name_plural, number) for kind, number in numbers if number]
    missing = ", ".join(label(row, name) for name in row.missing)
    return Outcome(row, will, reason, listed(lacks), counts, missing, odd[:TOLD])


def refusal(verb: Verb, row: Any, lacks: list[MissingCitation]) -> str:
    """Why an agreement stays as it is."""
    if row.is_published == verb.publishes:
        return str(verb.nothing)
    return ngettext("%d claim has no citation", "%d claims have no citation", len(lacks)) % len(lacks)


def listed(lacks: list[MissingCitation]) -> list[SafeString]:
    """The claims without a citation, each as a link to the page where one can be added."""
    found = [link(page_url(lack.row), lack.name) for lack in lacks[:TOLD]]
    if len(lacks) > TOLD:
        found.append(format_html("{}", _("and %d more") % (len(lacks) - TOLD)))
    return found


def alone(model: Any, ids: list[int]) -> QuerySet[Any]:
    """The sources or parties that of all published agreements only these name, or will name once they are published."""
    others = Agreement.objects.published().exclude(pk__in=ids)
    if model is Source:
        quotes = Citation.objects.filter(source=OuterRef("pk"))
        found = Source.objects.filter(Exists(quotes.filter(about("in", ids)))).exclude(
            Exists(quotes.filter(about("in", others)))
        )
        return found.defer("text").order_by("title", "pk")
    named, elsewhere = (_named(rows) for rows in (ids, others))
    return Party.objects.filter(named).exclude(elsewhere).order_by("name", "pk")


def _named(agreements: Any) -> Q:
    """Parties that one of these agreements, or what hangs on it, names."""
    found = Q()
    for way in AGREEMENTS_OF_A_PARTY:
        found |= Q(Exists(Party.objects.filter(Q((f"{way}__in", agreements)), pk=OuterRef("pk"))))
    return found


def state(ids: list[int]) -> str:
    """A digest of agreements and all that hangs on them, as they are: it changes with every write to any of it."""
    found: list[Any] = list(Agreement.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "version"))
    for model in RELATED_MODELS:
        rows = model._default_manager.filter(agreement__in=ids).order_by("agreement").values_list("agreement")
        found += rows.annotate(number=Count("pk"), versions=Sum("version"), last=Sum("pk"))
    return sha256(repr(found).encode()).hexdigest()


def meanwhile(ids: list[int], instant: Any) -> SafeString:
    """What was written to these agreements and what hangs on them since an instant, as the change log has it."""
    told = [_told(record) for model in (Agreement, *KINDS, Citation) for record in _records(model, ids, instant)]
    what = format_html_join("", "<li>{}</li>", ((one,) for one in told[:TOLD]))
    return format_html(
        "{} <ul>{}</ul>",
        _("Someone changed this meanwhile, so nothing was done. Look again at what it says now."),
        what,
    )


def _records(model: Any, ids: list[int], instant: Any) -> QuerySet[Any]:
    of = {Agreement: Q(id__in=ids), Citation: about("in", ids)}.get(model, Q(agreement__in=ids))
    return model.history.filter(of, history_date__gt=instant).select_related("history_user")[:TOLD]


def _told(record: Any) -> str:
    """A record of the change log: who did what to which row."""
    done = {"+": _("%(who)s added %(what)s"), "~": _("%(who)s changed %(what)s"), "-": _("%(who)s deleted %(what)s")}
    row: Model = record.instance
    what = f"{row._meta.verbose_name} “{row}”"
    return done[record.history_type] % {"who": record.history_user or record.through or _("someone"), "what": what}


class Publishing:
    """The pages and actions of publishing, for the admin of agreements."""

    actions: Any = ("publish_selected", "withdraw_selected")

    def get_urls(self) -> list[Any]:
        """A page for each verb; `ids` in its query says for which agreements."""
        pages = [
            path(f"{verb.name}/", self._page(verb), name=f"accords_agreement_{verb.name}")
            for verb in (PUBLISH, WITHDRAW)
        ]
        return [*pages, *super().get_urls()]  # type: ignore[misc]

    def _page(self, verb: Verb) -> Any:
        def page(request: HttpRequest) -> HttpResponse:
            return self.release_view(request, verb)

        return self.admin_site.admin_view(page)  # type: ignore[attr-defined]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether someone may publish and withdraw: it takes the permission to, and that to change agreements."""
        change: bool = self.has_change_permission(request)  # type: ignore[attr-defined]
        return change and request.user.has_perm("accords.publish_agreement")

    @admin.action(description=lazy("Publish selected agreements…"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Go to the page that says what publishing these will do."""
        return self._go(request, PUBLISH, queryset)

    @admin.action(description=lazy("Withdraw selected agreements…"), permissions=["publish"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Go to the page that says what withdrawing these will do."""
        return self._go(request, WITHDRAW, queryset)

    def _go(self, request: HttpRequest, verb: Verb, queryset: QuerySet[Any]) -> HttpResponse | None:
        ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(ids) > MOST:
            told = _("At most %d agreements can be published or withdrawn at once. Nothing was changed.") % MOST
            self.message_user(request, told, messages.WARNING)  # type: ignore[attr-defined]
            return None
        return HttpResponseRedirect(release_url(verb, ids))

    def release_view(self, request: HttpRequest, verb: Verb) -> HttpResponse:
        """Say what the verb will do, or do it if nothing has changed since that was said."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        ids = asked(request)
        with transaction.atomic():
            fault = self._act(request, verb, ids) if request.method == "POST" else ""
        if request.method == "POST" and not fault:
            one = ids[0] if len(ids) == 1 else None
            return HttpResponseRedirect(page_url(Agreement(pk=one)) if one else list_url(Agreement))
        return self._ask(request, verb, ids, fault)

    def _ask(self, request: HttpRequest, verb: Verb, ids: list[int], fault: SafeString | str) -> HttpResponse:
        now, seen = timezone.now().isoformat(), state(ids)
        rows = list(self.get_queryset(request).filter(pk__in=ids).select_related("supersedes"))  # type: ignore[attr-defined]
        if not rows:
            raise Http404
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("{}: {}").format(verb.title, rows[0]) if len(rows) == 1 else verb.title,
            "opts": self.opts,  # type: ignore[attr-defined]
            "verb": verb,
            "plan": plan(verb, rows),
            "one": rows[0] if len(rows) == 1 else None,
            "seen": f"{seen}@{now}",
            "fault": fault,
        }
        return TemplateResponse(request, "accords/publishing.html", context)

    def _act(self, request: HttpRequest, verb: Verb, ids: list[int]) -> SafeString | str:
        """Do it and tell; or say what has changed since the page was made."""
        list(Agreement.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        seen, _at, instant = request.POST.get("seen", "").partition("@")
        if seen != state(ids):
            return meanwhile(ids, since(instant))
        found = verb.act(ids=ids, on=timezone.localdate())
        for one in found.changed:
            self.log_change(request, one, [{"changed": {"fields": ["is_published"]}}])  # type: ignore[attr-defined]
        self._tell(request, verb, found)
        return ""

    def _tell(self, request: HttpRequest, verb: Verb, found: PublishingResult) -> None:
        """What was done, and what was not."""
        one, many = (
            (_("%d agreement was published."), _("%d agreements were published."))
            if verb.publishes
            else (_("%d agreement was withdrawn."), _("%d agreements were withdrawn."))
        )
        number = len(found.changed)
        if number:
            self.message_user(request, (one if number == 1 else many) % number, messages.SUCCESS)  # type: ignore[attr-defined]
        if found.refused:
            told = ngettext(
                "%d agreement stays a draft: claims of it have no citation.",
                "%d agreements stay drafts: claims of them have no citation.",
                len(found.refused),
            )
            self.message_user(request, told % len(found.refused), messages.WARNING)  # type: ignore[attr-defined]

    def state_field(self, request: HttpRequest) -> str:
        """What shows the state: for who may publish, with the way to do it."""
        return "release" if self.has_publish_permission(request) else "publication"

    @admin.display(description=lazy("state"))
    def publication(self, obj: Agreement) -> SafeString:
        """Whether anyone may read it, and the claims that have no citation."""
        return standing(obj, "")

    @admin.display(description=lazy("state"))
    def release(self, obj: Agreement) -> SafeString:
        """As `publication`, with the way to the page that publishes or withdraws."""
        verb = WITHDRAW if obj.is_published else PUBLISH
        way = format_html('<a class="button release" href="{}">{}…</a>', release_url(verb, [obj.pk]), verb.title)
        return standing(obj, way)


def standing(agreement: Agreement, way: SafeString | str) -> SafeString:
    """Whether an agreement is published, the way to change that, and what it lacks."""
    word = badge(_("published"), "good") if agreement.is_published else badge(_("draft"), "warn")
    lacks = without_citation(missing_citations([agreement])[agreement.pk])
    return format_html('<div class="state">{} {}</div>{}', word, way, lacks)


def without_citation(lacks: list[MissingCitation]) -> SafeString | str:
    """The claims of an agreement that have no citation, as a list."""
    if not lacks:
        return ""
    told = ngettext("%d claim has no citation", "%d claims have no citation", len(lacks)) % len(lacks)
    return format_html(
        '<details class="lacks"><summary>{}</summary><ul>{}</ul></details>',
        badge(told, "warn"),
        format_html_join("", "<li>{}</li>", ((one,) for one in listed(lacks))),
    )


def release_url(verb: Verb, ids: Iterable[int]) -> str:
    """The address of the page that says what the verb will do to these agreements."""
    return f"{reverse(f'admin:accords_agreement_{verb.name}')}?ids={','.join(map(str, ids))}"


def asked(request: HttpRequest) -> list[int]:
    """The agreements that an address names. Raises `Http404` if it names none, or what no id can be."""
    words = request.GET.get("ids", "").split(",")
    if not all(ROW_ID.fullmatch(word) for word in words) or len(words) > MOST:
        raise Http404
    return sorted({int(word) for word in words})
