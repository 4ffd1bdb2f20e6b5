"""The application's entry in Django's registry."""

from django.apps import AppConfig


class AccordsConfig(AppConfig):
    """One app holds the whole domain."""

    name = "accords"
    verbose_name = "accords"
