"""import_annotation: import an annotation over what is stored, or say what that would change."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.importing.annotations import SeedError, from_file
from accords.importing.imports import CHANGED, NEW, SAME, Plan, carry_out, preview


class Command(BaseCommand):
    """Arguments and printing; `accords.importing` does the work."""

    help = "Import an annotation and the texts beside it over what is stored: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, and whether only to tell."""
        parser.add_argument("file", type=Path, help="the annotation; its texts lie beside it, or are stored already")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell or do."""
        try:
            annotation = from_file(options["file"])
            if options["dry_run"]:
                plan = preview(annotation, may_publish=True)
            else:
                about: dict[str, Any] = {"at": timezone.now(), "on": timezone.localdate()}
                plan = carry_out(annotation, may_publish=True, seen=None, **about)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except SeedError as error:
            raise CommandError(f"{len(error.faults)} fault(s); nothing was changed.\n{error}") from error
        self._tell(plan, "Would be" if options["dry_run"] else "Done:")

    def _tell(self, plan: Plan, how: str) -> None:
        for change in plan.changes:
            if change.what != SAME:
                self.stdout.write(f"{change.what} {change.kind} {change.name}")
            for one in change.fields:
                self.stdout.write(f"  {one.field}: “{one.before}” → “{one.after}”")
        for row in plan.left:
            self.stdout.write(f"left as it is {row._meta.verbose_name} {row}")
        numbers = {what: len(plan.of(what)) for what in (NEW, CHANGED, SAME)}
        self.stdout.write(f"{how} {', '.join(f'{number} {what}' for what, number in numbers.items())}.")
