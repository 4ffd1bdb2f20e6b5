"""The index of due dates by spread, built anew: dates known to the month are now told from those known to the year."""

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
                name="renewal_by_spread",
            ),
        ),
    ]
