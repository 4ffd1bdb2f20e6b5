"""`Idempotency-Key`: a repeated POST has no second effect, and gets the response to the first one."""

import json
import re
from hashlib import sha256
from typing import Any

from django.db import connection
from rest_framework import exceptions, status
from rest_framework.request import Request

from accords.models import IdempotencyKey

HEADER = "Idempotency-Key"
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")


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
        if self.key is not None and not KEY_PATTERN.fullmatch(self.key):
            raise exceptions.ParseError(f"{HEADER} must have 1 to 255 visible ASCII characters.")
        self.fingerprint = fingerprint(request) if self.key else ""

    def find(self) -> IdempotencyKey | None:
        """Return the stored response to this request, if any. Raises `KeyReused` if another request used the key."""
        if self.key is None:
            return None
        if connection.vendor == "postgresql":  # wait for other requests with this key; SQLite has only one writer
            digest = sha256(f"{self.caller.pk}:{self.key}".encode()).digest()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])
        stored = IdempotencyKey.objects.filter(caller=self.caller, key=self.key).first()
        if stored is not None and stored.fingerprint != self.fingerprint:
            raise KeyReused
        return stored

    def save(self, status_code: int, body: bytes, headers: dict[str, str]) -> None:
        """Store the response, uncompressed, if the request has a key."""
        if self.key is not None:
            IdempotencyKey.objects.create(
                caller=self.caller,
                key=self.key,
                fingerprint=self.fingerprint,
                status=status_code,
                headers=headers,
                body=body,
            )


def fingerprint(request: Request) -> str:
    """Return the SHA-256 of the path and the body."""
    # Decimals become lists that no body contains, as the parser accepts no control characters: 1.0 differs from "1.0".
    body = json.dumps(request.data, sort_keys=True, default=lambda number: ["\0number", str(number)])
    return sha256(f"{request.path.rstrip('/')}\n{body}".encode()).hexdigest()
