"""Idempotency-Key: a POST that is repeated has no second effect and gets the first response again."""

import json
import re
from hashlib import sha256
from typing import Any

from django.db import connection
from rest_framework import exceptions, status
from rest_framework.request import Request

from accords.models import IdempotencyKey

HEADER = "Idempotency-Key"
FORM = re.compile(r"[\x21-\x7e]{1,255}")
STORED_HEADERS = ("Location", "ETag")


class KeyReused(exceptions.APIException):
    """The key was used for another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used for another request. Use a new key for a new request."


class IdempotentRequest:
    """A request and its `Idempotency-Key`, if it has one.

    Call `find` and `save` in the transaction of the write, so that the row and the response are stored together or
    not at all. Error responses are not stored: a corrected request may use the same key.
    """

    def __init__(self, request: Request) -> None:
        """Read the key. Raises `ParseError` for an invalid one."""
        self.caller: Any = request.user
        self.key = request.headers.get(HEADER)
        if self.key is not None and not FORM.fullmatch(self.key):
            raise exceptions.ParseError(f"{HEADER} must have 1 to 255 visible ASCII characters.")
        self.fingerprint = fingerprint(request) if self.key else ""

    def find(self) -> IdempotencyKey | None:
        """Return the stored response to this request, if any. Raises `KeyReused` if another request used the key."""
        if self.key is None:
            return None
        if connection.vendor == "postgresql":  # wait for other requests with this key; SQLite has one writer anyway
            digest = sha256(f"{self.caller.pk}:{self.key}".encode()).digest()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])
        stored = IdempotencyKey.objects.filter(caller=self.caller, key=self.key).first()
        if stored is not None and stored.fingerprint != self.fingerprint:
            raise KeyReused
        return stored

    def save(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Store a response, before it is compressed for the client that gets it."""
        if self.key is not None:
            IdempotencyKey.objects.create(
                caller=self.caller,
                key=self.key,
                fingerprint=self.fingerprint,
                status=status,
                headers=headers,
                body=body,
            )


def fingerprint(request: Request) -> str:
    """Return the SHA-256 of the address and the body. The number 1.0 differs from the string "1.0"."""
    # The parser refuses control characters, so no string of a body looks like this list.
    body = json.dumps(request.data, sort_keys=True, default=lambda number: ["\0number", str(number)])
    return sha256(f"{request.path.rstrip('/')}\n{body}".encode()).hexdigest()
