"""The announcement that an address will go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and in the schema."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple, TypeVar

from django.utils.http import http_date
from rest_framework.response import Response

ViewClass = TypeVar("ViewClass", bound=type)


class Deprecation(NamedTuple):
    """Since when an address is deprecated, on which day it goes, and the page that says what to use instead."""

    since: date
    sunset: date
    link: str

    def headers(self) -> dict[str, str]:
        since, sunset = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (self.since, self.sunset))
        return {
            "Deprecation": f"@{since}",
            "Sunset": http_date(sunset),
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }


def deprecated(*, since: date, sunset: date, link: str) -> Callable[[ViewClass], ViewClass]:
    """Announce in every response of a view that it will go, and in the schema that it is deprecated."""

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
