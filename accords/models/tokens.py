"""API tokens of services. Only the hash of a token is stored; its secret is shown once, when it is issued."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import choice
from string import ascii_letters, digits
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accords.db.constraints import FieldCheck, not_blank, one_of
from accords.db.fields import Line, word_field
from accords.db.locks import busy_timeout
from accords.vocabulary import TokenScope

PREFIX = "accords_"  # lets scanners of code and logs recognize a leaked token
RANDOM_LENGTH = 43  # letters and digits: 256 bits, so a fast hash without salt is enough
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{RANDOM_LENGTH}}}")
BEGINNING_LENGTH = len(PREFIX) + 6  # stored to identify a token that is found somewhere; 220 bits stay secret
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
LIFETIME = timedelta(days=365)
USE_RECORDED_EVERY = timedelta(minutes=1)
RECORDING_TIMEOUT = 100  # milliseconds: a request that reads does not wait for a long write


def digest(secret: str) -> str:
    """Return the SHA-256 of a token as hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def default_expiry() -> datetime:
    return timezone.now() + LIFETIME


class TokenQuerySet(models.QuerySet["Token"]):
    def issue(self, owner: User, name: str, **fields: Any) -> tuple["Token", str]:
        """Create a token, and return it with its secret, which is not stored. Raises `ValidationError`."""
        token = Token(owner=owner, name=name, **fields)
        secret = token.generate_secret()
        token.full_clean()
        token.save(using=self.db, force_insert=True)
        return token, secret

    def for_secret(self, secret: str) -> "Token | None":
        """Return the token with this secret, valid or not; None if there is none."""
        if not SHAPE.fullmatch(secret):
            return None
        return self.select_related("owner").filter(digest=digest(secret)).first()

    def revoke(self, now: datetime) -> int:
        """Revoke these tokens, except those that are revoked already. Return the number of tokens revoked."""
        return self.filter(revoked_at=None).update(revoked_at=now)


class Token(models.Model):
    """A credential with which a service acts on behalf of an account."""

    name = Line(_("name"), max_length=100, help_text=_("What it is for and where it lies: `price feed, production`."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="tokens",
        help_text=_("On whose behalf it calls: it may do what this account may, as far as its scope goes."),
    )
    scope = word_field(
        _("scope"), TokenScope, _("What the token may do: read only, or write too."), default=TokenScope.READ
    )
    digest = models.CharField(
        _("digest"),
        max_length=64,
        unique=True,
        editable=False,
        help_text=_("sha256 of the token, hexadecimal. The token is not kept."),
    )
    beginning = models.CharField(
        _("beginning"),
        max_length=BEGINNING_LENGTH,
        editable=False,
        help_text=_("How the token begins, to know one that is found somewhere."),
    )
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False, help_text=_("When it was made.")
    )
    expires_at = models.DateTimeField(
        _("expires at"), default=default_expiry, help_text=_("From when on it is refused (UTC).")
    )
    last_used_at = models.DateTimeField(
        _("last used at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it was last used, to the minute; blank = never."),
    )
    revoked_at = models.DateTimeField(
        _("revoked at"), null=True, blank=True, editable=False, help_text=_("When it was revoked; blank = it was not.")
    )

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            one_of("scope", TokenScope),
            *not_blank("name"),
            FieldCheck(
                condition=Q(expires_at__gt=F("created_at")),
                name="%(class)s_expires_later",
                field="expires_at",
                violation_error_code="expired",
                violation_error_message=_("It would be expired from the first moment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    def generate_secret(self) -> str:
        """Set the hash of a new secret, and return the secret."""
        secret = PREFIX + "".join(choice(ascii_letters + digits) for _ in range(RANDOM_LENGTH))
        self.digest, self.beginning = digest(secret), secret[:BEGINNING_LENGTH]
        return secret

    def record_use(self, now: datetime) -> None:
        """Record the use, at most once a minute. Raises `DatabaseError` if the database is busy or read-only."""
        if self.last_used_at is None or self.last_used_at <= now - USE_RECORDED_EVERY:
            with busy_timeout(RECORDING_TIMEOUT):
                Token.objects.filter(pk=self.pk).update(last_used_at=now)

    def error_message(self, now: datetime) -> str:
        """Return why the token is not valid; empty if it is valid."""
        if self.revoked_at is not None:
            return gettext("This token was revoked at %(instant)s.") % {"instant": f"{self.revoked_at:{INSTANT}}"}
        if self.expires_at <= now:
            return gettext("This token expired at %(instant)s.") % {"instant": f"{self.expires_at:{INSTANT}}"}
        return "" if self.owner.is_active else gettext("The account of this token is closed.")


class TokenFailureQuerySet(models.QuerySet["TokenFailure"]):
    """Failures are counted in the database, so that all workers share the count."""

    def lockout_seconds(self, address: str, now: datetime) -> float:
        """Return the remaining seconds for which tokens from an address are refused; 0 if they are not."""
        failure = self.filter(address=address, times__gte=settings.TOKEN_FAILURE_LIMIT).first()
        return max((failure.since + settings.TOKEN_FAILURE_WINDOW - now).total_seconds(), 0) if failure else 0

    def record_failure(self, address: str, now: datetime) -> None:
        """Count an invalid token from an address, and delete counts that have expired."""
        with transaction.atomic(using=self.db):
            self.filter(since__lte=now - settings.TOKEN_FAILURE_WINDOW).delete()
            self.get_or_create(address=address, defaults={"since": now})
            self.filter(address=address).update(times=F("times") + 1)


class TokenFailure(models.Model):
    """The number of invalid tokens from an address. Delete the row to end its lock-out."""

    address = models.GenericIPAddressField(
        _("address"), unique=True, help_text=_("The caller's address; of IPv6 the /64 network.")
    )
    since = models.DateTimeField(_("since"), db_index=True, help_text=_("When the first of them came."))
    times = models.PositiveIntegerField(_("times"), default=0, help_text=_("How many came since then."))

    objects = TokenFailureQuerySet.as_manager()

    class Meta:
        verbose_name = _("token failure")
        verbose_name_plural = _("token failures")

    def __str__(self) -> str:
        return str(self.address)
