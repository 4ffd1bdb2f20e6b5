"""Problem details, and the responses of the API while the database is read-only."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError

from accords.api.errors import PROBLEMS, Conflict, InvalidBody, StaleRows, api_exception, error_items
from accords.api.urls import RESOURCES
from accords.models import Token, TokenFailure
from tests import factories
from tests.api.addresses import BASE
from tests.api.test_query_contract import problem
from tests.clients import Client

TRANSLATED = {"error", "invalid"}  # REST framework's base class and validation errors, which never leave as such


def subclasses(base: type[APIException]) -> Iterator[type[APIException]]:
    for each in base.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_kind_of_problem_is_listed_with_its_meaning() -> None:
    assert RESOURCES, "all modules with exceptions are imported"
    codes = {each.default_code for each in subclasses(APIException)} - TRANSLATED
    assert {code.replace("_", "-") for code in codes} <= PROBLEMS.keys()


def test_errors_of_serializers_become_items_with_json_pointers() -> None:
    detail = {
        "title": [ErrorDetail("blank", "blank"), ErrorDetail("long", "max_length")],
        "parties": {"1": {"role": [ErrorDetail("unknown", "invalid_choice")], "non_field_errors": ["wrong"]}},
        "a/b~c": {"0": [ErrorDetail("unknown", "unknown_field")]},
    }
    found = [(item.where, item.code) for item in error_items(detail)]
    assert found == [
        ("/title", "blank"),
        ("/title", "max_length"),
        ("/parties/1/role", "invalid_choice"),
        ("/parties/1", "invalid"),
        ("/a~1b~0c/0", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (["unique", "uncited"], Conflict),
        (["stale", "stale"], StaleRows),
        (["unique", "blank"], InvalidBody),
        (["stale", "unique"], InvalidBody),
    ],
)
def test_a_request_with_any_other_error_is_invalid_rather_than_a_conflict(codes: list[str], kind: type) -> None:
    error = ValidationError({str(place): [ErrorDetail("x", code)] for place, code in enumerate(codes)})
    assert type(api_exception(error)) is kind


@pytest.fixture
def read_only_database() -> Iterator[None]:
    """Make the database refuse writes, as a replica does."""
    statements = {
        "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    }
    begin, end = statements[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(begin)
    yield
    with connection.cursor() as cursor:
        cursor.execute(end)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_only_reads_tokens_still_read(request: pytest.FixtureRequest) -> None:
    deal = factories.deal()
    _, secret = Token.objects.issue(User.objects.create_superuser("service"), "reader", scope="write")
    service = Client(headers={"Authorization": f"Bearer {secret}"})
    request.getfixturevalue("read_only_database")
    path = f"{BASE}/clauses/{deal.clause.pk}"
    assert service.get(path).status_code == 200
    assert Client().get(path).status_code == 200
    problem(Client(headers={"Authorization": f"Bearer accords_{'x' * 43}"}).get(path), 401)
    refused = service.patch(path, {"title": "x"}, content_type="application/json", headers={"If-Match": "*"})
    problem(refused, 503)
    assert refused.headers["Retry-After"]
    assert not TokenFailure.objects.exists()
