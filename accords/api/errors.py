"""Errors as RFC 9457 problem details: what went wrong, where in the request, and what to do about it."""

import json
import logging
import sqlite3
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.views import set_rollback

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
DISK_FULL = "53100"  # of PostgreSQL
LEFT_IDLE = "25P03"  # it ended a transaction in which nothing was asked for too long: a process had been stopped
PAGE_TITLES = {503: gettext_noop("Service Unavailable"), 507: gettext_noop("Insufficient Storage")}
AnyRequest = HttpRequest | Request
logger = logging.getLogger(__name__)


class ErrorItem(NamedTuple):
    """One thing wrong with a request: `where` is the name of a parameter, or a JSON pointer into the body.

    The empty pointer is the body as a whole (RFC 6901, 5).
    """

    where: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """The fault as an entry of `errors`."""
        place = "parameter" if self.where and not self.where.startswith("/") else "pointer"
        return {place: self.where, "code": self.code, "detail": self.detail}


class InvalidParameter(Exception):
    """A value that a query parameter cannot take. `code` is for programs, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        """Keep both."""
        super().__init__(detail)
        self.code, self.detail = code, detail


class Faulty(exceptions.APIException):
    """A request with faults; all of them are told."""

    status_code: int = status.HTTP_400_BAD_REQUEST

    def __init__(self, faults: list[ErrorItem]) -> None:
        """Keep every fault."""
        super().__init__(" ".join(f"{fault.where}: {fault.detail}" for fault in faults))
        self.faults = faults


class InvalidParameters(Faulty):
    """The query string has faults."""

    default_code = "invalid_parameters"


class InvalidBody(Faulty):
    """The body has faults."""

    default_code = "invalid_body"


class Conflict(Faulty):
    """The body is sound, and stands against what is stored."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Stale(Faulty):
    """Rows of a bulk request are not in the state that the request names."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"


STALE = "stale"
CONFLICT_CODES = {"unique", "uncited"}  # of errors about what is stored, not about the request alone
MAX_ERRORS = 100  # reported of one request


def invalid(error: exceptions.ValidationError) -> Faulty:
    """Return a serializer's errors as a problem: a conflict or stale rows if nothing else is wrong."""
    items = list(faults_in(error.detail))[:MAX_ERRORS]
    codes = {item.code for item in items}
    if codes == {STALE}:
        return Stale(items)
    return Conflict(items) if codes <= CONFLICT_CODES else InvalidBody(items)


class Unavailable(exceptions.APIException):
    """The database does not answer."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = gettext_noop("The database does not answer at the moment. Try again shortly.")


class StorageFull(exceptions.APIException):
    """The database has no room left."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "storage_full"
    default_detail = gettext_noop("The database has no room left, so nothing was written. Reading goes on.")


class InUse(exceptions.APIException):
    """The row is used by others."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "in_use"
    default_detail = "Other rows point at this one, so it cannot be deleted."


class TooLarge(exceptions.APIException):
    """The body is larger than anything that is read here."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class LengthRequired(exceptions.APIException):
    """The length of the body is not said."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Say how long the body is: Content-Length. Bodies in chunks are not read here."


TRANSLATED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[exceptions.APIException]], ...] = (
    (Http404, exceptions.NotFound),
    (PermissionDenied, exceptions.PermissionDenied),
    ((OperationalError, InterfaceError), Unavailable),
    (ProtectedError, InUse),
    ((DataError, OverflowError), exceptions.ParseError),
)


def body(code: int, kind: str, detail: str, request: AnyRequest, faults: list[ErrorItem]) -> dict[str, Any]:
    """A problem document: `type`, `title`, `status`, `detail`, `instance`, `request_id` and, if any, `errors`."""
    problem: dict[str, Any] = {
        "type": f"urn:accords:problem:{kind.replace('_', '-')}",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": detail,
        "instance": request.path,
    }
    if number := request.META.get("REQUEST_ID"):  # under which the log has it
        problem["request_id"] = number
    return problem | ({"errors": [fault.as_json() for fault in faults]} if faults else {})


def faults_in(detail: Any, pointer: str = "") -> Iterator[ErrorItem]:
    """Every fault in a validation error's detail, with the JSON pointer (RFC 6901) to its place."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from faults_in(value, pointer + name)
    elif isinstance(detail, list):
        for position, value in enumerate(detail):
            yield from faults_in(value, f"{pointer}/{position}" if isinstance(value, dict) else pointer)
    else:
        yield ErrorItem(pointer, getattr(detail, "code", "invalid"), str(detail))


def translate(error: Exception) -> exceptions.APIException | None:
    """The API's exception for one of Django's or the database's; None for a fault of ours."""
    if isinstance(error, exceptions.ValidationError):
        return invalid(error)
    if isinstance(error, exceptions.APIException):
        return error
    if getattr(error.__cause__, "sqlstate", None) == LEFT_IDLE:
        return Unavailable()
    for kinds, problem in TRANSLATED:
        if isinstance(error, kinds):
            if problem in (Unavailable, exceptions.ParseError):
                logger.error("A request ended in %s", type(error).__name__, exc_info=error)
            return StorageFull() if is_full(error) else problem()
    return None


def is_full(error: Exception) -> bool:
    """Whether the database says that it has no room left."""
    cause = error.__cause__
    full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(cause, "sqlstate", None) == DISK_FULL


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler: every error leaves as a problem document, whatever was accepted."""
    problem = translate(error)
    if problem is None:
        return None
    set_rollback()
    return answer(context["request"], problem)


def answer(request: AnyRequest, problem: exceptions.APIException) -> HttpResponse:
    """The problem document for an exception of the API."""
    faults = problem.faults if isinstance(problem, Faulty) else []
    kind = getattr(problem, "default_code", "error")
    detail = "The request has faults: see errors." if faults else _advice(problem)
    return _page(request, problem.status_code, kind, detail, faults, _headers(problem))


def _advice(problem: exceptions.APIException) -> str:
    """What happened and, where the exception knows it, what would do instead."""
    if isinstance(problem, exceptions.NotAcceptable):
        served = ", ".join(renderer.media_type for renderer in problem.available_renderers or ())
        return f"None of the media types in Accept can be served here. What can: {served}."
    return str(problem.detail)


def _headers(problem: exceptions.APIException) -> dict[str, str]:
    """What HTTP asks for beside the body: how to log in, and when to come again."""
    headers = {}
    if challenge := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(problem, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(problem, Unavailable | StorageFull):
        headers["Cache-Control"] = "no-store"
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait)))
    return headers


def _page(
    request: AnyRequest,
    code: int,
    kind: str,
    detail: str,
    faults: list[ErrorItem] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """A problem document as an answer."""
    document = json.dumps(body(code, kind, detail, request, faults or []))
    return HttpResponse(document, status=code, content_type=CONTENT_TYPE, headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 before any view: an unknown host, a request that cannot be read."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return _page(request, 400, "bad_request", "The request cannot be read, or names a host that is not served here.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 before any view."""
    if not request.path.startswith("/api/"):
        return defaults.permission_denied(request, exception)
    return _page(request, 403, "permission_denied", "This is not permitted.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address that no view has."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return _page(request, 404, "not_found", "There is nothing at this address. The resources are listed at /api/v1/.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says nothing of the inside. Where the database is what failed before any view, 503 or 507."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return database_failed(request, error)
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return _page(request, 500, "internal_error", "Something went wrong on our side; it has been logged.")


def database_failed(request: HttpRequest, error: OperationalError | InterfaceError) -> HttpResponse:
    """503 or 507, as a page where people look at it."""
    problem = StorageFull() if is_full(error) else Unavailable()
    if request.path.startswith("/api/"):
        return answer(request, problem)
    told = {
        "title": _(PAGE_TITLES[problem.status_code]),
        "detail": _(problem.default_detail),
        "id": request.META["REQUEST_ID"],
    }
    page = render_to_string("accords/failed.html", told)
    return HttpResponse(page, status=problem.status_code, headers=_headers(problem))
