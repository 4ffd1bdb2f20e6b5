"""extend_renewals: bring all computed renewal dates up to today's horizon; meant for a daily timer."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.db.audit_log import recorded_as
from accords.management.progress import Bar
from accords.models import Agreement
from accords.services import RenewalChanges, extend_renewals, horizon

SHOWN = 20


def day(text: str) -> date:
    """A day, `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-23") from error


class Command(BaseCommand):
    """Arguments and printing; `accords.services` does the work."""

    help = "Bring all computed renewal dates up to the horizon (the setting RENEWAL_HORIZON past the day). Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day."""
        parser.add_argument(
            "--on", type=day, metavar="DATE", help="the day from which the horizon counts (default: today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        on = options["on"] or timezone.localdate()
        with recorded_as("command:extend_renewals"):
            done = self._extend(on)
        rows = f"{done.added} dates added, {done.changed} changed, {done.removed} removed"
        self.stdout.write(f"Computed until {horizon(on)}: {done.agreements} agreements, {rows}.")
        if done.unreadable:
            names = ", ".join(done.unreadable[:SHOWN])
            raise CommandError(
                f"{len(done.unreadable)} agreements have terms that cannot be read, left as they are: {names}"
            )

    def _extend(self, on: date) -> RenewalChanges:
        if not self.stderr.isatty():
            return extend_renewals(on=on)
        bar = Bar(self.stderr, Agreement.objects.count(), "agreements")
        done = extend_renewals(on=on, progress=lambda step: bar.advance(step.agreements))
        bar.end()
        return done
