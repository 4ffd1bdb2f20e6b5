"""Constraints accept the same values in Python and in SQL."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import F, Q, UniqueConstraint
from django.db.models.functions import Now

from accords.db.constraints import ExcludedField, FieldCheck, edtf_sql, holds
from accords.rules import edtf

MODELS: list[type[models.Model]] = [*apps.get_app_config("accords").get_models()]
RULES = {
    rule.name: (model, rule.condition)
    for model in MODELS
    for rule in model._meta.constraints
    if (isinstance(rule, FieldCheck) and not rule.database_only)
    or (isinstance(rule, UniqueConstraint) and rule.condition is not None)
}


def candidates(field: Any, ids: tuple[int, ...]) -> list[Any]:
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
    return [*ids, *([None] if field.null or field.primary_key else [])]


@pytest.mark.django_db
@pytest.mark.parametrize("name", RULES)
def test_a_condition_holds_in_python_exactly_where_it_holds_in_the_database(name: str) -> None:
    model, condition = RULES[name]
    names = sorted(condition.referenced_base_fields)
    fields: list[Any] = [model._meta.get_field(each) for each in names]
    ids = (1, 2) if len(names) < 7 else (1,)  # of the targets of a citation only null and not null matter
    for values in product(*(candidates(field, ids) for field in fields)):
        row = model(**{field.attname: value for field, value in zip(fields, values, strict=True)})
        against = {
            each: models.Value(value, output_field=field.target_field if field.is_relation else field)
            for each, field, value in zip(names, fields, values, strict=True)
        }
        assert (holds(condition, row) is not False) == condition.check(against), dict(zip(names, values, strict=True))


def test_a_field_that_is_left_out_leaves_the_condition_open() -> None:
    with pytest.raises(ExcludedField):
        holds(Q(unit="") | Q(value__isnull=True), apps.get_model("accords", "clause")(), exclude={"unit"})


@pytest.mark.parametrize("condition", [Q(unit__startswith="x"), Q(value__gte=F("value") * 2), Q(value=Now())])
def test_an_expression_that_no_constraint_uses_is_an_error(condition: Q) -> None:
    row = apps.get_model("accords", "clause")(unit="kg", value=1)
    with pytest.raises(NotImplementedError):
        FieldCheck(condition=condition, name="new").validate(type(row), row)


# Of every accepted form some, and of every refused one: what exists, what does not, and what only looks alike.
DATES = """
2025 0001 0000 202X 20XX 2XXX 000X 025 20255 XXXX
2025-01 2025-12 2025-00 2025-13 2025-20 2025-21 2025-24 2025-25 2025-XX 2025-1X 2025-X1 202X-10 0000-10
XXXX-04 XXXX-13 XXXX-21 XXXX-XX 2025-10-XX 2025-13-XX 2025-21-XX 2025-XX-XX 2025-XX-01 XXXX-10-XX XXXX-XX-XX
2025-10-30 2025-10-00 2025-10-3X 2025-01-31 2025-01-32 2025-04-30 2025-04-31 2025-13-01 2025-21-01 202X-10-30
2024-02-29 2025-02-28 2025-02-29 1900-02-29 2000-02-29 2000-02-30 XXXX-02-29 XXXX-02-30 9999-12-31
XXXX-02-00 XXXX-01-45 0300-02-29 0300-03-01 0100-02-29 0004-02-29 9999-12-32 2011-12-30
2025-1 2025-1-1 2025-10-1 2025-10-301 20251030 2025-10-30T10 now -2025
"""
QUALIFIED = [date + qualifier for date in DATES.split() for qualifier in ("", "?", "~", "%", "??", "?~", "%%", ".")]
OPEN = ["", ".."]
SIDES = [*OPEN, "...", " ", "?", "/", *QUALIFIED]
PAIRS = [
    pair for one in (*OPEN, "2025", "2025?", "XXXX-02-30") for other in SIDES for pair in ((one, other), (other, one))
]
TEXTS = {*SIDES, *map("/".join, PAIRS)}


def is_date(text: str) -> bool:
    """Return whether the rules accept a date, or both dates of an interval in whatever order."""
    start, slash, end = text.partition("/")
    if slash and start not in OPEN and end not in OPEN:
        return is_date(f"{start}/..") and is_date(f"../{end}")
    with suppress(edtf.EdtfError):
        return edtf.bounds(text) is not None
    return False


@pytest.mark.django_db
def test_the_database_accepts_exactly_the_dates_that_the_rules_accept() -> None:
    condition = edtf_sql("text", "sqlite") if connection.vendor == "sqlite" else "accords_is_edtf(text)"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE texts (text text)")
        cursor.executemany("INSERT INTO texts VALUES (%s)", [(text,) for text in TEXTS])
        # As in a constraint, what is null is accepted.
        cursor.execute(f"SELECT text FROM texts WHERE ({condition}) IS NOT FALSE", ())  # noqa: S608 - SQL of ours
        assert {text for (text,) in cursor.fetchall()} == {text for text in TEXTS if is_date(text)}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no time zones")
def test_a_day_is_a_day_in_every_time_zone() -> None:
    """The clocks of Samoa had no 30 December 2011."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Pacific/Apia'")
        day = "2011-12-30"
        cursor.execute("SELECT accords_is_edtf(%s), accords_bounds_agree(%s, %s, %s)", [day, day, day, day])
        assert cursor.fetchone() == (True, True)
