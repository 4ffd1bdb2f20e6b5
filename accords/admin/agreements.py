"""Agreements with all their related rows, and participations."""

from functools import reduce
from operator import add
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin import agreement_summary as summary
from accords.admin import publishing, working_copies
from accords.admin.autocomplete import ID_PATTERN
from accords.admin.base import RecordAdmin, RecordInline
from accords.admin.citations import CitationInline
from accords.admin.clause_order import ClauseOrderView
from accords.admin.clauses import ClauseInline
from accords.admin.display import badge, labelled_value, link, list_url, overdue_badge
from accords.admin.events import EventInline
from accords.admin.forms import text_input
from accords.admin.importing import ImportView
from accords.admin.lists import EvidenceFilter, UncertainDatesFilter, contains, count_of, related_filter
from accords.admin.renewals import DueFilter, RenewalInline
from accords.admin.statements import StatementInline
from accords.admin.working_copies import WorkingCopyView
from accords.missing_citations import RELATED_MODELS, uncited
from accords.models import Agreement, Citation, Clause, Participation, Renewal
from accords.models.base import can_view_drafts
from accords.models.renewals import OPEN
from accords.models.sources import TARGET_AGREEMENTS
from accords.vocabulary import TemporalStatus


class AgreementEvidenceFilter(EvidenceFilter):
    """Agreements without a citation, or with a related row that has none."""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [*super().lookups(request, model_admin), ("rows", _("with an entry without a citation"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "rows":
            return super().queryset(request, queryset)
        condition = Q()
        for model in RELATED_MODELS:
            condition |= Q(Exists(uncited(model).filter(agreement=OuterRef("pk"))))
        return queryset.filter(condition)


class AgreementDueFilter(DueFilter):
    """Agreements with a renewal date that falls due."""

    def filter_by(self, queryset: QuerySet[Any], renewals: Any) -> QuerySet[Any]:
        return queryset.filter(pk__in=renewals.values("agreement"))


class OwnCitationInline(CitationInline):
    """The citations of the agreement itself. Those of its related rows are on the pages of these."""

    classes = ("collapse",)
    verbose_name_plural = _("citations of the agreement itself")


class ParticipationInline(RecordInline):
    model = Participation
    fields = ("party", "role", "label", "since", "until")
    widgets = {"label": text_input(14)}
    select_related = ("party",)
    verbose_name_plural = _("parties and others")


@admin.register(Agreement)
class AgreementAdmin(RecordAdmin):
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
        AgreementDueFilter,
        AgreementEvidenceFilter,
        UncertainDatesFilter,
        "is_published",
        "instrument",
        related_filter("supersedes"),
        related_filter("amends"),
        "rests_on",
    )
    search_fields = ("slug", *contains("title", "subject", "participations__party__name"))
    search_help_text = _("Words of the title or the subject, or the name of a party.")
    ordering = ("title", "pk")
    actions = ("publish_selected", "withdraw_selected")
    prepopulated_fields = {"slug": ("title",)}
    change_form_template = "accords/agreement_form.html"
    widgets = {"title": text_input(90), "subject": text_input(90)}
    summary_fields = (
        "publication",
        "today",
        "next_dates",
        "computed_from",
        "open_questions",
        "not_stated",
        "parties",
        "sources",
        "related_lists",
    )
    readonly_fields = (*summary_fields, "chronology", "consolidated")
    fieldsets = (
        (
            _("Agreement"),
            {"fields": ("title", "slug", "subject", ("instrument", "status", "status_since"), "clauses_complete")},
        ),
        (_("Dates"), {"fields": (("announced", "signed"), ("effective", "ends"), "effective_condition")}),
        (
            _("Term and renewal"),
            {
                "fields": (
                    ("renewal_mode", "max_renewals", "unlimited"),
                    ("term", "term_ends", "term_from"),
                    ("renewal_intervals", "renewal_condition"),
                    ("notice_period", "notice_opens", "option_holder"),
                    ("supersedes", "amends"),
                )
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(ImportView.size_checked_view(self)), name="accords_agreement_import"),
            path("publish/", view(publishing.PublishView.as_view(model_admin=self)), name="accords_agreement_publish"),
            path(
                "withdraw/", view(publishing.WithdrawView.as_view(model_admin=self)), name="accords_agreement_withdraw"
            ),
            path(
                "<int:pk>/working-copy/",
                view(WorkingCopyView.as_view(model_admin=self)),
                name="accords_agreement_working_copy",
            ),
            path("<int:pk>/order/", view(ClauseOrderView.as_view(model_admin=self)), name="accords_agreement_order"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate agreements with their next open date, an overdue date, and the number of all their citations."""
        today = timezone.localdate()
        renewals: Any = Renewal.objects.filter(agreement=OuterRef("pk")).order_by("due_earliest", "pk")
        coming = renewals.filter(status__in=OPEN).possibly_from("due", today)
        citations = (count_of(Citation, relation) for relation in TARGET_AGREEMENTS.values())
        return (
            super()
            .get_queryset(request)
            .annotate(
                due=Subquery(coming.values("due")[:1]),
                due_earliest=Subquery(coming.values("due_earliest")[:1]),
                overdue=Subquery(renewals.overdue(overdue=True, on=today).values("due")[:1]),
                n_evidence=reduce(add, citations),  # a sum of subqueries
            )
        )

    # Pages

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Add the summary, the chronology and the text with amendments, below the warnings.

        The columns have no request, so they read the user's buttons from `obj.publication_links`, and the agreements
        that the user may see from `obj.visible_agreements`.
        """
        groups = super().get_fieldsets(request, obj)
        if obj is None:
            return groups
        index = 1 if groups[0][1]["fields"] == ("warnings",) else 0
        links = (publishing.link_to_publish(self, request, obj), working_copies.link_to_page(self, request, obj))
        obj.publication_links = format_html_join(" ", "{}", ((page_link,) for page_link in links if page_link))
        obj.visible_agreements = Agreement.objects.visible_to(request.user)
        groups[index:index] = [
            (_("Summary"), {"fields": self.summary_fields, "classes": ["facts", "summary"]}),
            (_("Chronology"), {"fields": ("chronology",), "classes": ["facts"]}),
        ]
        if obj.visible_agreements.filter(Q(amended_by=obj) | Q(amends=obj)).exists():
            groups.insert(index + 1, (_("Text with amendments"), {"fields": ("consolidated",), "classes": ["facts"]}))
        return groups

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_import = self.has_add_permission(request) and can_view_drafts(request.user)
        import_url = reverse("admin:accords_agreement_import") if may_import else ""
        return super().changelist_view(request, {"import_url": import_url} | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Add to the context the address of the page on which the clauses are ordered."""
        is_id = ID_PATTERN.fullmatch(object_id)
        order_url = reverse("admin:accords_agreement_order", args=[object_id]) if is_id else ""
        return super().change_view(request, object_id, form_url, {"order_url": order_url} | (extra_context or {}))

    # Publishing

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may publish and withdraw agreements, and change them."""
        return self.has_change_permission(request) and request.user.has_perm("accords.publish_agreement")

    @admin.action(description=_("Publish selected agreements…"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._redirect_to_page(request, "publish", queryset)

    @admin.action(description=_("Withdraw selected agreements…"), permissions=["publish"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._redirect_to_page(request, "withdraw", queryset)

    def _redirect_to_page(self, request: HttpRequest, verb: str, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Redirect to the page that shows what the action will do; None, with a message, for too many agreements."""
        ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: publishing.MAX_AGREEMENTS + 1])
        if len(ids) > publishing.MAX_AGREEMENTS:
            message = _("At most %d agreements can be published or withdrawn at once. Nothing was changed.")
            self.message_user(request, message % publishing.MAX_AGREEMENTS, messages.WARNING)
            return None
        return HttpResponseRedirect(publishing.publication_url(verb, ids))

    # Columns and the summary

    @admin.display(description=_("next due"), ordering="due_earliest")
    def next_due(self, obj: Any) -> SafeString | str:
        return overdue_badge(obj.overdue) if obj.overdue else obj.due or ""

    @admin.display(description=_("not stated"))
    def not_stated(self, obj: Agreement) -> str:
        return ", ".join(map(summary.agreement_field_label, obj.missing))

    @admin.display(description=_("clauses"), ordering="n_clause")
    def clauses(self, obj: Any) -> SafeString:
        return link(list_url(Clause, agreement=obj.pk), obj.n_clause)

    @admin.display(description=_("citations"), ordering="n_evidence")
    def evidence(self, obj: Any) -> SafeString:
        """Return the number of citations of the agreement and its rows, as a link to them, or a warning."""
        if not obj.n_evidence:
            return badge(_("none"), "warn")
        return link(list_url(Citation, of_agreement=obj.pk), obj.n_evidence)

    @admin.display(description=_("state"))
    def publication(self, obj: Any) -> SafeString:
        return publishing.publication_state(obj, obj.publication_links)

    @admin.display(description=_("today"))
    def today(self, obj: Any) -> SafeString:
        on = timezone.localdate()
        status = TemporalStatus(obj.temporal_status(on))
        return format_html("{}, {} {}", labelled_value(on, status.label), status.meaning, summary.superseded_by(obj))

    @admin.display(description=_("next dates"))
    def next_dates(self, obj: Any) -> SafeString:
        return summary.next_dates(obj, timezone.localdate())

    @admin.display(description=_("computed from"))
    def computed_from(self, obj: Any) -> SafeString:
        return summary.computed_from(obj)

    @admin.display(description=_("open questions"))
    def open_questions(self, obj: Any) -> SafeString:
        return summary.open_questions(obj)

    @admin.display(description=_("parties and others"))
    def parties(self, obj: Any) -> SafeString:
        return summary.parties(obj)

    @admin.display(description=_("sources"))
    def sources(self, obj: Any) -> SafeString:
        return summary.sources(obj)

    @admin.display(description="")
    def consolidated(self, obj: Any) -> SafeString:
        """Return the text with amendments. Its fieldset has it alone, so it needs no label."""
        return summary.consolidated(obj, obj.visible_agreements, timezone.localdate())

    @admin.display(description="")
    def chronology(self, obj: Any) -> SafeString:
        """Return the chronology. Its fieldset has it alone, so it needs no label."""
        return summary.chronology(obj, obj.visible_agreements, timezone.localdate())


@admin.register(Participation)
class ParticipationAdmin(RecordAdmin):
    """Participations, which are entered on the agreement's page. The list is for searching."""

    list_display = ("party", "role", "label", "agreement", "since", "until")
    list_filter = ("role", "party__kind", related_filter("agreement"), related_filter("party"))
    list_select_related = ("party", "agreement")
    search_fields = contains("party__name", "agreement__title")
    search_help_text = _("Words of the party's name or of the agreement's title.")
    ordering = ("agreement", "role", "pk")
    fieldsets = ((None, {"fields": ("agreement", "party", ("role", "label"), ("since", "until"))}),)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Keep the model out of the index."""
        return {}
