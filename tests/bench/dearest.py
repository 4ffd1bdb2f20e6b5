"""The dearest anonymous requests, in pages: in units of the processor time of one page of fifty clauses.

Each filter, order, expansion and address is asked for in this process, nothing cached; the dearest are asked again,
longer. Then a server is asked for a page while sixteen connections ask it for the sixteen dearest.
Run in a process of its own on the database of DATABASE_URL; `--only dearest` does so.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from accords.api.filters import filter_types
from accords.api.urls import RESOURCES
from tests.bench import servers
from tests.bench.measure import Runner
from tests.bench.queries import API
from tests.clients import Client

MOST = 30
CANDIDATES = 40  # that are measured again
BESIDE_SECONDS, PAUSE = 15, 0.01  # for which a page is asked for again and again, and between two of them
SECONDS = 0.3  # for which a request is repeated when it is measured exactly
PLAIN = f"{API}/clauses"
TEXTS = ("zzzzqq", "gallium", "e")  # in no row, in some, in most
WORDS = ("gallium", "le", "accord", "gallium+accord")
DAYS = ("1900-01-01", "2026-01-01")
BELOW = ("renewals", "renewals.ics", "annotated", "consolidated", "projection?anchor=2026-01-01", "history")
PAGES = ("/", "/agreements", "/api/docs", "/api/schema", f"{API}", f"{API}/changes?page_size=1000", "/llms.txt")


def values(each: filter_types.StrictFilter, name: str, row: dict[str, Any]) -> list[str]:
    """Return values for a filter: those of a row that is shown, and those that no row and many rows have."""
    if isinstance(each, filter_types.ChoiceFilter):
        return [",".join(each.words) if each.takes_list else each.words[0], each.words[0]]
    if isinstance(each, filter_types.BooleanFilter):
        return ["true", "false"]
    if isinstance(each, filter_types.ContainsFilter):
        return [*TEXTS]
    if isinstance(each, filter_types.SearchFilter):
        return [*WORDS]
    if isinstance(each, filter_types.InstantFilter):
        return ["2000-01-01T00:00:00Z"]
    if isinstance(each, filter_types.DateFilter):
        return [*DAYS]
    if isinstance(each, filter_types.PartyFilter):
        return ["state-1", "state-2", "CN"]
    if isinstance(each, filter_types.RowFilter) and each.noun in ("agreement", "source"):
        return [{"agreement": "accord-1", "source": "source-1"}[each.noun]]
    shown = row.get(name.partition("__")[0])
    return ["1", "zz", *([str(shown)] if isinstance(shown, str | int) and shown != "" else [])]


def candidates(client: Client) -> Iterator[str]:
    """Yield the paths of requests: every filter, order and expansion of every list, every row, and other addresses."""
    for name, view in RESOURCES.items():
        path = f"{API}/{name}"
        row = client.get(path).json()["results"][0]
        expansions = sorted(view.serializer_class.expansions())
        shapes = [f"expand={','.join(expansions)}", *(f"expand={expansion}" for expansion in expansions)]
        orders = [f"ordering={sign}{order}" for order in view.orderings for sign in ("", "-")]
        yield path
        yield from (f"{path}?page_size=200&{query}" for query in ("count=exact", *shapes, *orders))
        yield f"{path}?page_size=200&count=exact&{shapes[0]}"
        yield from (f"{row['url'].partition('127.0.0.1')[2]}{query}" for query in ("", f"?{shapes[0]}", "/history"))
        for parameter, each in view.filterset_class.base_filters.items():
            if each.default is None or parameter == "highlight":
                modified = f"&{each.modifies[0]}=" if each.modifies else ""
                for value in values(each, parameter, row):
                    query = f"{parameter}={value}"
                    if modified == "&q=":
                        yield from (f"{path}?{query}&page_size=200&q={words}" for words in WORDS)
                        continue
                    yield f"{path}?{query}&page_size=200&count=exact"
    slugs = [row["slug"] for row in client.get(f"{API}/agreements?page_size=3").json()["results"]]
    yield from (f"{API}/agreements/{slug}/{below}" for slug in slugs for below in BELOW)
    yield from (f"/agreements/{slug}" for slug in slugs)
    yield from (f"{API}/renewals.ics", f"{API}/agreements/{slugs[0]}/changes-from/{slugs[1]}", *PAGES)
    yield from (f"{API}/changes/{name}?page_size=1000" for name in RESOURCES)


class Meter:
    """Measures the processor time of requests: of this process, and of PostgreSQL's for this connection."""

    def __init__(self) -> None:
        self.client, self.backend = Client(headers={"host": "127.0.0.1"}), 0
        connection.ensure_connection()
        if connection.vendor == "postgresql":
            backend: Any = connection.connection
            self.backend = backend.info.backend_pid

    def seconds(self) -> float:
        """Return the processor time so far in seconds."""
        return time.process_time() + (servers.cpu(self.backend) if self.backend else 0.0)

    def cost(self, path: str, seconds: float) -> float | None:
        """Return the processor time of a request in seconds; None if it is refused."""
        began, until, times = self.seconds(), time.process_time() + seconds, 0
        start = time.perf_counter()
        while not times or (time.process_time() < until and time.perf_counter() - start < 4 * seconds):
            response = self.client.get(path)
            if response.status_code != 200:
                return None
            times += 1
        return (self.seconds() - began) / times


def measured() -> dict[str, Any]:
    """Return the cost of a page in milliseconds, and the dearest requests in pages."""
    meter = Meter()
    for _ in range(50):
        meter.client.get(PLAIN)
    paths = [*dict.fromkeys(candidates(meter.client))]
    rough = {path: cost for path in paths if (cost := meter.cost(path, 0.0)) is not None}
    print(f"{len(rough)} of {len(paths)} requests were answered.", file=sys.stderr)
    dearest = sorted(rough, key=lambda path: -rough[path])[:CANDIDATES]
    plain = min(meter.cost(PLAIN, SECONDS) or 0 for _ in range(5))
    exact = {path: (meter.cost(path, SECONDS) or 0) / plain for path in dearest}
    return {"page": 1000 * plain, "pages": dict(sorted(exact.items(), key=lambda item: -item[1])[:MOST])}


def latencies(paths: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the `p50` and `p99` of a plain page in milliseconds: on an idle server, and while others request `paths`."""
    runner = Runner(SECONDS, 1)
    with (
        TemporaryDirectory() as logs,
        servers.running(servers.accords(False), os.environ["DATABASE_URL"], Path(logs)) as peer,
    ):
        runner.drive(peer.base, [PLAIN], 3, 8)  # each process learns that it is quick
        quiet = runner.drive(peer.base, [PLAIN], BESIDE_SECONDS, 1, PAUSE)
        others = threading.Thread(target=runner.drive, args=(peer.base, paths, BESIDE_SECONDS + 6, len(paths)))
        others.start()
        time.sleep(3)  # seconds: the server learns which requests are slow
        beside = runner.drive(peer.base, [PLAIN], BESIDE_SECONDS, 1, PAUSE)
        others.join()
    return quiet, beside


def main() -> None:
    """Print the cost of a page, the dearest requests in pages, and what they do to a page when they come together."""
    found = measured()
    print(f"A page costs {found['page']:.2f} ms.")
    for path, pages in found["pages"].items():
        print(f"{pages:8.1f} {path}")
    for name, each in zip(("quiet", "beside the sixteen dearest"), latencies([*found["pages"]][:16]), strict=True):
        print(f"{name}: p50 {each['p50']:.1f} ms, p99 {each['p99']:.1f} ms of {each['answered']} pages")
