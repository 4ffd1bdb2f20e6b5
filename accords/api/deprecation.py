"""Deprecation of addresses: the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), and the OpenAPI document."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple, TypeVar

from django.utils.http import http_date
from rest_framework.response import Response

ViewClass = TypeVar("ViewClass", bound=type)


class Deprecation(NamedTuple):
    """The deprecation of an address."""

    since: date
    sunset: date  # the day on which the address is removed
    link: str  # to the page that says what to use instead

    def headers(self) -> dict[str, str]:
        """Return the headers. The days are midnight UTC, as Unix time (RFC 9745) and as an HTTP date (RFC 8594)."""
        since, sunset = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (self.since, self.sunset))
        return {
            "Deprecation": f"@{since}",
            "Sunset": http_date(sunset),
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }


def deprecated(*, since: date, sunset: date, link: str) -> Callable[[ViewClass], ViewClass]:
    """Announce the deprecation of a view, in each of its responses and in the OpenAPI document."""

    def decorate(view: Any) -> Any:
        deprecation = Deprecation(since, sunset, link)

        def finalize_response(self: Any, request: Any, response: Response, *args: Any, **kwargs: Any) -> Response:
            response = super(view, self).finalize_response(request, response, *args, **kwargs)
            for name, value in deprecation.headers().items():
                response.headers[name] = value
            return response

        view.finalize_response = finalize_response
        view.deprecation = deprecation
        return view

    return decorate
