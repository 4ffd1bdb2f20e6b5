"""Which requests the response cache serves, and that its answers are those of the view."""

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
        assert {**second.headers, "X-Request-ID": ""} == {**first.headers, "X-Request-ID": ""}
        assert second.headers["Content-Length"] == str(len(second.content))


def test_the_order_of_repeated_parameters_matters_and_that_of_others_does_not() -> None:
    agreement = factories.agreement("rare-metals")
    for number, kind in (("1", "tariff"), ("2", "other"), ("3", "other")):
        factories.clause(agreement, number, type=kind)
    client = Client()
    numbers = {}
    for query in (
        "ordering=-type&ordering=-number",
        "ordering=-number&ordering=-type",
        "%6Frdering=-type&ordering=-number",
        "ordering=-number&%6Frdering=-type",
    ):
        numbers[query] = [row["number"] for row in client.get(f"/api/v1/clauses?{query}").json()["results"]]
    assert [*numbers.values()] == [["1", "3", "2"], ["3", "2", "1"]] * 2
    for query, is_cached in (("omit=title&page_size=2", False), ("page_size=2&omit=title", True)):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/v1/clauses?{query}")
        assert all("accords_clause" not in query["sql"] for query in queries.captured_queries) == is_cached


def test_an_address_with_more_than_one_slash_at_its_end_is_not_found() -> None:
    for path, status in (("agreements", 200), ("agreements/", 200), ("agreements//", 404)):
        assert Client().get(f"/api/v1/{path}").status_code == status, path


def test_each_response_depends_on_what_the_client_accepts_and_asks() -> None:
    factories.agreement("rare-metals")
    path, client = "/api/v1/agreements/rare-metals", Client()
    requests = {
        "plain": ({}, 200),
        "compressed": ({"accept-encoding": "gzip"}, 200),
        "another form": ({"accept": "text/csv"}, 406),
        "no JSON": ({"accept": "*/*;q=0.1, application/json;q=0"}, 406),
        "another host": ({"host": "localhost"}, 200),
    }
    first, again = (
        {name: client.get(path, headers=headers) for name, (headers, _) in requests.items()} for _ in range(2)
    )
    for name, (_, status) in requests.items():
        assert again[name].status_code == status, name
        assert status == 406 or again[name].content == first[name].content, name
    assert len({again[name].headers["ETag"] for name in ("plain", "compressed", "another host")}) == 3
    unchanged = {"if-none-match": again["compressed"].headers["ETag"], "accept-encoding": "gzip"}
    assert [ask(path, headers=unchanged).status_code for ask in (client.get, client.head)] == [304, 304]
