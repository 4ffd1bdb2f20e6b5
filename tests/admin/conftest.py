"""Editors, and a small deal for them to edit."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from accords.actions import horizon, project_renewals
from tests import cast


@pytest.fixture
def boss(db: None) -> User:
    """Someone who may do everything. Without a password, for hashing one takes longer than most tests."""
    return User.objects.create_superuser("boss")


@pytest.fixture
def editor(boss: User) -> Client:
    """A browser in which that someone is logged in."""
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def someone(db: None) -> Callable[..., Client]:
    """Makes browsers in which a member of staff with these permissions is logged in."""

    def logged_in(*permissions: str) -> Client:
        user = User.objects.create_user(f"staff{User.objects.count()}", is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="accords", codename__in=permissions)
        )
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[cast.Cast]:
    """A small deal for a module of tests, with what follows from its terms up to now; gone after it."""
    soon = override_settings(RENEWAL_HORIZON="P1D")
    with django_db_blocker.unblock(), soon, transaction.atomic():
        one = cast.deal()
        project_renewals(agreement=one.agreement, until=horizon(timezone.localdate()))
        yield one
        transaction.set_rollback(True)


@pytest.fixture
def deal(made: cast.Cast, db: None) -> cast.Cast:
    """The deal for one test, which may do with it what it likes."""
    return deepcopy(made)
