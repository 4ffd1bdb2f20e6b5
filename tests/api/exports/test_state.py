"""An export shows one state of the data, whatever is written meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accords.api.exports import files
from accords.models import Agreement, Clause
from tests import factories
from tests.api.exports.files import Meanwhile, get_file
from tests.clients import Client

PATH = "/api/v1/clauses"


def elsewhere(act: Any) -> None:
    """Do something by another connection, and wait until it is committed: nobody who writes waits for a reader."""

    def done() -> None:
        try:
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET lock_timeout = '5s'")
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(done).result(30)


@pytest.mark.django_db(transaction=True)
def test_a_file_shows_one_state_of_the_data(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", 2)
    deal = factories.deal()
    for number in range(2, 8):
        factories.clause(deal.agreement, str(number))
    before = get_file(client, PATH, "ndjson")

    def change() -> None:
        Clause.objects.filter(number__in=["5", "6"]).delete()
        Clause.objects.filter(number="7").update(title="Other", position=0)
        Agreement.objects.update(title="Renamed")
        factories.clause(Agreement.objects.get(), "late")

    with connection.execute_wrapper(Meanwhile(lambda: elsewhere(change), 3)):
        during = get_file(client, PATH, "ndjson")
    after = get_file(client, PATH, "ndjson", **{"if-none-match": before.headers["ETag"]})
    assert (during.body, during.headers["ETag"]) == (before.body, before.headers["ETag"])
    assert [json.loads(line)["number"] for line in after.body.splitlines()] == ["1", "2", "3", "4", "7", "late"]
    assert after.headers["ETag"] != before.headers["ETag"]
    assert not connection.in_atomic_block
