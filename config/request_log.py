"""The request log: a line of JSON on standard error for each request, and the id by which all that it left is found.

What callers send is told by name only: no value of a parameter, no body, no credentials.
"""

import logging
import os
import random
import re
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accords.client_address import address

KEY = "REQUEST_ID"  # in `request.META`, where no header can be: theirs begin with HTTP_
HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
NAME = re.compile(r"[a-z_]{1,40}", re.ASCII)  # as all our parameters are; a secret in the wrong place is not
TOKEN = re.compile(r"accords_[A-Za-z0-9_-]+", re.ASCII)
STANDARD_ERROR = 2
FORM = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
NAMES = 50

View = Callable[[HttpRequest], HttpResponse]
current: ContextVar[str] = ContextVar("request_id", default="-")


class RequestId(logging.Filter):
    """Gives every record of the log the id of the request that is being answered, `-` outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it."""
        record.request_id = current.get()
        return True


def request_log(get_response: View) -> View:
    """Give each request an id, the caller's own if it is sane; tell it in the answer, and log the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began, given = perf_counter(), request.META.get("HTTP_X_REQUEST_ID", "")
        number = given if SANE.fullmatch(given) else f"{random.getrandbits(64):016x}"
        request.META[KEY] = number
        current.set(number)  # and not reset: what is logged while the connection is closed belongs to it still
        response = get_response(request)
        response.headers[HEADER] = number
        if settings.ACCESS_LOG:
            write(entry(request, response, perf_counter() - began))
        return response

    return middleware


def write(told: dict[str, Any]) -> None:
    """Write a line at once: `logging` would cost more than many an answer. That it cannot be written stops nobody."""
    with suppress(OSError):
        os.write(STANDARD_ERROR, orjson.dumps(told, option=FORM))


def entry(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    """What is told of a request."""
    user, token = caller(request)
    return {
        "time": datetime.now(UTC),
        "request_id": request.META[KEY],
        "method": request.method,
        "path": TOKEN.sub("accords_…", request.path),
        "query": names(request.META.get("QUERY_STRING", "")),
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "bytes": size(request, response),
        "user": user,
        "token": token,
        "address": address(request),
    }


def names(query: str) -> list[str]:
    """The names of a query's parameters; `?` for what is none of ours."""
    if not query:
        return []
    found = [part.partition("=")[0] for part in query.split("&", NAMES)[:NAMES]]
    return [name if NAME.fullmatch(name) else "?" for name in found]


def size(request: HttpRequest, response: HttpResponse) -> int:
    """The bytes of the body that goes out."""
    if request.method == "HEAD":
        return 0
    told = response.headers.get("Content-Length")
    return int(told) if told else 0 if response.streaming else len(response.content)


def caller(request: HttpRequest) -> tuple[int | None, int | None]:
    """The ids of the user and of the token, as far as answering has asked for them: the log itself asks for nobody."""
    known = vars(request)
    token, user = known.get("auth"), known.get("_cached_user")
    if token is not None:
        return getattr(token, "owner_id", None), getattr(token, "pk", None)
    return getattr(user, "pk", None), None
