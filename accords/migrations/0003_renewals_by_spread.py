"""An index that finds what may fall due between two days, in order, however uncertain the dates are."""

from django.db import migrations, models

import accords.db.date_bands


class Migration(migrations.Migration):
    dependencies = [("accords", "0002_quotes_kept")]

    operations = [
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(
                accords.db.date_bands.Spread(models.F("due_earliest"), models.F("due_latest")),
                models.F("due_earliest"),
                models.F("id"),
                name="renewal_by_spread",
            ),
        ),
    ]
