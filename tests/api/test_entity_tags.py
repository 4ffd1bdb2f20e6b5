"""What an entity tag names, and which tags `If-Match` accepts."""

import pytest

from accords.api.conditional import Malformed, State, etag, matches

STATE = State(row=12, version=7)
SAME = ["*", " * ", '"v7r12-0"', '"v7r12"', '"v6r12-0", "v7r12-1"', '"x",  "v7r12-1" ,', etag(STATE, b"")]
OTHER = ['"v6r12-0"', '"v7r13-0"', 'W/"v7r12-0"', '"v77r12-0"', '"v7r1"', '"v7-0"', '"v7"', '"vr-0"', '"7"', '""']


def test_a_tag_tells_the_row_its_version_and_the_representation() -> None:
    assert etag(STATE, b"{}").startswith('"v7r12-')
    assert len({etag(STATE, b"{}"), etag(STATE, b"{ }"), etag(State(12, 8), b"{}"), etag(State(13, 7), b"{}")}) == 4
    assert etag(None, b"{}") == etag(STATE, b"{}").replace("v7r12-", "")


@pytest.mark.parametrize("header", SAME)
def test_a_tag_of_the_state_matches_whatever_the_representation(header: str) -> None:
    assert matches(header, STATE)


@pytest.mark.parametrize("header", [*OTHER, '"v7r12x"', '"0v7r12-1"'])
def test_other_tags_and_weak_ones_do_not_match(header: str) -> None:
    assert not matches(header, STATE)


@pytest.mark.parametrize("header", ["", ",", "v7", '"v7', "*, *", "'v7'", '"a" "b"', "W/v7", '"v7\x7f"', '*"v7"'])
def test_what_is_no_list_of_tags_is_told(header: str) -> None:
    with pytest.raises(Malformed):
        matches(header, STATE)
