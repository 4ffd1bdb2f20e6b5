"""Two texts in the style of real ones, encoded fact by fact: a reseller contract and a treaty on a river."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Encoding:
    """What an editor sends to the API, in order, and the facts that must come back."""

    sources: list[dict[str, Any]]
    parties: list[dict[str, Any]]
    agreements: list[dict[str, Any]]
    clauses: list[dict[str, Any]]
    events: list[dict[str, Any]]
    facts: list[tuple[str, str, str, Any]]  # the fact, the request, the member of each result, and its values
    misfits: list[str] = field(default_factory=list)  # facts that the model has no place for


def cite(source: str, exact: str, name: str = "", **context: str) -> dict[str, str]:
    """Return a citation of words for a field, or for the whole row."""
    return {"source": source, "exact": exact, "field": name, **context}
