"""The forms in which a list can be had, and how a request says which: by `format`, or else by `Accept`."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from accords.api.errors import ErrorItem, InvalidParameter

NAME = "format"


class Form(NamedTuple):
    """A form of a list: its name in `format`, its media type, and what its answers say in `Content-Type`."""

    name: str
    media_type: str
    content_type: str

    @property
    def is_file(self) -> bool:
        """Whether the whole list comes in it as one file; else page by page."""
        return self is not JSON


JSON = Form("json", "application/json", "application/json")
CSV = Form("csv", "text/csv", "text/csv; charset=utf-8; header=present")  # RFC 4180 has both parameters
NDJSON = Form("ndjson", "application/x-ndjson", "application/x-ndjson")
FORMS = {form.name: form for form in (JSON, CSV, NDJSON)}
NO_PAGES = ("page_size", "cursor", "count")
WHOLE = "As CSV or NDJSON a list comes whole, all pages in one file: leave it out, or ask for JSON."
NO_COLUMN = "CSV has no column for it: leave it out, or ask for NDJSON or JSON."


class CsvRenderer(BaseRenderer):
    """Makes `text/csv` acceptable; the file itself is made in `making.py`."""

    media_type, format = CSV.media_type, CSV.name


class NdjsonRenderer(BaseRenderer):
    """Makes `application/x-ndjson` acceptable; the file itself is made in `making.py`."""

    media_type, format = NDJSON.media_type, NDJSON.name


RENDERERS: tuple[type[BaseRenderer], ...] = (JSONRenderer, CsvRenderer, NdjsonRenderer)


class Negotiation(DefaultContentNegotiation):
    """The form that the caller likes best (RFC 9110, 12.5.1), of equals the first; `format` makes `Accept` void."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """One of the renderers and its media type. Raises `NotAcceptable`."""
        query = request.META.get("QUERY_STRING", "")
        if any(part.startswith(f"{NAME}=") for part in query.split("&")):  # which the view reads, and may refuse
            return renderers[0], renderers[0].media_type
        found = super().select_renderer(request, renderers, format_suffix)
        liked = request._request.get_preferred_type([renderer.media_type for renderer in renderers])
        return next(((each, liked) for each in renderers if each.media_type == liked), found)


def accepted(request: HttpRequest | Request) -> Form:
    """The form that was found acceptable."""
    renderer = getattr(request, "accepted_renderer", None)
    return FORMS.get(getattr(renderer, "format", ""), JSON)


def parse(text: str) -> Form:
    """The form of that name. Raises `InvalidParameter`."""
    if text not in FORMS:
        raise InvalidParameter("unknown_format", f"It must be one of: {', '.join(FORMS)}.")
    return FORMS[text]


def misplaced(form: Form, given: dict[str, str]) -> list[ErrorItem]:
    """What means nothing beside the form of a file: what speaks of pages, and what has no column."""
    if not form.is_file:
        return []
    faults = [ErrorItem(name, "whole_list", WHOLE) for name in NO_PAGES if name in given]
    return faults + ([ErrorItem("highlight", "no_column", NO_COLUMN)] if form is CSV and "highlight" in given else [])


def placed(form: Form, given: dict[str, str]) -> dict[str, str]:
    """The parameters without those that speak of pages, where the form has none."""
    return {name: text for name, text in given.items() if not (form.is_file and name in NO_PAGES)}
