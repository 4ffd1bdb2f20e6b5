"""Authentication of services by a token in the header `Authorization`. People use the session of the admin."""

import logging
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accords.client_address import address
from accords.models import Token, TokenFailure

SCHEMES = ("bearer", "token")
MALFORMED = "Authorization must be `Bearer` and a token, separated by one space."
UNKNOWN = "There is no such token."
logger = logging.getLogger(__name__)


class TooManyInvalidTokens(Throttled):
    """The client address is locked out because it has sent too many invalid tokens."""

    default_code = "too_many_failures"
    default_detail = "Too many invalid tokens came from this address."


class TokenAuthentication(BaseAuthentication):
    """Authentication by `Authorization: Bearer …` or `Token …`. An invalid token is an error even if none is required.

    Failures are counted by client address. A valid token is accepted during a lock-out: tokens have 256 random bits and
    cannot be guessed, so the limit only saves work, and should not affect other services at the same address.
    """

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """Return the owner of the token and the token; None without credentials. Raises `AuthenticationFailed`."""
        header = get_authorization_header(request)
        if not header:
            return None
        now = timezone.now()
        scheme, _, secret = header.decode("latin-1").partition(" ")
        is_well_formed = scheme.lower() in SCHEMES and bool(secret)
        token = Token.objects.for_secret(secret) if is_well_formed else None
        error_message = token.error_message(now) if token else UNKNOWN if is_well_formed else MALFORMED
        if token is None or error_message:
            client = address(request)
            if seconds := TokenFailure.objects.lockout_seconds(client, now):
                raise TooManyInvalidTokens(wait=seconds)
            try:
                TokenFailure.objects.record_failure(client, now)
            except DatabaseError:
                logger.warning("An invalid token was not counted", exc_info=True)
            raise AuthenticationFailed(error_message)
        try:
            token.record_use(now)
        except DatabaseError:  # busy, or read-only: requests that read need not fail
            logger.info("The use of a token was not recorded")
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="accords"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registration has no types
    """The security scheme of tokens in the OpenAPI document."""

    target_class = "accords.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return a bearer token (RFC 6750)."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A service's token, issued in the admin or by `manage.py make_token`.",
        }
