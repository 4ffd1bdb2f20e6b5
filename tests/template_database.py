"""The databases of a test process, copied from templates that are made once: one migrated, one with the deal loaded.

On SQLite a template is a file in `.pytest_cache`, so later runs start with it. On PostgreSQL it is a database of the
server. Its name contains a digest of the files on which its contents depend.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from psycopg import sql

PREFIX = "accords_test"
SCHEMA = ("accords/vocabulary.py", "accords/db/*.py", "accords/migrations/*.py", "accords/models/*.py", "*.lock")
ADVISORY_LOCK = 20261128
NUMBERS = count()


class Template(NamedTuple):
    """What is copied: its name, the files on which it depends, the template it is made of, and what makes it of that."""

    name: str
    files: tuple[str, ...]
    base: "Template | None"
    fill: Callable[[], Any]

    @property
    def full_name(self) -> str:
        digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())  # renewals are projected from today
        for path in sorted(path for pattern in self.files for path in Path(settings.BASE_DIR).glob(pattern)):
            digest.update(path.read_bytes())
        return f"{PREFIX}_{self.name}_{digest.hexdigest()[:16]}"


MIGRATED = Template("migrated", SCHEMA, None, lambda: call_command("migrate", verbosity=0, interactive=False))
WITH_DEAL = Template(
    "deal", (*SCHEMA, "accords/**/*.py", "fixtures/*"), MIGRATED, lambda: call_command("load_deal", verbosity=0)
)


@contextmanager
def connected(name: str) -> Iterator[None]:
    """Connect to another database for a block."""
    before = connection.settings_dict["NAME"]
    _connect_to(name)
    try:
        yield
    finally:
        _connect_to(before)


def _connect_to(name: str) -> None:
    """Connect to a database. Content types have other ids there if one of the two has been flushed."""
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def database(template: Template) -> Iterator[None]:
    """Connect to a copy of a template, which is removed at the end."""
    with sqlite_copy(template) if connection.vendor == "sqlite" else postgresql_copy(template) as name, connected(name):
        yield


def url() -> str:
    """Return the DATABASE_URL of the database to which this process is connected, for other processes."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def sqlite_copy(template: Template) -> Iterator[str]:
    """Yield a file, because in memory SQLite has neither WAL nor writers that wait."""
    cache = Path(settings.BASE_DIR) / ".pytest_cache"
    cache.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix=PREFIX) as folder:
        file = Path(folder) / "accords.sqlite3"
        with (cache / "database.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            copy(sqlite_template(template, cache), file)
        yield str(file)


def sqlite_template(template: Template, cache: Path) -> Path:
    """Return the file of a template, made if it is missing; older ones are removed. The cache must be locked."""
    file = cache / f"{template.full_name}.sqlite3"
    if not file.exists():
        for old in cache.glob(f"{PREFIX}_{template.name}_*"):
            old.unlink()
        building = cache / f"building-{template.name}.sqlite3"
        building.unlink(missing_ok=True)
        if template.base is not None:
            copy(sqlite_template(template.base, cache), building)
        with connected(str(building)):
            template.fill()
        building.rename(file)
    return file


@contextmanager
def postgresql_copy(template: Template) -> Iterator[str]:
    database_settings: dict[str, Any] = connection.settings_dict
    parameters = {
        name: database_settings[name.upper()]
        for name in ("user", "password", "host", "port")
        if database_settings[name.upper()]
    }
    name = f"{PREFIX}_{os.getpid()}_{next(NUMBERS)}"
    with psycopg.connect(**parameters, dbname="postgres", autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        create(server, name, postgresql_template(server, template))
        server.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def postgresql_template(server: Any, template: Template) -> str:
    """Return the name of a template, made if it is missing; older ones are removed. The advisory lock must be held."""
    name, building = template.full_name, f"{PREFIX}_building_{template.name}"
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]).fetchall()
    names = [name for (name,) in rows]
    if name not in names:
        for old in names:
            if old == building or old.startswith(f"{PREFIX}_{template.name}_"):
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        create(server, building, postgresql_template(server, template.base) if template.base else "template1")
        with connected(building):
            template.fill()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(building), sql.Identifier(name)))
    return name


def create(server: Any, name: str, template: str) -> None:
    names = (sql.Identifier(name), sql.Identifier(template))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
