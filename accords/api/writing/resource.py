"""What a resource that can be written does: POST, PUT, PATCH and DELETE, each in one transaction."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

from accords.api import query
from accords.api.errors import Conflict, ErrorItem, InvalidBody
from accords.api.fast import responses
from accords.api.fast.cache import Answer
from accords.api.filters.filter_types import today
from accords.api.resource import Resource
from accords.api.serializers.base import Shape
from accords.api.writing import consequences, preconditions
from accords.api.writing.bodies import MAX_ENTRIES, Body, Reading, body_of
from accords.api.writing.idempotency import Key
from accords.api.writing.parser import MAX_FAULTS, StrictJSON, refuse_body
from accords.api.writing.permits import permit_removal
from accords.api.writing.publishing import UNCITED
from accords.api.writing.rows import Written, write
from accords.api.writing.transactions import whole
from accords.services import affected_agreements, renewals_changed

WITH_BODY = ("POST", "PUT", "PATCH")
WRITES = (*WITH_BODY, "DELETE")
AGAINST_WHAT_IS_STORED = {"unique", UNCITED}
UNSEEN = "You may not see the row that this would leave. Writing drafts takes the permission to view agreements."


class Metadata(BaseMetadata):
    """What OPTIONS tells: nothing that needs a row, or depends on what a body would say."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        """What is here and in which media types; the methods stand in `Allow`."""
        about = {"name": view.get_view_name(), "description": view.get_view_description()}
        media = [parser.media_type for parser in view.parser_classes]
        return about | {"renders": [one.media_type for one in view.renderer_classes], "parses": media}


class WritableResource(Resource):
    """A resource that can be written by who has the model's permissions."""

    parser_classes = (StrictJSON,)
    metadata_class = Metadata

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a body that will not be read before anything is done for it."""
        if request.method in WITH_BODY and request.method in self.allowed_methods:
            refuse_body(request)
        super().initial(request, *args, **kwargs)

    def read(self, request: HttpRequest | Request) -> None:
        """A write takes no parameters, and its answer has the shape of a detail. Raises `InvalidParameters`."""
        if request.method not in WRITES:
            super().read(request)
            return
        query.none(request.META.get("QUERY_STRING", ""))
        self.values, self.shape = {"on": today()}, Shape(expand=self.in_detail)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make a row, or all rows of a list."""
        given = self.sent()
        key = Key(request, given)
        return whole(lambda: key.first() or self._created(given, key), request.user)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Replace what can be written of a row: what is left out gets its default."""
        return self._changed(partial=False)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change the fields that are sent, and no others."""
        return self._changed(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a row and what hangs on it, unless others need it."""
        if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            raise InvalidBody([ErrorItem("", "unexpected_body", "A row is deleted without a body.")])
        return whole(self._destroyed, request.user)

    # Steps

    def sent(self) -> Any:
        """The body, read before any transaction begins: a slow sender keeps nobody waiting."""
        if request_is_empty(self.request):
            raise InvalidBody([ErrorItem("", "empty_body", "A JSON body is needed.")])
        return self.request.data

    def body(self) -> Body:
        """What may be sent of a row here."""
        return body_of(self.serializer_class).seen_by(self.request.user)

    def locked(self) -> Any:
        """The row of this address, which nobody else changes until the transaction ends."""
        key = {self.lookup_field: self.kwargs[self.lookup_field].lower()}
        rows = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]
        row = get_object_or_404(rows.select_for_update(of=("self",), no_key=True), **key)
        self.check_object_permissions(self.request, row)
        preconditions.check(self.request, row)
        return row

    def _created(self, given: Any, key: Key) -> HttpResponse:
        many = isinstance(given, list)
        if many and not 1 <= len(given) <= MAX_ENTRIES:
            raise InvalidBody([ErrorItem("", "too_many", f"A list must have 1 to {MAX_ENTRIES} rows.")])
        body, written = self.body(), []
        for position, one in enumerate(given if many else [given]):
            pointer = f"/{position}" if many else ""
            written.append(write(self.model(), body, body.read(one, pointer), self.request.user, pointer))
        self._follow(written)
        answer = self._listed(written) if many else self._shown(written[0].row, 201)
        key.keep(answer)
        return answer

    def _changed(self, partial: bool) -> HttpResponse:
        given = self.sent()

        def change() -> HttpResponse:
            row, body = self.locked(), self.body()
            reading = body.read(given, partial=partial)
            done = write(row, body, reading if partial else whole_row(body, reading), self.request.user)
            self._follow([done])
            return self._shown(row, 200)

        return whole(change, self.request.user)

    def _destroyed(self) -> HttpResponse:
        row = self.locked()
        agreements = affected_agreements(row)
        permit_removal(row, self.request.user)
        row.delete()
        renewals_changed(agreements, on=self.values["on"])
        consequences.refuse_redone(row)
        answer = HttpResponse(status=204)
        del answer.headers["Content-Type"]  # there is nothing of any type
        return answer

    def _follow(self, written: list[Written]) -> None:
        """Tell every fault; without any, do what follows from the writes."""
        refuse([fault for one in written for fault in one.faults])
        agreements = {pk for one in written for pk in affected_agreements(one.row)}
        superseded = {one.before.get("supersedes_id") for one in written}
        renewals_changed(agreements | superseded, on=self.values["on"])
        for one in written:
            consequences.refuse_undone(one.row)

    # Answers

    def found(self, row: Any) -> Answer:
        """A row as its detail shows it now to this caller. Raises `PermissionDenied` where they may not see it."""
        self.kwargs[self.lookup_field] = str(getattr(row, self.lookup_field))
        try:
            return responses.row(self)
        except Http404 as error:
            raise PermissionDenied(UNSEEN) from error

    def _shown(self, row: Any, status: int) -> HttpResponse:
        """A row with its entity tag and, if it is new, its address."""
        answer = self.reply(self.found(row))
        answer.status_code = status
        if status == 201:
            path = f"/api/v1/{self.serializer_class.Meta.path}/{self.kwargs[self.lookup_field]}"
            answer.headers["Location"] = responses.origin(self.request) + path
        return answer

    def _listed(self, written: list[Written]) -> HttpResponse:
        """Rows in the order of the request, each with the entity tag that a change of it needs."""
        found = [self.found(one.row) for one in written]
        tags = json.dumps([one.etag for one in found]).encode()
        content = b'{"results":[' + b",".join(one.body for one in found) + b'],"etags":' + tags + b"}"
        return HttpResponse(content, status=201, content_type="application/json")


def request_is_empty(request: Request) -> bool:
    """Whether nothing was sent."""
    return request.META.get("CONTENT_LENGTH") in (None, "", "0")


def refuse(faults: list[ErrorItem]) -> None:
    """Raise every fault: as a conflict if the body is sound and only stands against what is stored."""
    if faults:
        kind = Conflict if all(fault.code in AGAINST_WHAT_IS_STORED for fault in faults) else InvalidBody
        raise kind(faults[:MAX_FAULTS])


def whole_row(body: Body, reading: Reading) -> Reading:
    """What replaces a row: what is not said is blank, but for being published, which never follows from silence."""
    blank = {name: value for name, value in body.blank().items() if name != "is_published"}
    nothing: dict[str, list[Reading]] = {name: [] for name, field in body.fields.items() if hasattr(field, "read")}
    return Reading(blank | reading.values, nothing | reading.below, reading.faults)
