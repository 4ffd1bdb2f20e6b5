"""Functions that the check constraints of the tables call on PostgreSQL."""

from django.db import migrations

from accords.db.constraints import create_functions, drop_functions


class Migration(migrations.Migration):
    run_before = [("accords", "0001_initial")]

    operations = [migrations.RunPython(create_functions, drop_functions)]
