"""Entity tags: what they name, and which of them `If-Match` accepts."""

import pytest
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accords.api.errors import PreconditionFailed
from accords.api.http import State, etag
from accords.api.mixins import check_if_match
from accords.models import Clause

STATE = State(row_id=12, version=7)
SAME = ["*", " * ", '"v7r12-0"', '"v7r12"', '"v6r12-0", "v7r12-1"', '"x",  "v7r12-1" ,', etag(STATE, b"")]
OTHER = [
    '"v6r12-0"',
    '"v7r13-0"',
    '"v77r12-0"',
    '"v7r1"',
    '"v7-0"',
    '"v7"',
    '"vr-0"',
    '"7"',
    '""',
    '"v7r12x"',
    '"0v7r12-1"',
]
WEAK = ['W/"v7r12-0"', '"v6r12-0", W/"v7r12"']
MALFORMED = ["", ",", "v7", '"v7', "*, *", "'v7'", '"a" "b"', "W/v7", '*"v7"']


def check(header: str) -> None:
    request = Request(APIRequestFactory().patch("/", headers={"If-Match": header}))
    check_if_match(request, Clause(pk=STATE.row_id, version=STATE.version))


def test_a_tag_names_the_row_its_version_and_the_representation() -> None:
    assert etag(STATE, b"{}").startswith('"v7r12-')
    assert len({etag(STATE, b"{}"), etag(STATE, b"{ }"), etag(State(12, 8), b"{}"), etag(State(13, 7), b"{}")}) == 4
    assert etag(None, b"{}") == etag(STATE, b"{}").replace("v7r12-", "")


@pytest.mark.parametrize("header", SAME)
def test_a_tag_of_the_state_matches_in_any_representation(header: str) -> None:
    check(header)


@pytest.mark.parametrize("header", OTHER)
def test_another_tag_fails_because_the_row_has_changed(header: str) -> None:
    with pytest.raises(PreconditionFailed, match="has changed"):
        check(header)


@pytest.mark.parametrize("header", WEAK)
def test_a_weak_tag_of_the_state_fails_and_the_message_says_why(header: str) -> None:
    with pytest.raises(PreconditionFailed, match="weak"):
        check(header)


@pytest.mark.parametrize("header", MALFORMED)
def test_a_header_without_entity_tags_is_malformed(header: str) -> None:
    with pytest.raises(ParseError):
        check(header)
