"""manage.py forget_idempotency_keys: delete first answers that need not be given again. Meant for a daily timer."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.models import IdempotencyKey

KEPT_HOURS = 24  # what callers are promised


class Command(BaseCommand):
    """Delete keys that were first used longer ago than they are promised to be kept."""

    help = "Deletes Idempotency-Keys, with their answers, that were first used more than some hours ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long to keep them."""
        parser.add_argument(
            "--hours", type=int, default=2 * KEPT_HOURS, help=f"Keep so many hours; {KEPT_HOURS} or more."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete and say how many. Raises `CommandError` for less than is promised."""
        if options["hours"] < KEPT_HOURS:
            raise CommandError(f"Callers are promised that their keys are kept {KEPT_HOURS} hours.")
        rows = IdempotencyKey.objects.made_before(timezone.now() - timedelta(hours=options["hours"]))
        gone, _ = rows.delete()
        self.stdout.write(f"{gone} forgotten")
