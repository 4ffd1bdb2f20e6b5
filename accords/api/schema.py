"""The OpenAPI document: what drf-spectacular cannot know by itself."""

import json
import re
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from accords.api import highlights
from accords.api import write_operations as documents
from accords.api.errors import PROBLEMS
from accords.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, RELEVANCE
from accords.api.resource import Resource
from accords.api.schema_components import names, query_parameter, register, words
from accords.api.schema_examples import add_property_examples
from accords.api.serializers.base import RowSerializer
from accords.db.search_index import searched_models
from accords.vocabulary import Counting

EXAMPLES = Path(__file__).with_name("examples.json")  # real answers of the deal, written by `make schema`
FAULTS = {
    "400": ("BadRequest", "A parameter is unknown, repeated, empty or impossible. `errors` names every one."),
    "401": ("Unauthorized", "The credentials given are not valid."),
    "403": ("Forbidden", "The caller may not do this."),
    "404": ("NotFound", "There is nothing at this address that the caller may see."),
    "406": ("NotAcceptable", "None of the media types in `Accept` can be served."),
    "410": ("Gone", "The changes after the cursor are not kept any more. Begin again with the lists as files."),
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
    """Return the responses of the examples by operation id; empty until they are written."""
    responses: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return responses


def problem_schema() -> dict[str, Any]:
    """Return the schema of problem details (RFC 9457) with every error."""
    text = {"type": "string"}
    fault = {
        "type": "object",
        "description": "One fault, and where it is in the request.",
        "required": ["code", "detail"],
        "properties": {
            "parameter": {**text, "description": "The query parameter at fault."},
            "pointer": {**text, "description": "A JSON pointer (RFC 6901) to the place in the body."},
            "code": {**text, "description": "What is wrong, for programs."},
            "detail": {**text, "description": "What is wrong and what to do about it, for people."},
        },
    }
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457, application/problem+json).",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {
                **text,
                "description": f"The address of a page about the kind of problem: {', '.join(sorted(PROBLEMS))}.",
            },
            "title": {**text, "description": "The HTTP status in words."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {**text, "description": "What happened, for people."},
            "instance": {**text, "description": "The path that was asked."},
            "request_id": {
                **text,
                "description": "The id of the request in our log; `X-Request-ID` has it too.",
            },
            "errors": {"type": "array", "items": fault, "description": "Every fault that was found."},
        },
    }


def listed(names: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that takes several of these names, each once."""
    return {"type": "array", "items": names, "minItems": 1, "uniqueItems": True}


def shaping(view: Resource, registry: Any) -> list[dict[str, Any]]:
    """Return the parameters `fields`, `omit` and `expand` with the names of a resource."""
    serializer, noun = view.serializer_class, view.model.__name__
    descriptions = meanings(serializer)
    shown = {name: descriptions[name] for name in serializer.field_names() if name not in serializer.always}
    field = register(registry, f"{noun}Field", names("The name of a field of a row.", shown))
    parameters = [
        query_parameter(
            "fields",
            "Only these fields of each row, besides `id` and `url`. The rows then lack members that the schema calls "
            "required.",
            listed(field),
        ),
        query_parameter(
            "omit",
            "All fields of each row but these. The rows then lack members that the schema calls required.",
            listed(field),
        ),
    ]
    if expansions := serializer.expansions():
        related = names("The name of related rows.", {name: descriptions[name] for name in expansions})
        expansion = register(registry, f"{noun}Expansion", related)
        parameters.append(
            query_parameter(
                "expand",
                "Show these related rows in full, in the member `expanded` of each row. No other member changes.",
                listed(expansion),
            )
        )
    return parameters


def meanings(serializer: type[RowSerializer]) -> dict[str, str]:
    """Return the meaning of each field of a row: the first sentence of its help text."""
    fields = serializer(context={"documenting": True}).fields
    return {name: re.split(r"(?<=[.;]) ", str(field.help_text or ""))[0].rstrip(";") for name, field in fields.items()}


def paging(view: Resource, registry: Any) -> list[dict[str, Any]]:
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
    order = register(registry, f"{view.model.__name__}Ordering", names("An order of rows.", orders))
    return [
        query_parameter("ordering", description, listed(order) | {"maxItems": 5}),
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
            register(registry, Counting.__name__, words(Counting)),
        ),
    ]


class AutoSchema(SpectacularAutoSchema):
    """One operation: its words, its parameters, its answers and its errors."""

    @property
    def resource(self) -> str:
        """The segment after the version in the path, such as `clauses`; empty if there is none."""
        match = re.match(r"/api/v1/([a-z]+)", self.path)
        return match[1] if match else ""

    @property
    def writes(self) -> bool:
        """Whether the operation writes."""
        return documents.is_write(self.view, self.method)

    @property
    def is_export(self) -> bool:
        """Whether the operation answers a whole list as a file."""
        return isinstance(self.view, Resource) and self.view.is_export()

    @property
    def _format(self) -> str:
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
        """Return a summary in one line."""
        words = {
            "root": "Where the resources are",
            "list": f"List {self.resource}",
            "retrieve": f"Read one {SINGULAR.get(self.resource)}",
            "renewals": "List the renewal dates of one agreement",
            "projection": "Project the renewal dates of one agreement",
            "annotated": "Read an agreement's sources with every quotation",
            "consolidated": "Read the text of an agreement as it stood on a day",
            "calendar": "Subscribe to renewal dates as a calendar",
            "changes": "Compare the terms of two agreements",
            "copy": "Compare a working copy with what is published",
            "deliveries": "List the deliveries of one webhook",
            "history": f"Read the history of one {SINGULAR.get(self.resource)}",
        }
        if self.is_export:
            return f"Download {self.resource} as {self._format.upper()}"
        if getattr(self.view, "action", "") == "bulk":
            return f"Create, change and delete {self.resource}"
        if self.writes:
            return (
                documents.SUMMARIES[getattr(self.view, "action", "")]
                .format(f"a {SINGULAR[self.resource]}")
                .replace("a a", "an a")
            )
        if self.resource == "changes":
            followed = self.get_operation_id().removeprefix("changes_")
            return f"Follow the changes of {'everything' if followed == 'list' else followed}"
        return words[self.get_operation_id().rpartition("_")[2]]

    def get_description(self) -> str:
        """Return the description of the operation."""
        descriptions = {
            "list": "One page of them, narrowed by the filters. Parameters that are not listed here are refused.",
            "export": "All of them in one file, narrowed by the filters. It shows one state of the data. It is written "
            "before it is sent: it comes whole, with its length, or not at all.",
            "retrieve": "One row with its evidence. `id` and `url` are always there; "
            "`fields`, `omit` and `expand` shape the rest.",
        }
        action = getattr(self.view, "action", "") or self.get_operation_id().rpartition("_")[2]
        descriptions |= documents.ABOUT
        is_plain = self.resource == "changes" or (self.resource == "webhooks" and action == "retrieve")
        more = "" if is_plain else descriptions.get(action, "")
        return f"{cleandoc(type(self.view).__doc__ or '')}\n\n{more}".strip()

    def is_deprecated(self) -> bool:
        return hasattr(self.view, "deprecation")

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the security of the operation: all but reading what is public takes a token or a session."""
        known = [scheme for scheme in super().get_auth() if scheme]
        is_public = self.method == "GET" and not getattr(self.view, "is_private", False)
        return [{}, *known] if is_public else known

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation with its parameters, example and errors."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self._register_problem()
        for status, (name, _) in FAULTS.items():
            if {"404": "{" in self.path, "410": self.resource == "changes"}.get(status, True):
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
        self._add_parameters(operation)
        if self.writes:
            documents.describe(operation, self.view, self.method, self.registry)
        elif self.is_export:
            description = "The place in the feed of changes that the file shows: what came later is told after it."
            operation["responses"]["200"]["headers"] = {
                "Accords-Cursor": {"description": description, "schema": {"type": "string"}}
            }
        elif getattr(self.view, "action", "") == "retrieve":
            operation["responses"]["200"]["headers"] = {"ETag": documents.TAG}
        self._add_example(operation)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and (sent := examples().get(self.get_operation_id())) is not None:
            body["examples"] = {"deal": {"summary": "From the deal", "value": sent}}
        return operation

    def _register_problem(self) -> None:
        register(self.registry, "Problem", problem_schema())

    def _add_parameters(self, operation: dict[str, Any]) -> None:
        if not isinstance(self.view, Resource):
            return
        if self.writes:
            operation["parameters"] = [
                *(
                    {**parameter, "description": KEYS[parameter["name"]]}
                    for parameter in operation.get("parameters", [])
                ),
                *documents.parameters(self.view, self.method),
            ]
            return
        known = self.view.allowed_parameters()
        own = (
            shaping(self.view, self.registry)
            + (paging(self.view, self.registry) if self.view.is_list() or "cursor" in known else self._day())
            + self.view.documented
        )
        parameters = operation.get("parameters", []) + own
        allowed = [parameter for parameter in parameters if parameter["in"] == "path" or parameter["name"] in known]
        operation["parameters"] = [
            {"description": KEYS.get(parameter["name"], ""), **parameter} for parameter in allowed
        ]

    def _day(self) -> list[dict[str, Any]]:
        """Return the parameter `on` of resources whose rows depend on a day."""
        if not (isinstance(self.view, Resource) and self.view.depends_on_day):
            return []
        kind = self.view.filterset_class.base_filters["on"]
        return [query_parameter("on", kind.help_text, kind.schema)]

    def _add_example(self, operation: dict[str, Any]) -> None:
        example = None if self.writes else examples().get(self.get_operation_id())
        for content in operation["responses"].get("200", {}).get("content", {}).values() if example else ():
            content["examples"] = {"deal": {"summary": "From the deal", "value": example}}

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Return whether the operation has filters, or for a response, whether it is a page of rows and not a file."""
        is_list = isinstance(self.view, Resource) and self.view.is_list() and not self.writes
        return is_list and not isinstance(serializer, OpenApiTypes)

    def _get_paginator(self) -> None:
        """Return no paginator: `_get_response_for_code` describes pages."""
        return None

    def _get_response_for_code(self, serializer: Any, status_code: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the response; that of a list is a page of rows."""
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
            "results": {"type": "array", "items": row, "description": "The rows, in the order that was asked for."},
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
    """Complete the document: paths without trailing slash, shared error responses, and what a search adds to rows."""
    result["paths"] = {path.rstrip("/") or "/": item for path, item in result["paths"].items()}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    result["components"]["responses"] = {
        name: {"description": text, "content": problem} for name, text in (FAULTS | documents.FAULTS).values()
    }
    retry = {"Retry-After": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}}
    for name in ("TooManyFailures", "Unavailable"):
        result["components"]["responses"][name]["headers"] = retry
    challenge = {"description": "How to come in.", "schema": {"type": "string"}}
    result["components"]["responses"]["Unauthorized"]["headers"] = {"WWW-Authenticate": challenge}
    documents.complete_bulk_updates(result["components"]["schemas"])
    for model in searched_models():
        shown = result["components"]["schemas"].get(model.__name__, {"properties": {}})
        shown["properties"]["highlight"] = {"$ref": "#/components/schemas/Highlight"}
    result["components"]["schemas"]["Highlight"] = highlights.SCHEMA
    add_property_examples(result)
    return result
