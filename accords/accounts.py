"""Accounts of services, and their tokens."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from accords.models import Token

SERVICE = "service"  # the group; migration 0008 makes it, with editor and publisher


class NoSuchAccount(LookupError):
    """There is no account of that name."""


@transaction.atomic
def make_token(*, account: str, new_service: bool, name: str, **fields: Any) -> tuple[Token, str]:
    """A token of an account, and its secret; a service's account is made first where `new_service` says so.

    Raises `NoSuchAccount`, or `ValidationError` for what no token or account can be.
    """
    owner = User.objects.filter(username=account).first()
    if owner is None and new_service:
        owner = User(username=account)
        owner.set_unusable_password()
        owner.full_clean()
        owner.save()
        owner.groups.add(Group.objects.get(name=SERVICE))
    if owner is None:
        raise NoSuchAccount(f"There is no account {account!r}.")
    return Token.objects.make(owner, name, **fields)
