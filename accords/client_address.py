"""Who is calling: the address that counts when failures are counted."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - no address to listen on; a caller through a socket file has none


def address(request: HttpRequest) -> str:
    """Return the address of the client of the outermost trusted proxy; of IPv6 its /64, which one client has whole.

    Each proxy adds to `X-Forwarded-For` whom it was called by, at the end. What stands before that anyone can write,
    so it counts for nothing; without trusted proxies the peer alone counts.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), peer]
    trusted: int = settings.TRUSTED_PROXIES
    told = hops[-1 - trusted] if trusted < len(hops) else hops[0]
    return _counted(told) or _counted(peer) or UNKNOWN


@lru_cache(4096)  # every request asks
def _counted(told: str) -> str:
    """Return the address under which failures are counted; empty if the text is no address."""
    try:
        found: IPv4Address | IPv6Address = ip_address(told.strip())
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False).network_address)
