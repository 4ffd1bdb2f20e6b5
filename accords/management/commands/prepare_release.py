"""prepare_release: everything that a new release needs before it is served."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import release
from config.environment import PLANNING, postgresql_limits


class Command(BaseCommand):
    help = (
        "Check the settings, migrate the database, collect the static files and complete the search index. It can be "
        "repeated at any time; nothing is done twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role-limits",
            action="store_true",
            help="also set limits and planning for the database user, for a pooler that drops those of connections",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        if settings.PRODUCTION:
            call_command("check", deploy=True, fail_level="WARNING", verbosity=verbosity)
        self.report("Migrating the database")
        call_command("migrate", interactive=False, verbosity=max(verbosity - 1, 0))
        if options["role_limits"]:
            self.set_role_limits()
        if not settings.WHITENOISE_USE_FINDERS:
            self.report("Collecting the static files")
            call_command("collectstatic", interactive=False, verbosity=max(verbosity - 1, 0))
        self.report("Completing the search index")
        call_command("rebuild_search", stale=True, verbosity=max(verbosity - 1, 0))
        if missing := release.unfinished():
            raise CommandError(" ".join(missing))
        self.report("The release is prepared.")

    def report(self, message: str) -> None:
        self.stdout.write(message)

    def set_role_limits(self) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("--role-limits needs PostgreSQL.")
        self.report("Setting the time limits of the database user")
        with connection.cursor() as cursor:
            for name, seconds in postgresql_limits().items():
                cursor.execute(f"ALTER ROLE CURRENT_USER SET {name} = '{seconds}s'")
            for name, value in PLANNING.items():
                cursor.execute(f"ALTER ROLE CURRENT_USER SET {name} = {value}")
