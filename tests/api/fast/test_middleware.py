"""Which requests the response cache serves."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.api.callers import by_token, in_session, user
from tests.clients import Client

pytestmark = pytest.mark.django_db(transaction=True)  # within a transaction, nothing is cached


@pytest.mark.parametrize("path", ["/api/v1/agreements", "/api/v1/agreements/rare-metals"])
def test_the_second_anonymous_request_reads_no_agreement(path: str) -> None:
    factories.agreement("rare-metals")
    reader = user("reader")
    for client, is_cached in ((Client(), True), (in_session(reader), False), (by_token(reader), False)):
        first = client.get(path)
        with CaptureQueriesContext(connection) as queries:
            second = client.get(path)
        assert (first.status_code, second.content) == (200, first.content)
        assert all("accords_agreement" not in query["sql"] for query in queries.captured_queries) == is_cached
