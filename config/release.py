"""Checks of what a release needs besides its code: migrations, static files, the search index, and time limits."""

import filecmp
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accords.db.reindexing import is_indexed
from accords.db.search_index import indexed_models
from config.environment import postgresql_limits

COMMAND = "Run manage.py prepare_release."
# The checks that have passed in this process and are not repeated, because they read all rows or files.
_passed_checks: set[str] = set()


def unfinished() -> list[str]:
    """Return the steps that are missing before this release can be served.

    Raises `DatabaseError` or `InterfaceError` if the database does not answer.
    """
    if not is_migrated():
        return [f"The database is not migrated. {COMMAND}"]
    problems = [
        f"The database has no {name}. Run manage.py prepare_release --role-limits." for name in missing_limits()
    ]
    for name, check, message in (
        ("static", static_files_are_collected, "The static files are not collected."),
        ("search", search_index_is_complete, "The search index is not complete."),
    ):
        if name not in _passed_checks:
            if check():
                _passed_checks.add(name)
            else:
                problems.append(f"{message} {COMMAND}")
    return problems


def is_migrated() -> bool:
    applied = set(MigrationRecorder(connection).applied_migrations())
    return all(applied & names for names in _migrations())


@cache
def _migrations() -> tuple[frozenset[tuple[str, str]], ...]:
    """Return for each migration the names under which it may have been applied: its own, and those that it replaces."""
    loader = MigrationLoader(None)
    return tuple(frozenset({name, *migration.replaces}) for name, migration in loader.disk_migrations.items())


def static_files_are_collected() -> bool:
    """Return whether STATIC_ROOT has every static file of the apps, with the same content."""
    if settings.WHITENOISE_USE_FINDERS:
        return True
    root = Path(settings.STATIC_ROOT)
    return all(
        (root / path).is_file() and filecmp.cmp(storage.path(path), root / path, shallow=False)
        for finder in get_finders()
        for path, storage in finder.list([])
    )


def search_index_is_complete() -> bool:
    return all(is_indexed(model, DEFAULT_DB_ALIAS) for model in indexed_models())


def missing_limits() -> list[str]:
    """Return the time limits that are set, but that the database does not have: a pooler drops startup options."""
    if connection.vendor != "postgresql":
        return []
    expected = [name for name, seconds in postgresql_limits().items() if seconds]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = '0'", [expected])
        return [name for (name,) in cursor.fetchall()]
