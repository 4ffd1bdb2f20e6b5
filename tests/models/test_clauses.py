"""Clauses: what the database and the model keep of their quantities."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from accords.models import Clause
from tests import factories

LARGEST = "99999999999.9999"
TOO_FAR = [(LARGEST, "-0.0001"), (f"-{LARGEST}", "0.0001"), (LARGEST, f"-{LARGEST}")]
NEAR = [(LARGEST, "0"), (LARGEST, LARGEST), (f"-{LARGEST}", "-0.0001"), ("50000000000", "-49999999999.9999")]


@pytest.mark.parametrize(("value", "baseline"), TOO_FAR)
def test_quantities_whose_difference_cannot_be_kept_are_refused(value: str, baseline: str, db: None) -> None:
    """PostgreSQL cannot compute such a `delta`, and SQLite stores one that Django cannot read again."""
    agreement = factories.agreement()
    with pytest.raises(ValidationError) as refused:
        factories.clause(agreement, value=value, baseline_value=baseline, unit="t")
    assert [error.code for error in refused.value.error_dict["value"]] == ["too_far_apart"]
    kept = Clause.objects.filter(pk=factories.clause(agreement).pk)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        kept.update(value=value, baseline_value=baseline, unit="t")


@pytest.mark.parametrize(("value", "baseline"), NEAR)
def test_the_difference_of_two_quantities_is_exact(value: str, baseline: str, db: None) -> None:
    made = factories.clause(factories.agreement(), value=value, baseline_value=baseline, unit="t")
    made.refresh_from_db()
    assert made.delta == Decimal(value) - Decimal(baseline)
