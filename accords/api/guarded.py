"""The errors of `PublicationGuard`, which protects what is published, as errors of the API."""

from typing import Any

from django.db.models import Model
from rest_framework.exceptions import PermissionDenied

from accords.api.errors import Conflict, ErrorItem
from accords.missing_citations import MissingCitation
from accords.models import Agreement, Participation, Party
from accords.services import NotPublisher, Uncited

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
    """Return the error of the API, which says how the change can be made."""
    return PermissionDenied(WORKING_COPY.format(slug=error.agreement.slug) if error.agreement else SHARED)


def uncited(error: Uncited, written: dict[str, Any]) -> Conflict:
    """Return the error of the API. `written` has the rows of the request by the JSON pointers of their documents."""
    pointers = {(type(row), row.pk): pointer for pointer, row in written.items()}
    return Conflict([error_item(missing, pointers) for missing in error.missing])


def error_item(missing: MissingCitation, pointers: dict[tuple[type[Model], int], str]) -> ErrorItem:
    """Return the error about a claim, at its member of the request; "" for a claim of a row that is not in it."""
    owner, member = missing.row, missing.field or "citations"
    if isinstance(missing.row, Participation):
        owner, member = missing.row.agreement, "parties"
    pointer, claim = pointers.get((type(owner), owner.pk)), describe_claim(missing)
    if pointer is not None:
        return ErrorItem(f"{pointer}/{member}", "uncited", f"No citation supports {claim}. {HOW_TO_CITE}")
    if isinstance(owner, Agreement):
        claim += f" of /api/v1/agreements/{owner.slug}"
    return ErrorItem("", "uncited", f"No citation would support {claim}. Cite other words for it first.")


def describe_claim(missing: MissingCitation) -> str:
    """Return a claim as Markdown.

    It is a party in a role, a field of an agreement, a field of another row with its address, or the address alone if
    no citation supports the row at all.
    """
    row = missing.row
    if isinstance(row, Participation):
        return f"`{row.party.slug}` as {row.role} in `parties`"
    if isinstance(row, Agreement):
        return f"`{missing.field}`"
    address = f"/api/v1/parties/{row.slug}" if isinstance(row, Party) else f"/api/v1/{row._meta.model_name}s/{row.pk}"
    # An earlier value may have a citation.
    return f"`{missing.field}` of {address} as it is now" if missing.field else address
