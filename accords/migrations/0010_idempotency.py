"""The first answers to requests that may come again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accords", "0006_revision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="The key, as the caller made it up.", max_length=255)),
                (
                    "fingerprint",
                    models.CharField(help_text="sha256 of the address and the body that came with it.", max_length=64),
                ),
                ("status", models.PositiveSmallIntegerField(help_text="The HTTP status of the answer.")),
                (
                    "headers",
                    models.JSONField(default=dict, help_text="The headers of the answer that tell of what was made."),
                ),
                ("body", models.TextField(help_text="The body of the answer.")),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, db_index=True, help_text="When it was first used."),
                ),
                (
                    "caller",
                    models.ForeignKey(
                        help_text="Whose key it is: others have their own.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("caller", "key"), name="idempotencykey_once")],
            },
        ),
    ]
