"""migrate: Django's command, for a database in use."""

from time import sleep
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

ATTEMPTS = 10
LOCK_TIMEOUT = "2s"  # requests wait behind a migration that waits for a lock
RETRIED = {"55P03": "another transaction holds a lock", "40P01": "deadlock"}  # by PostgreSQL's sqlstate


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} On PostgreSQL no migration waits for a lock longer than {LOCK_TIMEOUT}, because "
        f"requests would wait behind it; it is tried up to {ATTEMPTS} times. Statements have no time limit."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection: Any = connections[options["database"]]
        # Behind a pooler in transaction mode, a SET could apply to a connection of another client.
        sets_limits = connection.vendor == "postgresql" and not connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
        if sets_limits:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
                cursor.execute("SET statement_timeout = 0")
        try:
            self.migrate_with_retries(*args, **options)
        finally:
            if sets_limits and connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                    cursor.execute("RESET statement_timeout")

    def migrate_with_retries(self, *args: Any, **options: Any) -> None:
        """Migrate, and try again after a lock timeout or a deadlock. Raises `CommandError` after the last attempt."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                reason = RETRIED.get(getattr(error.__cause__, "sqlstate", ""))
                if reason is None:
                    raise
                if attempt == ATTEMPTS:
                    raise CommandError(
                        f"Not migrated after {ATTEMPTS} attempts: {reason}. What was applied stays. Run it again when "
                        "no long transaction runs: see pg_stat_activity."
                    ) from error
                self.stderr.write(f"Not migrated yet: {reason}. Trying again in {attempt} seconds.")
                sleep(attempt)
