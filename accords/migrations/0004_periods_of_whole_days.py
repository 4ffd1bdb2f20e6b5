"""A term, an interval and a time for notice have no hours: dates are counted from them."""

from django.db import migrations, models

import accords.db.constraints

MESSAGE = "Hours cannot be added to a date: write years, months, weeks or days."


def without_hours(field):
    """No `T` in the duration."""
    return migrations.AddConstraint(
        model_name="agreement",
        constraint=accords.db.constraints.RowRule(
            condition=models.Q((f"{field}__contains", "T"), _negated=True),
            field=field,
            name=f"agreement_{field}_calendar",
            told=True,
            violation_error_code="not_calendar",
            violation_error_message=MESSAGE,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("accords", "0003_renewals_by_spread")]

    operations = [without_hours(field) for field in ("term", "renewal_interval", "notice_period")]
