"""import_annotation: import an annotation over what is stored, or say what that would change."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accords.db.locks import retry_deadlocks
from accords.importing.annotations import AnnotationError, from_file
from accords.importing.imports import CHANGED, NEW, SAME, import_annotation, preview


class Command(BaseCommand):
    help = "Import an annotation and the texts beside it over what is stored: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the annotation; its texts lie beside it, or are stored already")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            annotation = from_file(options["file"])
            if options["dry_run"]:
                plan = preview(annotation, may_publish=True)
            else:
                today = timezone.localdate()
                plan = retry_deadlocks(
                    lambda: import_annotation(annotation, may_publish=True, agreed_digest=None, on=today)
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except AnnotationError as error:
            raise CommandError(f"{len(error.errors)} error(s); nothing was changed.\n{error}") from error
        for change in plan.changes:
            if change.effect != SAME:
                self.stdout.write(f"{change.effect} {change.kind} {change.name}")
            for field_change in change.fields:
                self.stdout.write(f"  {field_change.field}: “{field_change.before}” → “{field_change.after}”")
        for row in plan.not_in_annotation:
            self.stdout.write(f"left as it is {row._meta.verbose_name} {row}")
        numbers = ", ".join(f"{len(plan.with_effect(effect))} {effect}" for effect in (NEW, CHANGED, SAME))
        self.stdout.write(f"{'Would be' if options['dry_run'] else 'Done:'} {numbers}.")
