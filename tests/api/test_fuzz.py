"""Requests that schemathesis generates from the OpenAPI schema: none breaks the API, every response is as described.

The suite tries a few of each operation, always the same; `make fuzz` tries FUZZ_EXAMPLES of each, others every time.
"""

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from accords.models import Token, Webhook
from config.wsgi import application
from tests.api.world import MODELS
from tests.examples import examples

pytestmark = pytest.mark.hypothesis  # for `make fuzz`
SNAPSHOT = Path(__file__).with_name("openapi.yaml")
load_all_checks()
READS, WRITES = {"GET"}, {"POST", "PUT", "PATCH", "DELETE"}
# Left out: `positive_data_acceptance`, for no schema can say which slugs exist or which ranges are inverted; and what
# needs a series of requests, which tests/api/writing tries with rows that exist.
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "allow_header_conformance",
)
CHECKED_OF_WRITES = ("missing_required_header",)
EXISTING = {
    "agreement": "us-china-rare-metals",
    "speaker": "china",
    "source": "us-china-rare-metals-article",
    "represents": "china",
}
UNCOMPRESSED = {"Accept-Encoding": "identity"}  # the WSGI transport does not decompress


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(yaml.load(SNAPSHOT.read_text(encoding="utf-8"), yaml.CSafeLoader))
    schema.app = application
    return [result.ok() for result in schema.get_all_operations()]


@pytest.fixture
def token(db: None) -> dict[str, str]:
    """Return the headers of a service with all permissions."""
    service = User.objects.create_superuser("fuzzer")
    secret = Token.objects.issue(service, "fuzz", scope="write")[1]
    return {"Authorization": f"Bearer {secret}"} | UNCOMPRESSED


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep the test's connection open after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def try_each(operations: list[Any], methods: set[str], count: int, check: Callable[[Case], Any]) -> None:
    """Run a check on generated requests, valid and invalid ones, of each operation with one of the methods."""
    few = settings(
        max_examples=examples(count),
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    for operation in operations:
        if operation.method.upper() in methods:
            cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

            @few
            @given(case=cases)
            def check_all(case: Case) -> None:
                check(case)

            check_all()


def aim(case: Case) -> None:
    """Let a valid request be about rows that exist."""
    models = {**MODELS, "webhooks": Webhook}
    rows = models[case.operation.path.split("/")[3]]._default_manager.order_by("pk")
    for name in case.path_parameters if rows else ():
        case.path_parameters[name] = str(getattr(rows[rows.count() // 2], name))
        case.headers["If-Match"] = "*"
    for body in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(body, dict):
            body |= {name: slug for name, slug in EXISTING.items() if body.get(name)}


def test_reads_are_as_the_schema_says(operations: list[Any], deal: None, token: dict[str, str]) -> None:
    """Anonymously and with a token in turn."""
    turns = cycle((UNCOMPRESSED, token))

    def check(case: Case) -> None:
        # With `fields` or `omit`, rows lack members that the schema calls required, as it says.
        is_shaped = {"fields", "omit"} & {*(case.query or {})}
        names = [name for name in CHECKED if not (is_shaped and name == "response_schema_conformance")]
        case.call_and_validate(checks=CHECKS.get_by_names(names), headers=next(turns))

    try_each(operations, READS, 2, check)


def test_writes_are_as_the_schema_says(operations: list[Any], deal: None, token: dict[str, str]) -> None:
    def check(case: Case) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            aim(case)
        case.call_and_validate(checks=CHECKS.get_by_names((*CHECKED, *CHECKED_OF_WRITES)), headers=token)

    try_each(operations, WRITES, 2, check)


def test_anonymous_writes_are_refused(operations: list[Any], deal: None, db: None) -> None:
    def check(case: Case) -> None:
        answer = case.call()
        assert answer.status_code in (401, 404, 405, 411, 413, 415, 429)
        case.validate_response(answer, checks=CHECKS.get_by_names(CHECKED))

    try_each(operations, WRITES, 1, check)


def test_checks_that_are_left_out_are_known() -> None:
    """A new check of a newer schemathesis is used, or left out knowingly; other methods: see test_query_contract.py."""
    left_out = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "ignored_auth"}
    left_out |= {"unsupported_method", "object_level_authorization"}
    assert set(CHECKS.get_all_names()) - {*CHECKED, *CHECKED_OF_WRITES} == left_out
