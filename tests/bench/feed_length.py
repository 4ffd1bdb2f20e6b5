"""What a page of the feed costs when the feed is long, in units of what it costs when it is short.

The aim is a ratio of 1.3 at most. Every stretch of the feed names the same rows, so that only its length differs.
The feed of the database of DATABASE_URL is emptied for it, and emptied again; `--only feed_length` does so.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from django.db import connection

from accords.api.feed import FeedCursor
from accords.api.urls import RESOURCES
from accords.db import changes
from accords.models import PublicChange
from accords.vocabulary import FeedChange
from tests.bench.dearest import Meter
from tests.bench.queries import API

SHORT, LONG = 10_000, 1_000_000  # entries
ROWS = 100  # of each resource
PAGES = 10  # of a feed, evenly spread
SECONDS = 0.5  # for which the pages of a feed are asked for again and again
AT = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 5000


def entries() -> list[dict[str, Any]]:
    """Return entries of the first rows of each resource, in turn."""
    by_resource = [
        [(name, row) for row in view.serializer_class.Meta.model._default_manager.published().order_by("pk")[:ROWS]]
        for name, view in RESOURCES.items()
    ]
    return [
        {"resource": name, "row_id": row.pk, "slug": getattr(row, "slug", ""), "change": FeedChange.CHANGED, "at": AT}
        for turn in zip_longest(*by_resource)
        for name, row in filter(None, turn)
    ]


def lengthen(known: list[dict[str, Any]], first: int, last: int) -> None:
    """Add entries at the positions `first` to `last`, the known ones in turn, and let the feed end there."""
    for begin in range(first, last + 1, AT_ONCE):
        positions = range(begin, min(begin + AT_ONCE, last + 1))
        PublicChange.objects.bulk_create(PublicChange(position=at, **known[at % len(known)]) for at in positions)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {changes.COUNT} SET public = %s", [last])  # noqa: S608 - a name of ours
        cursor.execute(f"ANALYZE {PublicChange._meta.db_table}")


def costs(meter: Meter, length: int) -> Iterator[float]:
    """Yield the processor time of a page of each feed, in seconds: that of all resources, and that of each."""
    cursors = [FeedCursor(False, length * place // (PAGES + 1), AT).encode() for place in range(1, PAGES + 1)]
    for name in ("", *RESOURCES):
        paths = [f"{API}/changes{name and '/'}{name}?after={cursor}" for cursor in cursors]
        yield min(sum(answered(meter, path) for path in paths) / PAGES for _ in range(3))


def answered(meter: Meter, path: str) -> float:
    """Return the cost of a page in seconds. Exits where it is refused."""
    cost = meter.cost(path, SECONDS / PAGES)
    if cost is None:
        raise SystemExit(f"{path} was refused.")
    return cost


def main() -> None:
    """Print what a page of each feed costs in milliseconds, short and long, and the ratio."""
    meter, known = Meter(), entries()
    PublicChange.objects.all().delete()
    try:
        lengthen(known, 1, SHORT)
        _, short = [*costs(meter, SHORT)], [*costs(meter, SHORT)]  # the first time a process does more
        lengthen(known, SHORT + 1, LONG)
        long = [*costs(meter, LONG)]
    finally:
        PublicChange.objects.all().delete()
        lengthen(known, 1, 0)
    print(f"{'feed':20} {SHORT:>9} {LONG:>9}  ratio   (ms of CPU for a page)")
    for name, cost, later in zip(("all", *RESOURCES), short, long, strict=True):
        print(f"{name:20} {1000 * cost:9.2f} {1000 * later:9.2f} {later / cost:6.2f}", flush=True)
