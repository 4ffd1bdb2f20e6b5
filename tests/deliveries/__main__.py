"""A worker of `deliver_webhooks` with short times, for tests that kill it: `python -m tests.deliveries`."""

from datetime import timedelta

import django
from django.core.management import call_command

django.setup()

from accords import webhooks  # noqa: E402 - models are imported after the set-up
from accords.api import webhook_worker  # noqa: E402 - models are imported after the set-up
from accords.management.commands import deliver_webhooks  # noqa: E402

webhooks.TIMEOUT = 0.3
webhooks.DEADLINE = 1
webhook_worker.LEASE = timedelta(seconds=2)
webhook_worker.BACKOFF = tuple(min(wait / 1000, timedelta(seconds=0.3)) for wait in webhook_worker.BACKOFF)
deliver_webhooks.PAUSE = 0.05
call_command("deliver_webhooks")
