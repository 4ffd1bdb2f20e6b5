"""The API fuzzed from its own schema: no request breaks it, and no answer is other than the schema says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CHECKS

from config.wsgi import application

SNAPSHOT = Path(__file__).with_name("openapi.yaml")
# Asked of every answer. Left out: `positive_data_acceptance`, for no schema can say which slugs exist or which ranges
# are inverted; and what concerns writing and credentials, which this API has not yet.
ASKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "allow_header_conformance",
)

schema = schemathesis.openapi.from_dict(yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8")))
schema.app = application
schema.config.phases.coverage.enabled = False  # it sends all parameters at once, and more than fifty are refused


@schema.include(method="GET").parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_every_operation_is_what_the_schema_says(case: Case, deal: None, db: None) -> None:
    # What is compressed would not be unpacked before it is looked at.
    case.call_and_validate(checks=CHECKS.get_by_names(ASKED), headers={"Accept-Encoding": "identity"})


def test_the_checks_that_are_left_out_are_known() -> None:
    """A new check of a newer schemathesis is taken in, or left out knowingly; other methods: see test_contract.py."""
    left_out = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "ignored_auth"}
    left_out |= {"missing_required_header", "unsupported_method", "object_level_authorization"}
    assert set(CHECKS.get_all_names()) - set(ASKED) == left_out


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the test's connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
