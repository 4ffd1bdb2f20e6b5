"""What the OpenAPI document says of writes: their bodies, their headers, their answers and their errors."""

from typing import Any

from drf_spectacular.plumbing import ResolvedComponent

from accords.api.writing.bodies import MAX_ENTRIES, Body, body_of
from accords.api.writing.parser import MAX_BYTES
from accords.api.writing.resource import WITH_BODY, WRITES, WritableResource

FAULTS = {
    "409": (
        "Conflict",
        "It stands against what is stored: a value that another row has, a row that others need, or, where an "
        "agreement is to be published, claims without a citation.",
    ),
    "411": ("LengthRequired", "The body comes without `Content-Length`."),
    "412": ("PreconditionFailed", "The row has changed since the state that `If-Match` names."),
    "413": ("TooLarge", f"The body has more than {MAX_BYTES} bytes."),
    "415": ("UnsupportedMediaType", "The body is not `application/json` in UTF-8, or is compressed."),
    "422": ("KeyReused", "The `Idempotency-Key` has come with another request."),
    "428": ("PreconditionRequired", "`If-Match` is missing."),
    "507": ("StorageFull", "The database has no room left; nothing was written."),
}
OF_METHOD = {
    "POST": ("409", "411", "413", "415", "422", "507"),
    "PUT": ("409", "411", "412", "413", "415", "428", "507"),
    "PATCH": ("409", "411", "412", "413", "415", "428", "507"),
    "DELETE": ("409", "412", "428", "507"),
}
SUMMARIES = {
    "create": "Make {}, or several",
    "update": "Replace {}",
    "partial_update": "Change some fields of {}",
    "destroy": "Delete {}",
}
ALL_OR_NOTHING = "All of it is done or nothing, and a refusal names every fault with its place in the body."
ABOUT = {
    "create": f"Takes one row, or a list of up to {MAX_ENTRIES}. {ALL_OR_NOTHING}",
    "update": "Fields that are left out get their default, lists that are left out become empty; only `is_published` "
    f"stays as it is. Fields that are not listed here are refused, read-only ones too. {ALL_OR_NOTHING}",
    "partial_update": "Only the fields that are sent are written; a list replaces the whole list. Fields that are not "
    f"listed here are refused, read-only ones too. {ALL_OR_NOTHING}",
    "destroy": "What hangs on it goes with it. A row that others need stays.",
}
TAG = {
    "description": 'Names the state of the row, `"v7r12-…"`: send it as `If-Match` with a change.',
    "schema": {"type": "string"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of the state that is meant to be changed; `*` for whatever state it is in.",
    "schema": {"type": "string", "minLength": 1},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of your own for this request, such as a UUID. If it comes again within a day, it has no "
    "second effect and gets the first answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def is_write(view: Any, method: str) -> bool:
    """Whether it is a method that writes."""
    return isinstance(view, WritableResource) and method in WRITES


def body(view: Any, method: str) -> Body | None:
    """The body of a request, if it has one."""
    if method not in WITH_BODY:
        return None
    return body_of(view.serializer_class)(partial=method == "PATCH")


def parameters(method: str) -> list[dict[str, Any]]:
    """The headers that a write takes."""
    return [dict(IDEMPOTENCY_KEY if method == "POST" else IF_MATCH)]


def describe(operation: dict[str, Any], view: Any, method: str, registry: Any) -> None:
    """Complete the operation of a write."""
    for status in OF_METHOD[method]:
        operation["responses"][status] = {"$ref": f"#/components/responses/{FAULTS[status][0]}"}
    done = next(status for status in ("200", "201", "204") if status in operation["responses"])
    if method == "DELETE":
        operation["responses"][done]["description"] = "It is gone."
        return
    operation["requestBody"]["required"] = True
    operation["responses"][done]["headers"] = {"ETag": TAG}
    if method == "POST":
        describe_creation(operation, view, registry)


def describe_creation(operation: dict[str, Any], view: Any, registry: Any) -> None:
    """One row or a list of them, and what is answered to each."""
    sent = operation["requestBody"]["content"]["application/json"]
    rows = {"type": "array", "items": sent["schema"], "minItems": 1, "maxItems": MAX_ENTRIES}
    sent["schema"] = {"anyOf": [sent["schema"], rows]}
    answer = operation["responses"]["201"]
    answer["headers"] |= {
        "Location": {"description": "The address of the new row, if it is one.", "schema": {"type": "string"}},
        "Idempotency-Replayed": {
            "description": "`true` where this is the answer to an earlier request with the same key.",
            "schema": {"type": "string"},
        },
    }
    told = answer["content"]["application/json"]
    told["schema"] = {"anyOf": [told["schema"], several(view, told["schema"], registry)]}


def several(view: Any, row: dict[str, Any], registry: Any) -> dict[str, Any]:
    """The answer to a list of rows, as a component of its own."""
    name = f"{view.model.__name__}List"
    tags = {"type": "array", "items": {"type": "string"}, "description": "The entity tag of each."}
    schema = {
        "type": "object",
        "required": ["results", "etags"],
        "properties": {"results": {"type": "array", "items": row}, "etags": tags},
    }
    component: Any = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)  # type: ignore[no-untyped-call]
    registry.register_on_missing(component)
    return dict(component.ref)


def tidy(components: dict[str, Any]) -> None:
    """A body has no other fields than those it names."""
    for name, schema in components["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
