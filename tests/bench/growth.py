"""How the cost of a question grows with the data: accords on databases of several sizes, asked in turn."""

import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import servers
from tests.bench.databases import database
from tests.bench.measure import Figures, Runner
from tests.bench.plans import explain
from tests.bench.queries import Query, mix

LIMIT = 1.3  # how much more a question may cost of the largest database than of the smallest
UNBOUND = {"count"}  # questions that read every row because that is what they ask


@dataclass
class Growth:
    """The figures of each question at each number of clauses, and the plans on the largest database."""

    engine: str
    command: str = ""
    when: str = ""
    load: float = 0.0
    titles: dict[str, str] = field(default_factory=dict)  # by question
    found: dict[str, dict[str, Figures]] = field(default_factory=dict)  # by question, by size
    plans: dict[str, list[str]] = field(default_factory=dict)

    def factor(self, name: str) -> float:
        """Return the ratio of a query's cost in the last database to that in the first."""
        first, *_, last = self.found[name].values()
        return last.median("cpu") / first.median("cpu") if first.median("cpu") else float("inf")

    def exceeds(self, name: str) -> bool:
        """Return whether the ratio is above the limit."""
        return name not in UNBOUND and self.factor(name) > LIMIT


def growth(engine: str, sizes: list[int], runner: Runner, kept: Path | None, only: set[str]) -> Growth:
    """Ask accords on databases of these sizes the same questions, nothing cached, each round on each in turn."""
    found, mixes = Growth(engine), {}
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accords-bench-log-")))
        for size in sizes:
            url, serving = stack.enter_context(database(engine, size, kept))
            peer = servers.accords(cached=False)
            peer.name, peer.also = f"{size:,}", serving
            stack.enter_context(servers.running(peer, url, logs))
            mixes[peer] = [query for query in mix(peer.base, size) if not query.repeated]
        found.load = os.getloadavg()[0]
        found.plans = explain(url, queries := list(mixes.values())[-1])
        for place, query in enumerate(queries):
            if only and query.name not in only:
                continue
            found.titles[query.name] = query.title
            found.found[query.name] = runner.compare(query, {peer: made[place].ours for peer, made in mixes.items()})
            print(cost_line(found, query), flush=True)
    return found


def cost_line(found: Growth, query: Query) -> str:
    """Return a line with the costs of a query."""
    costs = "  ".join(f"{size}: {figures.median('cpu'):.3g} ms" for size, figures in found.found[query.name].items())
    return f"{query.title:>46}  {costs}  {found.factor(query.name):.2f}×"
