"""forget_idempotency_keys: delete old idempotency keys with their responses. Meant for a daily timer."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.models import IdempotencyKey

PROMISED_HOURS = 24  # for which the API documents that it keeps keys
MAX_HOURS = 876_000  # a century


class Command(BaseCommand):
    help = "Delete Idempotency-Keys, with their responses, that were first used more than some hours ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--hours", type=int, default=2 * PROMISED_HOURS, help=f"keep so many hours; {PROMISED_HOURS} or more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hours"] < PROMISED_HOURS:
            raise CommandError(f"Callers are promised that their keys are kept {PROMISED_HOURS} hours.")
        if options["hours"] > MAX_HOURS:
            raise CommandError(f"Keys can be kept {MAX_HOURS} hours at most.")
        rows = IdempotencyKey.objects.created_before(timezone.now() - timedelta(hours=options["hours"]))
        deleted, _ = rows.delete()
        self.stdout.write(f"{deleted} deleted")
