"""Fixtures from annotations: rows are checked in a database in memory, and files are the same on every run."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler

from accords.importing.agreements import AgreementImport
from accords.importing.annotation_rows import AnnotationRows, RowsByName
from accords.importing.annotations import AnnotationError, from_file
from accords.models import (
    Agreement,
    Citation,
    Clause,
    ClauseParty,
    Event,
    Participation,
    Party,
    Renewal,
    Source,
    Statement,
)
from accords.services import lifecycles

PATTERN = "*.annotation.yaml"
MAX_LINES = 40  # of the difference of two files that are shown
# The order of rows in a fixture: each after those to which it refers.
ORDER: list[type[models.Model]] = [
    Source, Party, Agreement, Participation, Clause, ClauseParty, Event, Renewal, Statement, Citation,
]  # fmt: skip


@dataclass(frozen=True)
class Fixture:
    """A file for `loaddata`: its name, its content, and the number of rows of each model."""

    name: str
    content: str
    rows: dict[str, int]


def build(seeds: Path) -> list[Fixture]:
    """Return the fixtures of the annotations in a folder, one for each agreement.

    Only files are read, and nothing is stored. Raises `AnnotationError` with all errors.
    """
    by_name: RowsByName = {}
    with own_database():
        annotations = [from_file(path) for path in sorted(seeds.glob(PATTERN))]
        imports = [AgreementImport(annotation, AnnotationRows(annotation.name, by_name)) for annotation in annotations]
        for annotation_import in imports:
            annotation_import.run()
        errors = [error for annotation_import in imports for error in annotation_import.errors]
        if errors:
            raise AnnotationError(errors)
        for agreement in Agreement.objects.all():
            found = lifecycles({agreement.pk})[agreement.pk]
            Agreement.objects.filter(pk=agreement.pk).update(
                rests_on=found.rests_on, deadlines_rest_on=found.deadlines_rest_on
            )
        return [_fixture(annotation_import) for annotation_import in imports]


@contextmanager
def own_database() -> Iterator[None]:
    """Use an empty, migrated SQLite database in memory as `default`, in this thread and this block only.

    The models' rules query `default`, so they see only the rows of the annotations.
    """
    database = _database_in_memory()
    _migrated_database().connection.backup(database.connection)
    try:
        with _as_default(database):
            yield
    finally:
        database.connection.close()  # Django's own close() keeps a database in memory


@cache
def _migrated_database() -> BaseDatabaseWrapper:
    """Return the database from which others are copied, because migrating takes long."""
    database = _database_in_memory()
    with _as_default(database):  # the executor records what it has applied in `default`
        executor = MigrationExecutor(database)
        executor.migrate(executor.loader.graph.leaf_nodes("accords"))
    return database


def _database_in_memory() -> BaseDatabaseWrapper:
    database = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})["default"]
    database.ensure_connection()
    return database


@contextmanager
def _as_default(database: BaseDatabaseWrapper) -> Iterator[None]:
    """Use a database as `default` in this block and thread."""
    usual = connections["default"]
    connections["default"] = database
    try:
        yield
    finally:
        connections["default"] = usual
        ContentType.objects.clear_cache()  # another database has other ids


def write(folder: Path, fixtures: list[Fixture]) -> None:
    """Write fixtures into a folder, with the same bytes on every machine."""
    folder.mkdir(exist_ok=True)
    for fixture in fixtures:
        (folder / fixture.name).write_bytes(fixture.content.encode())


def differences(folder: Path, fixtures: list[Fixture]) -> Iterator[str]:
    """Yield lines that say how the files in a folder differ from the fixtures."""
    expected = {fixture.name: fixture.content for fixture in fixtures}
    stored = {path.name: path.read_bytes().decode(errors="replace") for path in folder.glob("*.json")}
    for name in sorted(expected.keys() | stored.keys()):
        if name not in stored:
            yield f"{name}: missing"
        elif name not in expected:
            yield f"{name}: no annotation gives it; delete it"
        elif stored[name] != expected[name]:
            yield f"{name}: differs"
            old, new = (text.splitlines() for text in (stored[name], expected[name]))
            yield from islice(unified_diff(old, new, "as it is", "as the seeds give it", n=1, lineterm=""), MAX_LINES)


def _fixture(imported: AgreementImport) -> Fixture:
    """Return the fixture of one annotation: its rows as the database has them, dated with the review."""
    rows: list[Any] = []
    for saved in sorted(imported.rows.saved, key=lambda row: ORDER.index(type(row))):
        row: Any = type(saved)._default_manager.get(pk=saved.pk)
        row.created_at = row.updated_at = imported.reviewed
        rows.append(row)
    data = serializers.serialize("python", rows, use_natural_foreign_keys=True, use_natural_primary_keys=True)
    for entry in data:  # the database returns many-to-many relations in any order
        for field in apps.get_model(entry["model"])._meta.many_to_many:
            if field.name in entry["fields"]:
                entry["fields"][field.name].sort()
    content = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    counts = Counter(str(row._meta.verbose_name_plural) for row in rows)
    return Fixture(f"{imported.rows.agreement.slug}.json", f"{content}\n", dict(counts))
