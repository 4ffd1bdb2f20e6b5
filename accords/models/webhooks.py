"""Webhooks: addresses to which changes are sent, and the log of deliveries."""

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accords.db.fields import Line, StringList
from accords.models.agreements import Agreement
from accords.vocabulary import ResourceName

SECRET_BYTES = 32
NOT_HTTPS = _("The address does not begin with https.")
OLD_SECRET_SIGNS = timedelta(days=1)  # after a new secret was issued


def new_secret() -> str:
    """Return a secret in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(token_bytes(SECRET_BYTES)).decode()}"


def has_valid_port(address: SplitResult) -> bool:
    """Return whether the port is one from 1 to 65535. `URLValidator` allows any five digits."""
    try:
        return address.port != 0
    except ValueError:
        return False


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the webhooks that a user owns, or all for superusers. A webhook shows what its owner may read."""
        return self.all() if user.is_superuser else self.filter(owner=user.pk)

    def turned_off(self) -> Self:
        """Return the webhooks that were turned off because their deliveries failed."""
        return self.filter(is_active=False, failing_since__isnull=False)


class Webhook(models.Model):
    """An address to which the changes are sent that its owner may see."""

    url = models.URLField(
        _("URL"),
        max_length=500,
        help_text=_("Where messages are sent: an https address. Redirects are not followed."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="webhooks",
        help_text=_("The account whose permissions decide which changes are sent."),
    )
    resources = StringList(
        _("resources"), help_text=_("Only changes of these resources, one on each line: `clauses`. Blank = of all.")
    )
    agreement = models.ForeignKey(
        Agreement,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("agreement"),
        related_name="webhooks",
        help_text=_("Only changes of this agreement and of what belongs to it. Blank = of all."),
    )
    secret = models.CharField(
        _("secret"),
        max_length=100,
        default=new_secret,
        editable=False,
        help_text=_("The key with which messages are signed. It is shown once, when it is made."),
    )
    old_secret = models.CharField(
        _("old secret"),
        max_length=100,
        blank=True,
        default="",
        editable=False,
        help_text=_("The key before this one, with which messages are signed too until `old_secret_until`."),
    )
    old_secret_until = models.DateTimeField(
        _("old secret until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Until when messages are signed with the old secret too; blank = there is none."),
    )
    is_active = models.BooleanField(
        _("is active"),
        default=True,
        help_text=_("Whether messages are sent. It is turned off after three days of failures; turn it on to go on."),
    )
    position = models.BigIntegerField(
        _("position"),
        default=0,
        help_text=_(
            "The last position of the feed that was delivered. `replay` in the API delivers again what came after one."
        ),
    )
    views_drafts = models.BooleanField(
        _("views drafts"),
        default=False,
        editable=False,
        help_text=_("To which of the two feeds the position belongs: that of users who may view drafts."),
    )
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False, help_text=_("When it was made.")
    )
    failing_since = models.DateTimeField(
        _("failing since"), null=True, blank=True, editable=False, help_text=_("When deliveries began to fail.")
    )
    attempts = models.PositiveIntegerField(
        _("attempts"), default=0, editable=False, help_text=_("How often the message that is due has failed.")
    )
    next_attempt_at = models.DateTimeField(
        _("next attempt at"),
        default=timezone.now,
        db_index=True,
        editable=False,
        help_text=_("Before this instant nothing is sent."),
    )
    claimed_until = models.DateTimeField(
        _("claimed until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Until when one worker alone delivers to it."),
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url

    @property
    def version(self) -> int:
        """Return a number for the `ETag`: 56 bits of a digest of what a PATCH sets.

        It changes too when failed deliveries turn the webhook off, but not with other deliveries, `replay` and a new
        secret.
        """
        values = [self.url, [*self.resources], self.agreement_id, self.is_active]
        return int(sha256(repr(values).encode()).hexdigest()[:14], 16)

    @property
    def is_turned_off(self) -> bool:
        """Return whether it was turned off because its deliveries failed."""
        return not self.is_active and self.failing_since is not None

    def rotate_secret(self, now: datetime) -> None:
        """Set a new secret. Messages are signed with the one before it too, so that receivers can change over.

        That ends after a day, or with the next new secret.
        """
        self.old_secret, self.old_secret_until = self.secret, now + OLD_SECRET_SIGNS
        self.secret = new_secret()

    def secrets(self, now: datetime) -> list[str]:
        """Return the keys with which a message is signed now: the secret, and for a day the old one."""
        is_signing = self.old_secret_until is not None and now < self.old_secret_until
        return [self.secret, *([self.old_secret] if is_signing else [])]

    def clean(self) -> None:
        """Refuse addresses to which messages cannot be sent, and resources that do not exist."""
        try:
            address = urlsplit(self.url)
        except ValueError:
            return  # the validator of the field refuses it
        if address.scheme != "https" and not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
            raise ValidationError({"url": ValidationError(NOT_HTTPS, code="not_https")})
        if "@" in address.netloc:
            message = _("Leave out the user name and the password: they are not sent. The signature proves who sends.")
            raise ValidationError({"url": ValidationError(message, code="credentials")})
        if not has_valid_port(address):
            raise ValidationError({"url": ValidationError(_("Use a port from 1 to 65535."), code="invalid")})
        if unknown := sorted({*map(str, self.resources)} - {*ResourceName.values}):
            unknown_resource = _("There is no resource %(name)s.") % {"name": unknown[0]}
            raise ValidationError({"resources": ValidationError(unknown_resource, code="invalid_list")})


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.all() if user.is_superuser else self.filter(webhook__owner=user.pk)

    def attempted_before(self, instant: Any) -> Self:
        """Return the attempts before an instant."""
        return self.filter(at__lt=instant)


class WebhookDelivery(models.Model):
    """One attempt to deliver a message. What the receiver answered, apart from the status, is not kept."""

    webhook = models.ForeignKey(
        Webhook,
        models.CASCADE,
        verbose_name=_("webhook"),
        related_name="deliveries",
        help_text=_("The webhook."),
    )
    message = Line(
        _("message"), max_length=100, help_text=_("The id of the message, the same at each attempt (`webhook-id`).")
    )
    kind = Line(_("kind"), max_length=50, help_text=_("The type of the message: `clauses.changed`."))
    at = models.DateTimeField(_("at"), db_index=True, help_text=_("When it was sent."))
    status = models.PositiveSmallIntegerField(
        _("status"), null=True, blank=True, help_text=_("The HTTP status of the response; blank = there was none.")
    )
    error = Line(
        _("error"), max_length=200, blank=True, default="", help_text=_("Why it failed; blank = it was delivered.")
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return self.message

    @property
    def is_delivered(self) -> bool:
        return not self.error
