"""Fixtures of the API's tests: rows to read, and clients with and without the permission to view drafts."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission, User

from tests import factories
from tests.api.world import World, build, with_draft
from tests.clients import Client


@pytest.fixture(scope="module")
def module_world(module_transaction: None) -> World:
    """Create the published world, once for a module."""
    return build()


@pytest.fixture
def world(module_world: World, db: None) -> World:
    """Return the published world; changes are rolled back after the test."""
    return module_world


@pytest.fixture
def world_with_draft(world: World) -> Iterator[World]:
    """Add the draft to the world."""
    with with_draft(world):
        yield world


@pytest.fixture(scope="module")
def module_deal(module_transaction: None) -> factories.FixtureRows:
    """Create one deal, once for a module."""
    return factories.deal()


@pytest.fixture
def stranger(db: None) -> Client:
    """Return a client that is logged in, without any permission."""
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    return client


@pytest.fixture
def editor(db: None) -> Client:
    """Return a client that is logged in and may view drafts."""
    user = User.objects.create_user("editor")
    user.user_permissions.add(Permission.objects.get(codename="view_agreement", content_type__app_label="accords"))
    client = Client()
    client.force_login(user)
    return client
