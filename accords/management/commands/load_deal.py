"""load_deal: load the fixtures into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.base import DeserializationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from accords.db.audit_log import recorded_as
from accords.models import Agreement, Source
from accords.services import extend_renewals

FIXTURES = settings.FILES_DIR / "fixtures"


class Command(BaseCommand):
    help = "Load fixtures/ if the database has neither agreement nor source; otherwise keep what is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--restore", action="store_true", help="restore the fixtures' rows; other rows stay")
        parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="the folder of the fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load all fixtures in one transaction."""
        files = sorted(options["fixtures"].glob("*.json"))
        if not files:
            raise CommandError(f"There is no fixture in {options['fixtures']}; build_fixtures makes them.")
        with transaction.atomic():
            if not options["restore"] and (Agreement.objects.exists() or Source.objects.exists()):
                self.stdout.write("There is data already, and it is kept. (--restore puts the fixtures' rows back.)")
                return
            with recorded_as("import", grouped=True):
                try:
                    call_command("loaddata", *(str(file) for file in files), verbosity=0)
                except (IntegrityError, DataError) as error:
                    raise CommandError(f"The database refuses it; nothing was changed. {error}") from error
                except (DeserializationError, ValueError, OSError) as error:
                    reason = f"{error} {error.__cause__ or ''}"  # of malformed JSON only the cause says what is wrong
                    raise CommandError(f"A fixture cannot be read; nothing was changed. {reason}") from error
                extend_renewals(on=timezone.localdate())
        self.stdout.write(f"Loaded {', '.join(file.name for file in files)}.")
