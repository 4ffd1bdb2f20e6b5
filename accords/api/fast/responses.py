"""The entry of the fast read path: responses to a GET of a row or a list, and rows for writes, feeds and exports."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpResponse
from rest_framework.request import Request

from accords.api import highlights, pagination
from accords.api.fast.layouts import Representation, RequestContext
from accords.api.fast.plans import IdsPlan, KeyPlan, ListPlan, OrderedLayout, Versioned, cached_plan
from accords.api.http import etag
from accords.api.pagination import Cursor, Page
from accords.db.compiled_query import BoundParameter
from accords.models.base import can_view_drafts


def respond(view: Any, key: str | None = None) -> HttpResponse:
    """Return the response to a GET: the row of a key, or without one a page of rows.

    The view has read its parameters. Raises `Http404` if there is no row with this key that the user may see.
    """
    if key is None:
        body, state = orjson.dumps(list_body(view)), None
    else:
        row = read_row(view, key.lower(), request_context(view))
        if row is None:
            raise Http404
        body, state = orjson.dumps(row.representation), row.state
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag(state, body)})
    response.depends_on_revision_alone = True  # type: ignore[attr-defined] # for the middleware
    return response


def read_row(view: Any, key: str, context: RequestContext) -> Versioned | None:
    """Return the row of a key, in the view's shape; None if there is none that the user may see.

    `context` is a parameter because a write compares its document with the row as of the document's own day.
    """
    plan_key = (type(view), "row", can_view_drafts(view.request.user), view.shape)
    plan: KeyPlan = cached_plan(plan_key, lambda: KeyPlan(serializer(view), view.rows(), view.lookup_field))
    return plan.read(int(key) if view.lookup_field == "pk" else key, context)


def read_rows(view: Any, ids: list[int]) -> dict[int, Versioned]:
    """Return the rows that the user may see among those with these ids, in the view's shape, by id."""
    plan_key = (type(view), "rows", can_view_drafts(view.request.user), view.shape)
    plan: IdsPlan = cached_plan(plan_key, lambda: IdsPlan(serializer(view), view.rows()))
    return plan.read(ids, request_context(view))


def list_body(view: Any) -> dict[str, Any]:
    """Return the body of a list's response: one page of rows, and links to the next and the previous one."""
    plan, page = read_page(view)
    body: dict[str, Any] = {"on": view.values["on"]} if view.depends_on_day else {}
    if (count := plan.count(bound_values(view), page)) is not None:
        limit = settings.COUNT_LIMIT or count
        body |= {"count": min(count, limit), "count_is_exact": count <= limit}
    body |= links(view, plan, page)
    body["results"] = page_results(view, plan, page)
    return body


def all_rows(view: Any, at_a_time: int) -> Iterator[list[Representation]]:
    """Yield all rows of a view's list in parts of `at_a_time`, each read from the last row of the one before."""
    view.paging = view.paging._replace(size=at_a_time, cursor=None, counted=False)
    more = True
    while more:
        plan, page = read_page(view)
        yield page_results(view, plan, page)
        more = page.more_after
        if more:
            view.paging = view.paging._replace(cursor=Cursor(plan.cursor_values(page.rows[-1]), backwards=False))


def read_page(view: Any) -> tuple[ListPlan, Page]:
    """Read a page of a list; return it with the plan that read it."""
    plan: ListPlan = cached_plan(list_key(view), lambda: compile_list(view))
    return plan, plan.read(bound_values(view), view.paging.cursor)


def bound_values(view: Any) -> dict[str, Any]:
    """Return the values of the bound parameters of a list."""
    cursor = view.paging.cursor
    return {**view.values, **view.within, "cursor": cursor and cursor.values}


def page_results(view: Any, plan: ListPlan, page: Page) -> list[Representation]:
    """Return the representations of the rows of a page, with `highlight` if the request asks for it."""
    rows = plan.layout.represent(page.rows, request_context(view))
    if view.values.get("highlight"):
        highlights.add(rows, view.model, view.values["q"].query)
    return rows


def serializer(view: Any) -> Any:
    """Return the view's serializer in the shape of the request, for plans: it has no context."""
    return view.serializer_class(shape=view.shape, context={})


def request_context(view: Any) -> RequestContext:
    """Return the address and the day for which rows are represented."""
    return RequestContext(f"{origin(view.request)}/api/v1", view.day())


def origin(request: Request) -> str:
    """Return the scheme and host of a request."""
    return f"{request.scheme}://{request.get_host()}"


def list_key(view: Any) -> tuple[Any, ...]:
    """Return the key of a list's plan: all on which its SQL depends."""
    order, size, cursor, counted = view.paging
    cursor_shape = cursor and (cursor.backwards, *pagination.fixed_values(order, cursor.values))
    return (
        type(view),
        can_view_drafts(view.request.user),
        view.shape,
        order,
        size,
        settings.COUNT_LIMIT if counted else None,
        cursor_shape,
        view.filterset.cache_key(),
    )


def compile_list(view: Any) -> ListPlan:
    """Compile the plan of a list, with bound parameters for the values of the request."""
    rows = view.rows().filter(**{name: BoundParameter.named(name) for name in view.within})
    queryset = view.filterset.filter_queryset(rows, bound=True)
    order = view.paging.order
    key = (type(view), "ordered", can_view_drafts(view.request.user), view.shape, order)
    # Lists of this order share it, whatever their filters and the size of their pages.
    ordered_layout = cached_plan(key, lambda: OrderedLayout.for_order(serializer(view), view.rows(), order))
    # Some agreements have few rows and others many: the best plan of PostgreSQL depends on which agreement it is.
    prepare = not view.within and view.filterset.can_be_prepared()
    return ListPlan(ordered_layout, queryset, view.paging, prepare=prepare)


def links(view: Any, plan: ListPlan, page: Page) -> dict[str, str | None]:
    """Return the addresses of the pages `next` and `previous`; None if there is none."""
    after = page.more_after and Cursor(plan.cursor_values(page.rows[-1]), backwards=False)
    before = page.more_before and Cursor(plan.cursor_values(page.rows[0]), backwards=True)
    path = f"{origin(view.request)}{view.request.path.rstrip('/')}"
    cursors = (("next", after), ("previous", before))
    return {
        name: pagination.link(path, view.parameters, plan.order, cursor) if cursor else None for name, cursor in cursors
    }
