"""Quantities so far apart that no database could keep their difference are refused."""

from decimal import Decimal

import django.db.models.expressions
from django.db import migrations, models

import accords.db.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("accords", "0004_periods_of_whole_days"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="clause",
            constraint=accords.db.constraints.RowRule(
                condition=models.Q(
                    ("value__isnull", True),
                    ("baseline_value__isnull", True),
                    models.Q(
                        (
                            "value__gt",
                            django.db.models.expressions.CombinedExpression(
                                models.F("baseline_value"), "-", models.Value(Decimal("100000000000"))
                            ),
                        ),
                        (
                            "value__lt",
                            django.db.models.expressions.CombinedExpression(
                                models.F("baseline_value"), "+", models.Value(Decimal("100000000000"))
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                field="value",
                name="clause_quantities_comparable",
                told=True,
                violation_error_code="too_far_apart",
                violation_error_message="The two quantities lie too far apart: their difference has 11 digits at most.",
            ),
        ),
    ]
