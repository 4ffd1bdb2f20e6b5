"""The bodies that the schema shows are accepted as they stand, on the deal that they are taken from."""

import json
from typing import Any

import pytest
from django.db import transaction

from accords.api.schema import examples
from accords.api.schema_snapshot import CALLS, NEW, fill_in_id
from tests.clients import Client

pytestmark = [pytest.mark.usefixtures("deal"), pytest.mark.django_db]


@pytest.mark.parametrize("noun", NEW)
def test_every_request_of_the_schema_is_accepted(noun: str, writer: Client) -> None:
    sent: dict[str, Any] = {"content_type": "application/json"}
    row = fill_in_id(writer, CALLS[f"{noun}_retrieve"]).partition("?")[0]
    calls = [
        ("post", f"/api/v1/{noun}", "create", {}),
        ("put", row, "update", {"If-Match": "*"}),
        ("patch", row, "partial_update", {"If-Match": "*"}),
        ("post", f"/api/v1/{noun}/bulk", "bulk", {}),
    ]
    for method, path, operation, headers in calls:
        body = json.dumps(examples()[f"{noun}_{operation}"])
        with transaction.atomic():
            response = getattr(writer, method)(path, body, headers=headers, **sent)
            transaction.set_rollback(True)
        assert response.status_code in (200, 201), (operation, response.content)
