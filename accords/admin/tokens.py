"""API tokens, whose secret is shown once when they are created, and the addresses that sent wrong tokens."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accords.admin.base import RecordAdmin
from accords.admin.display import badge
from accords.models import Token, TokenFailure


def may_manage_all_tokens(request: HttpRequest) -> bool:
    """Return whether the user may see and create other accounts' tokens.

    Superusers only: a token has the rights of its owner.
    """
    return bool(request.user.is_superuser)


@admin.register(Token)
class TokenAdmin(RecordAdmin):
    """A token cannot be changed, only revoked: for another scope or expiry create another one."""

    list_display = ("name", "beginning", "owner", "scope", "state", "created_at", "expires_at", "last_used_at")
    list_filter = ("scope", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "beginning", "owner__username")
    search_help_text = _("Words of the name, the beginning of the token, or its owner.")
    ordering = ("name", "pk")
    actions = ("revoke",)
    readonly_fields = ("state",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset if may_manage_all_tokens(request) else queryset.filter(owner=request.user)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        owner = ["owner"] if obj or may_manage_all_tokens(request) else []
        recorded = ["beginning", "created_at", "last_used_at", "revoked_at", "state"] if obj else []
        return [(None, {"fields": ["name", *owner, "scope", "expires_at", *recorded]})]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **kwargs | {"widget": forms.Select()})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow change for the list page only: the action `revoke` requires it, and a token itself is not editable."""
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        """Generate the secret, and keep it on the request for `response_add`: only its hash is stored."""
        if not may_manage_all_tokens(request):
            obj.owner = request.user  # type: ignore[assignment]  # the site admits nobody anonymous
        request.secret = obj.generate_secret()  # type: ignore[attr-defined]  # kept for `response_add`
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Model, post_url_continue: Any = None) -> HttpResponse:
        """Show the secret at once: a message to the next page would be stored in a cookie or the database."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new token"),
            "token": obj,
            "secret": request.secret,  # type: ignore[attr-defined]  # set by `save_model`
            "opts": self.opts,
        }
        return TemplateResponse(request, "accords/token.html", context)

    @admin.display(description=_("state"))
    def state(self, obj: Token) -> SafeString:
        """Return whether the token is valid now, and if not, why."""
        error_message = obj.error_message(timezone.now())
        return badge(error_message, "warn") if error_message else badge(_("valid"), "plain")

    @admin.action(description=_("Revoke selected tokens"), permissions=["change"])
    @transaction.atomic
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for token in queryset.filter(revoked_at=None):
            self.log_change(request, token, "Revoked.")
        count = Token.objects.filter(pk__in=queryset.values("pk")).revoke(timezone.now())
        message = ngettext("%(n)d token was revoked.", "%(n)d tokens were revoked.", count) % {"n": count}
        self.message_user(request, message, messages.SUCCESS)


@admin.register(TokenFailure)
class TokenFailureAdmin(RecordAdmin):
    """Addresses that sent wrong tokens. Deleting one lets it try again."""

    list_display = ("address", "times", "since")
    list_filter = ("since",)
    search_fields = ("address",)
    search_help_text = _("The beginning of an address.")
    ordering = ("-since", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
