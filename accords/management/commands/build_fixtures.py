"""build_fixtures: write fixtures/ from seeds/, or say how they differ."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accords.importing.annotations import AnnotationError
from accords.importing.fixtures import build, differences, write

SEEDS, FIXTURES = settings.BASE_DIR / "seeds", settings.BASE_DIR / "fixtures"


class Command(BaseCommand):
    help = "Check every quote of the annotations in seeds/ and write fixtures/. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if fixtures/ are out of date")
        parser.add_argument("--seeds", type=Path, default=SEEDS, help="the folder of the annotations")
        parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="the folder of the fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["fixtures"]
        try:
            fixtures = build(options["seeds"])
            if fixtures and not options["check"]:
                write(folder, fixtures)
        except AnnotationError as error:
            raise CommandError(f"{len(error.errors)} error(s) in the seeds; nothing was written.\n{error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.") from error
        if not fixtures:
            raise CommandError(f"There is no annotation in {options['seeds']}.")
        if lines := [*differences(folder, fixtures)]:
            raise CommandError("\n".join([f"{folder.name}/ is not what the seeds give.", *lines]))
        for fixture in fixtures:
            rows = ", ".join(f"{model} {count}" for model, count in fixture.rows.items())
            self.stdout.write(f"{fixture.name}: {sum(fixture.rows.values())} rows ({rows})")
