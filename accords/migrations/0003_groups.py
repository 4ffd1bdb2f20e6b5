"""The groups editor, publisher and service."""

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
    "editor": ("view", "add", "change"),
    "publisher": ("view", "add", "change", "delete", "publish"),
    "service": ("view", "add", "change"),
}


def create_groups(apps: Any, schema_editor: Any) -> None:
    """Create the groups that do not exist, and first the permissions, which Django creates after all migrations."""
    create_permissions(installed.get_app_config("accords"), verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    for name, verbs in GROUPS.items():
        group, created = group_model.objects.get_or_create(name=name)
        if created:
            codes = [f"{verb}_{noun}" for verb in verbs for noun in NOUNS]
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
