"""The dashboard: agreements that fall due, lack something or are uncertain. Each count is that of a change list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite, SimpleListFilter
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accords.admin.autocomplete import label_with_agreement, visible_rows
from accords.admin.display import change_url, desk_url, list_url
from accords.admin.lists import UNCERTAIN, open_renewals
from accords.admin.titles import ADD_TITLES
from accords.models import Agreement, Clause, Event, Renewal, Source, Statement, Webhook

MAX_NAMED = 5  # rows of a query; the others are only counted


class Query(NamedTuple):
    """Rows of a model. `filters` is the query string of the change list that shows them."""

    model: type[Model]
    filters: dict[str, str]
    order: tuple[str, ...] = ("-updated_at", "-pk")
    select_related: tuple[str, ...] = ()


class Panel(NamedTuple):
    """Queries under one title. `tone` is the colour of the count if it is not 0: `bad`, `warn` or `plain`."""

    title: Any
    tone: str
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Result:
    """The rows of a query: their model's name, their number, the address of their list, and links to the first.

    `more` is the number of the rows after these.
    """

    name: str
    count: int
    url: str
    first: list[tuple[str, str]]
    more: int


BY_DATE = ("newest_due", "pk")  # `query_result` annotates it
PANELS = (
    Panel(_("Overdue"), "bad", (Query(Agreement, {"due": "overdue"}, BY_DATE),)),
    Panel(_("Due within 90 days"), "warn", (Query(Agreement, {"due": "soon"}, BY_DATE),)),
    Panel(_("Drafts, waiting for a publisher"), "warn", (Query(Agreement, {"is_published__exact": "0"}),)),
    Panel(
        _("Without a citation"),
        "warn",
        (
            Query(Agreement, {"evidence": "none"}),
            *(
                Query(model, {"evidence": "none"}, select_related=("agreement",))
                for model in (Clause, Statement, Event)
            ),
            Query(Renewal, {"evidence": "none"}, select_related=("agreement",)),
        ),
    ),
    Panel(
        _("Dates not known to the day"),
        "plain",
        (
            Query(Agreement, {"dates": UNCERTAIN}),
            *(Query(model, {"dates": UNCERTAIN}, select_related=("agreement",)) for model in (Clause, Event, Renewal)),
        ),
    ),
)


def query_rows(site: AdminSite, request: HttpRequest, query: Query) -> QuerySet[Any]:
    """Return the rows that the query's list would show, by the list's own filters."""
    model_admin = site.get_model_admin(query.model)
    queryset: QuerySet[Any] = visible_rows(query.model._default_manager, request.user)
    filters = _custom_filters(model_admin.get_list_filter(request))
    for name, value in query.filters.items():
        if name in filters:
            list_filter = filters[name](request, {name: [value]}, query.model, model_admin)
            queryset = list_filter.queryset(request, queryset)
        else:
            queryset = queryset.filter(Q((name, value)))
    return queryset


def _custom_filters(declared: Iterable[Any]) -> dict[str, Any]:
    """Return the filter classes among the entries of `list_filter`, by parameter."""
    return {
        str(list_filter.parameter_name): list_filter
        for list_filter in declared
        if isinstance(list_filter, type) and issubclass(list_filter, SimpleListFilter)
    }


def query_result(site: AdminSite, request: HttpRequest, query: Query) -> Result:
    """Return the result of a query. Agreements that fall due are named with the last of their due dates."""
    queryset = query_rows(site, request, query)
    count = queryset.count()
    if "due" in query.filters:
        dates = open_renewals(query.filters["due"], timezone.localdate()).filter(agreement=OuterRef("pk"))
        newest = dates.order_by("-due_earliest", "-pk").values("due")[:1]
        agreements: Any = queryset.annotate(newest_due=Subquery(newest)).order_by(*query.order)[:MAX_NAMED]
        links = [(f"{change_url(row)}#renewals-heading", f"{row.newest_due} · {row}") for row in agreements]
    else:
        first = queryset.select_related(*query.select_related).order_by(*query.order)[:MAX_NAMED]
        links = [(change_url(row), label_with_agreement(row)) for row in first]
    name = str(query.model._meta.verbose_name if count == 1 else query.model._meta.verbose_name_plural)
    return Result(name, count, list_url(query.model, **query.filters), links, count - len(links))


def panels(site: AdminSite, request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Yield the panels with the rows that the user may see."""
    for panel in PANELS:
        visible = [query for query in panel.queries if site.get_model_admin(query.model).has_view_permission(request)]
        results = [query_result(site, request, query) for query in visible]
        if results:
            total = sum(result.count for result in results)
            yield {"title": panel.title, "tone": panel.tone, "results": results, "total": total}


def index_context(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the dashboard, the upper part of the admin's index."""
    webhooks: Any = Webhook.objects.visible_to(request.user).turned_off()
    may_see_webhooks = site.get_model_admin(Webhook).has_view_permission(request)
    may_see_sources = site.get_model_admin(Source).has_view_permission(request)
    sources = Source.objects.visible_to(request.user).defer("text").order_by("-updated_at", "-pk")
    recent = sources[:MAX_NAMED] if may_see_sources else []
    return {
        "panels": list(panels(site, request)),
        "new": [
            (reverse(f"admin:accords_{name}_add"), ADD_TITLES[name])
            for name, model in (("source", Source), ("agreement", Agreement))
            if site.get_model_admin(model).has_add_permission(request)
        ],
        "webhooks_turned_off": [(change_url(row), str(row)) for row in webhooks] if may_see_webhooks else [],
        "recent_sources": [(desk_url(source.pk), str(source)) for source in recent],
    }
