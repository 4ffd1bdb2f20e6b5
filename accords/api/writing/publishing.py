"""Publishing through the API: what keeps an agreement from it, as faults of the request."""

from collections.abc import Iterator
from typing import Any

from accords.api.errors import ErrorItem
from accords.models import Agreement
from accords.models.evidence import MissingCitation, missing_citations

UNCITED = "uncited"


def uncited(row: Any, before: dict[str, Any], pointer: str) -> Iterator[ErrorItem]:
    """A fault for each claim without evidence, if the row is an agreement that was a draft and is one no more.

    To be asked when the agreement is written with what came with it. Of one that is published already nothing is
    asked: it must stay possible to change it.
    """
    if isinstance(row, Agreement) and row.is_published and not before.get("is_published", False):
        for lack in missing_citations([row])[row.pk]:
            yield ErrorItem(f"{pointer}/is_published", UNCITED, told(lack))


def told(lack: MissingCitation) -> str:
    """Which claim has no evidence: a field of the agreement, or a row on it by its address."""
    if lack.field:
        return f"It cannot be published: `{lack.field}` is stated, and no citation supports it."
    place = f"/api/v1/{lack.row._meta.model_name}s/{lack.row.pk}"
    return f"It cannot be published: no citation supports {place}."
