"""Filters of webhooks and of their deliveries."""

from typing import Any

from django.db.models import Q, QuerySet

from accords.api.filters.base import EXACT, ONE_OR_SEVERAL, RANGE, StrictFilterSet
from accords.api.filters.filter_types import BooleanFilter, TextFilter
from accords.models import Webhook, WebhookDelivery


class WebhookFilterSet(StrictFilterSet):
    """Filters of `/api/v1/webhooks`."""

    fields_of_every_row = {"id": ["in"], "created_at": RANGE}
    endpoint = TextFilter("url", help_text="`endpoint` is this address.")

    class Meta:
        model = Webhook
        fields = {"is_active": EXACT, "agreement": ONE_OR_SEVERAL}


class WebhookDeliveryFilterSet(StrictFilterSet):
    """Filters of `/api/v1/webhooks/{id}/deliveries`."""

    fields_of_every_row = {"id": ["in"], "at": RANGE}
    delivered = BooleanFilter(method="filter_delivered", help_text="Whether the receiver answered with 2xx.")

    class Meta:
        model = WebhookDelivery
        fields = {"message": EXACT, "kind": ONE_OR_SEVERAL, "status": ONE_OR_SEVERAL}

    def filter_delivered(self, queryset: QuerySet[Any], name: str, delivered: bool) -> QuerySet[Any]:
        return queryset.filter(Q(error="")) if delivered else queryset.exclude(error="")
