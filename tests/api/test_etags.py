"""What an entity tag names, and which tags `If-Match` accepts."""

import pytest

from accords.api.etags import Malformed, etag, matches


def test_a_tag_tells_the_version_and_the_representation() -> None:
    assert etag(7, b"{}").startswith('"v7-')
    assert etag(7, b"{}") != etag(7, b"{ }") != etag(8, b"{ }")
    assert etag(None, b"{}") == etag(7, b"{}").replace("v7-", "")


@pytest.mark.parametrize("header", ["*", " * ", '"v7-0"', '"v7"', '"v6-0", "v7-1"', '"x",  "v7-1" ,', etag(7, b"")])
def test_a_tag_of_the_version_matches_whatever_the_representation(header: str) -> None:
    assert matches(header, 7)


@pytest.mark.parametrize("header", ['"v6-0"', 'W/"v7-0"', '"v77-0"', '"v-0"', '"7"', '""', '"v7x"', '"0v7-1"'])
def test_other_tags_and_weak_ones_do_not_match(header: str) -> None:
    assert not matches(header, 7)


@pytest.mark.parametrize("header", ["", ",", "v7", '"v7', "*, *", "'v7'", '"a" "b"', "W/v7", '"v7\x7f"', '*"v7"'])
def test_what_is_no_list_of_tags_is_told(header: str) -> None:
    with pytest.raises(Malformed):
        matches(header, 7)
