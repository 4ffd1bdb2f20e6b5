"""Shared by the tests of imports: a copy of the seeds to change, the loaded deal, and every stored row."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, models

from accords.models.changes import Change

SEEDS, FIXTURES = settings.BASE_DIR / "seeds", settings.BASE_DIR / "fixtures"
ANNOTATION = "us-china-rare-metals.annotation.yaml"
FIXTURE = "us-china-rare-metals.json"
SMALL_ANNOTATION = """\
reviewed: 2026-11-23T06:00:00Z
source: us-china-rare-metals-article
sources:
  us-china-rare-metals-article: {file: 000_06e044fdd82a1ad5.txt, title: An article, kind: article, language: fr}
parties:
  china: {name: China, kind: state, country: CN, aliases: [Pékin]}
agreement:
  slug: small
  title: Small
  instrument: other
  evidence: {row: Avec cet accord}
  participations: [{party: china, role: party, evidence: Pékin entend préserver}]
clauses:
  1:
    type: tariff
    standing: outcome
    modality: obligation
    title: Lower duties
    value: 47
    unit: "%"
    evidence: {row: désescalade temporaire, value: à 47 %}
"""


class Seeds:
    """A copy of seeds/ that a test may change."""

    def __init__(self, folder: Path) -> None:
        """Copy seeds/ into the folder."""
        self.folder, self.fixtures = folder / "seeds", folder / "fixtures"
        shutil.copytree(SEEDS, self.folder)
        self.annotation = self.folder / ANNOTATION

    def replace(self, right: str, wrong: str) -> None:
        """Replace the one place where the annotation has the right text."""
        text = self.annotation.read_text("utf-8")
        assert text.count(right) == 1, f"{right!r} stands {text.count(right)} times in the annotation"
        self.annotation.write_text(text.replace(right, wrong), "utf-8")

    def line(self, text: str) -> int:
        """Return the line on which this text begins, which occurs once in the annotation."""
        before, *after = self.annotation.read_text("utf-8").split(text)
        assert len(after) == 1, f"{text!r} stands {len(after)} times in the annotation"
        return before.count("\n") + 1

    def refusal(self) -> list[str]:
        """Return the errors of `build_fixtures`, which must write nothing."""
        with pytest.raises(CommandError) as refused:
            call_command("build_fixtures", seeds=self.folder, fixtures=self.fixtures)
        assert not self.fixtures.exists()
        return str(refused.value).splitlines()


@pytest.fixture
def seeds(tmp_path: Path, db: None) -> Seeds:
    """Copy the real seeds."""
    return Seeds(tmp_path)


@pytest.fixture
def small_seeds(seeds: Seeds) -> Seeds:
    """Return seeds with a small annotation, for tests that do not depend on its content."""
    seeds.annotation.write_text(SMALL_ANNOTATION, "utf-8")
    return seeds


@pytest.fixture
def stored() -> Callable[[], dict[str, list[Any]]]:
    """Return a function that returns every row of every table but the logs, many-to-many tables included.

    With every column but `version` and `updated_at`, which move with every write, those that change nothing too: so
    the feed of changes, which has these writes, is a log like the audit log.
    """

    def rows() -> dict[str, list[Any]]:
        every = apps.get_app_config("accords").get_models(include_auto_created=True)
        tables = [model for model in every if model._meta.managed and not issubclass(model, Change)]
        rows = [model for model in tables if not hasattr(model, "instance_type")]
        return {model._meta.db_table: _columns(model) for model in rows}

    return rows


def _columns(model: type[models.Model]) -> list[Any]:
    columns = [field.column for field in model._meta.concrete_fields if field.name not in ("version", "updated_at")]
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {connection.ops.quote_name(model._meta.db_table)} ORDER BY 1")  # noqa: S608
        return cursor.fetchall()
