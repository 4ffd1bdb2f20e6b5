"""An index of due dates by spread that tells the month from the year, in place of the one that does not.

The new one is built before the old one goes: only that moment keeps readers waiting on a running PostgreSQL.
"""

from django.db import migrations, models

import accords.db.date_bands


class Migration(migrations.Migration):
    dependencies = [("accords", "0007_search")]

    operations = [
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(
                accords.db.date_bands.Spread(models.F("due_earliest"), models.F("due_latest")),
                *map(models.F, ("due_earliest", "id", "due_latest", "agreement")),
                name="renewal_due_by_spread",
            ),
        ),
        migrations.RemoveIndex(model_name="renewal", name="renewal_by_spread"),
    ]
