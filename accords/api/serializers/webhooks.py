"""Serializers of webhooks and of the log of their deliveries."""

from rest_framework import serializers

from accords.api.serializers.base import RowSerializer, StrictModelSerializer
from accords.api.serializers.fields import OPTIONAL, SlugRelatedField, StrictCharField, StrictIntegerField
from accords.models import Agreement, Webhook, WebhookDelivery


class WebhookSerializer(RowSerializer):
    """An address that receives the changes that its owner may see."""

    endpoint = StrictCharField(
        source="url", max_length=500, help_text="Where messages are sent: an https address. Redirects are not followed."
    )
    agreement = SlugRelatedField(
        Agreement.objects.all(),
        **OPTIONAL,
        help_text="Only changes of the agreement with this slug and of its related rows; null = of all agreements, or "
        "of one that the user can no longer see, which null does not change.",
    )
    owner = serializers.CharField(
        source="owner.username",
        read_only=True,
        help_text="The account that it belongs to: it receives the changes that this account may see.",
    )
    secret = serializers.SerializerMethodField(
        help_text="The key with which messages are signed, in the response to the request that sets it; null in others."
    )

    class Meta:
        model = Webhook
        path = "webhooks"
        fields = (
            *("endpoint", "resources", "agreement", "is_active", "owner", "secret"),
            *("position", "failing_since", "attempts", "next_attempt_at", "created_at"),
        )
        read_only_fields = ("position", "failing_since", "attempts", "next_attempt_at", "created_at")

    def get_secret(self, webhook: Webhook) -> str | None:
        # The view asks for it only in the response that replaces the secret; `WebhookViewSet.create` adds a new one.
        return webhook.secret if self.context.get("shows_secret") else None


class ReplaySerializer(StrictModelSerializer):
    """The body of a replay: the position in the feed after which messages are sent again."""

    after = StrictIntegerField(
        source="position",
        help_text="The `position` in the feed of changes after which messages are sent again, as messages and entries "
        "of the feed have it.",
    )

    class Meta:
        model = Webhook
        fields = ("after",)


class WebhookDeliverySerializer(RowSerializer):
    """One attempt to deliver a message."""

    required_members = ("id",)

    class Meta:
        model = WebhookDelivery
        path = "webhooks"
        fields = ("message", "kind", "at", "status", "error")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Leave out the address: a delivery has none of its own."""
        return {name: field for name, field in super().get_fields().items() if name != "url"}
