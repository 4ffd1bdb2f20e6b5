"""Editors, and a small deal for them to edit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
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


@pytest.fixture
def deal(db: Any) -> cast.Cast:
    """A small deal: every noun at least once, with what follows from its terms."""
    made = cast.deal()
    project_renewals(agreement=made.agreement, until=horizon(timezone.localdate()))
    return made
