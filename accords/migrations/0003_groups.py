"""The groups editor, publisher, service and webhooks."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

NOUNS = (
    *("agreement", "citation", "clause", "clauseparty", "event"),
    *("participation", "party", "renewal", "source", "statement"),
)
# The initial permissions. An administrator may change them; no migration restores them.
GROUPS = {
    "editor": [f"{verb}_{noun}" for verb in ("view", "add", "change") for noun in NOUNS],
    "publisher": [f"{verb}_{noun}" for verb in ("view", "add", "change", "delete", "publish") for noun in NOUNS],
    "service": [f"{verb}_{noun}" for verb in ("view", "add", "change") for noun in NOUNS],
    "webhooks": ["view_webhook", "add_webhook", "change_webhook", "delete_webhook", "view_webhookdelivery"],
}


def create_groups(apps: Any, schema_editor: Any) -> None:
    """Create the groups that do not exist, and first the permissions, which Django creates after all migrations."""
    create_permissions(installed.get_app_config("accords"), verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    for name, codes in GROUPS.items():
        group, created = group_model.objects.get_or_create(name=name)
        if created:
            group.permissions.set(
                permission_model.objects.filter(content_type__app_label="accords", codename__in=codes)
            )


def delete_groups(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accords", "0002_triggers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create_groups, delete_groups)]
