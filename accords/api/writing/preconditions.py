"""If-Match: a change says which state of a row it is a change of, so that none is lost."""

from typing import Any

from rest_framework import exceptions, status
from rest_framework.request import Request

from accords.api import conditional


class PreconditionRequired(exceptions.APIException):
    """The request does not say which state of the row it means (RFC 6585, 3)."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = "Say which state of the row you mean: send the ETag that you read in If-Match."


class PreconditionFailed(exceptions.APIException):
    """The row is no longer in that state (RFC 9110, 15.5.13)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = "The row has changed since you read it. Read it again, and decide anew."


def state_of(row: Any) -> conditional.State:
    """The state of a row as it was read: the database raises its version with every change, whoever writes."""
    return conditional.State(row.pk, row.version)


def check(request: Request, row: Any) -> None:
    """Raise what `If-Match` says against changing a row, which must be locked."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired
    try:
        found = conditional.matches(header, state_of(row))
    except conditional.Malformed as error:
        raise exceptions.ParseError('If-Match must be a list of entity tags such as "v7r12-1f3a", or *.') from error
    if not found:
        raise PreconditionFailed
