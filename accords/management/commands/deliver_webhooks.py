"""deliver_webhooks: send changes to webhooks until the process is stopped. Several may run at once."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from accords.api import webhook_worker
from accords.db.changes import write_pending_entries
from accords.models import Webhook

logger = logging.getLogger(__name__)
PAUSE = 1.0  # seconds before the next try if nothing is due


class Command(BaseCommand):
    help = "Tells webhooks of changes, until it is stopped. Several workers may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop when nothing is due.")

    def handle(self, *args: Any, **options: Any) -> None:
        delivered = 0
        while True:
            write_pending_entries()
            webhook = webhook_worker.claim(timezone.now())
            if webhook is not None:
                delivered += deliver_or_log(webhook)
            elif options["once"]:
                break
            else:
                close_old_connections()
                time.sleep(PAUSE)
        self.stdout.write(f"{delivered} messages delivered")


def deliver_or_log(webhook: Webhook) -> int:
    """Deliver to a claimed webhook, and return how many messages were delivered.

    An unexpected error is logged, and delays no other webhook: this one is tried again when its lease ends.
    """
    try:
        return webhook_worker.deliver(webhook)
    except Exception:
        logger.exception("Messages to webhook %s could not be sent.", webhook.pk)
        return 0
