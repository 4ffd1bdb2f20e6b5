"""The views of working copies: they make, compare, publish and withdraw copies of published agreements."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accords import working_copies
from accords.api.errors import Conflict, ErrorItem
from accords.api.fast import responses
from accords.api.guarded import describe_claim
from accords.api.idempotency import IdempotentRequest
from accords.api.mixins import atomic_with_retry, check_if_match, json_response, refuse_data
from accords.api.permissions import require_permission_to_delete
from accords.api.serializers.working_copies import OverwriteSerializer, WorkingCopySerializer
from accords.api.views import AgreementViewSet
from accords.models import Agreement
from accords.services import Uncited, may_publish, own_drafts
from accords.working_copies import CopyConflict, compare

MAY_NOT_PUBLISH = "You do not have permission to publish agreements. Ask a publisher to publish this working copy."
NOT_PUBLISHED = "This agreement is a draft. Change it directly: only a published agreement needs a working copy."
NO_COPY = "This agreement is no working copy. Publish it with PATCH (`is_published`); delete it with DELETE."
NOT_CITED = "The working copy cannot be published: no citation supports {}."
CHANGED_MEANWHILE = (
    "Since the copy was made, the published agreement was changed at {pointer}. Change the copy, or send {pointer} in "
    "`overwrite` to publish what the copy has."
)
NO_CONFLICT = "This is none of the `conflicts` of the working copy as it is now. Read it again."


class WorkingCopyViewSet(AgreementViewSet):
    """The working copies of an agreement, or what one of them changes."""

    needs_body = False

    def allowed_parameters(self) -> list[str]:
        return []

    def find_agreement(self) -> Agreement:
        """Return the agreement of the path. Raises `Http404` if there is none that the user may see."""
        agreements: Any = Agreement.objects.visible_to(self.request.user)
        agreement: Agreement = get_object_or_404(agreements, slug=self.kwargs["slug"].lower())
        return agreement

    @extend_schema(summary="Compare a working copy with what is published", responses=WorkingCopySerializer)
    def working_copy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the working copies of an agreement; for a working copy, its comparison with the published one."""
        agreement = self.find_agreement()
        copies: Any = Agreement.objects.filter(working_copy_of=agreement).order_by("pk")
        instance = {
            "agreement": agreement.slug,
            "working_copies": list(copies.visible_to(request.user).values_list("slug", flat=True)),
            "comparison": compare(agreement) if agreement.working_copy_of_id else None,
        }
        return Response(WorkingCopySerializer(instance).data)

    @extend_schema(
        summary="Make a working copy of an agreement",
        request=None,
        responses={201: OpenApiResponse(AgreementViewSet.serializer_class)},
    )
    @atomic_with_retry
    def make_working_copy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Copy a published agreement into a draft."""
        idempotent = IdempotentRequest(request)
        if (stored := idempotent.find()) is not None:
            return json_response(stored.status, bytes(stored.body), stored.headers | {"Idempotency-Replayed": "true"})
        refuse_data(request)
        agreement = self.find_agreement()
        if not agreement.is_published:
            raise Conflict([ErrorItem("", "draft", NOT_PUBLISHED)])
        copy = working_copies.make_working_copy(agreement=agreement, on=self.day())
        response = self.represent(copy)
        address = f"{responses.origin(request)}/api/v1/agreements/{copy.slug}"
        headers = {"ETag": response.headers["ETag"], "Location": address}
        idempotent.save(201, response.content, headers)
        return json_response(201, response.content, headers)

    @extend_schema(summary="Withdraw a working copy of an agreement", responses={204: None})
    @atomic_with_retry
    def withdraw_working_copy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a working copy."""
        copy = self.find_agreement()
        if copy.working_copy_of_id is None:
            raise Conflict([ErrorItem("", "no_working_copy", NO_COPY)])
        if copy.pk not in own_drafts(request.user, Agreement.objects.filter(pk=copy.pk)):  # made by someone else
            require_permission_to_delete(request.user, [copy])
        check_if_match(request, copy)
        copy.delete()
        response = HttpResponse(status=204)
        del response.headers["Content-Type"]
        return response

    @extend_schema(
        summary="Publish a working copy of an agreement",
        request=OverwriteSerializer,
        responses={200: OpenApiResponse(AgreementViewSet.serializer_class)},
    )
    @atomic_with_retry
    def publish_working_copy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Apply the changes of a working copy to the published agreement, and delete the copy.

        Raises `Conflict` if `overwrite` does not have exactly the conflicts, and for claims without a citation.
        """
        if not may_publish(request.user):
            raise PermissionDenied(MAY_NOT_PUBLISH)
        idempotent = IdempotentRequest(request)
        if (stored := idempotent.find()) is not None:
            return json_response(stored.status, bytes(stored.body), stored.headers | {"Idempotency-Replayed": "true"})
        serializer = OverwriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        copy = self.find_agreement()
        if copy.working_copy_of_id is None:
            raise Conflict([ErrorItem("", "no_working_copy", NO_COPY)])
        overwrite = serializer.validated_data.get("overwrite", [])
        try:
            agreement = working_copies.publish_working_copy(working_copy=copy, overwrite=overwrite, on=self.day())
        except CopyConflict as error:
            details = [CHANGED_MEANWHILE.format(pointer=f"`{pointer}`") for pointer in error.undecided]
            items = [ErrorItem("", "changed_meanwhile", detail) for detail in details]
            for pointer in error.unknown:
                items.append(ErrorItem(f"/overwrite/{overwrite.index(pointer)}", "no_conflict", NO_CONFLICT))
            raise Conflict(items) from error
        except Uncited as error:
            details = [NOT_CITED.format(describe_claim(missing)) for missing in error.missing]
            raise Conflict([ErrorItem("", "uncited", detail) for detail in details]) from error
        response = self.represent(agreement)
        headers = {"ETag": response.headers["ETag"]}
        idempotent.save(200, response.content, headers)
        return json_response(200, response.content, headers)
