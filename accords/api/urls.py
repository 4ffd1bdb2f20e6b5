"""The table of contents: every address of the API, with and without a trailing slash."""

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
CHANGES: dict[str, type[ResourceChangesViewSet]] = {name: changes_of(view) for name, view in RESOURCES.items()}

ON_LISTS: dict[str, Any] = {"get": "list", "post": "create"}
ON_ROWS: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def row_of(view: type[Resource]) -> str:
    return rf"(?P<{view.lookup_field}>{view.lookup_value_regex})"


def lists_and_rows(name: str, view: type[Resource]) -> list[URLPattern]:
    """Return the patterns of a resource's list, its writes in bulk, and its rows.

    Patterns end on \\Z: `$` would let a line break pass.
    """
    return [
        re_path(rf"^api/v1/{name}/?\Z", view.as_view(ON_LISTS, detail=False), name=f"{name}-list"),
        re_path(
            rf"^api/v1/{name}/bulk/?\Z",
            view.as_view({"post": "bulk"}, detail=False, max_body_bytes=LARGE_BYTES),
            name=f"{name}-bulk",
        ),
        re_path(rf"^api/v1/{name}/{row_of(view)}/?\Z", view.as_view(ON_ROWS, detail=True), name=f"{name}-detail"),
    ]


def files_and_histories(name: str, view: type[Resource]) -> list[URLPattern]:
    """Return the patterns of a resource's list as files, the histories of its rows, and its feed of changes."""
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
            rf"^api/v1/{name}/{row_of(view)}/history/?\Z",
            HISTORIES[name].as_view({"get": "history"}, detail=True),
            name=f"{name}-history",
        ),
        re_path(
            rf"^api/v1/changes/{name}/?\Z",
            CHANGES[name].as_view({"get": "changes"}, detail=True),
            name=f"{name}-changes",
        ),
    ]


def under_agreement(
    address: str, view: type[Resource], action: str | dict[str, str], detail: bool, name: str, **arguments: Any
) -> URLPattern:
    """Return the URL pattern of an address under one agreement.

    `action` names the method of the view for GET, or such methods by HTTP method.
    """
    row = rf"(?P<slug>{SLUG[1]})"
    actions: Any = {"get": action} if isinstance(action, str) else action
    view_function = view.as_view(actions, detail=detail, **arguments)
    return re_path(rf"^api/v1/agreements/{row}/{address}/?\Z", view_function, name=name)


def of_webhook(address: str, view: type[Resource], actions: dict[str, Any], name: str, **arguments: Any) -> URLPattern:
    """Return the pattern of the address of a webhook, or of one below it."""
    view_function = view.as_view(actions, **{"detail": True, **arguments})
    return re_path(rf"^api/v1/webhooks/(?P<pk>{ID[1]}){address}/?\Z", view_function, name=name)


urlpatterns = [
    # Lists and rows come first: they are read most, and each pattern that a request is compared with costs time.
    *(pattern for name, view in RESOURCES.items() for pattern in lists_and_rows(name, view)),
    re_path(r"^favicon\.ico\Z", favicon, name="favicon"),
    re_path(r"^api/schema/?\Z", Schema.as_view(), name="schema"),
    re_path(r"^api/v1/?\Z", Root.as_view(), name="api-root"),
    re_path(r"^api/v1/changes/?\Z", ChangesView.as_view(), name="changes"),
    *(pattern for name, view in RESOURCES.items() for pattern in files_and_histories(name, view)),
    under_agreement("renewals", AgreementRenewalViewSet, "list", detail=False, name="agreement-renewals"),
    *(
        under_agreement(
            rf"renewals\.{renderer.format}",
            AgreementRenewalViewSet,
            "export",
            detail=False,
            name=f"agreement-renewals-{renderer.format}",
            renderer_classes=[renderer],
        )
        for renderer in RENDERERS
    ),
    under_agreement("projection", AgreementProjectionViewSet, "projected", detail=True, name="agreement-projection"),
    under_agreement(
        "consolidated", ConsolidatedAgreementViewSet, "consolidated", detail=True, name="agreement-consolidated"
    ),
    under_agreement("annotated", AnnotatedAgreementViewSet, "annotated", detail=True, name="agreement-annotated"),
    re_path(
        r"^api/v1/renewals\.ics/?\Z", RenewalCalendarViewSet.as_view({"get": "calendar"}, detail=False), name="calendar"
    ),
    under_agreement(r"renewals\.ics", AgreementCalendarViewSet, "calendar", detail=False, name="agreement-calendar"),
    under_agreement(
        "working-copy",
        WorkingCopyViewSet,
        {"get": "working_copy", "post": "make_working_copy", "delete": "withdraw_working_copy"},
        detail=True,
        name="agreement-working-copy",
    ),
    under_agreement(
        "publish", WorkingCopyViewSet, {"post": "publish_working_copy"}, detail=True, name="agreement-publish"
    ),
    under_agreement(
        rf"changes-from/(?P<other>{SLUG[1]})", AgreementChangesViewSet, "changes", detail=True, name="agreement-changes"
    ),
    re_path(r"^api/v1/webhooks/?\Z", WebhookViewSet.as_view(ON_LISTS, detail=False), name="webhooks-list"),
    of_webhook("", WebhookViewSet, ON_ROWS, name="webhooks-detail"),
    of_webhook(
        "/rotate-secret", WebhookViewSet, {"post": "rotate_secret"}, name="webhook-rotate-secret", needs_body=False
    ),
    of_webhook("/test", WebhookViewSet, {"post": "send_test"}, name="webhook-test", needs_body=False),
    of_webhook("/replay", WebhookViewSet, {"post": "replay"}, name="webhook-replay"),
    of_webhook("/deliveries", WebhookDeliveryViewSet, {"get": "deliveries"}, name="webhook-deliveries", detail=False),
]
