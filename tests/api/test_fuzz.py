"""The API fuzzed from its own schema: no request breaks it, and no answer is other than the schema says.

A bounded run, the same every time; `make fuzz` tries FUZZ_EXAMPLES requests of each operation, others every time.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CHECKS

from accords.models import Token
from config.wsgi import application
from tests.api.world import MODELS

SNAPSHOT = Path(__file__).with_name("openapi.yaml")
# SearchQuery of every answer. Left out: `positive_data_acceptance`, for no schema can say which slugs exist or which ranges
# are inverted; and what needs a series of requests, which tests/api/writing tries with rows that fit.
ASKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "allow_header_conformance",
)

OF_WRITES = ("missing_required_header",)

schema = schemathesis.openapi.from_dict(yaml.load(SNAPSHOT.read_text(encoding="utf-8"), yaml.CSafeLoader))
schema.app = application
schema.config.phases.coverage.enabled = False  # it sends all parameters at once, and more than fifty are refused
THERE = {
    "agreement": "us-china-rare-metals",
    "speaker": "china",
    "source": "us-china-rare-metals-article",
    "represents": "china",
}
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def tried(examples: int) -> Any:
    """How many requests of an operation are made up, and how."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )


def aim(case: Case) -> None:
    """Let a sound request speak of rows that are there, in whatever state."""
    rows = MODELS[case.operation.path.split("/")[3]]._default_manager.order_by("pk")
    for name in case.path_parameters if rows else ():
        case.path_parameters[name] = str(getattr(rows[rows.count() // 2], name))
        case.headers["If-Match"] = "*"
    for body in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(body, dict):
            body |= {name: slug for name, slug in THERE.items() if body.get(name)}


@pytest.fixture
def bearer(db: None) -> dict[str, str]:
    """The header of a service that may do everything."""
    service = User.objects.create_superuser("fuzzer")
    secret = Token.objects.make(service, "fuzz", scope="write")[1]
    return {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}  # the WSGI transport reads no gzip


@schema.include(method=["POST", "PUT", "PATCH", "DELETE"]).parametrize()
@tried(12)
def test_every_write_is_what_the_schema_says(case: Case, deal: None, bearer: dict[str, str]) -> None:
    if case.meta is not None and case.meta.generation.mode.is_positive:
        aim(case)
    case.call_and_validate(checks=CHECKS.get_by_names((*ASKED, *OF_WRITES)), headers=bearer)


@schema.include(method=["POST", "PUT", "PATCH", "DELETE"]).parametrize()
@tried(3)
def test_no_write_is_taken_from_just_anyone(case: Case, deal: None, db: None) -> None:
    answer = case.call()
    assert answer.status_code in (401, 404, 405, 411, 413, 415, 429)
    case.validate_response(answer, checks=CHECKS.get_by_names(ASKED))


@schema.include(method="GET").parametrize()
@tried(15)
def test_every_operation_is_what_the_schema_says(case: Case, deal: None, db: None) -> None:
    # What is compressed would not be unpacked before it is looked at.
    case.call_and_validate(checks=CHECKS.get_by_names(ASKED), headers={"Accept-Encoding": "identity"})


@schema.include(method="GET").parametrize()
@tried(10)
def test_every_operation_is_the_same_for_a_service(case: Case, deal: None, bearer: dict[str, str]) -> None:
    case.call_and_validate(checks=CHECKS.get_by_names(ASKED), headers=bearer)


def test_the_checks_that_are_left_out_are_known() -> None:
    """A new check of a newer schemathesis is taken in, or left out knowingly; other methods: see test_contract.py."""
    left_out = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "ignored_auth"}
    left_out |= {"unsupported_method", "object_level_authorization"}
    assert set(CHECKS.get_all_names()) - {*ASKED, *OF_WRITES} == left_out


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the test's connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
