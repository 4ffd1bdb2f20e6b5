"""The index of due dates by spread, built anew: the month is told from the year, and no row is read for it alone."""

from django.db import migrations, models

import accords.models.spread


class Migration(migrations.Migration):
    dependencies = [("accords", "0007_search")]

    operations = [
        migrations.RemoveIndex(model_name="renewal", name="renewal_by_spread"),
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(
                accords.models.spread.Spread(models.F("due_earliest"), models.F("due_latest")),
                models.F("due_earliest"),
                models.F("id"),
                models.F("due_latest"),
                models.F("agreement"),
                name="renewal_by_spread",
            ),
        ),
    ]
