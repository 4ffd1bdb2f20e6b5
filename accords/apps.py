"""The application's entry in Django's registry."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register
from django.db.backends.signals import connection_created

from accords import checks


class AccordsConfig(AppConfig):
    """One app holds the whole domain."""

    name = "accords"
    verbose_name = "accords"

    def ready(self) -> None:
        """Give SQLite connections the functions that our queries call, and Django our checks."""
        folding = import_module("accords.db.text_search")  # models can be imported only once the registry is ready
        connection_created.connect(folding.register, dispatch_uid="accords.folding")
        register(checks.renewal_horizon)
