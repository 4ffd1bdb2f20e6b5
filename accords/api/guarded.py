"""What is published changes only with the right and with evidence: refusals by `PublicationGuard` as problems."""

from typing import Any

from django.db.models import Model
from rest_framework.exceptions import PermissionDenied

from accords.api.errors import Conflict, ErrorItem
from accords.models import Participation
from accords.models.citations import MissingCitation
from accords.services import NotPublisher, PublicationGuard, Uncited

WORKING_COPY = (
    "This agreement is published, and you do not have permission to publish. Make a working copy with "
    "POST /api/v1/agreements/{slug}/working-copy, change that, and ask a publisher to publish it."
)
SHARED = (
    "Published agreements show this row, and you do not have permission to publish. Ask a publisher to change it, "
    "or enter a new row and refer to that."
)
HOW_TO_CITE = "Send the words of a source in `citations`, or in `confirm` the ids of citations that still support it."


def not_publisher(error: NotPublisher) -> PermissionDenied:
    """Return the refusal, which says how the change can be made."""
    return PermissionDenied(WORKING_COPY.format(slug=error.agreement.slug) if error.agreement else SHARED)


def check(guard: PublicationGuard, written: dict[str, Any]) -> None:
    """Check rows after a write, given by the JSON pointers of their documents. Raises `Conflict`."""
    try:
        guard.check(written.values())
    except Uncited as error:
        pointers = {(type(row), row.pk): pointer for pointer, row in written.items()}
        raise Conflict([error_item(missing, pointers) for missing in error.missing]) from error


def error_item(missing: MissingCitation, pointers: dict[tuple[type[Model], int], str]) -> ErrorItem:
    """Return the error for a claim at its place in the request; for a claim of another row, at the whole of it."""
    owner, member = missing.row, missing.field or "citations"
    if isinstance(missing.row, Participation):
        owner, member = missing.row.agreement, "parties"
    pointer = pointers.get((type(owner), owner.pk))
    location = "" if pointer is None else f"{pointer}/{member}"
    return ErrorItem(location, "uncited", f"No citation supports {describe(missing)}. {HOW_TO_CITE}")


def describe(missing: MissingCitation) -> str:
    """Return the claim in words: a field of an agreement, or the address of a related row and a field of it."""
    row = missing.row
    if isinstance(row, Participation):
        return f"`{row.party.slug}` as {row.role} in `parties`"
    if row._meta.model_name == "agreement":
        return f"`{missing.field}`"
    address = f"/api/v1/{'parties' if row._meta.model_name == 'party' else f'{row._meta.model_name}s'}/{row.pk}"
    return f"`{missing.field}` of {address} as it is now" if missing.field else address
