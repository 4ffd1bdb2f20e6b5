"""The examples of the schema are real answers, and the same whenever they are made."""

import pytest

from accords.api import schema_snapshot
from accords.api.schema import examples
from accords.management.commands.write_schema import owner_of_webhook
from tests.clients import Client


@pytest.mark.django_db
@pytest.mark.usefixtures("deal")
def test_the_examples_are_what_the_deal_answers_at_any_time() -> None:
    client = Client(SERVER_NAME="localhost")
    made = schema_snapshot.example_responses(client, schema_snapshot.CALLS) | schema_snapshot.example_bodies(client)
    made |= schema_snapshot.example_responses(owner_of_webhook(), schema_snapshot.WEBHOOK_CALLS)
    assert [name for name, example in examples().items() if made.get(name) != example] == []
    assert made.keys() == examples().keys()
