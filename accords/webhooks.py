"""Send messages to webhooks (https://www.standardwebhooks.com), and set the position in the feed of each webhook.

Only public addresses are called, unless `WEBHOOKS_TO_PRIVATE_ADDRESSES` is set: a host name is resolved once, and the
connection is made to the address that was checked. `accords.api.webhook_worker` delivers the feed of changes.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from standardwebhooks.webhooks import Webhook as Signer

from accords.db.changes import last_position
from accords.models import Webhook, WebhookDelivery
from accords.models.base import can_view_drafts
from accords.models.changes import entries
from accords.models.webhooks import NOT_HTTPS

TIMEOUT = 10  # seconds to connect, and for each part of the response
DEADLINE = 20  # seconds for a delivery once the host name is resolved: less than the lease of a worker
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # the IPv6 addresses that are allocated to networks (RFC 4291, 2.4)


class Undeliverable(Exception):
    """A message could not be sent. The text is the reason, for the log that owners read."""


def one_line_error(error: Exception) -> Undeliverable:
    """Return an error whose text is one line: some errors quote what the receiver sent."""
    text = f"{type(error).__name__}: {error}"[:200]
    return Undeliverable("".join(character if character.isprintable() else " " for character in text))


class NotKept(Exception):
    """The feed no longer has all entries after a position, or has not reached it yet. The text says which it has."""


class Message(NamedTuple):
    """A message of Standard Webhooks. `kind` is its `type`, such as `clauses.changed`."""

    id: str
    kind: str
    at: datetime
    data: dict[str, Any]


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet. One that contains an IPv4 address does not count."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in GLOBAL_UNICAST or address.sixtofour or address.teredo
    ):
        return False
    return address.is_global and not address.is_multicast


def resolve_host(host: str, port: int) -> str:
    """Return an IP address of a host. Raises `Undeliverable` if it has none, or one that is not public."""
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, ValueError) as error:
        raise Undeliverable(_("The host name cannot be resolved.")) from error
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES and not all(map(is_public, addresses)):
        raise Undeliverable(_("The host has an address that is not public."))
    return addresses[0]


class Connection(http.client.HTTPConnection):
    """A connection to an IP address. Over TLS, the certificate must be that of the host.

    The timeout applies to each read only, and a receiver that sends a byte now and then never exceeds it: a timer shuts
    the connection down at the deadline.
    """

    def __init__(self, host: str, port: int, address: str, tls: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.address, self.tls, self.is_late = address, tls, False
        self.timer = Timer(DEADLINE, self.shut_down)
        self.timer.daemon = True

    def connect(self) -> None:
        """Start the timer, and connect to the address. The base class would resolve the host again."""
        self.timer.start()
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.tls:
            context = ssl.create_default_context()
            tls_socket = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = tls_socket  # set before the handshake, so that the timer can shut it down
            tls_socket.do_handshake()

    def shut_down(self) -> None:
        """End a read of the other thread. `SSLSocket.shutdown` would also drop the TLS state that it is using."""
        self.is_late = True
        if self.sock:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        self.timer.cancel()
        super().close()


def send(webhook: Webhook, message: Message) -> int:
    """Send a message, and return the HTTP status of the response. Raises `Undeliverable`."""
    try:
        url = urlsplit(webhook.url)
        tls = url.scheme == "https"
        if not tls and not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
            raise Undeliverable(NOT_HTTPS)
        host, port = url.hostname or "", url.port or (443 if tls else 80)
        receiver = Connection(host, port, resolve_host(host, port), tls)
    except (ValueError, http.client.InvalidURL) as error:
        raise one_line_error(error) from error
    target = iri_to_uri((url.path or "/") + (f"?{url.query}" if url.query else ""))
    body = json.dumps({"type": message.kind, "timestamp": message.at.isoformat(), "data": message.data})
    now = timezone.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "accords",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(message.id, now, body) for secret in webhook.secrets(now)),
    }
    try:
        receiver.request("POST", target, body.encode(), headers)
        status = receiver.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        if not receiver.is_late:
            raise one_line_error(error) from error
    finally:
        receiver.close()
    if receiver.is_late:  # even if there is a status: the response may be incomplete
        raise Undeliverable(_("The receiver took longer than %(seconds)d seconds.") % {"seconds": DEADLINE})
    return status


def send_and_log(webhook: Webhook, message: Message) -> WebhookDelivery:
    """Send a message, and return the entry of the log about it, which is saved.

    Raises `Webhook.DoesNotExist` if the webhook was deleted while the message was sent.
    """
    status, error = None, ""
    try:
        status = send(webhook, message)
        error = "" if 200 <= status < 300 else _("The receiver did not answer with 2xx.")
    except Undeliverable as reason:
        error = str(reason)
    with transaction.atomic():
        Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)  # nobody deletes it before the entry is saved
        return WebhookDelivery.objects.create(
            webhook=webhook, message=message.id, kind=message.kind, at=timezone.now(), status=status, error=error
        )


def new_test_message(webhook: Webhook) -> Message:
    """Return a message without data by which an owner tests a webhook. Its id differs each time."""
    now = timezone.now()
    return Message(f"msg_{webhook.pk}_test_{int(now.timestamp() * 1000)}", "test", now, {})


def move_to_end_of_feed(webhook: Webhook) -> None:
    """Set a webhook to the end of its owner's feed. It is not saved."""
    webhook.views_drafts = can_view_drafts(webhook.owner)
    webhook.position = last_position(webhook.views_drafts)


RESUMED_FIELDS = ("failing_since", "attempts", "next_attempt_at")  # columns that `resume` sets


def resume(webhook: Webhook) -> None:
    """Reset the failures of a webhook, so that the next delivery is due now. It is not saved."""
    webhook.failing_since, webhook.attempts, webhook.next_attempt_at = None, 0, timezone.now()


def resume_after_edit(webhook: Webhook, was_active: bool) -> None:
    """Reset the failures of a webhook that was edited. It is not saved.

    A webhook that was off, and stays off, keeps them: they are the reason why it was turned off.
    """
    if webhook.is_active or was_active:
        resume(webhook)


def replay(webhook: Webhook, position: int) -> None:
    """Set a webhook back to a position of the feed, after which messages are sent again. It is not saved.

    Raises `NotKept` if the feed no longer has all entries after that position, or has not reached it yet.
    """
    end = last_position(webhook.views_drafts)
    oldest = entries(webhook.views_drafts).order_by("position").values_list("position", flat=True).first()
    first = end if oldest is None else oldest - 1
    if not first <= position <= end:
        raise NotKept(f"The feed of changes has entries after the positions {first} to {end}.")
    webhook.position = position
    resume(webhook)
