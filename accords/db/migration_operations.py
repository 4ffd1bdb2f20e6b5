"""Operations for migrations of a database in use: no lock on a table lasts longer than a moment.

Migrations run with a short `lock_timeout` and are repeated (`accords.management.commands.migrate`). So change a table
in small steps, each in a migration of its own: add a nullable column, fill it in batches, index it concurrently.
Migrations with `AddIndexConcurrently` or `update_in_batches` set `atomic = False`. On SQLite, put operations that alter
a table into `accords.db.triggers.AlterTables`.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently as PostgresAddIndexConcurrently
from django.db import migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH_SIZE = 1000


class AddIndexConcurrently(PostgresAddIndexConcurrently):
    """Add an index without preventing writes on PostgreSQL. It can be repeated after a failure."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        # An attempt that failed leaves an invalid index.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
            return
        super().database_backwards(app_label, schema_editor, from_state, to_state)


def update_in_batches(model_name: str, update: Callable[[models.QuerySet[Any]], Any]) -> migrations.RunPython:
    """Return an operation that calls `update` with the rows of a model, so many at a time, each in a transaction.

    `update` must be repeatable: after a failure the operation starts again from the first row.
    """

    def run(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rows = apps.get_model("accords", model_name)._base_manager.using(schema_editor.connection.alias)
        last = 0
        while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
            with transaction.atomic(using=schema_editor.connection.alias):
                update(rows.filter(pk__in=ids))
            last = ids[-1]

    return migrations.RunPython(run, migrations.RunPython.noop, atomic=False)
