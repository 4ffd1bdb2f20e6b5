"""The base of every viewset: it parses parameters strictly, and returns visible rows in the requested shape."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
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
from accords.api.http import READS, accepts_json, is_anonymous_read
from accords.api.pagination import MAX_PAGE_SIZE, PAGING_PARAMETERS, Paging, parse_paging
from accords.api.query import ErrorCollector, parse_names
from accords.api.serializers.base import RowSerializer, Shape
from accords.models.base import BaseQuerySet

SHAPING_PARAMETERS = ("fields", "omit", "expand")
NO_NAMES: frozenset[str] = frozenset()
# `lookup_field` and `lookup_value_regex` of a viewset
ID, SLUG = ("pk", r"[1-9][0-9]{0,17}"), ("slug", r"[A-Za-z0-9-]{1,100}")
ANONYMOUS = AnonymousUser()
VARY = ("Accept", "Accept-Encoding", "Authorization", "Cookie")


class Related(NamedTuple):
    """The relations that the representation of a row needs."""

    select: tuple[str, ...] = ()  # for `select_related`, unless an expansion prefetches them
    prefetch: tuple[Any, ...] = ()
    # Relations from a published row to rows that may be drafts: only rows that the user may see are prefetched.
    visible: tuple[tuple[str, BaseQuerySet], ...] = ()

    def prefetch_lookups(self, user: User | AnonymousUser) -> list[Any]:
        """Return the lookups for `prefetch_related`, limited to the rows that a user may see."""
        return [*self.prefetch, *(Prefetch(path, rows.visible_to(user)) for path, rows in self.visible)]


class Resource(viewsets.GenericViewSet[Any]):
    """The base of the viewsets of resources. The attributes up to `documented` are for subclasses to set."""

    model: type[Model]
    filterset_class: type[StrictFilterSet]
    lookup_value_regex: str
    serializer_class: type[RowSerializer]
    filter_backends: list[Any] = [FilterBackend]
    pagination_class: Any = None  # pages are those of `paging`
    orderings: Mapping[str, str]  # the columns by the names that `ordering` takes
    default_ordering: str = "id"
    depends_on_day: bool = False  # whether representations depend on a day, the parameter `on`
    is_private = False  # whether rows belong to one account, and reading them requires a permission
    in_detail: frozenset[str] = frozenset({"citations"})  # members that details have and lists do not
    related: Related = Related()  # relations that every representation needs
    expanded: Mapping[str, Related] = {}  # further ones, by the expansion or the member of details that needs them
    # By expansion (and `highlight`): a page has at most `PAGE_WEIGHT` rows, divided by the sum of those requested.
    weights: Mapping[str, int] = {}
    documented: list[dict[str, Any]] = []  # parameters that only this view takes, for the OpenAPI document

    # The state of one request
    filterset: StrictFilterSet
    values: dict[str, Any]  # values of the filters of the request, and defaults of those that have one, such as `on`
    within: Mapping[str, Any] = {}  # lookups from the path, such as the agreement of `/agreements/{slug}/renewals`
    shared = False  # whether the response is the same for all anonymous requests: shared caches may keep it
    shape: Shape = Shape()
    paging: Paging
    parameters: dict[str, str]

    def get_renderers(self) -> list[Any]:
        """Return the renderers of the view for reads. Other responses, such as that to OPTIONS, are JSON."""
        return super().get_renderers() if self.request.method in READS else [JSONRenderer()]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the response. Anonymous GETs of rows and lists in JSON skip REST framework's own `dispatch`.

        It has nothing to authenticate, parse or negotiate for them, and would take twice as long as the rest.
        """
        is_plain = self.action_map.get("get") in ("list", "retrieve") and is_anonymous_read(request)
        if self.is_private or not is_plain or not accepts_json(request):
            return super().dispatch(request, *args, **kwargs)
        request.user, self.shared, self.headers = ANONYMOUS, True, self.default_response_headers
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
        """Check the method, then the user as usual, then the parameters of a read.

        The method comes first, so that the error is 405 for everyone.
        """
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        self.shared = not request.user.is_authenticated
        if request.method in SAFE_METHODS:
            self.read(request)

    def read(self, request: HttpRequest | Request) -> None:
        """Parse the query string for this action. Raises `InvalidParameters` with every error."""
        repeatable = self.filterset_class.list_parameters() | {*SHAPING_PARAMETERS, "ordering"}
        query_string = request.META.get("QUERY_STRING", "")
        parameters, items = query.read(query_string, self.allowed_parameters(), repeatable)
        self.parameters, is_list, errors = parameters, self.is_list(), ErrorCollector(items)
        filter_parameters = parameters if is_list else {name: text for name, text in parameters.items() if name == "on"}
        self.filterset = self.filterset_class(filter_parameters, request=request)
        self.values = self.filterset.values
        errors.items += self.filterset.errors
        self.shape = parse_shape(parameters, self.serializer_class, errors, NO_NAMES if is_list else self.in_detail)
        if is_list:
            self.read_paging(parameters, errors)
        errors.raise_errors()

    def read_paging(self, parameters: dict[str, str], errors: ErrorCollector) -> None:
        """Parse the parameters of order and pages. Errors are collected."""
        paging = parse_paging(
            parameters, self.model, self.orderings, self.default_ordering, errors, searched="q" in parameters
        )
        self.paging = paging._replace(size=min(paging.size, self.max_page_size()))

    def max_page_size(self) -> int:
        """Return how many rows a page can have. It is less for requests of large representations (`weights`)."""
        highlight = ["highlight"] if self.values.get("highlight") else []
        weight = sum(self.weights.get(name, 0) for name in (*self.shape.expand, *highlight))
        return max(1, settings.PAGE_WEIGHT // weight) if weight and settings.PAGE_WEIGHT else MAX_PAGE_SIZE

    def is_list(self) -> bool:
        """Return whether the path is that of a list, and not of a row."""
        return not self.detail

    def is_export(self) -> bool:
        """Return whether the path is that of a whole list as a file."""
        return issubclass(self.renderer_classes[0], FileRenderer)

    def allowed_parameters(self) -> list[str]:
        """Return the names of the parameters that the path takes."""
        filters = self.filterset_class.base_filters
        if self.is_export():
            renderer: Any = self.renderer_classes[0]
            supported = [name for name in filters if name not in renderer.unsupported_parameters]
            return [*supported, *SHAPING_PARAMETERS, "ordering"]
        if self.is_list():
            return [*filters, *SHAPING_PARAMETERS, *PAGING_PARAMETERS]
        return [*SHAPING_PARAMETERS, *(("on",) if self.depends_on_day else ())]

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows().filter(**self.within)

    def rows(self) -> QuerySet[Any]:
        """Return the rows that the user may see, with the relations that their shape needs."""
        queryset = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]  # the managers of resources have it
        requested = sorted(self.shape.expand | self.shape.details)
        relations = [self.related, *(self.expanded[name] for name in requested if name in self.expanded)]
        prefetched = [lookup for related in relations for lookup in related.prefetch_lookups(self.request.user)]
        prefetched_paths = {getattr(lookup, "prefetch_to", lookup) for lookup in prefetched}
        joined = [name for related in relations for name in related.select if name not in prefetched_paths]
        # `select_related` without names would follow all relations.
        rows: QuerySet[Any] = (queryset.select_related(*joined) if joined else queryset).prefetch_related(*prefetched)
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter lists only: a row is found by its key."""
        return super().filter_queryset(queryset) if self.is_list() else queryset

    def get_object(self) -> Any:
        """Return the row of the path. Slugs are found in upper case as well."""
        self.kwargs[self.lookup_field] = self.kwargs[self.lookup_field].lower()
        return super().get_object()

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return the serializer in the shape of the request."""
        return super().get_serializer(*args, shape=getattr(self, "shape", Shape()), **kwargs)

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context of a serializer, with the address of the API and the day; `documenting` for the schema."""
        if getattr(self, "swagger_fake_view", False):
            return {**super().get_serializer_context(), "documenting": True}
        base = self.request.build_absolute_uri("/api/v1")
        return {**super().get_serializer_context(), "base": base, "on": self.day()}

    def day(self) -> date:
        """Return the day for which questions about time are answered: that of the parameter `on`, or today in UTC."""
        return self.values.get("on") or timezone.localdate()

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
        return add_cache_headers(response, "public" if self.shared else "private")


def add_cache_headers(response: HttpResponseBase, cacheability: str) -> Any:
    """Add the headers by which `public` (shared) or only `private` caches store a response and revalidate each use."""
    if response.has_header("Vary") or response.has_header("Cache-Control"):
        patch_vary_headers(response, VARY)
        patch_cache_control(response, no_cache=True, **{cacheability: True})
    else:  # the same headers without parsing: it saves 3 % of the processor time of a GET of one row
        response.headers["Vary"] = ", ".join(VARY)
        response.headers["Cache-Control"] = f"no-cache, {cacheability}"
    return response


def parse_shape(
    parameters: dict[str, str], serializer: type[RowSerializer], errors: ErrorCollector, details: frozenset[str]
) -> Shape:
    """Return the shape that the request asks for. Errors are collected.

    `details` are the members that rows have here beyond those in lists, unless `fields` or `omit` leave them out.
    """
    if not parameters.keys() & {*SHAPING_PARAMETERS}:
        return Shape(details=details)
    fields = errors.read(parameters, "fields", lambda text: parse_names(text, serializer.field_names()), NO_NAMES)
    omit = errors.read(parameters, "omit", lambda text: parse_names(text, serializer.omissible_names()), NO_NAMES)
    expand = errors.read(parameters, "expand", lambda text: parse_names(text, serializer.expansions()), NO_NAMES)
    for parameter, names in (("fields", fields), ("expand", expand)):
        if contradictory := sorted(names & omit):
            detail = f"{', '.join(contradictory)}: {parameter} asks for it."
            errors.items.append(ErrorItem("omit", "contradiction", detail))
    details = frozenset(name for name in details if not fields or name in fields) - omit
    return Shape(fields, omit, expand, details | (fields & serializer.hidden()))
