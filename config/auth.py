"""Logins of editors: limits on passwords and failed logins, log lines, and messages about failures."""

import logging
from typing import Any

from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accords.client_address import address

MAX_PASSWORD_LENGTH = 4096  # hashing a longer one takes noticeable time
logger = logging.getLogger(__name__)


class Passwords(ModelBackend):
    """Django's accounts and permissions. A password that is too long is refused without being hashed."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        if password is not None and len(password) > MAX_PASSWORD_LENGTH:
            return None
        return super().authenticate(request, username=username, password=password, **kwargs)


class MaximumLengthValidator:
    """Refuse a new password with which nobody could log in."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > MAX_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("Your password can have %(most)d characters at most.") % {"most": MAX_PASSWORD_LENGTH}


def login_delayed(request: HttpRequest, response: HttpResponse, credentials: Any = None) -> HttpResponse:
    """Return the page for a login after too many failures; it does not reveal whether the account exists."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    page = render(request, "accords/login_delayed.html", {"seconds": seconds}, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page


@receiver(user_logged_in)
def report_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Log a login, and show the account's owner a message about failed logins since the last.

    Failures while logins are delayed are not counted, and at most 100 are kept.
    """
    log_login("Logged in", request, user)
    failures = list(AccessFailureLog.objects.filter(username=user.get_username()).order_by("-attempt_time"))
    if count := len(failures):
        messages.warning(
            request,
            ngettext(
                "At least %(count)d login to your account failed since your last one: on %(date)s, from %(address)s.",
                "At least %(count)d logins to your account failed since the last; one on %(date)s, from %(address)s.",
                count,
            )
            % {
                "count": count,
                "date": f"{failures[0].attempt_time:%Y-%m-%d %H:%M} UTC",
                "address": failures[0].ip_address,
            },
            fail_silently=True,  # tests send requests without sessions and messages
        )
        AccessFailureLog.objects.filter(pk__in=[failure.pk for failure in failures]).delete()


@receiver(user_logged_out)
def report_logout(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        log_login("Logged out", request, user)


@receiver(user_login_failed)
def report_failure(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Log a failed login; its user name only if there is such an account: it may be a password in the wrong field."""
    username = str(credentials.get("username"))[:150]
    user = get_user_model().objects.filter(username=username).first()
    log_login("Login failed", request, user)
    if user is None:  # there is no owner to inform, and invented names would fill the table
        AccessFailureLog.objects.filter(username=username).delete()


def log_login(event: str, request: HttpRequest | None, user: User | None) -> None:
    """Log an event with the account (None: unknown) and the address of the client."""
    fields = {
        "user": getattr(user, "pk", None),
        "username": user.get_username() if user is not None else None,
        "address": address(request) if request is not None else None,
    }
    logger.info(event, extra={"fields": fields})
