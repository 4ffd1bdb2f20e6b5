"""Fixtures and hooks of all tests: the database, the browser, and the profiles of Hypothesis.

The database is that of DATABASE_URL: SQLite by default, or PostgreSQL.
"""

import gc
import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from accords.db import changes
from tests.clients import Client
from tests.examples import examples
from tests.template_database import MIGRATED, WITH_DEAL, database

# Tests whose outcome depends on the database, by the beginning of their ids; they run on PostgreSQL too.
DATABASE = (
    "tests/admin/test_autocomplete.py::test_a_row_is_found",
    "tests/admin/test_base.py::test_every_page_opens",
    "tests/admin/test_history.py::test_a_version_of_every_noun",
    "tests/admin/test_history.py::test_an_agreement_comes_back",
    "tests/admin/test_history.py::test_records_of_one_instant",
    "tests/admin/test_lists.py::test_no_address_makes_a_list_fail",
    "tests/api/exports/test_memory.py",
    "tests/api/fast/test_nested_json.py",
    "tests/api/fast/test_middleware.py",
    "tests/api/fast/test_never_stale.py::test_under_concurrent_writers",
    "tests/api/fast/test_parity.py::test_both_give",
    "tests/api/fast/test_parity.py::test_both_turn_pages_alike[agreements",
    "tests/api/fast/test_parity.py::test_both_turn_pages_alike[c",  # citations, clauses
    "tests/api/filters/",
    "tests/api/test_bad_input.py",
    "tests/api/test_calendar.py::test_it_takes_the_filters",
    "tests/api/test_changes.py",
    "tests/api/test_changes_concurrent.py",
    "tests/api/test_query_contract.py::TestEveryList::test_a_number_that_fits_no_database",
    "tests/api/test_fuzz.py::test_writes_are_as_the_schema_says",
    "tests/api/test_history.py::TestAgreements",
    "tests/api/test_history.py::TestCitations",
    "tests/api/test_history.py::test_",
    "tests/api/test_ordering.py",
    "tests/api/test_pagination.py::test_any_rows",
    "tests/api/test_pagination.py::test_every_declared_order_can_be_walked_there_and_back",
    "tests/api/test_pagination.py::test_rows_that_come_and_go",
    "tests/api/test_pagination.py::test_several_keys",
    "tests/api/test_plans.py",
    "tests/api/test_queries.py::test_no_answer_costs_more",
    "tests/api/test_request_headers.py::test_entity_tags_of_writes",
    "tests/api/test_request_headers.py::test_instants",
    "tests/api/test_tokens.py::test_a_token_is_its_owner",
    "tests/api/test_tokens.py::test_failures_are_counted",
    "tests/api/test_tokens.py::test_the_database_refuses",
    "tests/api/test_tokens.py::test_the_groups",
    "tests/api/test_tokens.py::test_use_is_noted",
    "tests/api/test_tokens.py::test_what_no_longer_counts",
    "tests/api/test_tokens.py::test_while_it_pauses",
    "tests/api/test_webhooks_concurrent.py",
    "tests/api/test_time_filters.py",
    "tests/api/writing/test_bulk.py::test_hundreds_of_rows",
    "tests/api/writing/test_bulk.py::test_one_error",
    "tests/api/writing/test_bulk.py::test_rows_are_created",
    "tests/api/writing/test_bulk.py::test_values_that_must_be_unique",
    "tests/api/writing/test_concurrency.py",
    "tests/api/writing/test_write_contract.py::TestEveryResource::test_any_value_of_any_field",
    "tests/api/writing/test_write_contract.py::TestEveryResource::test_the_same_row_twice",
    "tests/api/writing/test_write_contract.py::TestEveryResource::test_what_is_sent_is_what_is_read",
    "tests/api/writing/test_faults.py::test_a_fault_at_any_step_of_a_creation_leaves_nothing_of_it[agreements",
    "tests/api/writing/test_faults.py::test_a_fault_at_any_step_of_a_change_or_deletion_leaves_nothing_of_it[agreements",
    "tests/api/writing/test_nested.py::test_a_row_that_others_need",
    "tests/api/writing/test_nested.py::test_an_entry_that_stays",
    "tests/api/writing/test_nested.py::test_derived_columns",
    "tests/api/writing/test_nested.py::test_numbers_that_look_alike",
    "tests/api/writing/test_nested.py::test_one_bad_entry",
    "tests/api/writing/test_nested.py::test_renewal_dates",
    "tests/api/writing/test_races.py",
    "tests/bench/test_plans.py",
    "tests/chaos/test_chaos.py::test_a_database",
    "tests/chaos/test_chaos.py::test_what",
    "tests/config/test_postgresql.py",
    "tests/config/test_health.py::test_ready",
    "tests/db/",
    "tests/importing/test_database_constraints.py",
    "tests/importing/test_imports.py::test_the_deal",
    "tests/importing/test_imports.py::test_what_was_shown",
    "tests/importing/test_load_deal.py::test_a_deleted_deal",
    "tests/importing/test_load_deal.py::test_a_slug",
    "tests/importing/test_load_deal.py::test_it_loads_every_row",
    "tests/importing/test_load_deal.py::test_restore",
    "tests/management/",
    "tests/models/test_agreement_states.py::test_a_party",
    "tests/models/test_agreement_states.py::test_every_agreement",
    "tests/models/test_agreement_states.py::test_rules_and_filters",
    "tests/models/test_citations.py",
    "tests/models/test_clauses.py",
    "tests/models/test_renewals.py",
    "tests/models/test_tokens.py",
    "tests/test_deal.py",
    "tests/test_services.py::test_every_mode",
    "tests/test_services.py::test_of_too_many",
    "tests/test_services.py::test_twice",
    "tests/test_services.py::test_very_many",
    "tests/test_time.py",
)
DATABASE_FILES = tuple(each.partition("::")[0] for each in DATABASE)
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]

gc.disable()  # until all tests are imported
settings.register_profile("local", deadline=None, max_examples=examples(100))
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))


def pytest_configure(config: pytest.Config) -> None:
    """Hash passwords quickly: PBKDF2 takes longer than most tests."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import files without a test that `-m database` selects."""
    path = collection_path.relative_to(config.rootpath).as_posix()
    is_test = collection_path.is_file() and collection_path.name.startswith("test_")
    return (is_test and config.getoption("markexpr") == "database" and not path.startswith(DATABASE_FILES)) or None


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(DATABASE):
            item.add_marker("database")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Collect garbage rarely, and never among imported modules: it would take a fifth of the suite's time."""
    gc.set_threshold(200_000, 20, 20)
    gc.collect()
    gc.freeze()
    gc.enable()


@receiver(post_migrate)
def reset_groups_and_feed(sender: AppConfig, **kwargs: Any) -> None:
    """Create the groups of the migration again, and an empty feed, after a transactional test has emptied all tables."""
    if sender.label != "accords":
        return
    import_module("accords.migrations.0003_groups").create_groups(apps, SimpleNamespace(connection=connection))
    if changes.ROW in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {changes.ROW} LIMIT 1")  # noqa: S608 - names of ours
            if cursor.fetchone() is None:
                for table in (changes.PUBLIC, changes.EDITORIAL):
                    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
                cursor.execute(f"UPDATE {changes.COUNT} SET public = 0, editorial = 0")  # noqa: S608


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Connect to a database of this process, in place of the fixture of pytest-django, which migrates one each time."""
    with django_db_blocker.unblock(), database(MIGRATED), django_db_blocker.block():
        yield


@pytest.fixture(scope="module", autouse=True)
def forget_content_types() -> None:
    """Forget the ids of content types: those of another database, or of this one before a flush, are others."""
    ContentType.objects.clear_cache()


@pytest.fixture(scope="module")
def module_transaction(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let fixtures of a module create rows, which all of its tests find and which are rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, once in each test process that needs it."""
    # The headless shell has no window to draw: it takes half the processor time.
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not installed (Debian: apt-get install chromium-headless-shell).")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, in which Django would refuse to use the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def client() -> Client:
    """Return an anonymous client, in place of that of pytest-django."""
    return Client()


@pytest.fixture(scope="module")
def deal(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Connect to a database with the deal, loaded as `make serve` does, for the rest of a module."""
    with django_db_blocker.unblock(), database(WITH_DEAL), django_db_blocker.block():
        yield
