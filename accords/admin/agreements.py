"""Agreements: the page from which an editor works, and who takes part."""

from functools import reduce
from operator import add
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.agreement_summary import next_dates, premises, replacements, sources, unknown, who
from accords.admin.autocomplete import ROW_ID
from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.clauses import ClauseInline
from accords.admin.display import badge, link, list_url, named
from accords.admin.events import EventInline
from accords.admin.importing import Importing
from accords.admin.inputs import line
from accords.admin.lists import Evidence, Unsettled, chosen, tally
from accords.admin.ordering import OrderView
from accords.admin.publishing import Publishing
from accords.admin.renewals import Due, RenewalInline, late
from accords.admin.statements import StatementInline
from accords.admin.timeline import timeline_of
from accords.admin.warnings import Cautious
from accords.models import Agreement, Citation, Clause, Participation, Renewal
from accords.models.citations import RELATED_MODELS, uncited
from accords.models.renewals import OPEN
from accords.models.sources import TARGET_AGREEMENTS
from accords.vocabulary import TemporalStatus


class AgreementEvidence(Evidence):
    """Agreements that no citation supports, or on which a row hangs that none supports."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three answers."""
        return [*super().lookups(request, model_admin), ("rows", _("with a row without a citation"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The agreements chosen."""
        if self.value() != "rows":
            return super().queryset(request, queryset)
        found = Q()
        for model in RELATED_MODELS:
            found |= Q(Exists(uncited(model).filter(agreement=OuterRef("pk"))))
        return queryset.filter(found)


class AgreementDue(Due):
    """Agreements of which a date falls due."""

    def narrowed(self, queryset: QuerySet[Any], found: Any) -> QuerySet[Any]:
        """The agreements of the dates found."""
        return queryset.filter(pk__in=found.values("agreement"))


class OwnCitationInline(CitationInline):
    """The quotes that support the agreement itself; those of its rows are on their pages."""

    classes = ("collapse",)
    verbose_name_plural = _("citations of the agreement itself")


class ParticipationInline(RecordInline):
    """Who takes part in an agreement."""

    model = Participation
    fields = ("party", "role", "since", "until")
    joined = ("party",)
    verbose_name_plural = _("parties, and others who are named")


@admin.register(Agreement)
class AgreementAdmin(Cautious, Publishing, Importing, RecordAdmin):
    """An agreement with all that hangs on it."""

    inlines = (ParticipationInline, ClauseInline, RenewalInline, EventInline, StatementInline, OwnCitationInline)
    list_display = (
        "title",
        "status",
        "renewal_mode",
        "effective",
        "next_due",
        "not_stated",
        "clauses",
        "evidence",
        "is_published",
    )
    list_filter = (
        "status",
        "renewal_mode",
        AgreementDue,
        AgreementEvidence,
        Unsettled,
        "is_published",
        "instrument",
        chosen("supersedes"),
    )
    search_fields = ("title", "slug", "subject", "participations__party__name")
    search_help_text = _("Words of the title, the subject, or the name of someone who takes part.")
    ordering = ("title", "pk")
    prepopulated_fields = {"slug": ("title",)}
    change_form_template = "accords/agreement.html"
    readonly_fields = (
        *("today", "next_dates", "computed_from", "to_know_more", "not_stated", "who", "sources", "beneath"),
        "timeline",
    )
    fieldsets = (
        (
            _("Agreement"),
            {"fields": ("title", "slug", "subject", ("instrument", "status"), "clauses_complete")},
        ),
        (_("Dates"), {"fields": (("announced", "signed"), ("effective", "ends"))}),
        (
            _("Term and renewal"),
            {"fields": (("renewal_mode", "max_renewals"), ("term", "renewal_interval", "notice_period"), "supersedes")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The agreements with their next open date and the number of citations on them."""
        today, of_it = (
            timezone.localdate(),
            Renewal.objects.filter(agreement=OuterRef("pk")).order_by("due_earliest", "pk"),
        )
        coming = of_it.filter(status__in=OPEN).possibly_from("due", today)
        everywhere = (tally(Citation, path) for path in TARGET_AGREEMENTS.values())
        return (
            super()
            .get_queryset(request)
            .annotate(
                due=Subquery(coming.values("due")[:1]),
                due_earliest=Subquery(coming.values("due_earliest")[:1]),
                overdue=Subquery(of_it.overdue(True, today).values("due")[:1]),
                n_evidence=reduce(add, everywhere),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Pages tell whether it is published, and no form sets it."""
        return [*super().get_readonly_fields(request, obj), "publication", "release"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """For an agreement that exists, first where it stands."""
        groups = super().get_fieldsets(request, obj)
        stands = (
            _("Where it stands"),
            {"fields": (self.state_field(request), *self.readonly_fields[:-1]), "classes": ["facts", "stands"]},
        )
        return [stands, (_("Timeline"), {"fields": ("timeline",), "classes": ["facts"]}), *groups] if obj else groups

    def get_urls(self) -> list[Any]:
        """With the page that puts the clauses in order."""
        order = self.admin_site.admin_view(OrderView.as_view(page=self))
        return [path("<int:pk>/order/", order, name="accords_agreement_order"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """The page, with the way to the order of its clauses."""
        order = reverse("admin:accords_agreement_order", args=[object_id]) if ROW_ID.fullmatch(object_id) else ""
        return super().change_view(request, object_id, form_url, {"order_url": order} | (extra_context or {}))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Wide inputs for what is long."""
        if db_field.name in ("title", "subject"):
            kwargs["widget"] = line(90)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("next due"), ordering="due_earliest")
    def next_due(self, obj: Any) -> SafeString | str:
        """The first date by which someone had to act, if there is one; else the next that may come."""
        return late(obj.overdue) if obj.overdue else obj.due or ""

    @admin.display(description=_("not stated"))
    def not_stated(self, obj: Agreement) -> str:
        """The dates and terms that no source states."""
        return ", ".join(str(obj._meta.get_field(name).verbose_name) for name in obj.missing)  # type: ignore[union-attr]

    @admin.display(description=_("clauses"), ordering="n_clause")
    def clauses(self, obj: Any) -> SafeString:
        """How many clauses, as a link to them."""
        return link(list_url(Clause, agreement=obj.pk), obj.n_clause)

    @admin.display(description=_("citations"), ordering="n_evidence")
    def evidence(self, obj: Any) -> SafeString:
        """How many citations support it and the rows on it, as a link to them."""
        if not obj.n_evidence:
            return badge(str(_("none")), "warn")
        return link(list_url(Citation, of_agreement=obj.pk), obj.n_evidence)

    @admin.display(description=_("today"))
    def today(self, obj: Any) -> SafeString:
        """Where it stands by its dates and renewal rules."""
        on = timezone.localdate()
        word = TemporalStatus(obj.temporal_status(on))
        return format_html("{}, {} {}", named(on, word.label), word.meaning, replacements(obj))

    @admin.display(description=_("next dates"))
    def next_dates(self, obj: Any) -> SafeString:
        """What is overdue and what comes next, and what each date rests on."""
        return next_dates(obj, timezone.localdate())

    @admin.display(description=_("computed from"))
    def computed_from(self, obj: Any) -> SafeString:
        """The terms from which dates are computed, and what they rest on."""
        return premises(obj)

    @admin.display(description=_("to know more"))
    def to_know_more(self, obj: Any) -> SafeString:
        """What its terms leave open, and what would answer it."""
        return unknown(obj)

    @admin.display(description=_("who"))
    def who(self, obj: Any) -> SafeString:
        """Everyone who takes part, each with the role."""
        return who(obj)

    @admin.display(description=_("sources"))
    def sources(self, obj: Any) -> SafeString:
        """The texts that it and its rows quote, as links to where they are read."""
        return sources(obj)

    @admin.display(description="")
    def timeline(self, obj: Any) -> SafeString:
        """Its dates, terms and events as a picture."""
        return timeline_of(obj, timezone.localdate())


@admin.register(Participation)
class ParticipationAdmin(RecordAdmin):
    """Who takes part in an agreement. Entered on the agreement's page; this list is for searching."""

    list_display = ("party", "role", "agreement", "since", "until")
    list_filter = ("role", "party__kind", chosen("agreement"), chosen("party"))
    list_select_related = ("party", "agreement")
    search_fields = ("party__name", "agreement__title")
    search_help_text = _("Words of the party's name or of the agreement's title.")
    ordering = ("agreement", "role", "pk")
    fieldsets = ((None, {"fields": ("agreement", "party", "role", ("since", "until"))}),)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not on the front page."""
        return {}
