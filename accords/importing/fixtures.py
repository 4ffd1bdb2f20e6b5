"""From all annotations to the fixtures' bytes: checked in a database of their own, the same on every run."""

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
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler

from accords.importing.annotations import SeedError, from_file
from accords.importing.deals import Deal
from accords.importing.rows import Known, Rows
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
SHOWN = 40  # lines of a difference: enough to see what it is about
# Rows are written in this order, so that each comes after those it names.
ORDER: list[type[models.Model]] = [
    Source, Party, Agreement, Participation, Clause, ClauseParty, Event, Renewal, Statement, Citation,
]  # fmt: skip


@dataclass(frozen=True)
class Fixture:
    """One file for `loaddata`: its name, its content, and how many rows of each model it has."""

    name: str
    content: str
    rows: dict[str, int]


def build(seeds: Path) -> list[Fixture]:
    """The fixtures that the annotations in a folder give, one for each agreement.

    Reads files only; no row is left anywhere. Raises `SeedError` with every fault found.
    """
    known: Known = {}
    with own_database():
        found = [from_file(path) for path in sorted(seeds.glob(PATTERN))]
        deals = [Deal(annotation, Rows(annotation.name, known)) for annotation in found]
        for deal in deals:
            deal.enter()
        faults = [fault for deal in deals for fault in deal.faults]
        if faults:
            raise SeedError(faults)
        for agreement in [row for deal in deals for row in deal.rows.made if isinstance(row, Agreement)]:
            rests_on = lifecycles({agreement.pk})[agreement.pk].rests_on
            Agreement.objects.filter(pk=agreement.pk).update(rests_on=rests_on)
        return [_fixture(deal) for deal in deals]


@contextmanager
def own_database() -> Iterator[None]:
    """An empty, migrated SQLite database in memory as `default`, for this thread and this block only.

    So the models' own rules, which ask `default`, see the annotations' rows and nothing else.
    """
    inside = _in_memory()
    _migrated().connection.backup(inside.connection)
    try:
        with _as_default(inside):
            yield
    finally:
        inside.connection.close()  # Django's own close() keeps a database in memory


@cache
def _migrated() -> Any:
    """The database that every other is copied from: migrating takes much longer than anything done with it."""
    database = _in_memory()
    with _as_default(database):  # the executor notes what it has done in `default`, whichever database it is given
        executor = MigrationExecutor(database)
        executor.migrate(executor.loader.graph.leaf_nodes("accords"))
    return database


def _in_memory() -> Any:
    found = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})["default"]
    found.ensure_connection()
    return found


@contextmanager
def _as_default(database: Any) -> Iterator[None]:
    outside = connections["default"]
    connections["default"] = database
    try:
        yield
    finally:
        connections["default"] = outside


def write(fixtures: Path, built: list[Fixture]) -> None:
    """Write the fixtures into a folder, to the byte the same on every machine."""
    fixtures.mkdir(exist_ok=True)
    for fixture in built:
        (fixtures / fixture.name).write_bytes(fixture.content.encode())


def drift(fixtures: Path, built: list[Fixture]) -> Iterator[str]:
    """What differs between the files in a folder and the fixtures built, in lines for people; nothing if they agree."""
    right = {fixture.name: fixture.content for fixture in built}
    there = {path.name: path.read_bytes().decode(errors="replace") for path in fixtures.glob("*.json")}
    for name in sorted(right.keys() | there.keys()):
        if name not in there:
            yield f"{name}: missing"
        elif name not in right:
            yield f"{name}: no annotation gives it; delete it"
        elif there[name] != right[name]:
            yield f"{name}: differs"
            old, new = (text.splitlines() for text in (there[name], right[name]))
            yield from islice(unified_diff(old, new, "as it is", "as the seeds give it", n=1, lineterm=""), SHOWN)


def _fixture(deal: Deal) -> Fixture:
    """The rows of one annotation, read back from the database."""
    made = sorted(deal.rows.made, key=lambda row: ORDER.index(type(row)))
    rows = [_stamped(type(row)._default_manager.get(pk=row.pk), deal) for row in made]
    plain = serializers.serialize("python", rows, use_natural_foreign_keys=True, use_natural_primary_keys=True)
    content = json.dumps([_ordered(row) for row in plain], cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    counts = Counter(str(row._meta.verbose_name_plural) for row in rows)
    return Fixture(f"{deal.rows.agreement.slug}.json", f"{content}\n", dict(counts))


def _stamped(row: Any, deal: Deal) -> models.Model:
    row.created_at = row.updated_at = deal.reviewed
    stamped: models.Model = row
    return stamped


def _ordered(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its many-to-many relations sorted, for the database gives them in any order."""
    relations = {field.name for field in apps.get_model(row["model"])._meta.many_to_many}
    return row | {
        "fields": {name: sorted(value) if name in relations else value for name, value in row["fields"].items()}
    }
