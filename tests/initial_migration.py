"""Write `0001_initial.py` anew from the models: `python -m tests.initial_migration` (`make initial-migration`).

Only for as long as no release has been made. `makemigrations` would do too, but it writes constraints and foreign keys
as operations of their own, each of which makes SQLite copy the table: that takes four times as long to apply.
"""

import os
from graphlib import TopologicalSorter
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter


def created() -> list[type[models.Model]]:
    """Return the models of the app, each after those that it refers to."""
    found = [model for model in apps.get_app_config("accords").get_models() if not model._meta.auto_created]
    graph = {
        model: [field.related_model for field in model._meta.get_fields() if field.concrete and field.related_model]
        for model in found
    }
    ordered = TopologicalSorter({model: {*to} & {*found} - {model} for model, to in graph.items()}).static_order()
    return list(ordered)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    operations = []
    for model in created():
        state = ModelState.from_model(model)
        operations.append(
            migrations.CreateModel(state.name, list(state.fields.items()), state.options, state.bases, state.managers)
        )
    contents: dict[str, object] = {"initial": True, "operations": operations}
    contents["dependencies"] = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    migration = type("Migration", (migrations.Migration,), contents)("0001_initial", "accords")
    writer = MigrationWriter(migration, include_header=False)
    Path(writer.path).write_text(writer.as_string(), encoding="utf-8")


if __name__ == "__main__":
    main()
