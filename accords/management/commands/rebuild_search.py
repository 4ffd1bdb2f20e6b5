"""rebuild_search: update the search index of all rows; needed only after writes that bypass the application."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from accords.db.reindexing import all_ids, reindex, remove_orphans, stale_ids
from accords.db.search_index import indexed_models
from accords.management.progress import Bar


class Command(BaseCommand):
    help = "Update the search index of every row, and print how many entries were out of date. Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stale", action="store_true", help="only the rows that are known to be out of date")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the database (default: the default one)")

    def handle(self, *args: Any, **options: Any) -> None:
        using, ids_by_model, outdated = options["database"], {}, 0
        for model in indexed_models():
            outdated_ids = stale_ids(model, using)
            outdated += len(outdated_ids)
            ids_by_model[model] = outdated_ids if options["stale"] else all_ids(model, using)
        total = sum(map(len, ids_by_model.values()))
        bar = Bar(self.stderr, total, "rows")
        for model, ids in ids_by_model.items():
            for batch_size in reindex(model, ids, using):
                bar.advance(batch_size)
            remove_orphans(model, using)
        bar.end()
        if options["verbosity"]:
            self.stdout.write(f"Indexed {total} rows; {outdated} were out of date.")
