"""`/changes`: the feed of all resources, and `/changes/clauses` and so on: that of one, with its rows."""

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
from accords.api.feed import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, FeedCursor, FeedPage, Question
from accords.api.filters.filter_types import DateField
from accords.api.http import etag
from accords.api.query import ErrorCollector
from accords.api.resource import Resource, describe_caching
from accords.api.serializers.base import PLAIN
from accords.api.serializers.feed_entries import EntrySerializer, FeedSerializer, feed_of
from accords.db.isolation import snapshot
from accords.models.base import can_view_drafts

ABOUT = """What appeared, changed and disappeared in what the user may see, in the order of commits.

Begin with a whole list as a file, whose header `Accords-Cursor` names the place in the feed that it shows, or with
`after=now`. Ask with `after` for what came since, follow `next` while there is one, and keep `cursor` for the next
time. Publishing an agreement makes it and all that belongs to it appear. What follows from the day alone, such as
`temporal_status` and `overdue`, is no change. 410 if the changes after a cursor are not kept any more.
"""
PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "A cursor: only what came after it. `now`: no entries, only the cursor. Default: the beginning.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_:.=-]+$"},
    },
    {
        "name": "agreement",
        "in": "query",
        "required": False,
        "description": "Only the agreement with this slug, and what belongs to it.",
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


def read_question(request: Any, parameters: dict[str, str], errors: ErrorCollector) -> Question:
    """Read the parameters that every address of the feed takes. Errors are collected."""
    beginning: FeedCursor | None = FeedCursor(can_view_drafts(request.user), 0, None)
    after = errors.read(parameters, "after", FeedCursor.decode, beginning)
    size = errors.read(parameters, "page_size", feed.parse_page_size, DEFAULT_PAGE_SIZE)
    return Question(after, size, parameters.get("agreement"))


def represent(request: Any, parameters: dict[str, str], page: FeedPage) -> dict[str, Any]:
    """Return a page as JSON has it."""
    cursor = page.cursor.encode()
    base = responses.origin(request)
    following = f"{base}{request.path.rstrip('/')}?{urlencode(parameters | {'after': cursor})}"
    entries = EntrySerializer(page.entries, many=True, context={"base": f"{base}/api/v1"}).data
    return {"next": following if page.more else None, "cursor": cursor, "results": entries}


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
        parameters, name_errors = query.read(request.META.get("QUERY_STRING", ""), NAMES)
        errors = ErrorCollector(name_errors)
        question = read_question(request, parameters, errors)
        errors.raise_errors()
        feed.settle()
        with snapshot():
            page = feed.read_entries(question, can_view_drafts(request.user))
        response = Response(represent(request, parameters, page))
        return describe_caching(response, "private" if request.user.is_authenticated else "public")


class ResourceChangesViewSet(Resource):
    """The feed of one resource."""

    documented = PARAMETERS
    question: Question

    def allowed_parameters(self) -> list[str]:
        return [*NAMES, *(["on"] if self.depends_on_day else [])]

    def read(self, request: HttpRequest | Request) -> None:
        """Read the parameters. Raises `InvalidParameters` with every error."""
        self.parameters, name_errors = query.read(request.META.get("QUERY_STRING", ""), self.allowed_parameters())
        errors = ErrorCollector(name_errors)
        on = errors.read(self.parameters, "on", DateField().clean, None)
        self.values, self.shape = {"on": on} if on else {}, PLAIN
        question = read_question(request, self.parameters, errors)
        size = min(question.size, settings.PAGE_WEIGHT or question.size)  # each entry shows its row
        self.question = question._replace(resource=self.resource_name, size=size)
        errors.raise_errors()

    @property
    def resource_name(self) -> str:
        return self.serializer_class.Meta.path

    def changes(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        feed.settle()
        with snapshot():
            page = feed.read_entries(self.question, can_view_drafts(request.user))
            rows = responses.read_rows(self, sorted({entry.row_id for entry in page.entries}))
        answer: dict[str, Any] = {"on": self.day().isoformat()} if self.depends_on_day else {}
        answer |= represent(request, self.parameters, page)
        answer["results"] = [
            {**entry, "row": rows[entry["id"]].representation if entry["id"] in rows else None}
            for entry in answer["results"]
        ]
        body = orjson.dumps(answer)
        return HttpResponse(body, content_type="application/json", headers={"ETag": etag(None, body)})


def changes_of(view: type[Resource]) -> type[ResourceChangesViewSet]:
    """Return the viewset of the feed of a resource."""

    class Changes(ResourceChangesViewSet, view):  # type: ignore[misc, valid-type]  # the base is a variable
        __doc__ = ABOUT

        @extend_schema(responses=feed_of(view.serializer_class, view.depends_on_day))
        def changes(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            return super().changes(request, *args, **kwargs)

    return Changes
