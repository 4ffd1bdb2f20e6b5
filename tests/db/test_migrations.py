"""Migrations of a database in use: they wait for no one for long, and no one for them.

`MIGRATED_CLAUSES=20000` runs the test on as many clauses.
"""

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader

from accords.db.migration_operations import AddIndexConcurrently
from accords.management.commands import migrate
from accords.models import Clause
from tests.bench.load import load
from tests.clients import Client

POSTGRESQL = connection.vendor == "postgresql"
CLAUSES = int(os.environ.get("MIGRATED_CLAUSES", "500"))
LONGEST_WAIT = 5  # seconds, on a busy machine
RELEASED = "0003_groups"  # the last migration that creates tables
HEAD = """
from django.db import migrations, models
from accords.db.migration_operations import AddIndexConcurrently, update_in_batches
from accords.db.triggers import AlterTables

class Migration(migrations.Migration):
    dependencies = [("accords", "{before}")]
"""
LATER = {
    "0004_column": """
    operations = [AlterTables([migrations.AddField("clause", "weight", models.IntegerField(null=True))])]
""",
    "0005_fill": """
    atomic = False
    operations = [update_in_batches("clause", lambda rows: rows.filter(weight=None).update(weight=models.F("position")))]
""",
    "0006_index": """
    atomic = False
    operations = [AddIndexConcurrently("clause", models.Index(fields=["weight"], name="clause_by_weight"))]
""",
}


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Add migrations that add, fill and index a column to those of the app."""
    package = tmp_path / "later_migrations"
    shutil.copytree(django_settings.BASE_DIR / "accords" / "migrations", package)
    before = RELEASED
    for name, operations in LATER.items():
        (package / f"{name}.py").write_text(HEAD.format(before=before) + operations)
        before = name
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "300ms")
    settings.MIGRATION_MODULES = {"accords": "later_migrations"}
    yield
    call_command("migrate", "accords", RELEASED, verbosity=0)


def migrated() -> str:
    output = StringIO()
    call_command("migrate", "accords", verbosity=0, stderr=output)
    return output.getvalue()


class Traffic:
    """Readers and writers of clauses, and the longest time that one of them waited."""

    def __init__(self) -> None:
        self.stop = Event()
        self.ids = list(Clause.objects.values_list("pk", flat=True)[:100])

    def repeat(self, request: Any, *args: Any) -> tuple[int, float]:
        """Repeat a request until the end, and return how often it was made and the longest time that it took."""
        count, longest = 0, 0.0
        try:
            while not self.stop.is_set():
                began = time.monotonic()
                request(*args)
                count, longest = count + 1, max(longest, time.monotonic() - began)
                time.sleep(0.005)
        finally:
            connection.close()
        return count, longest

    def read(self, client: Client) -> None:
        response = client.get("/api/v1/clauses?page_size=20")
        assert response.status_code == 200

    def write(self, random: Random) -> None:
        with transaction.atomic():
            assert Clause.objects.filter(pk=random.choice(self.ids)).update(position=random.randrange(1, 1000)) == 1


@contextmanager
def long_reader() -> Iterator[Event]:
    """Read a clause in a transaction that goes on until the event, as an export may."""
    held, release = Event(), Event()

    def read() -> None:
        try:
            with transaction.atomic():
                assert Clause.objects.exists()
                held.set()
                release.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        part = pool.submit(read)
        assert held.wait(10)
        try:
            yield release
        finally:
            release.set()
        part.result(timeout=60)


@pytest.mark.django_db(transaction=True)
def test_a_table_is_changed_while_it_is_read_and_written(later: None, monkeypatch: pytest.MonkeyPatch) -> None:
    load(CLAUSES)
    traffic = Traffic()
    with long_reader() as release, ThreadPoolExecutor(4) as pool:
        monkeypatch.setattr(migrate, "sleep", lambda seconds: release.set())  # before the second attempt
        parts = [pool.submit(traffic.repeat, traffic.read, Client()) for _ in range(2)]
        parts += [pool.submit(traffic.repeat, traffic.write, Random(number)) for number in range(2)]
        if not POSTGRESQL:  # where readers prevent nothing, and a transaction is one that writes
            release.set()
        try:
            output = migrated()
        finally:
            traffic.stop.set()
        waited = [part.result(timeout=60) for part in parts]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accords_clause WHERE weight IS NULL")
        assert cursor.fetchone() == (0,)
    assert all(count and longest < LONGEST_WAIT for count, longest in waited), waited
    assert ("another transaction holds a lock. Trying again" in output) == POSTGRESQL


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite locks no tables")
@pytest.mark.django_db(transaction=True)
def test_it_gives_up_and_says_why(later: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "ATTEMPTS", 1)
    load(10)
    with long_reader(), pytest.raises(CommandError, match="another transaction holds a lock"):
        migrated()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')")
        assert {setting for (setting,) in cursor.fetchall()}.isdisjoint({"300", "0"}), "the usual limits hold again"


def test_later_migrations_index_concurrently() -> None:
    disk = MigrationLoader(None).disk_migrations
    later = [one for (app, name), one in disk.items() if app == "accords" and name > RELEASED]
    for migration in later:
        for operation in migration.operations:
            plain = isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently)
            assert not plain, f"{migration.name}: use accords.db.migration_operations.AddIndexConcurrently"
