"""Clients with the permission to write."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from accords.models import Agreement
from accords.services import renewals_changed
from tests.api.world import World
from tests.clients import Client


@pytest.fixture
def caller(db: None) -> Callable[..., Client]:
    """Return a function that logs in a new user with these permissions, or with all of them (`*`)."""

    def log_in(*codenames: str) -> Client:
        user = User.objects.create_user(f"caller-{User.objects.count()}", is_superuser=codenames == ("*",))
        found = Permission.objects.filter(content_type__app_label="accords", codename__in=codenames)
        user.user_permissions.add(*found)
        client = Client(raise_request_exception=True)
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def writer(caller: Callable[..., Client]) -> Client:
    """Return a client with all permissions."""
    return caller("*")


@pytest.fixture(scope="module")
def module_drafts(module_world: World) -> World:
    """Withdraw the agreements of the world and compute their renewals, once for a module."""
    Agreement.objects.update(is_published=False)
    renewals_changed(Agreement.objects.values_list("pk", flat=True), on=timezone.localdate())
    return module_world


@pytest.fixture
def world(module_drafts: World, db: None) -> World:
    """Return the world as drafts, which may be changed without evidence; `published_world` has it published."""
    return module_drafts


@pytest.fixture
def published_world(module_drafts: World, db: None) -> World:
    Agreement.objects.update(is_published=True)
    return module_drafts
