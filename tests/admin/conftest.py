"""Fixtures of the admin's tests: clients of editors, and a small deal."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser

from accords.models import Agreement
from accords.services import renewals_changed
from tests import factories
from tests.admin.browsing import SCREEN, AdminPage
from tests.admin.forms import UntouchedForms
from tests.clients import Client


@pytest.fixture(scope="module")
def module_editor(module_transaction: None) -> Client:
    """Log a superuser in, once for a module."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def boss(module_editor: Client, db: None) -> User:
    """Return the superuser."""
    return User.objects.get(username="boss")


@pytest.fixture
def editor(module_editor: Client, db: None) -> Client:
    """Return a client in which the superuser is logged in."""
    client = Client()
    client.cookies = deepcopy(module_editor.cookies)
    return client


@pytest.fixture
def someone(db: None) -> Callable[..., Client]:
    """Return a function that gives a client of a member of staff with these permissions."""

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
def module_deal(module_transaction: None) -> Iterator[factories.FixtureRows]:
    """Create a small deal as a draft, with its renewals until today, once for a module."""
    with override_settings(RENEWAL_HORIZON="P1D"):
        rows = factories.deal()
        rows.agreement.is_published = False
        rows.agreement.save()
        renewals_changed([rows.agreement.pk], on=timezone.localdate())
        yield rows


@pytest.fixture
def deal(module_deal: factories.FixtureRows, db: None) -> factories.FixtureRows:
    """Return the deal; changes are rolled back after the test."""
    return deepcopy(module_deal)


@pytest.fixture(scope="module")
def module_forms(module_deal: factories.FixtureRows) -> UntouchedForms:
    return UntouchedForms()


@pytest.fixture
def untouched(editor: Client, module_forms: UntouchedForms) -> UntouchedForms:
    """Return the superuser's forms of the deal, as every test finds it."""
    module_forms.client = editor
    return module_forms


@pytest.fixture
def published_deal(deal: factories.FixtureRows) -> factories.FixtureRows:
    Agreement.objects.update(is_published=True)
    deal.agreement.is_published = True
    return deal


@pytest.fixture
def new_admin_page(browser: Browser, live_server: Any, settings: Any) -> Iterator[Callable[[], AdminPage]]:
    """Return a function that opens a page in a new context of Chromium. A problem on any page fails the test."""
    settings.RENEWAL_HORIZON = "P1D"  # each renewal date is a row of a table
    User.objects.create_superuser("boss", password="boss")
    opened: list[AdminPage] = []

    def open_page() -> AdminPage:
        context = browser.new_context(viewport=SCREEN, locale="en")
        opened.append(AdminPage(context.new_page(), live_server.url))
        return opened[-1]

    yield open_page
    for page in opened:
        page.leave()
    assert not any(page.problems for page in opened), [page.problems for page in opened]


@pytest.fixture
def admin_page(new_admin_page: Callable[[], AdminPage]) -> AdminPage:
    return new_admin_page()
