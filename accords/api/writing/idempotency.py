"""Idempotency-Key: a POST that comes again gets the first answer, also while the first is still being answered."""

import json
import re
from hashlib import sha256
from typing import Any

from django.db import connection
from django.http import HttpResponse
from rest_framework import exceptions, status
from rest_framework.request import Request

from accords.models import IdempotencyKey

HEADER = "Idempotency-Key"
FORM = re.compile(r"[\x21-\x7e]{1,255}")
KEPT = ("Location", "ETag")


class KeyReused(exceptions.APIException):
    """The key has come with another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key has come with another request. A new request needs a new key."


class Key:
    """The key of a request, if it has one: `first` asks for an answer given before, `keep` stores the one given now.

    Both belong into the transaction of what the request does, so that either all of it is there or nothing. Refusals
    are not stored: a request that is mended may use its key again.
    """

    def __init__(self, request: Request, body: Any) -> None:
        """Read the key. Raises `ParseError` for one that cannot be."""
        self.caller: Any = request.user
        self.text = request.headers.get(HEADER)
        if self.text is not None and not FORM.fullmatch(self.text):
            raise exceptions.ParseError(f"{HEADER} must have 1 to 255 visible ASCII characters.")
        asked = json.dumps([request.path.rstrip("/"), body], sort_keys=True, default=str)
        self.fingerprint = sha256(asked.encode()).hexdigest()

    def first(self) -> HttpResponse | None:
        """The answer that was given to this request before. Raises `KeyReused` if the key came with another one."""
        if self.text is None:
            return None
        self._wait()
        found = IdempotencyKey.objects.filter(caller=self.caller, key=self.text).first()
        if found is None:
            return None
        if found.fingerprint != self.fingerprint:
            raise KeyReused
        headers = {**found.headers, "Idempotency-Replayed": "true"}
        return HttpResponse(found.body, status=found.status, content_type="application/json", headers=headers)

    def _wait(self) -> None:
        """Let requests with this key pass one by one. SQLite has one writer at a time anyway."""
        if connection.vendor == "postgresql":
            digest = sha256(f"{self.caller.pk}:{self.text}".encode()).digest()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])

    def keep(self, answer: HttpResponse) -> None:
        """Store the answer."""
        if self.text is None:
            return
        headers = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        told = {"status": answer.status_code, "headers": headers, "body": answer.content.decode()}
        IdempotencyKey.objects.create(caller=self.caller, key=self.text, fingerprint=self.fingerprint, **told)
