"""run_daily_tasks: everything that must run once a day, for a timer."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.models import EditorialChange, PublicChange, WebhookDelivery
from accords.services import announce_due

DELIVERIES_KEPT = timedelta(days=30)


class Command(BaseCommand):
    help = (
        "Extends computed renewals, announces which are due, and deletes old idempotency keys, changes and deliveries."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all tasks, also if some of them fail, and raise the errors of these."""
        errors: list[Exception] = []
        for task in (
            self.extend_renewals,
            self.forget_keys,
            self.announce_due,
            self.prune_changes,
            self.prune_deliveries,
        ):
            try:
                task()
            except Exception as error:  # noqa: BLE001 - raised below
                errors.append(error)
        if errors:
            messages = [str(error) if isinstance(error, CommandError) else repr(error) for error in errors]
            raise CommandError("\n".join(messages)) from errors[0]

    def extend_renewals(self) -> None:
        call_command("extend_renewals", stdout=self.stdout, stderr=self.stderr)

    def forget_keys(self) -> None:
        call_command("forget_idempotency_keys", stdout=self.stdout, stderr=self.stderr)

    def announce_due(self) -> None:
        due = announce_due(on=timezone.localdate())
        self.stdout.write(f"{due} renewals reported as due")

    def prune_changes(self) -> None:
        oldest = timezone.now() - timedelta(days=settings.CHANGES_KEPT_DAYS)
        pruned = sum(model.objects.prune(oldest) for model in (PublicChange, EditorialChange))
        self.stdout.write(f"{pruned} entries of the feed of changes deleted")

    def prune_deliveries(self) -> None:
        WebhookDelivery.objects.attempted_before(timezone.now() - DELIVERIES_KEPT).delete()
