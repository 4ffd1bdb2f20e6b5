"""The OpenAPI document as a file under review, and its examples: requests and responses about the deal."""

import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from accords.api.serializers.base import Shape
from accords.api.urls import RESOURCES

DEAL = "us-china-rare-metals"
DAY = "2026-11-23"
HOST = "http://localhost"
SERVED = "https://accords.example"

# The URL of an example for each operation. `{…}` is replaced by the id of the first row of that list (`fill_in_id`).
CALLS = {
    "api_root": "/api/v1",
    "agreements_list": f"/api/v1/agreements?on={DAY}",
    "agreements_retrieve": f"/api/v1/agreements/{DEAL}?on={DAY}",
    "agreements_renewals": f"/api/v1/agreements/{DEAL}/renewals?on={DAY}",
    "agreements_projection": f"/api/v1/agreements/{DEAL}/projection?anchor=2025-10-30&count=3",
    "agreements_annotated": f"/api/v1/agreements/{DEAL}/annotated",
    "agreements_consolidated": f"/api/v1/agreements/{DEAL}/consolidated?on=2026-03-01",
    "agreements_working_copy": f"/api/v1/agreements/{DEAL}/working-copy",
    "agreements_changes": f"/api/v1/agreements/{DEAL}/changes-from/{DEAL}",
    "clauses_list": "/api/v1/clauses?obligor=CN&explicit=true",
    "clauses_retrieve": "/api/v1/clauses/{clauses?type=tariff}",
    "parties_list": "/api/v1/parties?kind=person",
    "parties_retrieve": "/api/v1/parties/china",
    "renewals_list": f"/api/v1/renewals?kind=renegotiation&overdue=true&on={DAY}",
    "renewals_retrieve": "/api/v1/renewals/{renewals?sequence=1}" + f"?on={DAY}",
    "statements_list": "/api/v1/statements?polarity=negative",
    "statements_retrieve": "/api/v1/statements/{statements?polarity=negative}",
    "events_list": "/api/v1/events?date_unknown=true",
    "events_retrieve": "/api/v1/events/{events?kind=meeting}",
    "sources_list": "/api/v1/sources",
    "sources_retrieve": "/api/v1/sources/us-china-rare-metals-note",
    "citations_list": "/api/v1/citations?target=clause&field=value",
    "citations_retrieve": "/api/v1/citations/{citations?field=value}",
    "agreements_history": f"/api/v1/agreements/{DEAL}/history",
    "clauses_history": "/api/v1/clauses/{clauses?type=tariff}/history",
    "parties_history": "/api/v1/parties/china/history",
    "renewals_history": "/api/v1/renewals/{renewals?sequence=1}/history",
    "statements_history": "/api/v1/statements/{statements?polarity=negative}/history",
    "events_history": "/api/v1/events/{events?kind=meeting}/history",
    "sources_history": "/api/v1/sources/us-china-rare-metals-note/history",
    "citations_history": "/api/v1/citations/{citations?field=value}/history",
}
for _operation, _address in list(CALLS.items()):
    if _operation.endswith("_list") or _operation == "agreements_renewals":
        _path, _, _query = _address.partition("?")
        for _format in ("csv", "ndjson"):
            CALLS[f"{_operation.removesuffix('_list')}_{_format}"] = f"{_path}.{_format}?{_query}"
WEBHOOK = {"endpoint": "https://hooks.example/accords", "resources": ["clauses"], "agreement": DEAL, "is_active": True}
WEBHOOK_CALLS = {
    "webhooks_list": "/api/v1/webhooks",
    "webhooks_retrieve": "/api/v1/webhooks/{webhooks}",
    "webhooks_deliveries": "/api/v1/webhooks/{webhooks}/deliveries",
}
INSTANTS = ("at", "created_at", "updated_at", "next_attempt_at")
CALLS |= {
    "changes_list": "/api/v1/changes",
    **{
        f"changes_{name}": f"/api/v1/changes/{name}" + (f"?on={DAY}" if name in ("agreements", "renewals") else "")
        for name in ("agreements", "clauses", "parties", "renewals", "statements", "events", "sources", "citations")
    },
}
# Members by which the body that creates a row differs from the row of the deal of which it is made.
NEW: dict[str, dict[str, Any]] = {
    "agreements": {"slug": "us-china-soya", "title": "Deal on soya", "is_published": False},
    "clauses": {"number": "3-bis", "position": 30},
    "parties": {"slug": "ministry-of-commerce", "name": "Ministry of Commerce", "kind": "organization"},
    "renewals": {"sequence": 40, "due": "2066-10-30", "basis": "editorial"},
    "statements": {"number": "S40"},
    "events": {"number": "E40"},
    "sources": {"slug": "us-china-soya-note", "title": "A note on soya", "text": "Le 30 octobre 2025, à Busan."},
    "citations": {"field": "unit"},
}
# Members that the body of a PATCH has.
PATCHED = {
    "agreements": ["subject"],
    "clauses": ["title"],
    "parties": ["aliases"],
    "renewals": ["offset"],
    "statements": ["proposition"],
    "events": ["place"],
    "sources": ["title"],
    "citations": ["field"],
}
WRITTEN = {  # members of nested rows that bodies have: the others are read-only or derived
    "citations": ("source", "field", "exact", "prefix", "suffix"),
    "parties": ("party", "role", "label", "since", "until", "explicit"),
}
LEFT_OUT = {"offset", "prefix", "suffix", "start", "end"}  # members that examples of new rows do not need
LOADED_AT = f"{DAY}T09:00:00Z"  # replaces the instants at which the deal was loaded, which differ each time
CURSOR = "WzAsMTAwLCIyMDI2LTExLTIzVDA5OjAwOjAwIl0:kT0Yv9cWq1mW3o6hQk2r5s8uXzB7dEfGhJlNpRtVxY0"
REPLACED = {**dict.fromkeys(INSTANTS, LOADED_AT), "cursor": CURSOR}  # values that differ each time


def read(client: Any, url: str) -> Any:
    """Return the body of a response: JSON, or the text of a file. Raises `LookupError` unless the status is 200."""
    response = client.get(url)
    if response.status_code != 200:
        raise LookupError(f"{url} has the status {response.status_code}.")
    is_json = response.headers["Content-Type"] == "application/json"
    return response.json() if is_json else response.getvalue().decode("utf-8-sig")


def fill_in_id(client: Any, call: str) -> str:
    """Return the URL of a call, with `{clauses?type=tariff}` replaced by the id of the first row of that list.

    Raises `LookupError` if the list is empty.
    """
    if "{" not in call:
        return call
    before, _, rest = call.partition("{")
    list_query, _, after = rest.partition("}")
    rows = read(client, f"/api/v1/{list_query}")["results"]
    if not rows:
        raise LookupError(f"/api/v1/{list_query} has no rows.")
    return f"{before}{rows[0]['id']}{after}"


def shorten(value: Any) -> Any:
    """Shorten an example to two entries in each list of rows that have an `id`, and to 300 characters in each text.

    Members in `REPLACED` get its value unless they are null. In texts, the host and the cursors in addresses of changes
    are replaced; instants within the text of a file stay as they are.
    """
    if isinstance(value, dict):
        return {
            key: REPLACED[key] if item is not None and key in REPLACED else shorten(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            shorten(item)
            for item in (value[:2] if value and isinstance(value[0], dict) and "id" in value[0] else value)
        ]
    if isinstance(value, str):
        value = re.sub(r"(/changes\?after=)[^&]+", rf"\1{CURSOR}", value.replace(HOST, SERVED))
        return value if len(value) <= 300 else value[:299] + "…"
    return value


def example_responses(client: Any, calls: dict[str, str]) -> dict[str, Any]:
    """Return the responses to calls, by operation id."""
    return {operation: shorten(read(client, fill_in_id(client, call))) for operation, call in calls.items()}


def example_bodies(client: Any) -> dict[str, Any]:
    """Return a valid body for each operation that takes one, by operation id: of rows of the deal, or constant."""
    bodies: dict[str, Any] = {}
    for noun, new in NEW.items():
        serializer = RESOURCES[noun].serializer_class
        writable = serializer(shape=Shape(details=serializer.hidden())).writable_fields
        row = read(client, fill_in_id(client, CALLS[f"{noun}_retrieve"]))
        members = {name: value for name, value in row.items() if name in writable}
        for name, nested_names in WRITTEN.items():
            if name in members:
                members[name] = [
                    {key: entry[key] for key in nested_names if entry.get(key) not in (None, "")}
                    for entry in members[name]
                ]
        partial = {name: members[name] for name in PATCHED[noun]}
        # Without defaults and with one citation, so that the example is short.
        create = {name: value for name, value in members.items() if value not in (None, "", [], False)} | new
        create = {name: value for name, value in create.items() if name not in LEFT_OUT}
        create |= {"citations": create["citations"][:1]} if "citations" in create else {}
        bodies[f"{noun}_create"] = create
        bodies[f"{noun}_update"] = members
        bodies[f"{noun}_partial_update"] = partial
        bodies[f"{noun}_bulk"] = {"create": [create], "update": [{"id": row["id"], "etag": "*", **partial}]}
    return bodies | {
        "agreements_publish_working_copy": {"overwrite": ["/clauses/2/value"]},
        "webhooks_create": WEBHOOK,
        "webhooks_update": WEBHOOK,
        "webhooks_partial_update": {"is_active": True},
        "webhooks_replay": {"after": 100},
    }


def document() -> str:
    """Return the OpenAPI document as YAML."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    text: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})
    return text.decode()
