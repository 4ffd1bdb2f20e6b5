"""Tokens of services, wrong tokens counted by address, and the groups editor, publisher and service."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.apps import apps as installed
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

import accords.db.constraints
import accords.db.fields
import accords.models.tokens

NOUNS = (
    *("agreement", "citation", "clause", "clauseparty", "event"),
    *("participation", "party", "renewal", "source", "statement"),
)
# What each group may do at its birth. An administrator may change it afterwards; no migration puts it back.
GROUPS = {
    "editor": ("view", "add", "change"),
    "publisher": ("view", "add", "change", "delete", "publish"),
    "service": ("view", "add", "change"),
}


def make_groups(apps: Any, schema_editor: Any) -> None:
    """Make the groups that are missing. Django makes permissions only after all migrations, so they are made first."""
    create_permissions(installed.get_app_config("accords"), verbosity=0, using=schema_editor.connection.alias)
    group, permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    for name, verbs in GROUPS.items():
        made, new = group.objects.get_or_create(name=name)
        if new:
            codes = [f"{verb}_{noun}" for verb in verbs for noun in NOUNS]
            made.permissions.set(permission.objects.filter(content_type__app_label="accords", codename__in=codes))


def forget_groups(apps: Any, schema_editor: Any) -> None:
    """Remove the groups."""
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accords", "0005_quantities_comparable"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="TokenFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "address",
                    models.GenericIPAddressField(
                        help_text="The caller's address; of IPv6 the /64 network.", unique=True
                    ),
                ),
                ("since", models.DateTimeField(db_index=True, help_text="When the first of them came.")),
                ("times", models.PositiveIntegerField(default=0, help_text="How many came since then.")),
            ],
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    accords.db.fields.Line(
                        help_text="What it is for and where it lies: `price feed, production`.", max_length=100
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "read"), ("write", "read and write")],
                        default="read",
                        help_text="What it may do. `read`: read what its owner may read; `write`: read and write what its owner may.",
                        max_length=32,
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text="sha256 of the token, hexadecimal. The token is not kept.",
                        max_length=64,
                        unique=True,
                    ),
                ),
                (
                    "beginning",
                    models.CharField(
                        editable=False,
                        help_text="How the token begins, to know one that is found somewhere.",
                        max_length=14,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, help_text="When it was made."
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=accords.models.tokens.in_a_year, help_text="From when on it is refused (UTC)."
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When it was last used, to the minute; blank = never.",
                        null=True,
                    ),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When it was revoked; blank = it was not.", null=True
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="On whose behalf it calls: it may do what this account may, as far as its scope goes.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    accords.db.constraints.RowRule(
                        condition=models.Q(("scope__in", ["read", "write"])),
                        field="scope",
                        name="token_scope_known",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("name", ""), _negated=True),
                        field="name",
                        name="token_name_given",
                        told=False,
                    ),
                    accords.db.constraints.RowRule(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        field="expires_at",
                        name="token_expires_later",
                        told=True,
                        violation_error_code="expired",
                        violation_error_message="It would be expired from the first moment.",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_groups, forget_groups),
    ]
