"""The base of every viewset: it reads parameters strictly, starts from visible rows, and shapes and pages them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework import viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accords.api import query
from accords.api.errors import ErrorItem, exception_handler
from accords.api.exports.files import file_response
from accords.api.exports.renderers import FileRenderer
from accords.api.fast.responses import respond
from accords.api.filters.base import FilterBackend, StrictFilterSet
from accords.api.filters.filter_types import today
from accords.api.http import accepts_json, is_anonymous_read
from accords.api.pagination import MAX_PAGE_SIZE, PAGING_PARAMETERS, Paging, parse_paging
from accords.api.query import ErrorCollector, names
from accords.api.serializers.base import RowSerializer, Shape
from accords.models.base import BaseQuerySet

SHAPING = ("fields", "omit", "expand")
NONE: frozenset[str] = frozenset()
ID = ("pk", r"[1-9][0-9]{0,17}")
VARY = ("Accept", "Accept-Encoding", "Authorization", "Cookie")
NOBODY = AnonymousUser()
SLUG = ("slug", r"[A-Za-z0-9-]{1,100}")


class Related(NamedTuple):
    """The relations that a row needs: joined, unless an expansion fetches them, and fetched in one query each.

    `visible` are those that can lead out of what is published: each is fetched as far as the caller may see its rows.
    """

    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()
    visible: tuple[tuple[str, BaseQuerySet], ...] = ()

    def fetched(self, user: Any) -> list[Any]:
        """Return the lookups for `prefetch_related`, limited to the rows that a user may see."""
        return [*self.prefetch, *(Prefetch(path, rows.visible_to(user)) for path, rows in self.visible)]


class Resource(viewsets.GenericViewSet[Any]):
    """A resource's decisions: its model, filters, serializer, orders and relations."""

    model: type[Model]
    filterset_class: type[StrictFilterSet]
    filterset: StrictFilterSet  # the filters of the request
    lookup_value_regex: str
    serializer_class: type[RowSerializer]
    filter_backends: list[Any] = [FilterBackend]
    pagination_class: Any = None
    orderings: Mapping[str, str]
    default_ordering: str = "id"
    depends_on_day: bool = False  # whether rows are shown as of a day, the parameter `on`
    is_private = False  # whether rows are those of one account, and reading them requires a permission
    in_detail: frozenset[str] = frozenset({"citations"})
    related: Related = Related()
    expanded: Mapping[str, Related] = {}

    # By expansion (and `highlight`), as how many rows one that has it counts on a page.
    weights: Mapping[str, int] = {}
    documented: list[dict[str, Any]] = []  # parameters of this address alone, for the schema

    within: Mapping[str, Any] = {}  # look-ups that the address itself fixes
    shared = False  # whether the answer is the same for everyone: known once the caller is
    values: dict[str, Any]
    shape: Shape = Shape()
    paging: Paging
    parameters: dict[str, str]

    def get_renderers(self) -> list[Any]:
        """Render files to readers, and JSON in response to OPTIONS."""
        request: Any = self.request  # None while the schema is generated
        reads = request is None or request.method in ("GET", "HEAD")
        return super().get_renderers() if reads else [JSONRenderer()]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer anonymous GETs of rows and lists without REST framework.

        It has nothing to authenticate, parse or negotiate for them, and would take twice as long as the answer itself.
        """
        is_plain = self.action_map.get("get") in ("list", "retrieve") and is_anonymous_read(request)
        if self.is_private or not is_plain or not accepts_json(request):
            return super().dispatch(request, *args, **kwargs)
        request.user, self.shared, self.headers = NOBODY, True, self.default_response_headers
        try:
            self.read(request)
            response = respond(self, key=kwargs.get(self.lookup_field))
        except Exception as error:
            problem = exception_handler(error, {"request": request, "view": self})
            if problem is None:
                raise
            response = problem
        return self.finalize_response(request, response)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what nobody may do here, authenticate and permit as usual, then read the parameters of a read."""
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        self.shared = not request.user.is_authenticated
        if request.method in SAFE_METHODS:
            self.read(request)

    def read(self, request: HttpRequest | Request) -> None:
        """Read the query string for this action. Raises `InvalidParameters` with every fault."""
        lists = self.filterset_class.list_parameters() | {*SHAPING, "ordering"}
        parameters, name_errors = query.read(request.META.get("QUERY_STRING", ""), self.allowed_parameters(), lists)
        self.parameters, listing, errors = parameters, self.is_list(), ErrorCollector(name_errors)
        filter_parameters = parameters if listing else {name: text for name, text in parameters.items() if name == "on"}
        self.filterset = self.filterset_class(filter_parameters, request=request)
        self.values = self.filterset.values
        errors.items += self.filterset.errors
        self.shape = shape(parameters, self.serializer_class, errors, frozenset() if listing else self.in_detail)
        if listing:
            self.read_list(parameters, errors)
        errors.raise_errors()

    def read_list(self, parameters: dict[str, str], errors: ErrorCollector) -> None:
        """Read how the list is ordered and paged."""
        requested = parse_paging(
            parameters, self.model, self.orderings, self.default_ordering, errors, "q" in parameters
        )
        self.paging = requested._replace(size=min(requested.size, self.longest_page()))

    def longest_page(self) -> int:
        """Return how many rows a page can have: the fewer, the more each shows (`settings.PAGE_WEIGHT`)."""
        highlight = ["highlight"] if self.values.get("highlight") else []
        weight = sum(self.weights.get(name, 0) for name in (*self.shape.expand, *highlight))
        return max(1, settings.PAGE_WEIGHT // weight) if weight and settings.PAGE_WEIGHT else MAX_PAGE_SIZE

    def is_list(self) -> bool:
        """Return whether this address is a list, not a row."""
        return not self.detail

    def is_export(self) -> bool:
        """Return whether this address is a whole list as a file."""
        return issubclass(self.renderer_classes[0], FileRenderer)

    def allowed_parameters(self) -> list[str]:
        """Return the parameters that this address takes."""
        filters = self.filterset_class.base_filters
        if self.is_export():
            renderer: Any = self.renderer_classes[0]
            return [*(name for name in filters if name not in renderer.unsupported_parameters), *SHAPING, "ordering"]
        if self.is_list():
            return [*filters, *SHAPING, *PAGING_PARAMETERS]
        return [*SHAPING, *(("on",) if self.depends_on_day else ())]

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows().filter(**self.within)

    def rows(self) -> QuerySet[Any]:
        """Return the rows that the user may see, with the relations that their shape needs."""
        queryset = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]
        wider = [
            self.expanded[name] for name in sorted(self.shape.expand | self.shape.details) if name in self.expanded
        ]
        fetched = [lookup for needs in (self.related, *wider) for lookup in needs.fetched(self.request.user)]
        apart = {getattr(lookup, "prefetch_to", lookup) for lookup in fetched}
        joined = [name for needs in (self.related, *wider) for name in needs.select if name not in apart]
        rows: QuerySet[Any] = (queryset.select_related(*joined) if joined else queryset).prefetch_related(*fetched)
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter lists only; a row is found by its key alone."""
        return super().filter_queryset(queryset) if self.is_list() else queryset

    def get_object(self) -> Any:
        """Return the row of this address. A slug is found in any case."""
        self.kwargs[self.lookup_field] = self.kwargs[self.lookup_field].lower()
        return super().get_object()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer in the shape of the request."""
        return super().get_serializer(*args, shape=getattr(self, "shape", Shape()), **kwargs)

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context of a serializer, with the host and the day of the request."""
        if getattr(self, "swagger_fake_view", False):
            return {**super().get_serializer_context(), "documenting": True}
        known: dict[str, Any] = {"base": self.request.build_absolute_uri("/api/v1"), "on": self.day()}
        return {**super().get_serializer_context(), **known}

    def day(self) -> date:
        """Return the day for which questions about time are answered."""
        return self.values.get("on") or today()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one row."""
        return respond(self, key=self.kwargs[self.lookup_field])

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one page of rows."""
        return respond(self)

    def export(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the whole list as a file."""
        return file_response(self)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        return describe_caching(response, "public" if self.shared else "private")


def describe_caching(response: Any, sharing: str) -> Any:
    """Say which caches may keep a response: `public` or `private` ones. They ask again before each use."""
    if response.has_header("Vary") or response.has_header("Cache-Control"):
        patch_vary_headers(response, VARY)
        patch_cache_control(response, no_cache=True, **{sharing: True})
    else:  # the same without reading headers: it saves 3 % of the processor time of a GET of one row
        response.headers["Vary"] = ", ".join(VARY)
        response.headers["Cache-Control"] = f"no-cache, {sharing}"
    return response


def shape(
    parameters: dict[str, str], serializer: type[RowSerializer], errors: ErrorCollector, always: frozenset[str]
) -> Shape:
    """Return the shape that the request asks for; `always` are members unless `fields` or `omit` leave them out."""
    if not parameters.keys() & {*SHAPING}:
        return Shape(details=always)
    fields = errors.read(parameters, "fields", lambda text: names(text, serializer.field_names()), NONE)
    omit = errors.read(parameters, "omit", lambda text: names(text, serializer.omissible_names()), NONE)
    expand = errors.read(parameters, "expand", lambda text: names(text, serializer.expansions()), NONE)
    for name, other in (("fields", fields), ("expand", expand)):
        if both := sorted(other & omit):
            errors.items.append(ErrorItem("omit", "contradiction", f"{', '.join(both)}: {name} asks for it."))
    details = frozenset(name for name in always if not fields or name in fields) - omit
    return Shape(fields, omit, expand, details | (fields & serializer.hidden()))
