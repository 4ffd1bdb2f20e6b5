"""The entry of the fast read path: what a GET of a row or a list answers, and rows for those who write and export."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpResponse

from accords.api import highlights, pagination
from accords.api.fast.plans import IdsPlan, KeyPlan, ListPlan, Ordered, Versioned, plan
from accords.api.fast.rows import RequestContext, Shown
from accords.api.http import etag
from accords.api.pagination import Cursor, Page
from accords.db.compiled_query import BoundParameter
from accords.models.base import can_view_drafts


def respond(view: Any, key: str | None = None) -> HttpResponse:
    """Return the response to a GET of a view that has read its parameters: the row of a key, or a page of rows.

    Raises `Http404` where there is no row that the user may see.
    """
    if key is None:
        body, state = orjson.dumps(page(view)), None
    else:
        read = read_row(view, key.lower(), request_context(view))
        if read is None:
            raise Http404
        body, state = orjson.dumps(read.shown), read.state
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag(state, body)})
    response.depends_on_revision_alone = True  # type: ignore[attr-defined] # for the middleware
    return response


def read_row(view: Any, key: str, context: RequestContext) -> Versioned | None:
    """Return a row in the view's shape; None if there is none that the user may see."""
    name = (type(view), "row", can_view_drafts(view.request.user), view.shape)
    made: KeyPlan = plan(name, lambda: KeyPlan(serializer(view), view.rows(), view.lookup_field))
    return made.read(int(key) if view.lookup_field == "pk" else key, context)


def read_rows(view: Any, ids: list[int]) -> dict[int, Versioned]:
    """Return rows in the view's shape, by id, as far as the user may see them."""
    name = (type(view), "rows", can_view_drafts(view.request.user), view.shape)
    made: IdsPlan = plan(name, lambda: IdsPlan(serializer(view), view.rows()))
    return made.read(ids, request_context(view))


def page(view: Any) -> dict[str, Any]:
    """Return the page of rows that the view's parameters ask for."""
    made, rows = read(view)
    answer: dict[str, Any] = {"on": view.values["on"]} if view.dated else {}
    if (count := made.count(values(view), rows)) is not None:
        limit = settings.COUNT_LIMIT or count
        answer |= {"count": min(count, limit), "count_is_exact": count <= limit}
    answer |= links(view, made, rows)
    answer["results"] = shown(view, made, rows)
    return answer


def all_rows(view: Any, at_a_time: int) -> Iterator[list[Shown]]:
    """Yield all rows of a view's list, so many at a time; each read goes on where the last one ended."""
    view.paging = view.paging._replace(size=at_a_time, cursor=None, counted=False)
    more = True
    while more:
        made, rows = read(view)
        yield shown(view, made, rows)
        more = rows.more_after
        if more:
            view.paging = view.paging._replace(cursor=Cursor(made.cursor_values(rows.rows[-1]), backwards=False))


def read(view: Any) -> tuple[ListPlan, Page]:
    """Read a page; return it with the plan that read it."""
    made: ListPlan = plan(list_key(view), lambda: list_plan(view))
    return made, made.read(values(view), view.paging.cursor)


def values(view: Any) -> dict[str, Any]:
    """Return the values of the bound parameters of a list."""
    cursor = view.paging.cursor
    return {**view.values, **view.within, "cursor": cursor and cursor.values}


def shown(view: Any, made: ListPlan, rows: Page) -> list[Shown]:
    """Return the rows of a page as JSON shows them."""
    found = made.layout.shown(rows.rows, request_context(view))
    if view.values.get("highlight"):
        highlights.add(found, view.model, view.values["q"].query)
    return found


def serializer(view: Any) -> Any:
    """Return the view's serializer in the shape of the request."""
    return view.serializer_class(shape=view.shape, context={})


def request_context(view: Any) -> RequestContext:
    """Return what rows need to know of the request."""
    return RequestContext(f"{origin(view.request)}/api/v1", view.day())


def origin(request: Any) -> str:
    """Return the scheme and host of a request."""
    return f"{request.scheme}://{request.get_host()}"


def list_key(view: Any) -> tuple[Any, ...]:
    """Return what determines the SQL of a list."""
    how, cursor = view.paging, view.paging.cursor
    cursor_shape = cursor and (cursor.backwards, *pagination.fixed_values(how.order, cursor.values))
    return (
        type(view),
        can_view_drafts(view.request.user),
        view.shape,
        how.order,
        how.size,
        settings.COUNT_LIMIT if how.counted else None,
        cursor_shape,
        view.filterset.cache_key(),
    )


def list_plan(view: Any) -> ListPlan:
    """Compile the plan of a list, with bound parameters for the values of the request."""
    rows = view.rows().filter(**{name: BoundParameter.named(name) for name in view.within})
    queryset = view.filterset.filter_queryset(rows, bound=True)
    order = view.paging.order
    key = (type(view), "ordered", can_view_drafts(view.request.user), view.shape, order)
    ordered = plan(key, lambda: Ordered.of(serializer(view), view.rows(), order))
    # Rows below an agreement are few or many: how they are found best depends on which agreement it is.
    prepare = not view.within and view.filterset.suits_one_plan()
    return ListPlan(ordered, queryset, view.paging, prepare)


def links(view: Any, made: ListPlan, read: Page) -> dict[str, str | None]:
    """Return the addresses of the next and the previous page, or null."""
    after = read.more_after and Cursor(made.cursor_values(read.rows[-1]), backwards=False)
    before = read.more_before and Cursor(made.cursor_values(read.rows[0]), backwards=True)
    path = f"{origin(view.request)}{view.request.path.rstrip('/')}"
    sides = (("next", after), ("previous", before))
    return {name: pagination.link(path, view.parameters, made.order, side) if side else None for name, side in sides}
