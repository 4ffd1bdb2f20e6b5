"""Accounts of services, and their tokens."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from accords.models import Token

SERVICE = "service"  # a group, created by a migration


class NoSuchAccount(LookupError):
    """There is no account with this name."""


@transaction.atomic
def make_token(*, account: str, new_service: bool, name: str, **fields: Any) -> tuple[Token, str]:
    """Issue a token for an account, and return it with its secret. `new_service` creates the account if needed.

    Raises `NoSuchAccount`, or `ValidationError`.
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
    return Token.objects.issue(owner, name, **fields)
