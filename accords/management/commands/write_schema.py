"""write_schema: write the responses that the OpenAPI schema shows as examples, then the schema itself."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.test import Client  # noqa: TID251 (examples of the schema, in no test)
from django.utils import timezone

from accords.api import schema, schema_snapshot
from accords.importing.fixtures import own_database
from accords.models import Token, WebhookDelivery
from accords.vocabulary import TokenScope

SNAPSHOT = settings.BASE_DIR / "tests" / "api" / "openapi.yaml"


class Command(BaseCommand):
    """Arguments and printing; `accords.api.schema_snapshot` does the work, in a database of its own."""

    help = "Write the examples from the deal's own answers, then the OpenAPI schema_snapshot. Needs no database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=SNAPSHOT, help="where to write the snapshot")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the examples, then the schema, which contains them."""
        with own_database():
            call_command("load_deal", verbosity=0, stdout=self.stdout)
            client = Client(SERVER_NAME="localhost")
            examples = schema_snapshot.example_responses(
                client, schema_snapshot.CALLS
            ) | schema_snapshot.example_bodies(client)
            examples |= schema_snapshot.example_responses(owner_of_webhook(), schema_snapshot.WEBHOOK_CALLS)
        schema.EXAMPLES.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        schema.examples.cache_clear()
        options["file"].write_text(schema_snapshot.document(), encoding="utf-8")
        self.stdout.write(f"{len(examples)} examples in {schema.EXAMPLES.name}, the schema in {options['file'].name}.")


def owner_of_webhook() -> Client:
    """Return the client of an account with a webhook and a delivery."""
    owner = User.objects.create_user("price-feed", is_superuser=True)
    _token, secret = Token.objects.issue(owner, "example", scope=TokenScope.WRITE)
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    body = schema_snapshot.WEBHOOK
    webhook = client.post("/api/v1/webhooks", body, content_type="application/json").json()["id"]
    message = {"message": f"msg_{webhook}_public_101", "kind": "clauses.changed", "status": 204}
    WebhookDelivery.objects.create(webhook_id=webhook, at=timezone.now(), **message)
    return client
