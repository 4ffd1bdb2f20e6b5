"""The schema as a reviewed file, and the real answers of the deal that it shows as examples."""

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

# One call worth making for each operation; `{…}` is the id of the first row of that list.
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
OF_WEBHOOKS = {
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
# What tells a new row from the one of the deal after which it is modelled, and the members that a change sends.
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
KEPT = {
    "agreements": ["subject"],
    "clauses": ["title"],
    "parties": ["aliases"],
    "renewals": ["offset"],
    "statements": ["proposition"],
    "events": ["place"],
    "sources": ["title"],
    "citations": ["field"],
}
WRITTEN = {  # what a writer sends of nested rows: all else follows from it
    "citations": ("source", "field", "exact", "prefix", "suffix"),
    "parties": ("party", "role", "label", "since", "until", "explicit"),
}
LEFT_OUT = {"offset", "prefix", "suffix", "start", "end"}  # of new rows: they follow from others
LOADED = f"{DAY}T09:00:00Z"  # stands for the instant at which the deal is loaded, another each time
CURSOR = "WzAsMTAwLCIyMDI2LTExLTIzVDA5OjAwOjAwIl0:kT0Yv9cWq1mW3o6hQk2r5s8uXzB7dEfGhJlNpRtVxY0"
CHANGING = {**dict.fromkeys(INSTANTS, LOADED), "cursor": CURSOR}


def answer(client: Any, address: str) -> Any:
    """Return the response of an address: JSON, or the text of a file. Raises `LookupError` for any status but 200."""
    response = client.get(address)
    if response.status_code != 200:
        raise LookupError(f"{address} answers {response.status_code}.")
    is_json = response.headers["Content-Type"] == "application/json"
    return response.json() if is_json else response.getvalue().decode("utf-8-sig")


def resolve(client: Any, call: str) -> str:
    """Return the address of a call with the id of the row that it names."""
    if "{" not in call:
        return call
    path, _, rest = call.partition("{")
    question, _, after = rest.partition("}")
    rows = answer(client, f"/api/v1/{question}")["results"]
    if not rows:
        raise LookupError(f"/api/v1/{question} has no rows.")
    return f"{path}{rows[0]['id']}{after}"


def shorten(value: Any) -> Any:
    """Shorten an example: two rows of each list of rows at most, and texts of at most 300 characters."""
    if isinstance(value, dict):
        return {key: CHANGING.get(key) or shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [
            shorten(item)
            for item in (value[:2] if value and isinstance(value[0], dict) and "id" in value[0] else value)
        ]
    if isinstance(value, str):
        value = re.sub(r"(/changes\?after=)[^&]+", rf"\1{CURSOR}", value.replace(HOST, SERVED))
        return value if len(value) <= 300 else value[:299] + "…"
    return value


def answers(client: Any, calls: dict[str, str]) -> dict[str, Any]:
    """Return the response of each operation's call, by operation id."""
    return {operation: shorten(answer(client, resolve(client, call))) for operation, call in calls.items()}


def requests(client: Any) -> dict[str, Any]:
    """Return a body that is accepted for each operation that writes, by operation id, made of rows of the deal."""
    bodies: dict[str, Any] = {}
    for noun, new in NEW.items():
        serializer = RESOURCES[noun].serializer_class
        writable = serializer(shape=Shape(details=serializer.hidden())).writable_fields
        row = answer(client, resolve(client, CALLS[f"{noun}_retrieve"]))
        document = {name: value for name, value in row.items() if name in writable}
        for name, members in WRITTEN.items():
            if name in document:
                document[name] = [
                    {key: member[key] for key in members if member.get(key) not in (None, "")}
                    for member in document[name]
                ]
        partial = {name: document[name] for name in KEPT[noun]}
        create = {name: value for name, value in document.items() if value not in (None, "", [], False)} | new
        create = {name: value for name, value in create.items() if name not in LEFT_OUT}
        create |= {"citations": create["citations"][:1]} if "citations" in create else {}
        bodies[f"{noun}_create"] = create
        bodies[f"{noun}_update"] = document
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
    generated = SchemaGenerator().get_schema(request=None, public=True)
    text: bytes = OpenApiYamlRenderer().render(generated, renderer_context={})
    return text.decode()
