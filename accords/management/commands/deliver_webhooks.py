"""deliver_webhooks: send changes to webhooks until the process is stopped. Several may run at once."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from accords.api import webhook_worker
from accords.db.changes import write_pending_entries

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
                delivered += webhook_worker.deliver(webhook)
            elif options["once"]:
                break
            else:
                close_old_connections()
                time.sleep(PAUSE)
        self.stdout.write(f"{delivered} messages delivered")
