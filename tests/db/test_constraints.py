"""Conditions of constraints, evaluated in Python as in SQL."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Q, UniqueConstraint

from accords.db.constraints import FieldCheck, holds

MODELS: list[type[models.Model]] = [*apps.get_app_config("accords").get_models()]
RULES = {
    rule.name: (model, rule.condition)
    for model in MODELS
    for rule in model._meta.constraints
    if (isinstance(rule, FieldCheck) and not rule.database_only)
    or (isinstance(rule, UniqueConstraint) and rule.condition is not None)
}


def candidates(field: Any) -> list[Any]:
    """Return values of a column: the words of its vocabulary or some of its type, and null if allowed."""
    if field.choices:
        return [word for word, _ in field.choices]
    if isinstance(field, models.CharField | models.TextField):
        return ["", "P1D", "PT1H", "x"]
    if isinstance(field, models.DecimalField):
        return [None, Decimal(0), Decimal("0.5"), Decimal(10**11), Decimal(-(10**11) + 1)]
    if isinstance(field, models.DateTimeField):
        return [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)] + ([None] if field.null else [])
    if isinstance(field, models.BooleanField):
        return [True, False]
    return [1, 2, *([None] if field.null or field.primary_key else [])]


@pytest.mark.django_db
@pytest.mark.parametrize("name", RULES)
def test_a_condition_holds_in_python_exactly_where_it_holds_in_the_database(name: str) -> None:
    model, condition = RULES[name]
    names = sorted(condition.referenced_base_fields)
    fields: list[Any] = [model._meta.get_field(each) for each in names]
    for values in product(*map(candidates, fields)):
        row = model(**{field.attname: value for field, value in zip(fields, values, strict=True)})
        against = {
            each: models.Value(value, output_field=field.target_field if field.is_relation else field)
            for each, field, value in zip(names, fields, values, strict=True)
        }
        assert (holds(condition, row) is not False) == condition.check(against), dict(zip(names, values, strict=True))


def test_a_field_that_is_left_out_leaves_the_condition_open() -> None:
    with pytest.raises(LookupError):
        holds(Q(unit="") | Q(value__isnull=True), apps.get_model("accords", "clause")(), exclude={"unit"})
