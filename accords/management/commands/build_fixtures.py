"""build_fixtures: write fixtures/ from seeds/, or say how they differ."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accords.importing.annotations import SeedError
from accords.importing.fixtures import Fixture, build, drift, write

SEEDS, FIXTURES = settings.BASE_DIR / "seeds", settings.BASE_DIR / "fixtures"


class Command(BaseCommand):
    """Arguments and printing; `accords.importing` does the work."""

    help = "Check the annotations in seeds/ word by word and write fixtures/. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to read, where to write, and whether only to look."""
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if fixtures/ is not what seeds/ give"
        )
        parser.add_argument("--seeds", type=Path, default=SEEDS, help="the folder of the annotations")
        parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="the folder of the fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, then write or compare."""
        folder, built = options["fixtures"], self._build(options["seeds"])
        if not options["check"]:
            write(folder, built)
        if differences := [*drift(folder, built)]:
            raise CommandError("\n".join([f"{folder.name}/ is not what the seeds give.", *differences]))
        for fixture in built:
            self.stdout.write(self._told(fixture))

    def _build(self, seeds: Path) -> list[Fixture]:
        try:
            built = build(seeds)
        except SeedError as error:
            told = f"{len(error.faults)} fault(s) in the seeds; nothing was written."
            raise CommandError(f"{told}\n{error}") from error
        if not built:
            raise CommandError(f"There is no annotation in {seeds}.")
        return built

    def _told(self, fixture: Fixture) -> str:
        rows = ", ".join(f"{model} {count}" for model, count in fixture.rows.items())
        return f"{fixture.name}: {sum(fixture.rows.values())} rows ({rows})"
