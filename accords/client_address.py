"""The address of a client, under which its failures are counted."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - no address to listen on; a caller through a socket file has none


def address(request: HttpRequest) -> str:
    """Return the address of the client of the outermost trusted proxy; for IPv6 its /64 network, which is one client's.

    Each proxy appends the address of its peer to `X-Forwarded-For`. A client can write anything before that, so it is
    ignored. Without TRUSTED_PROXIES only the peer counts.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), peer]
    trusted: int = settings.TRUSTED_PROXIES
    client = hops[-1 - trusted] if trusted < len(hops) else hops[0]
    return normalize(client) or normalize(peer) or UNKNOWN


@lru_cache(4096)  # it is called for every request
def normalize(text: str) -> str:
    """Return the address under which failures are counted; empty if the text is no address."""
    try:
        client: IPv4Address | IPv6Address = ip_address(text.strip())
    except ValueError:
        return ""
    if isinstance(client, IPv4Address):
        return str(client)
    if client.ipv4_mapped:
        return str(client.ipv4_mapped)
    return str(IPv6Network((int(client), 64), strict=False).network_address)
