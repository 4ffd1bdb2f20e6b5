"""Lists read and rendered by query sets and serializers alone: the reference for the fast read path."""

from operator import attrgetter
from typing import Any

from accords.api import pagination
from accords.api.pagination import Page


def read_page(queryset: Any, order: Any, cursor: Any, size: int) -> Page:
    """Return a page of model instances; one row more is read to know whether there are others."""
    backwards = cursor is not None and cursor.backwards
    rows: list[Any] = []
    for segment in pagination.segments(queryset, order, cursor and cursor.values, backwards):
        found = [row for band in segment.bands for row in band[: size + 1]]
        if len(segment.bands) > 1:
            found.sort(key=attrgetter(*(key.column for key in order)), reverse=segment.reverse)
        rows += found[: size + 1]
    return pagination.page_of(rows[: size + 1], size, cursor)


def rendered_list(view: Any) -> dict[str, Any]:
    """Return what REST framework answers for the list of a view that has read its parameters."""
    queryset = view.filter_queryset(view.get_queryset())
    order, size, cursor, is_counted = view.paging
    page = read_page(queryset, order, cursor, size)
    answer: dict[str, Any] = {"on": view.values["on"].isoformat()} if view.depends_on_day else {}
    answer |= {"count": queryset.count(), "count_is_exact": True} if is_counted else {}
    answer |= pagination.links(view.request, view.parameters, order, page)
    return answer | {"results": view.get_serializer(page.rows, many=True).data}
