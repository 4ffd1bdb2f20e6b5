"""Examples of the properties of the OpenAPI document, found in the real answers that it shows."""

import re
from typing import Any

from jsonschema import Draft202012Validator

# Of properties that no answer of the deal has; values as the tests' agreements have them.
OTHER: dict[str, Any] = {
    **{f"{name}{side}": "2025-10-30" for name in ("announced", "signed") for side in ("", "_earliest", "_latest")},
    **{f"{name}{side}": "2026-10-29" for name in ("ends", "until") for side in ("", "_earliest", "_latest")},
    **{f"{name}{side}": "2025-10-30" for name in ("status_since", "since") for side in ("", "_earliest", "_latest")},
    **{f"published{side}": "2025-10-30" for side in ("", "_earliest", "_latest")},
    "effective_condition": "on the thirtieth day after the last ratification",
    "term_from": "the first delivery",
    "renewal_condition": "if demand lasts",
    "notice_period": "P6M",
    "notice_opens": "P1Y",
    "opens": "2025-10-30",
    "max_renewals": 2,
    "option_holder": "china",
    "supersedes": "us-china-rare-metals",
    "amends": "us-china-rare-metals",
    "outcome": "us-china-rare-metals",
    "participation": 1,
    "modifies": 3,
    "modification": "substitution",
    "parent": 3,
    "comparator": "at_least",
    "per": "year",
    "period": "P1Y",
    "trigger": "once the inspection is passed",
    "label": "the Buyer",
    "original_url": "https://news.example/rare-metals",
    "deleted": [17],
    "etag": "*",
    "previous": "https://accords.example/api/v1/clauses?cursor=WzNd",
    "count": 9,
    "count_is_exact": True,
    "by": "editor",
    "row": {"number": "3", "value": 47, "unit": "%"},
    "confirm": [34],
    "overwrite": ["/clauses/2/value"],
    "conflicts": ["/clauses/2/value"],
    "uncited": ["2 Tariffs: value"],
    "meanwhile": False,
    "working_copies": ["us-china-rare-metals-copy-1"],
    "working_copy_of": "us-china-rare-metals",
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "failing_since": "2026-11-23T09:00:00Z",
    "error": "The receiver did not answer with 2xx.",
    "detail": "The request is invalid. See errors.",
    "instance": "/api/v1/clauses",
    "request_id": "5f4d2f8e95beb6d3",
    "errors": [{"parameter": "obligor", "code": "unknown_party", "detail": "There is no such party."}],
}
OF_ANOTHER_TYPE: dict[str, Any] = {"row": "clauses/3", "status": 400}  # in components where the name means that
BASE = re.compile(r"^Patched|(BulkUpdate|BulkDelete)?Request$")


def add_property_examples(document: dict[str, Any]) -> None:
    """Give each property of a component an example; what is named alike in a request and an answer has the same."""
    schemas = document["components"]["schemas"]
    collected: dict[tuple[str, str], Any] = {}
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                media = response.get("content", {}).get("application/json", {})
                for example in media.get("examples", {}).values():
                    collect(example["value"], media["schema"], schemas, "", collected)
    by_name: dict[str, list[Any]] = {}
    for (_, name), value in collected.items():
        by_name.setdefault(name, []).append(value)
    for component, schema in schemas.items():
        for name, definition in schema.get("properties", {}).items():
            if {"$ref", "oneOf"} & definition.keys():
                continue
            own = (BASE.sub("", component), name)
            values = [collected[own]] if own in collected else []
            values += by_name.get(name, [])
            values += [more[name] for more in (OTHER, OF_ANOTHER_TYPE) if name in more]
            rules = Draft202012Validator({**definition, "components": document["components"]})
            definition["examples"] = [value for value in values if rules.is_valid(value)][:1]
            if not definition["examples"]:
                del definition["examples"]


def collect(value: Any, schema: Any, schemas: dict[str, Any], name: str, collected: dict[tuple[str, str], Any]) -> None:
    """Collect the first value of each property, by its component and name, in an answer that has this schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        collect(value, schemas[name], schemas, name, collected)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        if "$ref" in part and isinstance(value, dict | list):
            collect(value, part, schemas, name, collected)
    if isinstance(value, list):
        for item in value:
            collect(item, schema.get("items", {}), schemas, "", collected)
    elif isinstance(value, dict):
        for key, definition in schema.get("properties", {}).items():
            if key not in value:
                continue
            shown = value[key]
            if shown not in (None, "", [], {}) and not isinstance(shown, dict) and not is_rows(shown):
                collected.setdefault((name, key), shown)
            collect(shown, definition, schemas, "", collected)


def is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
