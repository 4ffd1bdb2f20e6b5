"""Logging: every line on standard error is one JSON object with the id of its request.

Values that a client sends are not logged: no parameter's value, no body, no credentials.
"""

import logging
import os
import re
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accords.client_address import address

REQUEST_ID = "REQUEST_ID"  # the key in `request.META`; no header can have it, because theirs begin with HTTP_
VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
PARAMETER = re.compile(r"[a-z_]{1,40}|sha256", re.ASCII)  # all parameters of the API, and no secret in a wrong place
MAX_PARAMETERS = 50  # names in a line
TOKEN = re.compile(r"accords_[A-Za-z0-9_-]+", re.ASCII)  # an API token in a path, also a damaged one
STANDARD_ERROR = 2

current_request_id: ContextVar[str] = ContextVar("request_id", default="-")


class JsonFormatter(logging.Formatter):
    """A formatter of records as JSON objects; `extra={"fields": {...}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "request_id": current_request_id.get(),
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()


def write_line(line: dict[str, Any]) -> None:
    """Write a line without `logging`, which takes longer than some responses. A failure to write is ignored."""
    with suppress(OSError):
        os.write(STANDARD_ERROR, orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))


def access_line(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    """Return the members of the log line of a request, which took so many seconds."""
    user, token = loaded_user_and_token(request)
    is_authenticated = user is not None and user.pk is not None
    return {
        "time": datetime.now(UTC),
        "level": "INFO",
        "logger": "access",
        "request_id": request.META[REQUEST_ID],
        "method": request.method,
        "path": TOKEN.sub("accords_…", request.path),
        "query": parameter_names(request.META.get("QUERY_STRING", "")),
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "bytes": body_size(request, response),
        "user": user.pk if is_authenticated else None,
        "username": user.get_username() if is_authenticated else None,
        "token": getattr(token, "pk", None),
        "address": address(request),
    }


def parameter_names(query: str) -> list[str]:
    """Return the names of the first `MAX_PARAMETERS` parameters; `?` for a name that no parameter of the API has."""
    names = [part.partition("=")[0] for part in query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]] if query else []
    return [name if PARAMETER.fullmatch(name) else "?" for name in names]


def body_size(request: HttpRequest, response: HttpResponse) -> int:
    """Return the bytes of the body that is sent; 0 for a stream without Content-Length."""
    if request.method == "HEAD":
        return 0
    length = response.headers.get("Content-Length")
    return int(length) if length else 0 if response.streaming else len(response.content)


def loaded_user_and_token(request: HttpRequest) -> tuple[Any, Any]:
    """Return the user and the token of a request if the view has loaded them: logging must not cause a query."""
    attributes = vars(request)
    token, user = attributes.get("auth"), attributes.get("user")
    if type(user) is SimpleLazyObject:  # not loaded, or loaded into the cache of Django's AuthenticationMiddleware
        user = attributes.get("_cached_user")
    return user, token
