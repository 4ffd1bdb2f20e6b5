"""The limit of anonymous reads, with `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers)."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled

from accords.api.errors import problem_response
from accords.api.http import is_anonymous_read
from accords.client_address import address

GetResponse = Callable[[HttpRequest], HttpResponse]
WINDOW = 60  # seconds


def anonymous_rate_limit(get_response: GetResponse) -> GetResponse:
    """Return 429 to a client address that has read more than `ANONYMOUS_READS_PER_MINUTE` times in this minute.

    Each process has its own counters. The middleware comes before the cache of responses, so that it counts these too.
    """
    if not settings.ANONYMOUS_READS_PER_MINUTE:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (request.path_info.startswith("/api/v1") and is_anonymous_read(request)):
            return get_response(request)
        limit = settings.ANONYMOUS_READS_PER_MINUTE
        minute, second = divmod(int(time.time()), WINDOW)
        key = f"anonymous-reads:{address(request)}:{minute}"
        cache.add(key, 0, timeout=2 * WINDOW)
        count = cache.incr(key)
        seconds_left = WINDOW - second
        if count > limit:
            detail = _("Too many requests without a token came from this address.")
            response = problem_response(request, Throttled(seconds_left, detail))
        else:
            response = get_response(request)
        response.headers["RateLimit-Policy"] = f'"anonymous";q={limit};w={WINDOW}'
        response.headers["RateLimit"] = f'"anonymous";r={max(0, limit - count)};t={seconds_left}'
        return response

    return middleware
