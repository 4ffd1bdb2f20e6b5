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
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import settings

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage seldom, and never among what was imported: it takes a fifth of the suite's time otherwise."""
    gc.set_threshold(200_000, 20, 20)
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test database into a file of this run: in memory it has neither WAL nor writers that wait."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] == "config.sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "accords.sqlite3")


@pytest.fixture(scope="module")
def deal(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The deal as `make serve` loads it, once for a module of tests, and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_deal", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def groups(db: None) -> None:
    """The groups of the migration: whichever test ran before in this process may have emptied all tables."""
    import_module("accords.migrations.0008_tokens").make_groups(apps, SimpleNamespace(connection=connection))
