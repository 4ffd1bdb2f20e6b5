"""extend_renewals: bring all computed renewal dates up to today's horizon; meant for a daily timer."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.db.audit_log import recorded_as
from accords.management.progress import Bar
from accords.models import Agreement
from accords.services import extend_renewals, horizon

MAX_NAMED = 20  # agreements that the error message names


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-23") from error


class Command(BaseCommand):
    help = "Bring all computed renewal dates up to the horizon (the setting RENEWAL_HORIZON past the day). Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=read_day, metavar="DATE", help="the day from which the horizon counts (default: today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or timezone.localdate()
        bar = Bar(self.stderr, Agreement.objects.count() if self.stderr.isatty() else 0, "agreements")
        with recorded_as("command:extend_renewals"):
            result = extend_renewals(on=on, progress=lambda changes: bar.advance(changes.agreements))
        bar.end()
        rows = f"{result.added} dates added, {result.changed} changed, {result.removed} removed"
        self.stdout.write(f"Computed until {horizon(on)}: {result.agreements} agreements, {rows}.")
        if result.unreadable:
            names = ", ".join(result.unreadable[:MAX_NAMED])
            raise CommandError(
                f"{len(result.unreadable)} agreements have terms that cannot be read, left as they are: {names}"
            )
