"""Clients of every role: anonymous, logged in, and with a token, with different permissions."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone

from accords.models import Token
from tests.clients import Client

CANNOT_VIEW_DRAFTS = ("anonymous", "stranger", "closed", "blind_writer", "stranger_token")
CAN_VIEW_DRAFTS = ("editor", "publisher", "service", "read_token", "write_token")
INVALID_CREDENTIALS = ("wrong_token", "expired_token", "revoked_token", "closed_token")  # always 401


def user(name: str, group: str = "", *permissions: str) -> User:
    """Create an account in a group, or with single permissions."""
    account = User.objects.create_user(name)
    account.groups.set(Group.objects.filter(name=group))
    account.user_permissions.set(Permission.objects.filter(content_type__app_label="accords", codename__in=permissions))
    return account


def in_session(who: User | None) -> Client:
    """Return a client in which the user is logged in; an anonymous one for None."""
    client = Client()
    if who is not None:
        client.force_login(who)
    return client


def by_token(who: User, **fields: Any) -> Client:
    """Return a client with a token of that account."""
    ended = {name: fields.pop(name) for name in ("expires_at", "revoked_at") if name in fields}
    token, secret = Token.objects.issue(who, "matrix", **fields)
    if ended:
        Token.objects.filter(pk=token.pk).update(created_at=timezone.now() - timedelta(days=9), **ended)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def writes() -> list[str]:
    """Return all permissions of the domain but those to view."""
    codes = Permission.objects.filter(content_type__app_label="accords").values_list("codename", flat=True)
    return [code for code in codes if not code.startswith("view_")]


def closed(name: str) -> User:
    """Create an inactive account in the group of editors."""
    who = user(name, "editor")
    who.is_active = False
    who.save()
    return who


def caller(role: str) -> Client:
    """Return a client in a role."""
    past, name = timezone.now() - timedelta(days=1), f"{role}-account"
    makers: dict[str, Any] = {
        "anonymous": lambda: in_session(None),
        "stranger": lambda: in_session(user(name)),
        "closed": lambda: in_session(closed(name)),
        "blind_writer": lambda: in_session(user(name, "", *writes())),
        "stranger_token": lambda: by_token(user(name), scope="write"),
        "editor": lambda: in_session(user(name, "editor")),
        "publisher": lambda: in_session(user(name, "publisher")),
        "service": lambda: in_session(user(name, "service")),
        "read_token": lambda: by_token(user(name, "service")),
        "write_token": lambda: by_token(user(name, "service"), scope="write"),
        "wrong_token": lambda: Client(headers={"Authorization": f"Bearer accords_{'x' * 43}"}),
        "expired_token": lambda: by_token(user(name, "publisher"), expires_at=past),
        "revoked_token": lambda: by_token(user(name, "publisher"), revoked_at=past),
        "closed_token": lambda: by_token(closed(name)),
    }
    client: Client = makers[role]()
    return client
