"""The worker that delivers the feed of changes to webhooks.

A webhook gets one message after another, so the entries of a row arrive in order. Its position advances after the
receiver has answered with 2xx. If a worker dies before that, another one takes over its webhook when the lease ends,
and sends a message with the same id again.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accords.api.serializers.feed_entries import EntrySerializer
from accords.models import Webhook
from accords.models.base import can_view_drafts
from accords.models.changes import entries
from accords.webhooks import Message, move_to_end_of_feed, send_and_log

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # how long one worker alone delivers to a webhook; renewed before each message
MAX_MESSAGES = 100  # messages that a worker sends before it claims the next webhook
BACKOFF = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 30, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600)
)  # before the next attempt, by the number of failures before this one; the last is repeated
# The columns on which a delivery depends: what a worker has claimed, and what owners change.
USED = ("claimed_until", "position", "url", "resources", "agreement_id", "secret", "is_active")
GIVE_UP = timedelta(days=3)  # of failures after which a webhook is turned off


def claim(now: datetime) -> Webhook | None:
    """Lease a webhook with pending entries to the calling worker, and return it; None if there is none."""
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    with transaction.atomic():
        due = Webhook.objects.filter(is_free, is_active=True, next_attempt_at__lte=now)
        rows = due.order_by("next_attempt_at", "pk")
        for webhook in rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked):
            if has_pending_entries(webhook):
                webhook.claimed_until = now + LEASE
                webhook.save(update_fields=["claimed_until"])
                return webhook
    return None


def has_pending_entries(webhook: Webhook) -> bool:
    """Return whether there are entries to be sent to a webhook; False while its owner's account is not active."""
    if not webhook.owner.is_active:  # who may view nothing: the webhook keeps its audience and position
        return False
    change_audience(webhook)
    return pending(webhook).exists()


def change_audience(webhook: Webhook) -> None:
    """Set a webhook to the end of the feed of the other audience if its owner's right to view drafts has changed."""
    if webhook.views_drafts != can_view_drafts(webhook.owner):
        move_to_end_of_feed(webhook)
        webhook.save(update_fields=["views_drafts", "position"])


def pending(webhook: Webhook) -> Any:
    """Return the entries after the position of a webhook that it asks for, in order."""
    rows = entries(webhook.views_drafts).after(webhook.position)
    if webhook.resources:
        rows = rows.filter(resource__in=webhook.resources)
    return rows.filter(agreement_id=webhook.agreement_id) if webhook.agreement_id else rows


def claimed_queryset(webhook: Webhook) -> Any:
    """Return a query set of this webhook alone, for the worker that has claimed it.

    It is empty if another worker has taken over the webhook, or the owner has changed it in the meantime.
    """
    return Webhook.objects.filter(pk=webhook.pk, **{name: getattr(webhook, name) for name in USED})


def may_receive(webhook: Webhook) -> bool:
    """Return whether the owner's account is active now, and has the same right to view drafts as the webhook."""
    owner = User.objects.filter(pk=webhook.owner_id, is_active=True).first()  # whose permissions are read anew
    return owner is not None and can_view_drafts(owner) == webhook.views_drafts


def deliver(webhook: Webhook) -> int:
    """Send messages about the pending entries of a claimed webhook. Return how many were delivered.

    It ends after `MAX_MESSAGES`, after a failure, if another worker takes the webhook over, if its owner changes or
    deletes it, and if the owner's rights change.
    """
    delivered = 0
    for entry in list(pending(webhook)[:MAX_MESSAGES]):
        until = timezone.now() + LEASE
        if not (may_receive(webhook) and claimed_queryset(webhook).update(claimed_until=until)):
            break
        webhook.claimed_until = until
        data = dict(EntrySerializer(entry, context={"base": "/api/v1"}).data)
        audience = "drafts" if webhook.views_drafts else "public"
        message = Message(
            f"msg_{webhook.pk}_{audience}_{entry.position}", f"{entry.resource}.{entry.change}", entry.at, data
        )
        try:
            delivery = send_and_log(webhook, message)
        except Webhook.DoesNotExist:
            break
        if not delivery.is_delivered:
            postpone(webhook, timezone.now())
            return delivered
        if not claimed_queryset(webhook).update(position=entry.position, failing_since=None, attempts=0):
            break
        webhook.position, webhook.attempts, webhook.failing_since = entry.position, 0, None
        delivered += 1
    Webhook.objects.filter(pk=webhook.pk, claimed_until=webhook.claimed_until).update(claimed_until=None)
    return delivered


def postpone(webhook: Webhook, now: datetime) -> None:
    """Set the time of the next attempt after a failure. After `GIVE_UP`, turn the webhook off and notify its owner."""
    since = webhook.failing_since or now
    wait = BACKOFF[min(webhook.attempts, len(BACKOFF) - 1)]
    gives_up = now - since >= GIVE_UP
    postponed = claimed_queryset(webhook).update(
        failing_since=since,
        attempts=F("attempts") + 1,
        next_attempt_at=now + wait,
        claimed_until=None,
        is_active=not gives_up,
    )
    if postponed and gives_up:
        notify_owner(webhook, since)


def notify_owner(webhook: Webhook, since: datetime) -> None:
    """Tell the owner by e-mail that a webhook is turned off. An error is only logged: the admin shows the state too."""
    error = webhook.deliveries.latest("pk").error if webhook.deliveries.exists() else ""
    context = {"url": webhook.url, "since": f"{since:%Y-%m-%d %H:%M} UTC", "error": error, "position": webhook.position}
    text = _(
        "Messages to your webhook %(url)s have failed since %(since)s, so it is turned off.\n\n"
        "Last error: %(error)s\n\n"
        "Nothing is lost so far: once you turn it on again, in the admin or in the API, it continues after position "
        "%(position)d of the feed of changes.\n"
    )
    try:
        webhook.owner.email_user(_("Webhook turned off: %(url)s") % context, text % context)
    except OSError:  # of the network, or its subclass `SMTPException`
        logger.exception("The owner of webhook %s could not be notified by e-mail that it is turned off.", webhook.pk)
