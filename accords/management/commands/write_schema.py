"""Writes the schema's snapshot, and before it the real answers that it shows as examples."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test import Client

from accords.api import schema
from accords.api.snapshot import answers, document

SNAPSHOT = Path("tests/api/openapi.yaml")


class Command(BaseCommand):
    """`manage.py write_schema`: from the loaded deal to examples.json and the committed openapi.yaml."""

    help = "Writes the examples from the loaded deal's answers, then the OpenAPI snapshot."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the snapshot goes."""
        parser.add_argument("--file", type=Path, default=SNAPSHOT, help="Where to write the snapshot.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both."""
        try:
            found = answers(Client(SERVER_NAME="localhost"))
        except LookupError as error:
            raise CommandError(f"{error} Load the deal first: manage.py load_deal.") from error
        schema.EXAMPLES.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        schema.examples.cache_clear()
        options["file"].write_text(document(), encoding="utf-8")
        self.stdout.write(f"{len(found)} examples in {schema.EXAMPLES.name}; the schema in {options['file']}.")
