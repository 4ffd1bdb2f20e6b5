"""What all tests share: the database they run on and how generated examples are tried.

The database is the one of DATABASE_URL, so the same suite runs on SQLite (the default) and on PostgreSQL.
"""

import gc
import os
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from hypothesis import settings

from tests.clients import Client

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage seldom, and never among what was imported: it takes a fifth of the suite's time otherwise."""
    gc.set_threshold(200_000, 20, 20)
    gc.collect()
    gc.freeze()


@receiver(post_migrate)
def restore_groups(sender: AppConfig, **kwargs: Any) -> None:
    """Create the groups of the migration again after a transactional test has emptied all tables."""
    if sender.label == "accords":
        import_module("accords.migrations.0008_tokens").make_groups(apps, SimpleNamespace(connection=connection))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test database into a file of this run: in memory it has neither WAL nor writers that wait."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "config.sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "accords.sqlite3")


@pytest.fixture
def client() -> Client:
    """An anonymous client, in place of the one of pytest-django."""
    return Client()


@pytest.fixture(scope="module")
def deal(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The deal as `make serve` loads it, once for a module of tests, and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_deal", verbosity=0)
        yield
        transaction.set_rollback(True)
