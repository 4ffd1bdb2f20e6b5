"""Webhooks as a resource: private to their owners, so neither compiled nor cached for others."""

from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accords.api import webhooks
from accords.api.errors import Conflict, ErrorItem, InvalidBody
from accords.api.filters.webhooks import WebhookDeliveryFilterSet, WebhookFilterSet
from accords.api.http import State, etag
from accords.api.mixins import (
    ConditionalUpdateMixin,
    IdempotentCreateMixin,
    atomic_with_retry,
    check_if_match,
    json_response,
)
from accords.api.pagination import KeysetPagination
from accords.api.resource import ID, Related, Resource
from accords.api.serializers.webhooks import ReplaySerializer, WebhookDeliverySerializer, WebhookSerializer
from accords.models import Agreement, Webhook, WebhookDelivery


def refuse_data(request: Request) -> None:
    """Raise `InvalidBody` if the body has any members."""
    if request.data:
        raise InvalidBody([ErrorItem("", "unexpected_body", "Send no body, or an empty object.")])


class PrivateResource(mixins.ListModelMixin, Resource):
    """Rows of one account, answered by REST framework itself."""

    is_private = True
    in_detail = frozenset()
    pagination_class = KeysetPagination

    def allowed_parameters(self) -> list[str]:
        return [name for name in super().allowed_parameters() if name != "expand"]


class WebhookViewSet(PrivateResource, IdempotentCreateMixin, ConditionalUpdateMixin):
    """Webhooks: addresses that receive the changes that their owners may see."""

    model, filterset_class, serializer_class = Webhook, WebhookFilterSet, WebhookSerializer
    lookup_field, lookup_value_regex = ID
    orderings = {"id": "id", "created_at": "created_at"}
    related = Related(select=("owner",), visible=(("agreement", Agreement.objects.all()),))

    def get_object(self) -> Any:
        """Return the row; for a write, locked until the transaction ends."""
        if self.request.method in SAFE_METHODS:
            return super().get_object()
        row = get_object_or_404(self.locked_rows(), pk=self.kwargs["pk"])
        if self.request.method != "POST":
            check_if_match(self.request, row)
        return row

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.represent(self.get_object())

    def represent(self, row: Webhook, *, shows_secret: bool = False) -> HttpResponse:
        context = {**self.get_serializer_context(), "shows_secret": shows_secret}
        shown = self.get_queryset().get(pk=row.pk)  # with its agreement as far as the user may see it
        body = orjson.dumps(self.serializer_class(shown, context=context, shape=self.shape).data)
        tag = etag(State(row.pk, row.version), body)
        return HttpResponse(body, content_type="application/json", headers={"ETag": tag})

    def stored_members(self, row: Webhook, *args: Any, **kwargs: Any) -> dict[str, Any]:
        members: dict[str, Any] = orjson.loads(self.represent(row).content)
        return members

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create a webhook, and show its secret. The response that is stored for a repeated request is without it."""
        response: HttpResponse = super().create(request, *args, **kwargs)
        if "Idempotency-Replayed" in response.headers:
            return response
        shown = orjson.loads(response.content)
        secret = Webhook.objects.values_list("secret", flat=True).get(pk=shown["id"])
        headers = {name: response.headers[name] for name in ("ETag", "Location")}
        return json_response(201, orjson.dumps(shown | {"secret": secret}), headers)

    def perform_create(self, serializer: Any) -> None:
        user: Any = self.request.user
        row = Webhook(owner=user)
        webhooks.start(row)
        serializer.save(owner=user, views_drafts=row.views_drafts, position=row.position)

    def perform_update(self, serializer: Any) -> None:
        was_active = serializer.instance.is_active
        row = serializer.save()
        webhooks.resume_after_edit(row, was_active)
        row.save(update_fields=["failing_since", "attempts", "next_attempt_at"])

    def perform_destroy(self, instance: Webhook) -> None:
        instance.delete()

    @extend_schema(request=None, responses={200: OpenApiResponse(WebhookSerializer)})
    @atomic_with_retry
    def rotate_secret(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set a new secret, and show it."""
        refuse_data(request)
        row = self.get_object()
        row.rotate_secret(timezone.now())
        row.save(update_fields=["secret", "old_secret", "old_secret_until"])
        return self.represent(row, shows_secret=True)

    @extend_schema(request=ReplaySerializer, responses={200: OpenApiResponse(WebhookSerializer)})
    @atomic_with_retry
    def replay(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the messages after a position of the feed again, in the next deliveries."""
        row = self.get_object()
        serializer = ReplaySerializer(row, data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        try:
            webhooks.replay(row, serializer.validated_data["position"])
        except webhooks.NotKept as error:
            raise Conflict([ErrorItem("/after", "not_kept", str(error))]) from error
        row.save(update_fields=["position", "failing_since", "attempts", "next_attempt_at"])
        return self.represent(row)

    @extend_schema(request=None, responses={200: OpenApiResponse(WebhookDeliverySerializer)})
    def send_test(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a test message and return the delivery. No transaction is open while the receiver is called."""
        refuse_data(request)
        row = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        delivery = webhooks.attempt(row, webhooks.trial_message(row))
        return Response(WebhookDeliverySerializer(delivery, context=self.get_serializer_context()).data)


class WebhookDeliveryViewSet(PrivateResource):
    """The deliveries to a webhook: each attempt to send a message, and what came of it. They are kept for a month."""

    model, filterset_class, serializer_class = WebhookDelivery, WebhookDeliveryFilterSet, WebhookDeliverySerializer
    lookup_field, lookup_value_regex = ID
    orderings = {"id": "id", "at": "at"}
    default_ordering = "-id"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(webhook=self.kwargs.get("pk"))

    @extend_schema(responses=WebhookDeliverySerializer(many=True))
    def deliveries(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the deliveries of one webhook."""
        get_object_or_404(Webhook.objects.visible_to(request.user), pk=self.kwargs["pk"])
        return self.list(request, *args, **kwargs)
