"""How people log in: no password so long that hashing it is work, and what a locked login answers."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

LONGEST_PASSWORD = 4096


class Passwords(ModelBackend):
    """Django's own accounts and permissions, but for passwords that nobody can have."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """The user of that name and password, or None."""
        if password is not None and len(password) > LONGEST_PASSWORD:
            return None
        return super().authenticate(request, username=username, password=password, **kwargs)


class MaximumLengthValidator:
    """No password is set with which one could not log in."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` where it is too long."""
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """The rule."""
        return _("Your password can have %(most)d characters at most.") % {"most": LONGEST_PASSWORD}


def locked(request: HttpRequest, answer: HttpResponse, credentials: Any = None) -> HttpResponse:
    """The page for a login after too many failures. It is the same whether the account exists or not."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    page = render(request, "accords/locked.html", {"minutes": seconds // 60}, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page
