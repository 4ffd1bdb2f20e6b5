"""rebuild_search: bring the index of search up to date with all rows; needed only after writes past the application."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from accords.db.reindexing import every, refresh, remove_orphans, stale
from accords.db.search_index import searched_models
from accords.management.progress import Bar


class Command(BaseCommand):
    """Arguments and printing; `accords.db.reindexing` does the work."""

    help = "Bring the index of search up to date with every row, and say how many were out of date. Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which rows, and where."""
        parser.add_argument("--stale", action="store_true", help="only the rows that are known to be out of date")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the database (default: the default one)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        using = options["database"]
        old = {model: stale(model, using) for model in searched_models()}
        todo = old if options["stale"] else {model: every(model, using) for model in searched_models()}
        total = sum(map(len, todo.values()))
        bar = Bar(self.stderr, total, "rows")
        for model, ids in todo.items():
            for step in refresh(model, ids, using):
                bar.advance(step)
            remove_orphans(model, using)
        bar.end()
        if options["verbosity"]:
            self.stdout.write(f"Indexed {total} rows; {sum(map(len, old.values()))} were out of date.")
