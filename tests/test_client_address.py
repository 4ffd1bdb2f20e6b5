"""The address of a client: what it writes into a header does not count."""

from typing import Any

import pytest
from django.test import RequestFactory

from accords.client_address import UNKNOWN, address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "peer", "counted"),
    [
        (0, None, "192.0.2.1", "192.0.2.1"),
        (0, "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1", "192.0.2.1", "10.0.0.1"),
        (1, "6.6.6.6, 10.0.0.1", "192.0.2.1", "10.0.0.1"),
        (2, "6.6.6.6,10.0.0.1 , 10.0.0.2", "192.0.2.1", "10.0.0.1"),
        (2, "10.0.0.2", "192.0.2.1", "10.0.0.2"),
        (1, None, "192.0.2.1", "192.0.2.1"),
        (1, "unknown", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1,", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1:99", "192.0.2.1", "192.0.2.1"),
        (0, None, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (0, None, "2001:db8:1:2::9", "2001:db8:1:2::"),
        (0, None, "::ffff:192.0.2.1", "192.0.2.1"),
        (0, None, "fe80::1%eth0", "fe80::"),
        (0, None, "", UNKNOWN),
    ],
)
def test_the_peer_counts_unless_proxies_are_trusted(
    trusted: int, forwarded: str | None, peer: str, counted: str, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    assert address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == counted
