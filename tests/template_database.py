"""The database of a test process, copied from a template to which the migrations have been applied once.

On SQLite the template is a file in `.pytest_cache`, so later runs start without migrating. On PostgreSQL it is a
database of the server. Its name contains a digest of the files from which the schema follows.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

SCHEMA = ("accords/vocabulary.py", "accords/db/*.py", "accords/migrations/*.py", "accords/models/*.py", "*.lock")
TEMPLATE = "accords_test_template_"
ADVISORY_LOCK = 20261128


def digest() -> str:
    found = hashlib.sha256()
    for path in sorted(path for pattern in SCHEMA for path in Path(settings.BASE_DIR).glob(pattern)):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def migrate(name: str) -> None:
    """Connect to a database of this name from now on, and migrate it."""
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


@contextmanager
def sqlite_template() -> Iterator[Path]:
    """Give the file of the template, made now if there is none; no other process makes or removes it meanwhile."""
    cache = Path(settings.BASE_DIR) / ".pytest_cache"
    cache.mkdir(exist_ok=True)
    template = cache / f"{TEMPLATE}{digest()}.sqlite3"
    with (cache / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            for old in cache.glob(f"{TEMPLATE}*"):
                old.unlink()
            building = cache / "building.sqlite3"
            building.unlink(missing_ok=True)
            environment = os.environ | {"DATABASE_URL": f"sqlite:///{building}"}
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0"], cwd=settings.BASE_DIR, env=environment, check=True
            )
            building.rename(template)
        yield template


@contextmanager
def sqlite_database(folder: Path) -> Iterator[None]:
    """Use a copy of the template in the folder. A file, because in memory SQLite has neither WAL nor waiting writers."""
    with sqlite_template() as template:
        copy = shutil.copy(template, folder / "accords.sqlite3")
    connection.settings_dict["NAME"] = str(copy)
    yield
    connection.close()


@contextmanager
def postgresql_database() -> Iterator[None]:
    """Use a copy of the template on the server of DATABASE_URL, and drop the copy at the end."""
    given: dict[str, Any] = connection.settings_dict
    names = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parameters = {name: given[key] for name, key in names.items() if given[key]}
    template, copy = f"{TEMPLATE}{digest()}", f"accords_test_{os.getpid()}"
    identifiers = {"template": sql.Identifier(template), "copy": sql.Identifier(copy)}
    with psycopg.connect(**parameters, dbname="postgres", autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEMPLATE}%"]).fetchall()
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {copy}").format(**identifiers))
        if (template,) in found:
            server.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {template}").format(**identifiers))
        else:
            for (old,) in found:
                server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            server.execute(sql.SQL("CREATE DATABASE {copy}").format(**identifiers))
            migrate(copy)
            server.execute(sql.SQL("CREATE DATABASE {template} TEMPLATE {copy}").format(**identifiers))
        server.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        given["NAME"] = copy
        yield
        connection.close()
        server.execute(sql.SQL("DROP DATABASE {copy} WITH (FORCE)").format(**identifiers))
