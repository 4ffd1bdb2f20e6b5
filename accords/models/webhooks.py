"""Webhooks: addresses that are told of changes, and the log of what was delivered to them."""

import base64
from secrets import token_bytes
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accords.db.fields import Line, StringList
from accords.models.agreements import Agreement
from accords.vocabulary import ResourceName

SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(token_bytes(SECRET_BYTES)).decode()}"


class Webhook(models.Model):
    """An address that is told of the changes that its owner may see."""

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
        help_text=_("On whose behalf it is told: it gets what this account may read."),
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
        help_text=_("The key with which messages are signed. It is shown once, when the webhook is made."),
    )
    is_active = models.BooleanField(
        _("is active"),
        default=True,
        help_text=_("Whether it is told. It is turned off after three days of failures; turn it on to go on."),
    )
    position = models.BigIntegerField(
        _("position"),
        default=0,
        help_text=_("The last position of the feed that was delivered. Lower it to deliver what came after it again."),
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

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        """Refuse resources that do not exist."""
        if unknown := sorted({*map(str, self.resources)} - {*ResourceName.values}):
            message = _("There is no resource %(name)s.") % {"name": unknown[0]}
            raise ValidationError({"resources": ValidationError(message, code="invalid_list")})


class DeliveryQuerySet(models.QuerySet[Any]):
    def made_before(self, instant: Any) -> "DeliveryQuerySet":
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
