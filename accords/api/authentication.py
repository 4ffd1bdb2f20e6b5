"""Who calls: a service by its token in `Authorization`, a person by the session of the admin."""

from datetime import datetime
from typing import Any

from django.db import OperationalError
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accords.client_address import address
from accords.models import Token, TokenFailure

SCHEMES = ("bearer", "token")
FORM = "Authorization must be `Bearer` and a token, with one space between them."
UNKNOWN = "There is no such token."


class TooManyWrongTokens(Throttled):
    """So many wrong tokens came from an address that it must pause."""

    default_code = "too_many_failures"
    default_detail = "Too many wrong tokens came from this address."


class TokenAuthentication(BaseAuthentication):
    """A token, `Authorization: Bearer …` or `Token …`. One that is not valid is refused even where none is needed.

    Wrong tokens are counted by address. A valid one passes all the same, so that a neighbour's mistake stops nobody:
    with 256 random bits there is nothing to guess, and what the limit spares is the work.
    """

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """The token's owner and the token; None where no credentials were sent. Raises `AuthenticationFailed`."""
        header = get_authorization_header(request)
        if not header:
            return None
        now = timezone.now()
        token, fault = self._read(header, now)
        if token is None or fault:
            self._refuse(request, fault, now)
        self._note_use(token, now)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """What a refusal asks for."""
        return 'Bearer realm="accords"'

    def _read(self, header: bytes, now: datetime) -> tuple[Any, str]:
        """The token of a header and what is wrong with it; no token where there is none."""
        scheme, _, secret = header.decode("latin-1").partition(" ")
        if scheme.lower() not in SCHEMES or not secret:
            return None, FORM
        token = Token.objects.of(secret)
        return token, token.fault(now) if token else UNKNOWN

    def _refuse(self, request: Request, fault: str, now: datetime) -> None:
        """Say what is wrong with the credentials, or that too many were wrong."""
        caller = address(request)
        if wait := TokenFailure.objects.wait(caller, now):
            raise TooManyWrongTokens(wait=wait)
        TokenFailure.objects.count_one(caller, now)
        raise AuthenticationFailed(fault)

    def _note_use(self, token: Token, now: datetime) -> None:
        """Note the use, for who reviews tokens; no reading fails because that cannot be written."""
        try:
            token.note_use(now)
        except OperationalError:
            return


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "accords.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """A bearer token (RFC 6750)."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A service's token, made in the admin or by `manage.py make_token`.",
        }
