"""The URL patterns of the API. A trailing slash is optional.

Patterns end on `\\Z`, because `$` would also match before a line break at the end.
"""

from typing import Any

from django.urls import URLPattern, re_path

from accords.api import views
from accords.api.agreement_views import (
    AgreementProjectionViewSet,
    AgreementRenewalViewSet,
    AnnotatedAgreementViewSet,
    ConsolidatedAgreementViewSet,
)
from accords.api.calendar import AgreementCalendarViewSet, RenewalCalendarViewSet
from accords.api.change_views import ChangesView, ResourceChangesViewSet, changes_of
from accords.api.changes_between import AgreementChangesViewSet
from accords.api.exports.renderers import RENDERERS
from accords.api.history import HistoryViewSet, history_of
from accords.api.parsers import LARGE_BYTES
from accords.api.resource import ID, SLUG, Resource
from accords.api.root import Root, Schema, favicon
from accords.api.webhook_views import WebhookDeliveryViewSet, WebhookViewSet
from accords.api.working_copy_views import WorkingCopyViewSet

RESOURCES: dict[str, type[Resource]] = {
    "agreements": views.AgreementViewSet,
    "clauses": views.ClauseViewSet,
    "parties": views.PartyViewSet,
    "renewals": views.RenewalViewSet,
    "statements": views.StatementViewSet,
    "events": views.EventViewSet,
    "sources": views.SourceViewSet,
    "citations": views.CitationViewSet,
}

HISTORIES: dict[str, type[HistoryViewSet]] = {name: history_of(view) for name, view in RESOURCES.items()}
RESOURCE_CHANGES: dict[str, type[ResourceChangesViewSet]] = {name: changes_of(view) for name, view in RESOURCES.items()}

LIST_ACTIONS: dict[str, Any] = {"get": "list", "post": "create"}
ROW_ACTIONS: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def key_group(view: type[Resource]) -> str:
    """Return the named group for the last part of a row's address."""
    return rf"(?P<{view.lookup_field}>{view.lookup_value_regex})"


def list_and_row_patterns(name: str, view: type[Resource]) -> list[URLPattern]:
    """Return the patterns of a resource's list, its bulk requests and its rows."""
    return [
        re_path(rf"^api/v1/{name}/?\Z", view.as_view(LIST_ACTIONS, detail=False), name=f"{name}-list"),
        re_path(
            rf"^api/v1/{name}/bulk/?\Z",
            view.as_view({"post": "bulk"}, detail=False, max_body_bytes=LARGE_BYTES),
            name=f"{name}-bulk",
        ),
        re_path(
            rf"^api/v1/{name}/{key_group(view)}/?\Z", view.as_view(ROW_ACTIONS, detail=True), name=f"{name}-detail"
        ),
    ]


def file_and_history_patterns(name: str, view: type[Resource]) -> list[URLPattern]:
    """Return the patterns of a resource's list as files, of the histories of its rows and of its feed of changes."""
    return [
        *(
            re_path(
                rf"^api/v1/{name}\.{renderer.format}/?\Z",
                view.as_view({"get": "export"}, detail=False, renderer_classes=[renderer]),
                name=f"{name}-{renderer.format}",
            )
            for renderer in RENDERERS
        ),
        re_path(
            rf"^api/v1/{name}/{key_group(view)}/history/?\Z",
            HISTORIES[name].as_view({"get": "history"}, detail=True),
            name=f"{name}-history",
        ),
        re_path(
            rf"^api/v1/changes/{name}/?\Z",
            RESOURCE_CHANGES[name].as_view({"get": "changes"}, detail=True),
            name=f"{name}-changes",
        ),
    ]


def agreement_pattern(
    path: str, view: type[Resource], action: str | dict[str, str], detail: bool, name: str, **arguments: Any
) -> URLPattern:
    """Return the pattern of a path below `agreements/{slug}`.

    `action` names the method of the view for GET, or the methods by HTTP method.
    """
    slug_group = rf"(?P<slug>{SLUG[1]})"
    actions: Any = {"get": action} if isinstance(action, str) else action
    view_function = view.as_view(actions, detail=detail, **arguments)
    return re_path(rf"^api/v1/agreements/{slug_group}/{path}/?\Z", view_function, name=name)


def webhook_pattern(
    path: str, view: type[Resource], actions: dict[str, Any], name: str, **arguments: Any
) -> URLPattern:
    """Return the pattern of a webhook (`path` is ""), or of a path below it (`/test`)."""
    view_function = view.as_view(actions, **{"detail": True, **arguments})
    return re_path(rf"^api/v1/webhooks/(?P<pk>{ID[1]}){path}/?\Z", view_function, name=name)


urlpatterns = [
    # Lists and rows come first: they are read most, and Django compares a path with one pattern after the other.
    *(pattern for name, view in RESOURCES.items() for pattern in list_and_row_patterns(name, view)),
    re_path(r"^favicon\.ico\Z", favicon, name="favicon"),
    re_path(r"^api/schema/?\Z", Schema.as_view(), name="schema"),
    re_path(r"^api/v1/?\Z", Root.as_view(), name="api-root"),
    re_path(r"^api/v1/changes/?\Z", ChangesView.as_view(), name="changes"),
    *(pattern for name, view in RESOURCES.items() for pattern in file_and_history_patterns(name, view)),
    agreement_pattern("renewals", AgreementRenewalViewSet, "list", detail=False, name="agreement-renewals"),
    *(
        agreement_pattern(
            rf"renewals\.{renderer.format}",
            AgreementRenewalViewSet,
            "export",
            detail=False,
            name=f"agreement-renewals-{renderer.format}",
            renderer_classes=[renderer],
        )
        for renderer in RENDERERS
    ),
    agreement_pattern("projection", AgreementProjectionViewSet, "projected", detail=True, name="agreement-projection"),
    agreement_pattern(
        "consolidated", ConsolidatedAgreementViewSet, "consolidated", detail=True, name="agreement-consolidated"
    ),
    agreement_pattern("annotated", AnnotatedAgreementViewSet, "annotated", detail=True, name="agreement-annotated"),
    re_path(
        r"^api/v1/renewals\.ics/?\Z", RenewalCalendarViewSet.as_view({"get": "calendar"}, detail=False), name="calendar"
    ),
    agreement_pattern(r"renewals\.ics", AgreementCalendarViewSet, "calendar", detail=False, name="agreement-calendar"),
    agreement_pattern(
        "working-copy",
        WorkingCopyViewSet,
        {"get": "working_copy", "post": "make_working_copy", "delete": "withdraw_working_copy"},
        detail=True,
        name="agreement-working-copy",
    ),
    agreement_pattern(
        "publish", WorkingCopyViewSet, {"post": "publish_working_copy"}, detail=True, name="agreement-publish"
    ),
    agreement_pattern(
        rf"changes-from/(?P<other>{SLUG[1]})", AgreementChangesViewSet, "changes", detail=True, name="agreement-changes"
    ),
    re_path(r"^api/v1/webhooks/?\Z", WebhookViewSet.as_view(LIST_ACTIONS, detail=False), name="webhooks-list"),
    webhook_pattern("", WebhookViewSet, ROW_ACTIONS, name="webhooks-detail"),
    webhook_pattern(
        "/rotate-secret", WebhookViewSet, {"post": "rotate_secret"}, name="webhook-rotate-secret", needs_body=False
    ),
    webhook_pattern("/test", WebhookViewSet, {"post": "send_test"}, name="webhook-test", needs_body=False),
    webhook_pattern("/replay", WebhookViewSet, {"post": "replay"}, name="webhook-replay"),
    webhook_pattern(
        "/deliveries", WebhookDeliveryViewSet, {"get": "deliveries"}, name="webhook-deliveries", detail=False
    ),
]
