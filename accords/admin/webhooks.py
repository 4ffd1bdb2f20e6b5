"""Webhooks, whose secret is shown once when they are created, and the log of their deliveries."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.display import badge
from accords.admin.edit_conflicts import SHOWN_GROUP
from accords.models import Webhook, WebhookDelivery
from accords.webhooks import move_to_end_of_feed, new_test_message, resume_after_edit, send_and_log


@admin.register(Webhook)
class WebhookAdmin(RecordAdmin):
    """Users see their own webhooks, superusers all: a webhook sends what its owner may read."""

    list_display = ("url", "owner", "state", "position", "failing_since", "next_attempt_at")
    list_filter = ("is_active",)
    list_select_related = ("owner",)
    search_fields = ("url", "owner__username")
    search_help_text = _("A part of the address, or the owner.")
    ordering = ("url", "pk")
    actions = ("send_test",)
    autocomplete_fields = ("agreement",)
    readonly_fields = ("position", "owner", "created_at", "failing_since", "attempts", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: Any = super().get_queryset(request)
        return queryset.visible_to(request.user)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        stored = ["is_active", "position", "owner", "created_at", "failing_since", "attempts", "state"] if obj else []
        groups: list[Any] = [(None, {"fields": ["url", "resources", "agreement", *stored]})]
        return [*groups, SHOWN_GROUP] if obj and self.has_change_permission(request, obj) else groups

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """Begin a new webhook at the end of its owner's feed, and deliver at once after an edit."""
        if not change:
            obj.owner = request.user  # type: ignore[assignment]  # the site admits nobody anonymous
            move_to_end_of_feed(obj)
        elif form.changed_data:
            resume_after_edit(obj, was_active=form.initial["is_active"])
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: Any = None) -> HttpResponse:
        """Show the secret at once: a message to the next page would be stored in a cookie or the database."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new webhook"),
            "webhook": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "accords/webhook.html", context)

    @admin.display(description=_("state"))
    def state(self, obj: Webhook) -> SafeString:
        """Return whether messages are sent, and whether their deliveries fail."""
        if obj.is_turned_off:
            return badge(_("turned off after three days of failures"), "bad")
        if not obj.is_active:
            return badge(_("off"), "warn")
        return badge(_("failing"), "warn") if obj.failing_since else badge(_("on"), "plain")

    @admin.action(description=_("Send a test message to selected webhooks"), permissions=["change"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for webhook in queryset:
            try:
                delivery = send_and_log(webhook, new_test_message(webhook))
            except Webhook.DoesNotExist:
                message = _("%(url)s was deleted in the meantime.") % {"url": webhook.url}
                self.message_user(request, message, messages.ERROR)
                continue
            if delivery.is_delivered:
                self.message_user(request, _("%(url)s took the test message.") % {"url": webhook.url}, messages.SUCCESS)
            else:
                reason = {"url": webhook.url, "error": delivery.error}
                message = _("%(url)s did not take the test message: %(error)s") % reason
                self.message_user(request, message, messages.ERROR)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(RecordAdmin):
    """The log of deliveries."""

    list_display = ("message", "webhook", "kind", "at", "status", "error")
    list_filter = ("at", "status")
    list_select_related = ("webhook",)
    search_fields = ("message", "webhook__url")
    search_help_text = _("A part of the address, or the id of a message.")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: Any = super().get_queryset(request)
        return queryset.visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
