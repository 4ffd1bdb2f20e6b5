"""Examples of the properties of the OpenAPI document, from the responses that are its examples of operations."""

import re
from typing import Any

from jsonschema import Draft202012Validator

# Examples of properties that no response about the deal has, by name.
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
# Examples of properties whose name has another meaning in some components: they are used where the others are invalid.
OF_ANOTHER_TYPE: dict[str, Any] = {"row": "clauses/3", "status": 400}
# What the name of a component of requests has besides that of responses: `PatchedClauseRequest`, `Clause`.
REQUEST_AFFIX = re.compile(r"^Patched|(BulkUpdate|BulkDelete)?Request$")


def add_property_examples(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Give each property of a component an example: a hook of drf-spectacular.

    A property of a request and one of a response that have the same name have the same example.
    """
    schemas = result["components"]["schemas"]
    collected: dict[tuple[str, str], Any] = {}
    for item in result["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                media = response.get("content", {}).get("application/json", {})
                for example in media.get("examples", {}).values():
                    collect_values(example["value"], media["schema"], schemas, "", collected)
    by_name: dict[str, list[Any]] = {}
    for (_, name), value in collected.items():
        by_name.setdefault(name, []).append(value)
    for component, schema in schemas.items():
        for name, definition in schema.get("properties", {}).items():
            if {"$ref", "oneOf"} & definition.keys():
                continue
            own = (REQUEST_AFFIX.sub("", component), name)
            values = [collected[own]] if own in collected else []
            values += by_name.get(name, [])
            values += [examples[name] for examples in (OTHER, OF_ANOTHER_TYPE) if name in examples]
            validator = Draft202012Validator({**definition, "components": result["components"]})
            definition["examples"] = [value for value in values if validator.is_valid(value)][:1]
            if not definition["examples"]:
                del definition["examples"]
    return result


def collect_values(
    value: Any, schema: Any, schemas: dict[str, Any], component: str, collected: dict[tuple[str, str], Any]
) -> None:
    """Collect the first simple value of each property in a value of this schema, by component and name of the property.

    `component` is the name of the component that the schema is; "" for a schema that is none.
    """
    if "$ref" in schema:
        component = schema["$ref"].rpartition("/")[2]
        collect_values(value, schemas[component], schemas, component, collected)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        if "$ref" in part and isinstance(value, dict | list):
            collect_values(value, part, schemas, component, collected)
    if isinstance(value, list):
        for item in value:
            collect_values(item, schema.get("items", {}), schemas, "", collected)
    elif isinstance(value, dict):
        for name, definition in schema.get("properties", {}).items():
            if name not in value:
                continue
            member = value[name]
            if member not in (None, "", [], {}) and not isinstance(member, dict) and not has_objects(member):
                collected.setdefault((component, name), member)
            collect_values(member, definition, schemas, "", collected)


def has_objects(value: Any) -> bool:
    """Return whether a value is a list of objects or lists."""
    return isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
