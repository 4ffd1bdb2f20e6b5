"""Errors as problem details (RFC 9457)."""

import json
import logging
import sqlite3
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.views import set_rollback

from accords.api.http import CHANGED
from accords.api.moved import redirect_renamed

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
MAX_ERRORS = 100  # in one response
DISK_FULL = "53100"  # PostgreSQL's sqlstate
# PostgreSQL's sqlstates for a transaction that was idle for too long, and for a write to a database that only reads,
# because it is in recovery or a replica.
UNAVAILABLE = {"25P03", "25006"}
PAGE_TITLES = {503: gettext_noop("Service Unavailable"), 507: gettext_noop("Insufficient Storage")}

# The meaning of each kind of problem, and what to do, by the last part of `type`. Each has a page at its `type`.
PROBLEMS = {
    "bad-request": "The request cannot be read, or names a host that is not served here. Check both.",
    "parse-error": "The body or a header cannot be read; `detail` says where. Send JSON in UTF-8, each member once.",
    "invalid-parameters": "The query string has errors; `errors` names each parameter. Correct all of them.",
    "invalid-body": "The body has errors; `errors` names the place of each as a JSON pointer. Nothing was written.",
    "not-authenticated": "The request has no credentials, and needs some. Send `Authorization: Bearer` with a token.",
    "authentication-failed": "The token is unknown, expired or revoked. Use a valid one, or none to read.",
    "permission-denied": "The account or the scope of the token does not allow this. Ask an administrator.",
    "not-found": "There is nothing at this address that you may see. Lists say what there is.",
    "method-not-allowed": "The address does not take this method; `Allow` says which ones it takes.",
    "not-acceptable": "The response cannot have a media type that `Accept` names. Files have addresses of their own.",
    "conflict": "The request conflicts with stored data; `errors` names each place. Change one of the two.",
    "in-use": "The row cannot be deleted because other rows refer to it. Delete or change those first.",
    "follows-from-terms": "The renewal date is computed from terms and recorded outcomes. Change those instead.",
    "cursor-gone": "The changes after the cursor are not kept any more. Read the lists again as files, and go on from "
    "the cursor in their header `Accords-Cursor`.",
    "length-required": "The body has no `Content-Length`. Send one; chunked bodies are not taken.",
    "precondition-failed": "The row has changed since you read it. Read it again, apply your change to what you get, "
    "and send it with the new `ETag` in `If-Match`.",
    "request-timeout": "The body did not arrive in time. Send the request again.",
    "too-large": "The body is too large. Send less at a time.",
    "unsupported-media-type": "The body is not JSON in UTF-8, or is compressed. Send `Content-Type: application/json`.",
    "idempotency-key-reused": "The `Idempotency-Key` was used for another request. Use a new key for a new request.",
    "precondition-required": "`If-Match` is missing. Send the `ETag` of the row as you read it.",
    "throttled": "There were too many requests. Wait as many seconds as `Retry-After` says.",
    "too-many-failures": "Too many invalid tokens came from this address. Wait as `Retry-After` says.",
    "internal-error": "The service failed. The error has been logged under `request_id`; name it when you report it.",
    "unavailable": "The database does not answer, or cannot be written at the moment. Try again after `Retry-After`.",
    "storage-full": "The database is full. Nothing was written; reading goes on.",
}
logger = logging.getLogger(__name__)


class ErrorItem(NamedTuple):
    """One error. `where` is a parameter, or a JSON pointer into the body (RFC 6901), "" for the whole body."""

    where: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        member = "parameter" if self.where and not self.where.startswith("/") else "pointer"
        return {member: self.where, "code": self.code, "detail": self.detail}


class InvalidParameter(Exception):
    """The value of a query parameter is invalid. `code` is for programs, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class ItemizedError(exceptions.APIException):
    """The base of errors with an item for each error of the request."""

    status_code: int = status.HTTP_400_BAD_REQUEST
    summary = "The request is invalid. See errors."

    def __init__(self, items: list[ErrorItem]) -> None:
        super().__init__(" ".join(f"{item.where}: {item.detail}" for item in items))
        self.items = items


class InvalidParameters(ItemizedError):
    """The query string has errors."""

    default_code = "invalid_parameters"


class InvalidBody(ItemizedError):
    """The body has errors."""

    default_code = "invalid_body"


class Conflict(ItemizedError):
    """The request conflicts with stored data."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    summary = "The request conflicts with stored data. See errors."


class StaleRows(ItemizedError):
    """Rows of a bulk request are not in the states that their etags name."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    summary = "Rows have changed since you read them. See errors."


class InUse(exceptions.APIException):
    """The row cannot be deleted because other rows refer to it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "in_use"
    default_detail = "This row cannot be deleted because other rows refer to it."


class ComputedRenewalConflict(exceptions.APIException):
    """A write of a renewal date that is undone when renewal dates are computed again."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "follows_from_terms"
    default_detail = (
        "A computed renewal date follows from the terms of its agreement and from recorded outcomes. Change those, or "
        "enter a stated date."
    )


class LengthRequired(exceptions.APIException):
    """The body has no `Content-Length`."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Content-Length is required. Chunked bodies are not accepted."


class TooLarge(exceptions.APIException):
    """The body is too large."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class PreconditionRequired(exceptions.APIException):
    """A write has no `If-Match` (RFC 6585, 3)."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = "If-Match is required. Send the ETag of the row as you read it."


class PreconditionFailed(exceptions.APIException):
    """The row is not in a state that `If-Match` names (RFC 9110, 15.5.13)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = CHANGED


class Unavailable(exceptions.APIException):
    """The database does not answer, or cannot be written at the moment."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = gettext_noop("The database does not answer at the moment. Try again shortly.")


class StorageFull(exceptions.APIException):
    """The database is full."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "storage_full"
    default_detail = gettext_noop("The database has no room left, so nothing was written. Reading goes on.")


CONFLICT_CODES = {"unique", "uncited"}  # of errors that depend on stored data
STALE = "stale"  # the code of an etag in a bulk request that names another state of its row

# Exceptions of Django and Python, and the API's exceptions for them.
API_EXCEPTIONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[exceptions.APIException]], ...] = (
    ((Http404, ObjectDoesNotExist), exceptions.NotFound),  # the second if a row was deleted after it was found
    (PermissionDenied, exceptions.PermissionDenied),
    ((OperationalError, InterfaceError), Unavailable),
    (ProtectedError, InUse),
    ((DataError, OverflowError), exceptions.ParseError),
)


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem document for an exception of a view; a redirect if a row was not found because it was renamed.

    Return None for an unexpected exception: REST framework then raises it again, and the status is 500.
    """
    problem = api_exception(error)
    if problem is None:
        return None
    if isinstance(problem, exceptions.NotFound) and (moved := redirect_renamed(context["request"])) is not None:
        return moved
    set_rollback()
    return problem_response(context["request"], problem)


def api_exception(error: Exception) -> exceptions.APIException | None:
    """Return the API's exception for one of Django, REST framework or the database; None for any other: status 500.

    A `ValidationError` becomes `StaleRows` if all its codes are `stale`, a `Conflict` if all are in `CONFLICT_CODES`,
    else `InvalidBody`; of more than `MAX_ERRORS` only the first count.
    """
    if isinstance(error, exceptions.ValidationError):
        items = list(error_items(error.detail))[:MAX_ERRORS]
        codes = {item.code for item in items}
        if codes == {STALE}:
            return StaleRows(items)
        return Conflict(items) if codes <= CONFLICT_CODES else InvalidBody(items)
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, DatabaseError) and getattr(error.__cause__, "sqlstate", None) in UNAVAILABLE:
        return Unavailable()
    for error_classes, api_class in API_EXCEPTIONS:
        if isinstance(error, error_classes):
            if api_class in (Unavailable, exceptions.ParseError):  # their causes are not in the response
                logger.error("A request ended in %s", type(error).__name__, exc_info=error)
            return StorageFull() if is_full(error) else api_class()
    return None


def error_items(detail: Any, pointer: str = "") -> Iterator[ErrorItem]:
    """Yield the errors in the detail of a `ValidationError`, each with the JSON pointer to its place."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from error_items(value, pointer + name)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from error_items(value, f"{pointer}/{index}" if isinstance(value, dict) else pointer)
    else:
        yield ErrorItem(pointer, getattr(detail, "code", "invalid"), str(detail))


def is_full(error: Exception) -> bool:
    """Return whether the database reports that its disk is full."""
    cause = error.__cause__
    is_sqlite_full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return is_sqlite_full or getattr(cause, "sqlstate", None) == DISK_FULL


def problem_response(request: HttpRequest | Request, error: exceptions.APIException) -> HttpResponse:
    """Return the problem document for an exception of the API, with the headers that HTTP requires."""
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None) or (isinstance(error, Unavailable) and RETRY_AFTER_SECONDS):
        headers["Retry-After"] = str(max(1, int(wait)))
    if isinstance(error, Unavailable | StorageFull):
        headers["Cache-Control"] = "no-store"
    items, detail = [], str(error.detail)
    if isinstance(error, ItemizedError):
        items, detail = error.items, error.summary
    elif isinstance(error, exceptions.NotAcceptable):
        media_types = ", ".join(renderer.media_type for renderer in error.available_renderers or ())
        detail = f"None of the media types in Accept can be served here. Available: {media_types}."
    return _problem_document(request, error.status_code, error.default_code, detail, items, headers)


def _problem_document(
    request: HttpRequest | Request,
    status_code: int,
    code: str,
    detail: str,
    items: list[ErrorItem] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Return a problem document. `code` is the kind of problem (`PROBLEMS`), with underscores."""
    problem: dict[str, Any] = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "detail": detail,
        "instance": request.path,
    }
    if request_id := request.META.get("REQUEST_ID"):  # the id with which log entries are marked
        problem["request_id"] = request_id
    if items:
        problem["errors"] = [item.as_json() for item in items]
    return HttpResponse(json.dumps(problem), status=status_code, content_type=CONTENT_TYPE, headers=headers)


# Django's handlers of errors outside REST framework's views: problem documents for the API, pages elsewhere


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith("/api/"):
        is_too_large = isinstance(exception, RequestDataTooBig)
        return too_large(request) if is_too_large else defaults.bad_request(request, exception)
    return _problem_document(
        request, 400, "bad_request", "The request cannot be read, or names a host that is not served here."
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """Return 413 for a form of the admin."""
    context = {
        "title": _("Too large"),
        "detail": _("The form is too large to be received. Go back: what you typed is still in it."),
        "id": request.META["REQUEST_ID"],
    }
    return HttpResponse(render_to_string("accords/failed.html", context), status=413)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return defaults.permission_denied(request, exception)
    return _problem_document(request, 403, "permission_denied", str(exceptions.PermissionDenied.default_detail))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    detail = "There is nothing at this address. /api/v1/ lists the resources."
    return _problem_document(request, 404, "not_found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 without internals; 503 or 507 if the database failed before any view was reached."""
    error = sys.exc_info()[1]
    problem = api_exception(error) if isinstance(error, DatabaseError | InterfaceError) else None
    if isinstance(problem, Unavailable | StorageFull):
        return database_failed(request, problem)
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return _problem_document(request, 500, "internal_error", "The service failed to answer. The error has been logged.")


def database_failed(request: HttpRequest, problem: Unavailable | StorageFull) -> HttpResponse:
    """Return 503 or 507: a problem document for the API, else a page."""
    response = problem_response(request, problem)
    if request.path.startswith("/api/"):
        return response
    context = {
        "title": _(PAGE_TITLES[problem.status_code]),
        "detail": _(problem.default_detail),
        "id": request.META["REQUEST_ID"],
    }
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return HttpResponse(render_to_string("accords/failed.html", context), status=problem.status_code, headers=headers)
