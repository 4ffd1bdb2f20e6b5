"""All that a page shows of its clauses' parties in one index, in place of the one of the clauses alone."""

import django.db.models.deletion
from django.db import migrations, models

OLD = "accords_clauseparty_clause_id_e9816c87"


class Migration(migrations.Migration):
    dependencies = [("accords", "0012_renewals_by_month")]

    operations = [
        migrations.AddIndex(
            model_name="clauseparty",
            index=models.Index(fields=["clause", "id", "party", "role", "explicit"], name="clauseparty_of_clause"),
        ),
        migrations.SeparateDatabaseAndState(  # as AlterField, SQLite would make the table anew, without its triggers
            database_operations=[
                migrations.RunSQL(f'DROP INDEX "{OLD}"', f'CREATE INDEX "{OLD}" ON "accords_clauseparty" ("clause_id")')
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="clauseparty",
                    name="clause",
                    field=models.ForeignKey(
                        db_index=False,
                        help_text="The clause.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="accords.clause",
                    ),
                )
            ],
        ),
    ]
