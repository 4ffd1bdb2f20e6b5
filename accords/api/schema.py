"""The OpenAPI document: what drf-spectacular cannot derive from the views."""

import json
import re
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from accords.api import highlights, write_operations
from accords.api.errors import PROBLEMS
from accords.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, RELEVANCE
from accords.api.resource import Resource
from accords.api.schema_components import named_values_schema, query_parameter, register, vocabulary_schema
from accords.api.serializers.base import RowSerializer
from accords.db.search_index import searched_models
from accords.vocabulary import Counting

EXAMPLES = Path(__file__).with_name("examples.json")  # real answers of the deal, written by `make schema`
ERROR_RESPONSES = {
    "400": ("BadRequest", "A parameter is unknown, repeated, empty or impossible. `errors` names every one."),
    "401": ("Unauthorized", "The credentials given are not valid."),
    "403": ("Forbidden", "The user does not have the permission that this requires."),
    "404": ("NotFound", "There is nothing at this address that the user may see."),
    "406": ("NotAcceptable", "None of the media types in `Accept` can be served."),
    "410": ("Gone", "The changes after the cursor are no longer kept. Begin again with the lists as files."),
    "429": ("TooManyFailures", "Too many wrong tokens came from this address; `Retry-After` says when to come again."),
    "503": ("Unavailable", "The database does not answer at the moment; `Retry-After` says when to come again."),
}
KEYS = {
    "slug": "The row's slug, in any case.",
    "id": "The row's id.",
    "other": "The slug of the other agreement, in any case.",
}
SINGULAR = {
    "agreements": "agreement",
    "clauses": "clause",
    "parties": "party",
    "renewals": "renewal date",
    "statements": "statement",
    "events": "event",
    "sources": "source",
    "citations": "citation",
    "webhooks": "webhook",
}


@cache
def examples() -> dict[str, Any]:
    """Return examples of responses and bodies by operation id; an empty dictionary until they are written."""
    responses: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return responses


def problem_schema() -> dict[str, Any]:
    """Return the schema of problem details (RFC 9457) with every error."""
    text = {"type": "string"}
    error = {
        "type": "object",
        "description": "One error, and its place in the request.",
        "required": ["code", "detail"],
        "properties": {
            "parameter": {**text, "description": "The query parameter with the error."},
            "pointer": {**text, "description": "A JSON pointer (RFC 6901) to the place in the body."},
            "code": {**text, "description": "What is wrong, for programs."},
            "detail": {**text, "description": "What is wrong and what to do about it, for people."},
        },
    }
    return {
        "type": "object",
        "description": "The details of a problem (RFC 9457, application/problem+json).",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {
                **text,
                "description": f"The address of a page about the kind of problem: {', '.join(sorted(PROBLEMS))}.",
            },
            "title": {**text, "description": "The HTTP status in words."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {**text, "description": "What happened, for people."},
            "instance": {**text, "description": "The path of the request."},
            "request_id": {
                **text,
                "description": "The id of the request in our log; `X-Request-ID` has it too.",
            },
            "errors": {"type": "array", "items": error, "description": "Every error that was found."},
        },
    }


def list_schema(item_schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that takes several values, each once."""
    return {"type": "array", "items": item_schema, "minItems": 1, "uniqueItems": True}


def shaping_parameters(view: Resource, registry: Any) -> list[dict[str, Any]]:
    """Return the parameters `fields`, `omit` and `expand` with the names of a resource."""
    serializer, noun = view.serializer_class, view.model.__name__
    descriptions = field_meanings(serializer)
    selectable = {name: descriptions[name] for name in serializer.omissible_names()}
    field = register(registry, f"{noun}Field", named_values_schema("The name of a field of a row.", selectable))
    parameters = [
        query_parameter(
            "fields",
            "Only these fields of each row, besides `id` and `url`. The rows then lack members that the schema calls "
            "required.",
            list_schema(field),
        ),
        query_parameter(
            "omit",
            "All fields of each row but these. The rows then lack members that the schema calls required.",
            list_schema(field),
        ),
    ]
    if expansions := serializer.expansions():
        relations = {name: descriptions[name] for name in expansions}
        expansion = register(registry, f"{noun}Expansion", named_values_schema("The name of related rows.", relations))
        parameters.append(
            query_parameter(
                "expand",
                "Show these related rows in full, in the member `expanded` of each row. No other member changes.",
                list_schema(expansion),
            )
        )
    return parameters


def field_meanings(serializer: type[RowSerializer]) -> dict[str, str]:
    """Return the meaning of each field of a row: its help text up to the first full stop or semicolon."""
    fields = serializer(context={"documenting": True}).fields
    return {name: re.split(r"(?<=[.;]) ", str(field.help_text or ""))[0].rstrip(";") for name, field in fields.items()}


def paging_parameters(view: Resource, registry: Any) -> list[dict[str, Any]]:
    """Return the parameters `ordering`, `page_size`, `cursor` and `count`."""
    orders = {
        f"{sign}{name}": f"by `{name}`, {order}"
        for name in view.orderings
        for sign, order in (("", "ascending"), ("-", "descending"))
    }
    description = "The order of the rows, `-` for descending; rows without a value come last, ties are broken by id."
    description += f" Default: `{view.default_ordering}`."
    if "q" in view.filterset_class.base_filters:
        orders[RELEVANCE] = "by relevance to `q`, alone and only beside it"
        description += (
            f" `{RELEVANCE}`, alone and only beside `q`: rows whose title (name, number, proposition, place) has the "
            "whole query to the letter, then those whose title matches, then those whose text has the whole query to "
            "the letter, then the rest; each by id."
        )
    order = register(registry, f"{view.model.__name__}Ordering", named_values_schema("An order of rows.", orders))
    return [
        query_parameter("ordering", description, list_schema(order) | {"maxItems": 5}),
        query_parameter(
            "page_size",
            "How many rows a page has at most. Pages whose rows are long have fewer: those with expanded lists or "
            "texts, and those of sources with `highlight`.",
            {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
        ),
        query_parameter(
            "cursor",
            "Where the page begins: take it from `next` or `previous`.",
            {"type": "string", "pattern": "^[A-Za-z0-9_:.=-]+$"},
        ),
        query_parameter(
            "count",
            "`exact` adds `count`, the number of rows in the whole list, and `count_is_exact`.",
            register(registry, Counting.__name__, vocabulary_schema(Counting)),
        ),
    ]


class AutoSchema(SpectacularAutoSchema):
    """One operation: its texts, its parameters, its responses and its errors.

    drf-spectacular does not document `_is_list_view`, `_get_paginator` and `_get_response_for_code` (tried with 0.30).
    """

    @property
    def resource(self) -> str:
        """The segment after the version in the path, such as `clauses`; empty if there is none."""
        match = re.match(r"/api/v1/([a-z]+)", self.path)
        return match[1] if match else ""

    @property
    def is_write(self) -> bool:
        return write_operations.is_write(self.view, self.method)

    @property
    def is_export(self) -> bool:
        """Whether the response is a whole list as a file."""
        return isinstance(self.view, Resource) and self.view.is_export()

    @property
    def _format(self) -> str:
        """The format of an export, such as `csv`."""
        return str(self.view.renderer_classes[0].format)

    def get_response_serializers(self) -> Any:
        """Return the serializer of the response; a file is described by its renderer."""
        if not self.is_export:
            return super().get_response_serializers()
        renderer: Any = self.view.renderer_classes[0]
        return {(200, renderer.media_type): OpenApiResponse(OpenApiTypes.STR, renderer.description)}

    def get_tags(self) -> list[str]:
        """Return one tag for each resource."""
        return [self.resource or "api"]

    def get_operation_id(self) -> str:
        """Return an id such as `clauses_list` or `agreements_renewals`."""
        below = re.match(r"/api/v1/(?:agreements/\{slug\}|changes)/([a-z]+)", self.path)
        action = getattr(self.view, "action", None) or "root"
        action = below[1] if below and action != "calendar" and not action.endswith("working_copy") else action
        if self.is_export:
            action = f"{below[1]}_{self._format}" if below else self._format
        if self.path == "/api/v1/changes/":
            action = "list"
        return f"{self.resource or 'api'}_{action}"

    def get_summary(self) -> str:
        """Return the summary of an operation that several resources have. Others have theirs in `extend_schema`."""
        summaries = {
            "list": f"List {self.resource}",
            "retrieve": f"Read one {SINGULAR.get(self.resource)}",
            "renewals": "List the renewal dates of one agreement",
            "history": f"Read the history of one {SINGULAR.get(self.resource)}",
        }
        if self.is_export:
            return f"Download {self.resource} as {self._format.upper()}"
        if getattr(self.view, "action", "") == "bulk":
            return f"Create, change and delete {self.resource}"
        if self.is_write:
            return (
                write_operations.SUMMARIES[getattr(self.view, "action", "")]
                .format(f"a {SINGULAR[self.resource]}")
                .replace("a a", "an a")  # "a agreement"
            )
        if self.resource == "changes":
            name = self.get_operation_id().removeprefix("changes_")
            return f"Follow the changes of {'everything' if name == 'list' else name}"
        return summaries[self.get_operation_id().rpartition("_")[2]]

    def get_description(self) -> str:
        """Return the docstring of the view, followed by what all operations of this kind have in common."""
        descriptions = {
            "list": "One page of them, narrowed by the filters. Parameters that are not listed here are refused.",
            "export": "All of them in one file, narrowed by the filters. It shows one state of the data. It is written "
            "before it is sent: it comes whole, with its length, or not at all.",
            "retrieve": "One row with its evidence. `id` and `url` are always there; "
            "`fields`, `omit` and `expand` shape the rest.",
        }
        action = getattr(self.view, "action", "") or self.get_operation_id().rpartition("_")[2]
        descriptions |= write_operations.DESCRIPTIONS
        # Pages of the feed have no filters, and webhooks neither evidence nor `expand`.
        has_own_text = self.resource == "changes" or (self.resource == "webhooks" and action == "retrieve")
        more = "" if has_own_text else descriptions.get(action, "")
        return f"{cleandoc(type(self.view).__doc__ or '')}\n\n{more}".strip()

    def is_deprecated(self) -> bool:
        return hasattr(self.view, "deprecation")

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the security of the operation: a token or a session, which public reads do not need (`{}`)."""
        schemes = [scheme for scheme in super().get_auth() if scheme]
        is_public = self.method == "GET" and not getattr(self.view, "is_private", False)
        return [{}, *schemes] if is_public else schemes

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation with its parameters, example and errors."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        register(self.registry, "Problem", problem_schema())
        for status, (name, _) in ERROR_RESPONSES.items():
            applies = {"404": "{" in self.path, "410": self.resource == "changes"}  # the others apply everywhere
            if applies.get(status, True):
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
        self._add_parameters(operation)
        if self.is_write:
            write_operations.complete_operation(operation, self.view, self.method, self.registry)
        elif self.is_export:
            description = "The cursor of the feed of changes at the state that the file shows."
            operation["responses"]["200"]["headers"] = {
                "Accords-Cursor": {"description": description, "schema": {"type": "string"}}
            }
        elif getattr(self.view, "action", "") == "retrieve":
            operation["responses"]["200"]["headers"] = {"ETag": write_operations.TAG}
        self._add_example(operation)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and (example := examples().get(self.get_operation_id())) is not None:
            body["examples"] = {"deal": {"summary": "From the deal", "value": example}}
        return operation

    def _add_parameters(self, operation: dict[str, Any]) -> None:
        """Add the parameters that the view takes, and remove those of filters that it does not take."""
        if not isinstance(self.view, Resource):
            return
        if self.is_write:
            operation["parameters"] = [
                *(
                    {**parameter, "description": KEYS[parameter["name"]]}
                    for parameter in operation.get("parameters", [])
                ),
                *write_operations.parameters(self.view, self.method),
            ]
            return
        names = self.view.allowed_parameters()
        is_paged = self.view.is_list() or "cursor" in names
        parameters = (
            operation.get("parameters", [])
            + shaping_parameters(self.view, self.registry)
            + (paging_parameters(self.view, self.registry) if is_paged else self._day_parameter())
            + self.view.documented
        )
        allowed = [parameter for parameter in parameters if parameter["in"] == "path" or parameter["name"] in names]
        operation["parameters"] = [
            {"description": KEYS.get(parameter["name"], ""), **parameter} for parameter in allowed
        ]

    def _day_parameter(self) -> list[dict[str, Any]]:
        """Return the parameter `on` if the rows depend on a day. In lists it is one of the filters."""
        if not (isinstance(self.view, Resource) and self.view.depends_on_day):
            return []
        day_filter = self.view.filterset_class.base_filters["on"]
        return [query_parameter("on", day_filter.help_text, day_filter.schema)]

    def _add_example(self, operation: dict[str, Any]) -> None:
        """Add the example to the response of a read, if there is one."""
        example = None if self.is_write else examples().get(self.get_operation_id())
        for content in operation["responses"].get("200", {}).get("content", {}).values() if example else ():
            content["examples"] = {"deal": {"summary": "From the deal", "value": example}}

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Return whether the operation has filters; for a response, whether it is a page of rows and not a file.

        drf-spectacular asks it for both, for a response with its serializer.
        """
        is_list = isinstance(self.view, Resource) and self.view.is_list() and not self.is_write
        return is_list and not isinstance(serializer, OpenApiTypes)

    def _get_paginator(self) -> None:
        """Return no paginator: `_get_response_for_code` describes pages."""
        return None

    def _get_response_for_code(self, serializer: Any, status_code: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a response. That of a list, which drf-spectacular describes as an array, is a page of rows."""
        response = super()._get_response_for_code(serializer, status_code, *args, **kwargs)
        content = response.get("content", {}).get("application/json")
        if self._is_list_view() and content and content["schema"].get("type") == "array":
            content["schema"] = self._page_of(content["schema"]["items"])
        return response

    def _page_of(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the reference to the component of a page of rows."""
        assert isinstance(self.view, Resource)  # noqa: S101 - only resources list
        address = {"type": ["string", "null"], "format": "uri"}
        properties: dict[str, Any] = {
            "next": {**address, "description": "The address of the page after this one, or null."},
            "previous": {**address, "description": "The address of the page before this one, or null."},
            "results": {"type": "array", "items": row, "description": "The rows, in the requested order."},
            "count": {
                "type": "integer",
                "description": "The number of rows in the whole list; only with `count=exact`. Counting stops at a "
                "limit, 5000 by default: then the list has more rows than this.",
            },
            "count_is_exact": {
                "type": "boolean",
                "description": "Whether `count` is the number of all rows, not only of those counted; only beside it.",
            },
        }
        if self.view.depends_on_day:
            properties["on"] = {
                "type": "string",
                "format": "date",
                "description": "The day for which questions about time were answered.",
            }
        required = ["next", "previous", "results", *(["on"] if self.view.depends_on_day else [])]
        description = f"A page of {self.view.model._meta.verbose_name_plural}."
        return register(
            self.registry,
            f"{self.view.model.__name__}Page",
            {"type": "object", "description": description, "required": required, "properties": properties},
        )


def complete(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Complete the document: paths without a trailing slash, shared error responses, and `highlight` in rows.

    A hook of drf-spectacular (`POSTPROCESSING_HOOKS`).
    """
    result["paths"] = {path.rstrip("/") or "/": item for path, item in result["paths"].items()}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    result["components"]["responses"] = {
        name: {"description": text, "content": problem}
        for name, text in (ERROR_RESPONSES | write_operations.ERROR_RESPONSES).values()
    }
    retry = {"Retry-After": {"description": "Seconds to wait before the next request.", "schema": {"type": "integer"}}}
    for name in ("TooManyFailures", "Unavailable"):
        result["components"]["responses"][name]["headers"] = retry
    challenge = {"description": "The scheme of authentication.", "schema": {"type": "string"}}
    result["components"]["responses"]["Unauthorized"]["headers"] = {"WWW-Authenticate": challenge}
    write_operations.complete_bodies(result["components"]["schemas"])
    for model in searched_models():
        row_schema = result["components"]["schemas"].get(model.__name__, {"properties": {}})
        row_schema["properties"]["highlight"] = {"$ref": "#/components/schemas/Highlight"}
    result["components"]["schemas"]["Highlight"] = highlights.SCHEMA
    return result
