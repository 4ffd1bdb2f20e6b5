"""Tokens: how services say who they are. Only the hash is kept; the token itself is shown once, to who makes it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import choice
from string import ascii_letters, digits
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accords.db.constraints import FieldCheck, not_blank, one_of
from accords.db.fields import Line, word
from accords.vocabulary import TokenScope

PREFIX = "accords_"  # by which scanners of code and logs know a token that got out
RANDOM = 43  # letters and digits: 256 bits, so that one fast hash without salt is enough
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{RANDOM}}}")
SHOWN = len(PREFIX) + 6  # the beginning that is kept, to tell a token found somewhere; 220 bits stay secret
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
LIFE = timedelta(days=365)
USE_NOTED = timedelta(minutes=1)  # a reader that asks a hundred times a second writes this once
LONGEST_WAIT = 100  # milliseconds, for noting it


def digest(secret: str) -> str:
    """What is kept of a token: its SHA-256, hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def in_a_year() -> datetime:
    """When a token expires unless its maker says otherwise."""
    return timezone.now() + LIFE


class TokenQuerySet(models.QuerySet["Token"]):
    def make(self, owner: User, name: str, **fields: Any) -> tuple["Token", str]:
        """A new token, and the secret that nobody can see again. Raises `ValidationError`."""
        token = Token(owner=owner, name=name, **fields)
        secret = token.seal()
        token.full_clean()
        token.save(using=self.db, force_insert=True)
        return token, secret

    def of(self, secret: str) -> "Token | None":
        """The token of this secret with its owner, valid or not; None for what no token can be."""
        if not SHAPE.fullmatch(secret):
            return None
        return self.select_related("owner").filter(digest=digest(secret)).first()

    def revoke(self, now: datetime) -> int:
        """End these tokens for good; those that were revoked before keep their instant. Gives how many ended."""
        return self.filter(revoked_at=None).update(revoked_at=now)


class Token(models.Model):
    """What a service sends to say on whose behalf it calls."""

    name = Line(_("name"), max_length=100, help_text=_("What it is for and where it lies: `price feed, production`."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="tokens",
        help_text=_("On whose behalf it calls: it may do what this account may, as far as its scope goes."),
    )
    scope = word(_("scope"), TokenScope, _("What the token may do: read only, or write too."), default=TokenScope.READ)
    digest = models.CharField(
        _("digest"),
        max_length=64,
        unique=True,
        editable=False,
        help_text=_("sha256 of the token, hexadecimal. The token is not kept."),
    )
    beginning = models.CharField(
        _("beginning"),
        max_length=SHOWN,
        editable=False,
        help_text=_("How the token begins, to know one that is found somewhere."),
    )
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False, help_text=_("When it was made.")
    )
    expires_at = models.DateTimeField(
        _("expires at"), default=in_a_year, help_text=_("From when on it is refused (UTC).")
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

    def seal(self) -> str:
        """Give the new token its secret, keep the hash alone, and return the secret."""
        secret = PREFIX + "".join(choice(ascii_letters + digits) for _ in range(RANDOM))
        self.digest, self.beginning = digest(secret), secret[:SHOWN]
        return secret

    def note_use(self, now: datetime) -> None:
        """Note that it is used now, unless that was noted a moment ago. Raises `OperationalError` if that cannot be."""
        if self.last_used_at is None or self.last_used_at <= now - USE_NOTED:
            with impatient():
                Token.objects.filter(pk=self.pk).update(last_used_at=now)

    def fault(self, now: datetime) -> str:
        """Why it is refused, for who has it; blank when it is valid."""
        if self.revoked_at is not None:
            return gettext("This token was revoked at %(instant)s.") % {"instant": f"{self.revoked_at:{INSTANT}}"}
        if self.expires_at <= now:
            return gettext("This token expired at %(instant)s.") % {"instant": f"{self.expires_at:{INSTANT}}"}
        return "" if self.owner.is_active else gettext("The account of this token is closed.")


@contextmanager
def impatient() -> Iterator[None]:
    """Let no one wait long for SQLite's one writer, so that reading with a token goes on beside a long write."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {LONGEST_WAIT}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


class TokenFailureQuerySet(models.QuerySet["TokenFailure"]):
    """How often wrong tokens came, kept in the database so that every worker knows."""

    def wait(self, address: str, now: datetime) -> float:
        """For how many seconds more an address must pause; 0 when it need not."""
        spent = self.filter(address=address, times__gte=settings.TOKEN_FAILURE_LIMIT).first()
        return max((spent.since + settings.TOKEN_FAILURE_WINDOW - now).total_seconds(), 0) if spent else 0

    def count_one(self, address: str, now: datetime) -> None:
        """Count a wrong token from an address, and forget what no longer counts."""
        with transaction.atomic(using=self.db):
            self.filter(since__lte=now - settings.TOKEN_FAILURE_WINDOW).delete()
            self.get_or_create(address=address, defaults={"since": now})
            self.filter(address=address).update(times=F("times") + 1)


class TokenFailure(models.Model):
    """An address from which wrong tokens came of late. To let it try again at once, delete the row."""

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
