"""The views of `/changes`, the feed of all resources, and of `/changes/clauses` and so on, with the rows of one."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accords.api import feed, query
from accords.api.fast import responses
from accords.api.feed import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, FeedCursor, FeedPage, FeedQuery
from accords.api.filters.filter_types import DateField
from accords.api.http import etag
from accords.api.query import ErrorCollector
from accords.api.resource import Resource, add_cache_headers
from accords.api.serializers.base import PLAIN
from accords.api.serializers.feed_entries import EntrySerializer, FeedSerializer, feed_of
from accords.db.changes import write_pending_entries
from accords.db.isolation import snapshot
from accords.models.base import can_view_drafts

ABOUT = """The rows that appeared, changed and disappeared for the user, in the order of commits.

Begin with a whole list as a file, whose header `Accords-Cursor` is the cursor of the state that it shows, or with
`after=now`. Send the cursor as `after` to get later changes, follow `next` while there is one, and keep `cursor` for
the next request. Publishing an agreement makes it and all its related rows appear. What depends on the day alone, such
as `temporal_status` and `overdue`, is no change. 410 if the changes after a cursor are no longer kept.
"""
PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "A cursor: only later changes. `now`: no entries, only the cursor. Default: the beginning.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_:.=-]+$"},
    },
    {
        "name": "agreement",
        "in": "query",
        "required": False,
        "description": "Only the agreement with this slug and its related rows. An unknown slug gives an empty feed.",
        "schema": {"type": "string"},
    },
    {
        "name": "page_size",
        "in": "query",
        "required": False,
        "description": "How many entries a page has at most. Pages with rows have no more than 200, by default.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    },
]
NAMES = [parameter["name"] for parameter in PARAMETERS]


def parse_feed_query(request: Any, parameters: dict[str, str], errors: ErrorCollector) -> FeedQuery:
    """Return the query of the parameters that every feed takes. Errors are collected."""
    beginning: FeedCursor | None = FeedCursor(can_view_drafts(request.user), 0, None)
    after = errors.read(parameters, "after", FeedCursor.decode, beginning)
    size = errors.read(parameters, "page_size", feed.parse_page_size, DEFAULT_PAGE_SIZE)
    return FeedQuery(after, size, parameters.get("agreement"))


def represent(request: Request, parameters: dict[str, str], page: FeedPage) -> dict[str, Any]:
    """Return the representation of a page."""
    cursor = page.cursor.encode()
    origin = responses.origin(request)
    next_address = f"{origin}{request.path.rstrip('/')}?{urlencode(parameters | {'after': cursor})}"
    entries = EntrySerializer(page.entries, many=True, context={"base": f"{origin}/api/v1"}).data
    return {"next": next_address if page.more else None, "cursor": cursor, "results": entries}


class ChangesView(APIView):
    """The feed of all resources."""

    __doc__ = ABOUT
    permission_classes = (AllowAny,)

    @extend_schema(
        responses=FeedSerializer,
        parameters=[
            OpenApiParameter(entry["name"], entry["schema"], description=entry["description"]) for entry in PARAMETERS
        ],
    )
    def get(self, request: Request) -> Response:
        """Return a page of the feed."""
        parameters, items = query.read(request.META.get("QUERY_STRING", ""), NAMES)
        errors = ErrorCollector(items)
        feed_query = parse_feed_query(request, parameters, errors)
        errors.raise_errors()
        write_pending_entries()
        with snapshot():
            page = feed.read_entries(feed_query, can_view_drafts(request.user))
        response = Response(represent(request, parameters, page))
        return add_cache_headers(response, "private" if request.user.is_authenticated else "public")


class ResourceChangesViewSet(Resource):
    """The feed of one resource."""

    documented = PARAMETERS
    feed_query: FeedQuery

    def allowed_parameters(self) -> list[str]:
        return [*NAMES, *(["on"] if self.depends_on_day else [])]

    def read(self, request: HttpRequest | Request) -> None:
        """Parse the query string. Raises `InvalidParameters` with every error."""
        self.parameters, items = query.read(request.META.get("QUERY_STRING", ""), self.allowed_parameters())
        errors = ErrorCollector(items)
        on = errors.read(self.parameters, "on", DateField().clean, None)
        self.values, self.shape = {"on": on} if on else {}, PLAIN
        feed_query = parse_feed_query(request, self.parameters, errors)
        size = min(feed_query.size, settings.PAGE_WEIGHT or feed_query.size)  # an entry has one row; 0: no limit
        self.feed_query = feed_query._replace(resource=self.serializer_class.Meta.path, size=size)
        errors.raise_errors()

    def changes(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return a page of the feed in which each entry has its row, or null if the user can no longer see it."""
        write_pending_entries()
        with snapshot():  # the rows are those of the same state of the data as the entries
            page = feed.read_entries(self.feed_query, can_view_drafts(request.user))
            rows = responses.read_rows(self, sorted({entry.row_id for entry in page.entries}))
        representation: dict[str, Any] = {"on": self.day().isoformat()} if self.depends_on_day else {}
        representation |= represent(request, self.parameters, page)
        representation["results"] = [
            {**entry, "row": rows[entry["id"]].representation if entry["id"] in rows else None}
            for entry in representation["results"]
        ]
        body = orjson.dumps(representation)
        return HttpResponse(body, content_type="application/json", headers={"ETag": etag(None, body)})


def changes_of(view: type[Resource]) -> type[ResourceChangesViewSet]:
    """Return the viewset of the feed of a resource."""

    class Changes(ResourceChangesViewSet, view):  # type: ignore[misc, valid-type]  # the base is a variable
        __doc__ = ABOUT

        @extend_schema(responses=feed_of(view.serializer_class, view.depends_on_day))
        def changes(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            return super().changes(request, *args, **kwargs)

    return Changes
