"""load_deal: load the fixtures into an empty database, and keep the data of any other."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accords.db.audit_log import recorded_as
from accords.models import Agreement, Source
from accords.services import extend_renewals

FIXTURES = settings.BASE_DIR / "fixtures"


class Command(BaseCommand):
    """Arguments and printing; Django's `loaddata` does the work."""

    help = "Load fixtures/ if the database has neither agreement nor source; otherwise keep what is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to put the fixtures' rows back over edits, and where they are."""
        parser.add_argument("--restore", action="store_true", help="put the fixtures' rows back; other rows stay")
        parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="the folder of the fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything or nothing."""
        files = sorted(options["fixtures"].glob("*.json"))
        if not files:
            raise CommandError(f"There is no fixture in {options['fixtures']}; build_fixtures makes them.")
        with transaction.atomic():
            if not options["restore"] and (Agreement.objects.exists() or Source.objects.exists()):
                self.stdout.write("There is data already, and it is kept. (--restore puts the fixtures' rows back.)")
                return
            with recorded_as("import", timezone.now()):
                self._load(files)
                extend_renewals(on=timezone.localdate())
        self.stdout.write(f"Loaded {', '.join(file.name for file in files)}.")

    def _load(self, files: list[Path]) -> None:
        try:
            call_command("loaddata", *(str(file) for file in files), verbosity=0)
        except IntegrityError as error:
            raise CommandError(f"Rows that are there stand in the way; nothing was changed. {error}") from error
