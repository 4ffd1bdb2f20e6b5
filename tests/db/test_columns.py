"""A save of some fields also writes every column that is derived from them."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accords.db.fields import EdtfBound, Sha256
from accords.models import Agreement, Clause, Source
from accords.models.base import update_fields_for
from tests import factories

MODELS = [*apps.get_app_config("accords").get_models()]


@pytest.mark.parametrize("model", MODELS)
def test_every_derived_column_is_saved_with_any_field(model: type[models.Model]) -> None:
    saved = update_fields_for(model, ["x"])
    fields: list[Any] = [*model._meta.concrete_fields]
    derived = {field.name for field in fields if isinstance(field, EdtfBound | Sha256)}
    derived |= {field.name for field in fields if getattr(field, "auto_now", False)}
    assert derived | {"x"} <= {*saved}
    assert not {"id", "created_at", "version"} & {*saved}


@pytest.mark.django_db
def test_a_row_saved_in_part_is_as_if_saved_whole() -> None:
    deal = factories.deal()
    changes: list[tuple[Any, dict[str, Any]]] = [
        (deal.agreement, {"effective": "2026-03", "term": "P3Y"}),
        (deal.clause, {"ends": "2027/.."}),
        (factories.source("other"), {"text": "Other words.", "published": "2026"}),
    ]
    for row, values in changes:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=update_fields_for(type(row), values))
        part = type(row)._default_manager.filter(pk=row.pk).values().get()
        row.save()
        whole = type(row)._default_manager.filter(pk=row.pk).values().get()
        moved = {"updated_at", "version"}
        assert {name: value for name, value in part.items() if name not in moved} == {
            name: value for name, value in whole.items() if name not in moved
        }
    assert Agreement.objects.get().effective_latest.isoformat() == "2026-03-31"
    assert Clause.objects.get().ends_latest is None
    assert Source.objects.get(slug="other").published_earliest.isoformat() == "2026-01-01"
