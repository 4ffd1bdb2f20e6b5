"""`as_known_at`: the answer as it would have been given at an instant in the past."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import query
from accords.api.errors import ErrorItem, InvalidParameter, InvalidParameters
from accords.api.filters.form_fields import InstantField
from accords.api.parameters import ErrorCollector
from accords.api.resource import Resource
from accords.db.snapshots import as_known
from accords.models.base import can_view_drafts

NAME = "as_known_at"
ABOUT = (
    "Answer as it would have been answered at this instant (RFC 3339): rows, related rows, filters and counts by what "
    "was recorded until then. Before the first record of a row there is no such row. What is hidden now stays hidden. "
    "The answer repeats the instant, and `on` defaults to its day (UTC). `q` cannot be asked of the past."
)


def instant(text: str, request: HttpRequest | Request) -> datetime:
    """An instant that is not to come. Raises `InvalidParameter`."""
    found: datetime = InstantField().clean(text)
    if found > datetime.now(UTC):
        raise InvalidParameter("in_the_future", "What will be known then, nobody knows.")
    return found


class KnownAt(Resource):
    """A resource of which one can ask what was known of it."""

    documented = [
        {
            "name": NAME,
            "in": "query",
            "required": False,
            "description": ABOUT,
            "schema": {"type": "string", "format": "date-time"},
        }
    ]

    def known(self) -> list[str]:
        """And the instant."""
        return [*super().known(), NAME]

    def read(self, request: HttpRequest | Request) -> None:
        """Read the instant first: rows that the other parameters name are those of then."""
        if request.method not in SAFE_METHODS:
            super().read(request)
            return
        given, _ = query.read(request.META.get("QUERY_STRING", ""), self.known())
        faults = ErrorCollector([])
        self.known_at = faults.read(given, NAME, lambda text: instant(text, request), None)
        if self.known_at is None:
            self.read_with(request, faults)
            return
        if "q" in given:
            faults.found.append(
                ErrorItem("q", "not_of_the_past", f"The index has the words of now: leave out q or {NAME}.")
            )
        with as_known(self.known_at, drafts=can_view_drafts(request.user)):
            self.read_with(request, faults)

    def read_with(self, request: HttpRequest | Request, faults: ErrorCollector) -> None:
        """Read all parameters, and tell their faults with those found before."""
        try:
            super().read(request)
        except InvalidParameters as error:
            faults.found += error.items
        faults.tell()

    def day(self) -> Any:
        """By default the day of that instant."""
        return self.known_at.date() if self.known_at and "on" not in self.given else super().day()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """One row, as it is or was known."""
        if self.known_at is None:
            return super().retrieve(request, *args, **kwargs)
        with as_known(self.known_at, drafts=can_view_drafts(request.user)):
            return self.told(self.rendered_row())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """One page of rows, as they are or were known."""
        if self.known_at is None:
            return super().list(request, *args, **kwargs)
        if self.dated:
            self.values["on"] = self.day()
        with as_known(self.known_at, drafts=can_view_drafts(request.user)):
            return super().list(request) if self.form.is_file else self.told(self.rendered_list(request))

    def told(self, response: Response) -> Response:
        """The answer with the instant that it is about."""
        assert self.known_at is not None  # noqa: S101 - or nobody asked
        response.data[NAME] = self.known_at.isoformat().replace("+00:00", "Z")
        return response
