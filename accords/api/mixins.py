"""Mixins of the viewsets that write: POST, PUT, PATCH and DELETE, each in one transaction."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any

import orjson
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.metadata import BaseMetadata
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accords import services
from accords.api import guarded, query
from accords.api.errors import (
    ComputedRenewalConflict,
    Conflict,
    ErrorItem,
    InUse,
    InvalidBody,
    PreconditionFailed,
    PreconditionRequired,
)
from accords.api.fast import responses
from accords.api.http import MALFORMED, State, etag, if_match_error
from accords.api.idempotency import IdempotentRequest
from accords.api.parsers import MAX_BYTES, StrictJSONParser, refuse_body
from accords.api.permissions import require_permission, require_permission_to_delete
from accords.api.resource import Resource
from accords.api.serializers.base import Shape
from accords.api.serializers.bulk import BulkSerializer
from accords.db.integrity_errors import error_field, explain, is_duplicate
from accords.db.locks import lock_relations, prevent_deletion_of_agreements, retry_deadlocks

WITH_BODY = ("POST", "PUT", "PATCH")
MAX_NAMED = 10  # rows that the error about a deletion names
CANNOT_VIEW = "You do not have permission to view drafts, so you cannot write to them."


def atomic_with_retry(action: Callable[..., Any]) -> Callable[..., Any]:
    """Run an action of a viewset in a transaction, and again if PostgreSQL aborts it because of a deadlock.

    The body is read first, so that a slow client holds no locks. Errors become those of the API: `IntegrityError`, if
    another request has written after the validation, becomes `Conflict`; `ProtectedError` and `RestrictedError` become
    `InUse`; `NotPublisher` becomes `PermissionDenied`, and `FollowsFromTerms` becomes `ComputedRenewalConflict`.
    """

    @wraps(action)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        request.data  # noqa: B018 - reads and parses the body

        def write() -> Any:
            with transaction.atomic():
                return action(view, request, *args, **kwargs)

        try:
            return retry_deadlocks(write)
        except (ProtectedError, RestrictedError) as error:
            raise InUse(in_use_message(error, request.user)) from error
        except services.NotPublisher as error:
            raise guarded.not_publisher(error) from error
        except services.FollowsFromTerms as error:
            raise ComputedRenewalConflict from error
        except IntegrityError as error:
            raise conflict(error) from error

    return run


def conflict(error: IntegrityError) -> Conflict:
    """Return the error of the API for a constraint or trigger of the database that rejects a write."""
    field, is_unique = error_field(error), is_duplicate(error)
    detail = explain(error) if field or not is_unique else "Another row has this value already."
    return Conflict([ErrorItem(f"/{field}" if field else "", "unique" if is_unique else "refused", detail)])


def in_use_message(error: ProtectedError | RestrictedError, user: User | AnonymousUser) -> str:
    """Return a sentence that names the rows which prevent a deletion. Rows that the user may not see are not named."""
    rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    by_model: dict[type[Model], set[int]] = {}
    for row in rows:
        by_model.setdefault(type(row), set()).add(row.pk)
    names: list[str] = []
    has_hidden = False
    for model, ids in by_model.items():
        rows_of_model: Any = model._default_manager
        visible_ids = set(rows_of_model.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
        has_hidden |= visible_ids != ids
        names += [f"{model._meta.verbose_name} {pk}" for pk in sorted(visible_ids)]
    if len(names) > MAX_NAMED:
        names[MAX_NAMED:] = ["others"]
    if has_hidden:
        names.append("rows that you may not see")
    return f"This row cannot be deleted because other rows refer to it: {', '.join(names)}."


class OptionsMetadata(BaseMetadata):
    """The response to OPTIONS. Unlike DRF's `SimpleMetadata`, it reads no row to see what the user may do."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
        }


class WriteMixin(Resource):
    """The base of all viewsets that write: what their requests and responses have in common."""

    parser_classes = (StrictJSONParser,)
    metadata_class = OptionsMetadata
    max_body_bytes = MAX_BYTES
    needs_body = True  # whether POST, PUT and PATCH need one

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the headers of the body before anything else, and that a write has no parameters.

        Raises the errors of `refuse_body`, `InvalidParameters`, and `InvalidBody` if a body is missing.
        """
        if request.method in WITH_BODY and request.method in self.allowed_methods:
            refuse_body(request, self.max_body_bytes)
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            return
        query.refuse_parameters(request.META.get("QUERY_STRING", ""))
        is_empty = request.META.get("CONTENT_LENGTH") in (None, "", "0")
        if self.needs_body and request.method in WITH_BODY and is_empty:
            raise InvalidBody([ErrorItem("", "empty_body", "A JSON body is required.")])
        # The response is that of a GET today: `day()` reads the value of the filter `on`, and serializers the shape.
        self.values, self.shape = {"on": timezone.localdate()}, Shape(details=self.in_detail)

    def represent(self, row: Any) -> HttpResponse:
        """Return the response to a GET of a row. Raises `PermissionDenied` if the user may not see the row."""
        try:
            return responses.respond(self, key=str(getattr(row, self.lookup_field)))
        except Http404 as error:
            raise PermissionDenied(CANNOT_VIEW) from error

    def stored_members(self, row: Any, names: Iterable[str], data: dict[str, Any]) -> dict[str, Any]:
        """Return the members of a row as GET returns them now, to be compared with the read-only members of a document.

        `names` are the members that are needed. What depends on a day is that of the day `on` in the document, `data`.
        """
        expanded = data.get("expanded")
        expand = {*self.serializer_class.expansions()} & {*(expanded if isinstance(expanded, dict) else ())}
        details = self.in_detail | (self.serializer_class.hidden() & {*names})
        requested_shape, self.shape = self.shape, Shape(expand=frozenset(expand), details=details)
        context = responses.request_context(self)._replace(on=day_of(data) or self.day())
        try:
            versioned = responses.read_row(self, str(getattr(row, self.lookup_field)), context)
        finally:
            self.shape = requested_shape
        if versioned is None:
            return {}
        # Through JSON, because the document has dates and numbers as JSON has them.
        return {"expanded": {}, **orjson.loads(orjson.dumps(versioned.representation))}

    def locked_rows(self, *, delete: bool = False) -> QuerySet[Any]:
        """Return the rows that the user may see. Reading one locks it until the transaction ends.

        With `delete`, other transactions can no longer write references to the row either.
        """
        rows = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]  # the managers of resources have it
        return rows.select_for_update(of=("self",), no_key=not delete)

    def recompute_renewals(
        self, agreements: Iterable[int | None], *, written: Iterable[Any] = (), deleted: Iterable[Any] = ()
    ) -> None:
        """Recompute the renewal dates of agreements. Raises `FollowsFromTerms` if that undoes a write of renewals."""
        services.renewals_changed(agreements, on=self.day())
        services.check_computed_renewals(written=written, deleted=deleted)


def json_response(status: int, body: bytes, headers: dict[str, str]) -> HttpResponse:
    """Return the response to a write whose body is JSON text. Without an `ETag` in `headers` it gets one."""
    headers = {"ETag": etag(None, body)} | headers
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def refuse_data(request: Request) -> None:
    """Raise `InvalidBody` unless there is no body, or an empty object."""
    if request.data != {}:
        raise InvalidBody([ErrorItem("", "unexpected_body", "Send no body, or an empty object.")])


def day_of(data: dict[str, Any]) -> date | None:
    """Return the day for which a document was read, its member `on`; None if it has no valid one."""
    try:
        return date.fromisoformat(data["on"])
    except (KeyError, TypeError, ValueError):
        return None


class IdempotentCreateMixin(WriteMixin):
    """POST: create a row, once for each `Idempotency-Key`."""

    @atomic_with_retry
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create a row."""
        idempotent = IdempotentRequest(request)
        if (stored := idempotent.find()) is not None:
            return json_response(stored.status, bytes(stored.body), stored.headers | {"Idempotency-Replayed": "true"})
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        response = self.represent(serializer.instance)
        path = f"/api/v1/{self.serializer_class.Meta.path}/{getattr(serializer.instance, self.lookup_field)}"
        headers = {"ETag": response.headers["ETag"], "Location": f"{responses.origin(request)}{path}"}
        idempotent.save(201, response.content, headers)
        return json_response(201, response.content, headers)

    def perform_create(self, serializer: Any) -> None:
        """Save the new row and recompute the renewal dates that depend on it."""
        guard = services.PublicationGuard(services.may_publish(self.request.user))
        row = serializer.save()
        self.recompute_renewals(services.affected_agreements(row), written=[row])
        check_claims(guard, {"": row})


def check_claims(guard: services.PublicationGuard, written: dict[str, Any]) -> None:
    """Check the claims of rows after a write. `written` has the rows by the JSON pointers of their documents.

    Raises `Conflict` if a public claim has no citation, and `NotPublisher` as `PublicationGuard.check` does.
    """
    try:
        guard.check(written.values())
    except services.Uncited as error:
        raise guarded.uncited(error, written) from error


class ConditionalUpdateMixin(WriteMixin):
    """PUT, PATCH and DELETE: change or delete a row, if `If-Match` names its state."""

    guard: services.PublicationGuard  # made by `get_object`, before the row is changed

    def get_object(self) -> Any:
        """Return the row. For a write it is locked until the transaction ends.

        Raises `Http404`, `NotPublisher`, and what `check_if_match` raises.
        """
        if self.request.method in SAFE_METHODS:
            return super().get_object()
        key = self.kwargs[self.lookup_field].lower()
        if isinstance(self.request.data, dict):
            lock_relations(self.model, {name for name, value in self.request.data.items() if value is not None})
        prevent_deletion_of_agreements(self.model, self.lookup_field, [key])
        row = get_object_or_404(self.locked_rows(delete=self.action == "destroy"), **{self.lookup_field: key})
        self.check_object_permissions(self.request, row)
        self.guard = services.PublicationGuard(services.may_publish(self.request.user), [row])
        check_if_match(self.request, row)
        return row

    @atomic_with_retry
    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> HttpResponse:
        """Replace a row, or with `partial` change the members that are sent."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        return self.represent(serializer.instance)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change the members of a row that are sent."""
        return self.update(request, *args, partial=True, **kwargs)

    def perform_update(self, serializer: Any) -> None:
        """Save the row and recompute the renewal dates that depend on it."""
        before = services.affected_agreements(serializer.instance)
        row = serializer.save()
        self.recompute_renewals(before | services.affected_agreements(row), written=[row])
        check_claims(self.guard, {"": row})

    @atomic_with_retry
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a row and the rows that belong to it, unless other rows refer to them."""
        if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            raise InvalidBody([ErrorItem("", "unexpected_body", "DELETE takes no body.")])
        self.perform_destroy(self.get_object())
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response

    def perform_destroy(self, instance: Any) -> None:
        """Delete the row and recompute the renewal dates that depend on it."""
        agreements = services.affected_agreements(instance)
        require_permission_to_delete(self.request.user, [instance])
        instance.delete()
        self.recompute_renewals(agreements, deleted=[instance])
        check_claims(self.guard, {})


def check_if_match(request: Request, row: Any) -> None:
    """Raise an error unless `If-Match` names the state of a row (RFC 9110, 13.1.1): any of its representations will do.

    Raises `PreconditionRequired` without the header, `ParseError` for a malformed one, `PreconditionFailed` for another
    state.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired
    message = if_match_error(header, State(row.pk, row.version))
    if message == MALFORMED:
        raise exceptions.ParseError(f"If-Match: {message}")
    if message:
        raise PreconditionFailed(message)


class BulkMixin(IdempotentCreateMixin, ConditionalUpdateMixin):
    """`POST …/bulk`: create, change and delete up to 1 000 rows, all or nothing."""

    @atomic_with_retry
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create, change and delete rows."""
        idempotent = IdempotentRequest(request)
        if (stored := idempotent.find()) is not None:
            return json_response(stored.status, bytes(stored.body), {"Idempotency-Replayed": "true"})
        for operation, permission in (("create", "add"), ("update", "change"), ("delete", "delete")):
            if isinstance(request.data, dict) and operation in request.data:
                require_permission(request.user, permission, self.model)
        serializer = BulkSerializer(self.get_serializer(), self.locked_rows, data=request.data)
        serializer.is_valid(raise_exception=True)
        written = self.perform_bulk(serializer)
        body = self._represent_bulk(written, serializer.validated_data["delete"])
        idempotent.save(200, body, {})
        return json_response(200, body, {})

    def perform_bulk(self, serializer: BulkSerializer) -> dict[str, list[Any]]:
        """Write the rows, and recompute the renewal dates that depend on them before or after the write.

        Raises `NotPublisher` if a row is public and the user may not publish, `Conflict` if its claims lack citations.
        """
        changed = [row for row, _ in serializer.validated_data["update"]]
        deleted = serializer.validated_data["delete"]
        if deleted:
            require_permission_to_delete(self.request.user, deleted)
        guard = services.PublicationGuard(services.may_publish(self.request.user), [*changed, *deleted])
        agreements = [services.affected_agreements(row) for row in (*changed, *deleted)]
        written = serializer.save()
        rows = [*written["update"], *written["create"]]
        agreements += [services.affected_agreements(row) for row in rows]
        self.recompute_renewals(set().union(*agreements), written=rows, deleted=deleted)
        by_pointer = {
            f"/{operation}/{index}": row
            for operation, rows_of_operation in written.items()
            for index, row in enumerate(rows_of_operation)
        }
        check_claims(guard, by_pointer)
        return written

    def _represent_bulk(self, written: dict[str, list[Any]], deleted: list[Any]) -> bytes:
        """Return the body of the response: the representations of rows as those of GET, and their entity tags by id.

        Raises `PermissionDenied` if the user may not see a row. Each row is serialized once, for its tag and the body.
        """
        ids = [row.pk for rows in written.values() for row in rows]
        versioned = responses.read_rows(self, ids)
        if len(versioned) < len(ids):
            raise PermissionDenied(CANNOT_VIEW)
        bodies = {pk: orjson.dumps(row.representation) for pk, row in versioned.items()}
        lists = {operation: b",".join(bodies[row.pk] for row in rows) for operation, rows in written.items()}
        tags = orjson.dumps({str(pk): etag(versioned[pk].state, body) for pk, body in bodies.items()})
        deleted_ids = orjson.dumps([row.pk for row in deleted])
        return b'{"created":[%b],"updated":[%b],"deleted":%b,"etags":%b}' % (
            lists["create"],
            lists["update"],
            deleted_ids,
            tags,
        )
