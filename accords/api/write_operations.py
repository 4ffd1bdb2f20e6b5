"""The write operations of the OpenAPI document: their headers, descriptions and error responses."""

from typing import Any

from accords.api.mixins import WITH_BODY, WriteMixin
from accords.api.parsers import LARGE_BYTES, MAX_BYTES
from accords.api.schema_components import register
from accords.api.serializers.bulk import MAX_ROWS
from accords.api.serializers.citations import CONFIRM, CONFIRM_SCHEMA

# Actions whose body may be left out.
BODY_OPTIONAL = ("make_working_copy", "publish_working_copy", "rotate_secret", "send_test")
# Actions that take no `Idempotency-Key` or `If-Match`. Repeating them is harmless, but for a second new secret.
WITHOUT_REQUEST_HEADERS = ("rotate_secret", "replay", "send_test")
# Components of rows with citations, whose requests have the member `confirm`.
CITED = ("Agreement", "Clause", "Event", "Party", "Renewal", "Statement")
ERROR_RESPONSES = {
    "409": (
        "Conflict",
        "The request conflicts with what is stored: another row has this value, other rows refer to this one, or a "
        "claim of the agreement to be published has no citation.",
    ),
    "411": ("LengthRequired", "The body has no `Content-Length`."),
    "412": ("PreconditionFailed", "The row is no longer in the state that `If-Match` names."),
    "413": ("TooLarge", f"The body has more than {MAX_BYTES} bytes; of sources and bulk requests {LARGE_BYTES}."),
    "415": ("UnsupportedMediaType", "The body is not `application/json` in UTF-8, or is compressed."),
    "422": ("KeyReused", "The `Idempotency-Key` was used for another request."),
    "428": ("PreconditionRequired", "`If-Match` is missing."),
    "507": ("StorageFull", "The database is full. Nothing was written."),
}
ERRORS_BY_METHOD = {
    "POST": ("409", "411", "413", "415", "422", "507"),
    "PUT": ("409", "411", "412", "413", "415", "428", "507"),
    "PATCH": ("409", "411", "412", "413", "415", "428", "507"),
    "DELETE": ("409", "412", "428", "507"),
}
BULK_ERRORS = ("409", "411", "412", "413", "415", "422", "507")
SUMMARIES = {
    "create": "Create {}",
    "update": "Replace {}",
    "partial_update": "Change some fields of {}",
    "destroy": "Delete {}",
}
ALL_OR_NOTHING = "Either all of it is written or nothing, and every error has a JSON pointer to its place in the body."
DESCRIPTIONS = {
    "create": "Members that are left out get their default. Unknown and read-only members are errors. "
    f"{ALL_OR_NOTHING}",
    "update": "Members that are left out get their default, lists that are left out become empty; only `is_published` "
    "keeps its value. Read-only members are accepted if they have the value that the row has now, so a document that "
    f"was read can be sent back. Unknown members are errors. {ALL_OR_NOTHING}",
    "partial_update": "Only the members that are sent are written; a list replaces the whole list. Read-only members "
    f"are accepted if they have the value that the row has now. Unknown members are errors. {ALL_OR_NOTHING}",
    "bulk": f"Takes up to {MAX_ROWS} rows. The rows that are changed or deleted are named by `id` and `etag`, their "
    "entity tag as it was read; all other members are those of PATCH. Rows are deleted first, then changed, then "
    f"created. {ALL_OR_NOTHING}",
    "make_working_copy": "Copies a published agreement, with its related rows and citations, into a draft, in which "
    "it can be changed without the permission to publish. A user with this permission publishes all its changes at "
    "once.",
    "publish_working_copy": "Applies all changes of a working copy to the published agreement, and deletes the copy. "
    "Rows keep their ids. Changes of the published agreement since the copy was made are kept; if both changed the "
    "same, the request is a conflict until `overwrite` has its JSON pointer. Claims without a citation are an error.",
    "withdraw_working_copy": "Deletes a working copy. The user must have made it, or have the permission to delete "
    "agreements.",
    "rotate_secret": "Sets a new secret, which only this response shows. For a day, or until the next new "
    "secret, messages are signed with the one before it as well, so that the receiver can change over.",
    "replay": "Sends the messages after a position again, with the same message ids, and continues from there.",
    "send_test": "Sends a message of the type `test` at once, and returns the delivery.",
    "destroy": "Rows that belong to it are deleted with it. A row to which others refer is not deleted.",
}
TAG = {
    "description": 'The entity tag of the row, `"v7r12-…"`. Send it as `If-Match` with a change.',
    "schema": {"type": "string"},
}
LOCATION = {"description": "The address of the new row.", "schema": {"type": "string"}}
REPLAYED = {
    "description": "`true` if this is the response to an earlier request with the same key.",
    "schema": {"type": "string"},
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


IDENTITY = {
    "id": {"type": "integer", "description": "The id of the row."},
    "etag": {"type": "string", "description": "The entity tag of the row as it was read; `*` for any state."},
}


def is_write(view: Any, method: str) -> bool:
    return isinstance(view, WriteMixin) and method in (*WITH_BODY, "DELETE")


def parameters(view: Any, method: str) -> list[dict[str, Any]]:
    """Return the header parameters of a write operation."""
    if view.action in WITHOUT_REQUEST_HEADERS:
        return []
    return [dict(IDEMPOTENCY_KEY if method == "POST" else IF_MATCH)]


def complete_operation(operation: dict[str, Any], view: Any, method: str, registry: Any) -> None:
    """Add headers and error responses to a write operation, and the bodies of bulk requests."""
    is_bulk = view.action == "bulk"
    errors = BULK_ERRORS if is_bulk else ERRORS_BY_METHOD[method]
    if view.action in WITHOUT_REQUEST_HEADERS:
        errors = tuple(status for status in errors if status != "422")  # an error about `Idempotency-Key`
    for status in errors:
        operation["responses"][status] = {"$ref": f"#/components/responses/{ERROR_RESPONSES[status][0]}"}
    success = operation["responses"][next(code for code in ("200", "201", "204") if code in operation["responses"])]
    if method == "DELETE":
        success["description"] = "The row was deleted."
        return
    if view.action not in BODY_OPTIONAL:
        operation["requestBody"]["required"] = True
    headers: dict[str, Any] = {}
    if is_bulk:
        add_bulk_components(operation["requestBody"], success, view, registry)
    elif view.action != "send_test":  # a delivery has no entity tag
        headers["ETag"] = TAG
    if "201" in operation["responses"]:
        headers["Location"] = LOCATION
    if method == "POST" and view.action not in WITHOUT_REQUEST_HEADERS:
        headers["Idempotency-Replayed"] = REPLAYED
    if headers:
        success["headers"] = headers


def add_bulk_components(body: dict[str, Any], response: dict[str, Any], view: Any, registry: Any) -> None:
    """Register the components of a bulk request and its response, and refer to them."""
    name = view.model.__name__

    def array(component: str, description: str) -> dict[str, Any]:
        items = {"$ref": f"#/components/schemas/{component}"}
        return {"type": "array", "items": items, "maxItems": MAX_ROWS, "description": description}

    components = {
        f"{name}BulkRequest": {
            "create": array(f"{name}Request", "New rows."),
            "update": array(f"{name}BulkUpdateRequest", "Rows to change."),
            "delete": array("BulkDeleteRequest", "Rows to delete."),
        },
        f"{name}Bulk": {
            "created": array(name, "The new rows, in the order of the request."),
            "updated": array(name, "The changed rows, in the order of the request."),
            "deleted": {"type": "array", "items": {"type": "integer"}, "description": "The ids of the deleted rows."},
            "etags": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "The entity tags of the new and the changed rows, by id.",
            },
        },
        f"{name}BulkUpdateRequest": {},  # `complete_bodies` sets it
        "BulkDeleteRequest": IDENTITY,
    }
    for component, properties in components.items():
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if component.endswith("Request"):
            schema["additionalProperties"] = False
        if not component.endswith("BulkRequest"):
            schema["required"] = list(properties)
        register(registry, component, schema)
    for content, component in ((body, f"{name}BulkRequest"), (response, f"{name}Bulk")):
        content["content"]["application/json"] = {"schema": {"$ref": f"#/components/schemas/{component}"}}


def complete_bodies(schemas: dict[str, Any]) -> None:
    """Complete the bodies of requests: the entries that update rows in bulk, and the member `confirm`.

    It needs all components, because an entry has the members of the body of PATCH.
    """
    for name, schema in schemas.items():
        if name.endswith("BulkUpdateRequest"):
            row = schemas[f"Patched{name.replace('BulkUpdate', '')}"]
            schema["properties"] = IDENTITY | row["properties"]
            schema["required"] = list(IDENTITY)
        cited = name.removeprefix("Patched").removesuffix("Request").removesuffix("BulkUpdate")
        if name.endswith("Request") and cited in CITED:
            schema["properties"][CONFIRM] = dict(CONFIRM_SCHEMA)
