"""The views of webhooks. Webhooks are private to their owners, so responses are neither compiled nor cached."""

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

from accords import webhooks
from accords.api.errors import Conflict, ErrorItem
from accords.api.filters.webhooks import WebhookDeliveryFilterSet, WebhookFilterSet
from accords.api.http import State, etag
from accords.api.mixins import (
    ConditionalUpdateMixin,
    IdempotentCreateMixin,
    atomic_with_retry,
    check_if_match,
    json_response,
    refuse_data,
)
from accords.api.pagination import KeysetPagination
from accords.api.resource import ID, Related, Resource
from accords.api.serializers.webhooks import ReplaySerializer, WebhookDeliverySerializer, WebhookSerializer
from accords.models import Agreement, Webhook, WebhookDelivery


class PrivateResource(mixins.ListModelMixin, Resource):
    """The base of resources whose rows belong to one account. REST framework itself reads and renders them."""

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
        """Return the row. For a write it is locked until the transaction ends."""
        if self.request.method in SAFE_METHODS:
            return super().get_object()
        row = get_object_or_404(self.locked_rows(), pk=self.kwargs["pk"])
        if self.request.method != "POST":  # an action of its own, such as `replay`
            check_if_match(self.request, row)
        return row

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.represent(self.get_object())

    def represent(self, row: Webhook, *, shows_secret: bool = False) -> HttpResponse:
        """Return the response to a GET of a row. With `shows_secret` it has the secret."""
        context = {**self.get_serializer_context(), "shows_secret": shows_secret}
        webhook = self.get_queryset().get(pk=row.pk)  # with its agreement, if the user may see that
        body = orjson.dumps(self.serializer_class(webhook, context=context, shape=self.shape).data)
        tag = etag(State(row.pk, row.version), body)
        return HttpResponse(body, content_type="application/json", headers={"ETag": tag})

    def stored_members(self, row: Webhook, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return all members of a row: the method of the mixin reads a row by a compiled plan."""
        members: dict[str, Any] = orjson.loads(self.represent(row).content)
        return members

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create a webhook, and return it with its secret.

        The secret is added after the response has been stored for a repeated request, which does not get it.
        """
        response: HttpResponse = super().create(request, *args, **kwargs)
        if "Idempotency-Replayed" in response.headers:
            return response
        members = orjson.loads(response.content)
        secret = Webhook.objects.values_list("secret", flat=True).get(pk=members["id"])
        headers = {name: response.headers[name] for name in ("ETag", "Location")}
        return json_response(201, orjson.dumps(members | {"secret": secret}), headers)

    # No renewal dates and no claims depend on a webhook, so these three replace the methods of the mixins.

    def perform_create(self, serializer: Any) -> None:
        """Save a new webhook at the end of its owner's feed."""
        user: Any = self.request.user
        start = Webhook(owner=user)
        webhooks.move_to_end_of_feed(start)
        serializer.save(owner=user, views_drafts=start.views_drafts, position=start.position)

    def perform_update(self, serializer: Any) -> None:
        """Save the webhook, and resume its deliveries.

        The serializer saves only its own fields that have changed: those of `resume` are saved separately.
        """
        was_active = serializer.instance.is_active
        row = serializer.save()
        webhooks.resume_after_edit(row, was_active)
        row.save(update_fields=webhooks.RESUMED_FIELDS)

    def perform_destroy(self, instance: Webhook) -> None:
        instance.delete()

    @extend_schema(
        summary="Replace the secret of a webhook", request=None, responses={200: OpenApiResponse(WebhookSerializer)}
    )
    @atomic_with_retry
    def rotate_secret(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set a new secret, and return the webhook with it."""
        refuse_data(request)
        row = self.get_object()
        row.rotate_secret(timezone.now())
        row.save(update_fields=["secret", "old_secret", "old_secret_until"])
        return self.represent(row, shows_secret=True)

    @extend_schema(
        summary="Deliver messages of a webhook again",
        request=ReplaySerializer,
        responses={200: OpenApiResponse(WebhookSerializer)},
    )
    @atomic_with_retry
    def replay(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set the webhook back to a position of the feed: the next deliveries send the messages after it again."""
        row = self.get_object()
        serializer = ReplaySerializer(row, data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        try:
            webhooks.replay(row, serializer.validated_data["position"])
        except webhooks.NotKept as error:
            raise Conflict([ErrorItem("/after", "not_kept", str(error))]) from error
        row.save(update_fields=["position", *webhooks.RESUMED_FIELDS])
        return self.represent(row)

    @extend_schema(
        summary="Send a test message to a webhook",
        request=None,
        responses={200: OpenApiResponse(WebhookDeliverySerializer)},
    )
    def send_test(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a test message and return its delivery. No transaction is open while the receiver is called.

        The response is 404 if the webhook is deleted meanwhile.
        """
        refuse_data(request)
        row = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])  # `get_object` would lock the row
        delivery = webhooks.send_and_log(row, webhooks.new_test_message(row))
        return Response(WebhookDeliverySerializer(delivery, context=self.get_serializer_context()).data)


class WebhookDeliveryViewSet(PrivateResource):
    """The deliveries to a webhook: each attempt to send a message, with its result. They are kept for a month."""

    model, filterset_class, serializer_class = WebhookDelivery, WebhookDeliveryFilterSet, WebhookDeliverySerializer
    lookup_field, lookup_value_regex = ID
    orderings = {"id": "id", "at": "at"}
    default_ordering = "-id"

    def get_queryset(self) -> QuerySet[Any]:
        # `pk` is the id of the webhook; without one, while the schema is generated, there are no rows.
        return super().get_queryset().filter(webhook=self.kwargs.get("pk"))

    @extend_schema(summary="List the deliveries of one webhook", responses=WebhookDeliverySerializer(many=True))
    def deliveries(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the deliveries of one webhook."""
        get_object_or_404(Webhook.objects.visible_to(request.user), pk=self.kwargs["pk"])
        return self.list(request, *args, **kwargs)
