"""Write operations in the OpenAPI document: their headers, their descriptions and their error responses."""

from typing import Any

from accords.api.mixins import WITH_BODY, WriteMixin
from accords.api.parsers import MAX_BYTES

FAULTS = {
    "409": (
        "Conflict",
        "The request conflicts with what is stored: another row has this value, other rows refer to this one, or a "
        "claim of the agreement to be published has no citation.",
    ),
    "411": ("LengthRequired", "The body has no `Content-Length`."),
    "412": ("PreconditionFailed", "The row is no longer in the state that `If-Match` names."),
    "413": ("TooLarge", f"The body has more than {MAX_BYTES} bytes."),
    "415": ("UnsupportedMediaType", "The body is not `application/json` in UTF-8, or is compressed."),
    "422": ("KeyReused", "The `Idempotency-Key` was used for another request."),
    "428": ("PreconditionRequired", "`If-Match` is missing."),
    "507": ("StorageFull", "The database is full. Nothing was written."),
}
OF_METHOD = {
    "POST": ("409", "411", "413", "415", "422", "507"),
    "PUT": ("409", "411", "412", "413", "415", "428", "507"),
    "PATCH": ("409", "411", "412", "413", "415", "428", "507"),
    "DELETE": ("409", "412", "428", "507"),
}
SUMMARIES = {
    "create": "Create {}",
    "update": "Replace {}",
    "partial_update": "Change some fields of {}",
    "destroy": "Delete {}",
}
EVERY_ERROR = "Either all of it is written or nothing, and every error names its place in the body."
ABOUT = {
    "create": f"Members that are left out get their default. Unknown and read-only members are refused. {EVERY_ERROR}",
    "update": "Members that are left out get their default, lists that are left out become empty; only `is_published` "
    "keeps its value. Read-only members are accepted if they have the value that the row has now, so a document that "
    f"was read can be sent back. Unknown members are refused. {EVERY_ERROR}",
    "partial_update": "Only the members that are sent are written; a list replaces the whole list. Read-only members "
    f"are accepted if they have the value that the row has now. Unknown members are refused. {EVERY_ERROR}",
    "destroy": "Rows that belong to it are deleted with it. A row to which others refer is not deleted.",
}
TAG = {
    "description": 'The entity tag of the row, `"v7r12-…"`. Send it as `If-Match` with a change.',
    "schema": {"type": "string"},
}
CREATED = {
    "Location": {"description": "The address of the new row.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` if this is the response to an earlier request with the same key.",
        "schema": {"type": "string"},
    },
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` of the row as it was read; `*` changes it in any state.",
    "schema": {"type": "string", "minLength": 1},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key for this request, such as a UUID. A request that is repeated with the same key within a day "
    "has no second effect and gets the first response.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def is_write(view: Any, method: str) -> bool:
    """Return whether an operation writes."""
    return isinstance(view, WriteMixin) and method in (*WITH_BODY, "DELETE")


def parameters(method: str) -> list[dict[str, Any]]:
    """Return the header parameters of a write operation."""
    return [dict(IDEMPOTENCY_KEY if method == "POST" else IF_MATCH)]


def describe(operation: dict[str, Any], method: str) -> None:
    """Add headers and error responses to a write operation."""
    for status in OF_METHOD[method]:
        operation["responses"][status] = {"$ref": f"#/components/responses/{FAULTS[status][0]}"}
    done = next(status for status in ("200", "201", "204") if status in operation["responses"])
    if method == "DELETE":
        operation["responses"][done]["description"] = "The row was deleted."
        return
    operation["requestBody"]["required"] = True
    operation["responses"][done]["headers"] = {"ETag": TAG}
    if method == "POST":
        operation["responses"][done]["headers"] |= CREATED


def tidy(components: dict[str, Any]) -> None:
    """Say that request bodies have no other members."""
    for name, schema in components["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
