"""run_daily_tasks: everything that must run once a day, for a timer."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accords.models import EditorialChange, PublicChange, WebhookDelivery
from accords.services import announce_due

DELIVERIES_KEPT = timedelta(days=30)


class Command(BaseCommand):
    help = (
        "Extends computed renewals, announces which are due, and deletes old idempotency keys, changes and deliveries."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for command in ("extend_renewals", "forget_idempotency_keys"):
            call_command(command, stdout=self.stdout, stderr=self.stderr)
        due = announce_due(on=timezone.localdate())
        oldest = timezone.now() - timedelta(days=settings.CHANGES_KEPT_DAYS)
        pruned = sum(model.objects.prune(oldest) for model in (PublicChange, EditorialChange))
        WebhookDelivery.objects.attempted_before(timezone.now() - DELIVERIES_KEPT).delete()
        self.stdout.write(f"{due} renewals reported as due")
        self.stdout.write(f"{pruned} entries of the feed of changes deleted")
