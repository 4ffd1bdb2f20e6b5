"""The Django app."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.checks import register
from django.utils.translation import gettext_noop

from accords import checks

gettext_noop("Change %s")  # a text of Django whose French translation does not fit all our nouns: ours replaces it


class AccordsConfig(AppConfig):
    name = "accords"
    verbose_name = "accords"

    def ready(self) -> None:
        """Register the system checks."""
        register(checks.renewal_horizon)


class AccordsAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default = False
    default_site = "accords.admin.site.default_site"
