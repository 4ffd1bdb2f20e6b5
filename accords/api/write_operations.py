"""Write operations in the OpenAPI document: their headers, their descriptions and their error responses."""

from typing import Any

from accords.api.mixins import WITH_BODY, WriteMixin
from accords.api.parsers import LARGE_BYTES, MAX_BYTES
from accords.api.schema_components import register
from accords.api.serializers.bulk import MAX_ROWS
from accords.api.serializers.citations import CONFIRM, CONFIRMED

WITHOUT_BODY = ("make_working_copy", "publish_working_copy", "rotate_secret", "send_test")  # whose body may be left out
WITHOUT_KEY = ("rotate_secret", "replay", "send_test")  # which have no effect that a repeated request must not have
CITED = ("Agreement", "Clause", "Event", "Party", "Renewal", "Statement")
FAULTS = {
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
OF_METHOD = {
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
    "make_working_copy": "Make a working copy of {}",
    "publish_working_copy": "Publish a working copy of {}",
    "withdraw_working_copy": "Withdraw a working copy of {}",
    "rotate_secret": "Replace the secret of {}",
    "replay": "Deliver messages of {} again",
    "send_test": "Send a test message to {}",
}
EVERY_ERROR = "Either all of it is written or nothing, and every error names its place in the body."
ABOUT = {
    "create": f"Members that are left out get their default. Unknown and read-only members are refused. {EVERY_ERROR}",
    "update": "Members that are left out get their default, lists that are left out become empty; only `is_published` "
    "keeps its value. Read-only members are accepted if they have the value that the row has now, so a document that "
    f"was read can be sent back. Unknown members are refused. {EVERY_ERROR}",
    "partial_update": "Only the members that are sent are written; a list replaces the whole list. Read-only members "
    f"are accepted if they have the value that the row has now. Unknown members are refused. {EVERY_ERROR}",
    "bulk": f"Takes up to {MAX_ROWS} rows. The rows that are changed or deleted are named by `id` and `etag`, their "
    "entity tag as it was read; all other members are those of PATCH. Rows are deleted first, then changed, then "
    f"created. {EVERY_ERROR}",
    "make_working_copy": "Copies a published agreement, with its related rows and citations, into a draft, in which "
    "it can be changed without the permission to publish. Whoever may publish puts it in the place of the published "
    "agreement as a whole.",
    "publish_working_copy": "Puts a working copy in the place of the published agreement, as a whole; the copy is gone "
    "then. Rows keep their ids. What was changed in the published agreement since the copy was made stays; where both "
    "changed the same, the request is a conflict until `overwrite` names the place. Nothing is published that no "
    "citation supports.",
    "withdraw_working_copy": "Deletes a working copy. Whoever made it may, and whoever may delete agreements.",
    "rotate_secret": "Sets a new secret, which only this response shows. For a day messages are signed with the old "
    "secret too, so that the receiver can change over.",
    "replay": "Delivers again what came after a position, with the same message ids, and goes on from there.",
    "send_test": "Sends a message of the type `test` at once, and says how it was received.",
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


IDENTITY = {
    "id": {"type": "integer", "description": "The id of the row."},
    "etag": {"type": "string", "description": "The entity tag of the row as it was read; `*` for any state."},
}


def is_write(view: Any, method: str) -> bool:
    """Return whether an operation writes."""
    return isinstance(view, WriteMixin) and method in (*WITH_BODY, "DELETE")


def parameters(view: Any, method: str) -> list[dict[str, Any]]:
    """Return the header parameters of a write operation."""
    if view.action in WITHOUT_KEY:
        return []
    return [dict(IDEMPOTENCY_KEY if method == "POST" else IF_MATCH)]


def describe(operation: dict[str, Any], view: Any, method: str, registry: Any) -> None:
    """Add headers and error responses to a write operation."""
    is_bulk = view.action == "bulk"
    without = ("422",) if view.action in WITHOUT_KEY else ()
    for status in BULK_ERRORS if is_bulk else [status for status in OF_METHOD[method] if status not in without]:
        operation["responses"][status] = {"$ref": f"#/components/responses/{FAULTS[status][0]}"}
    done = operation["responses"][next(code for code in ("200", "201", "204") if code in operation["responses"])]
    if method == "DELETE":
        done["description"] = "The row was deleted."
        return
    if view.action not in WITHOUT_BODY:
        operation["requestBody"]["required"] = True
    if is_bulk:
        describe_bulk(operation["requestBody"], done, view, registry)
        return
    if view.action != "send_test":
        done["headers"] = {"ETag": TAG}
    if "201" in operation["responses"]:
        done["headers"] |= CREATED


def describe_bulk(body: dict[str, Any], response: dict[str, Any], view: Any, registry: Any) -> None:
    """Describe the body and the response of a bulk request as components, from those of one row."""
    name = view.model.__name__

    def many(schema: str, description: str) -> dict[str, Any]:
        items = {"$ref": f"#/components/schemas/{schema}"}
        return {"type": "array", "items": items, "maxItems": MAX_ROWS, "description": description}

    components = {
        f"{name}BulkRequest": {
            "create": many(f"{name}Request", "New rows."),
            "update": many(f"{name}BulkUpdateRequest", "Rows to change."),
            "delete": many("BulkDeleteRequest", "Rows to delete."),
        },
        f"{name}Bulk": {
            "created": many(name, "The new rows, in the order of the request."),
            "updated": many(name, "The changed rows, in the order of the request."),
            "deleted": {"type": "array", "items": {"type": "integer"}, "description": "The ids of the deleted rows."},
            "etags": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "The entity tags of the new and the changed rows, by id.",
            },
        },
        f"{name}BulkUpdateRequest": {},  # completed by `complete_bulk_updates` once PATCH is described
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


def complete_bulk_updates(schemas: dict[str, Any]) -> None:
    """Complete the bodies once PATCH is described: the entries of bulk requests, and the member `confirm`."""
    for name, schema in schemas.items():
        if name.endswith("BulkUpdateRequest"):
            row = schemas[f"Patched{name.replace('BulkUpdate', '')}"]
            schema["properties"] = IDENTITY | row["properties"]
            schema["required"] = list(IDENTITY)
        cited = name.removeprefix("Patched").removesuffix("Request").removesuffix("BulkUpdate")
        if name.endswith("Request") and cited in CITED:
            schema["properties"][CONFIRM] = dict(CONFIRMED)
