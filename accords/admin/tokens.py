"""Tokens of services: made here and shown once, watched, revoked. And the addresses from which wrong ones came."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accords.admin.base import RecordAdmin
from accords.admin.display import badge
from accords.models import Token, TokenFailure


def for_all(request: HttpRequest) -> bool:
    """Whether someone may see and make tokens of other accounts: a token can do what its owner can."""
    return bool(request.user.is_superuser)


@admin.register(Token)
class TokenAdmin(RecordAdmin):
    """Tokens. Once made they only end: who needs another scope or a later day makes another."""

    list_display = ("name", "beginning", "owner", "scope", "state", "created_at", "expires_at", "last_used_at")
    list_filter = ("scope", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "beginning", "owner__username")
    search_help_text = _("Words of the name, how the token begins, or its owner.")
    ordering = ("name", "pk")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """One's own tokens; all for who may do everything."""
        found = super().get_queryset(request)
        return found if for_all(request) else found.filter(owner=request.user)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What is chosen, and of a token that exists what became of it; never its hash."""
        owner = ["owner"] if obj or for_all(request) else []
        became = ["beginning", "created_at", "last_used_at", "revoked_at", "state"] if obj else []
        return [(None, {"fields": ["name", *owner, "scope", "expires_at", *became]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What is derived."""
        return [*super().get_readonly_fields(request, obj), "state"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The owner is chosen from a list."""
        return super().formfield_for_foreignkey(db_field, request, **kwargs | {"widget": forms.Select()})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No token changes; who may change tokens may revoke them."""
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        """Give it its secret, which lives as long as this request."""
        if not for_all(request):
            obj.owner = request.user  # type: ignore[assignment]
        request.secret = obj.seal()  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show it at once: in a message to the next page it would lie in a cookie or in the database."""
        secret: str = request.secret  # type: ignore[attr-defined]
        context = {**self.admin_site.each_context(request), "title": _("The new token"), "token": obj, "secret": secret}
        return TemplateResponse(request, "accords/token.html", context | {"opts": self.opts})

    @admin.display(description=_("state"))
    def state(self, obj: Token) -> SafeString:
        """Whether it is valid now, and if not, why."""
        fault = obj.fault(timezone.now())
        return badge(fault, "warn") if fault else badge(str(_("valid")), "plain")

    @admin.action(description=_("Revoke selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """End them for good, and say so in their history."""
        for token in queryset.filter(revoked_at=None):
            self.log_change(request, token, "Revoked.")
        done = Token.objects.filter(pk__in=queryset.values("pk")).revoke(timezone.now())
        self.message_user(request, _("%(n)d tokens were revoked.") % {"n": done}, messages.SUCCESS)


@admin.register(TokenFailure)
class TokenFailureAdmin(RecordAdmin):
    """Addresses from which wrong tokens came. They are only looked at, and deleted to let them try again."""

    list_display = ("address", "times", "since")
    list_filter = ("since",)
    search_fields = ("address",)
    search_help_text = _("The beginning of an address.")
    ordering = ("-since", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come by themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are what they are."""
        return False
