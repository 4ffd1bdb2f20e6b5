"""The figures as tables, for people: on the terminal, and in docs/performance.md."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.exports import USUAL as PAGES
from tests.bench.exports import Exports
from tests.bench.growth import LIMIT, UNBOUND, Growth
from tests.bench.measure import CONNECTIONS
from tests.bench.queries import Query
from tests.bench.runs import USUAL, Run
from tests.bench.soak import Soak

ENGINE_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def number(value: float) -> str:
    """Format a number with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, with the first column aligned left and the others right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def main_table(run: Run) -> str:
    """Return a table of every query at every service: the baseline, then how many times less the others need."""
    head = ["query", "service", "CPU ms", "±", "requests/s", "p50 ms", "p99 ms", "kB", "ratio", "goal"]
    rows = [row for query in run.asked for row in query_rows(run, query)]
    return table(head, rows)


def query_rows(run: Run, query: Query) -> list[list[str]]:
    """Return the table rows of one query."""
    rows = []
    for service, figures in run.found[query.name].items():
        usual = service == USUAL
        goal = query.goal.get(run.engine)
        ratio = "" if usual else f"**{number(run.ratio(query, service))}×**"
        wanted = "" if usual or goal is None or service.startswith(USUAL) else f"{goal:g}×"
        cells = [number(figures.median("cpu")), f"{figures.spread():.0%}", number(figures.median("rate"))]
        cells += [number(figures.median("p50")), number(figures.median("p99")), number(figures.size / 1000)]
        note = f" ({figures.failed} failed)" if figures.failed else ""
        rows.append([query.title if usual else "", service + note, *cells, ratio, wanted])
    return rows


def memory_table(run: Run) -> str:
    """Return a table of the memory of each service's largest worker, before and after the rounds."""
    rows = [
        [service, number(first.own), number(last.own), number(last.resident)]
        for service, (first, last) in run.memory.items()
    ]
    return table(["service", "own MiB at first", "own MiB in the end", "with mapped files, MiB"], rows)


def soak_text(soak: Soak) -> str:
    """Describe the growth of a worker's memory."""
    lines = []
    if soak.own:
        steps = ", ".join(number(each) for each in soak.own)
        lines = [
            f"{soak.minutes:g} minutes of mixed reads with `{soak.command}` on {soak.when}: {soak.requests:,} answers. "
            f"Own MiB of the largest worker, from the first twelfth of the time to the last: {steps}.",
            "",
        ]
    for form, (rows, seconds, most) in soak.exports.items():
        lines += [f"All clauses as `{form}`: {rows:,} lines in {seconds:.0f} s; own MiB at most: {number(most)}.", ""]
    return "\n".join(lines)


def growth_section(growth: Growth) -> str:
    """Return the section about the growth of processor time with the number of clauses."""
    sizes = list(next(iter(growth.found.values())))
    rows = []
    for name, found in growth.found.items():
        costs = [f"{number(figures.median('cpu'))} ± {figures.spread():.0%}" for figures in found.values()]
        wanted = "" if name in UNBOUND else f"{LIMIT:g}×"
        rows.append([growth.titles[name], *costs, f"**{growth.factor(name):.2f}×**", wanted])
    caption = (
        f"`{growth.command}` on {growth.when}. Other load on the machine: {growth.load:.1f} cores. CPU ms a request."
    )
    head = ["query", *(f"{size} clauses" for size in sizes), "growth", "at most"]
    lines = [f"## Growth on {ENGINE_NAMES[growth.engine]}", "", caption, "", table(head, rows), ""]
    return "\n".join([*lines, plans_text(growth.plans)])


def exports_section(found: Exports) -> str:
    """Return the section about files of all clauses."""
    head = ["", "rows", "seconds", "rows/s", "µs CPU a row", "times less", "MB", "own MiB", "with mapped files, MiB"]
    usual, rows = found.costs[PAGES], []
    for name, cost in found.costs.items():
        each, ratio = 1e6 * cost.cpu / cost.rows, usual.cpu / usual.rows / (cost.cpu / cost.rows)
        cells = [number(cost.seconds), number(cost.rows / cost.seconds), number(each)]
        cells += ["" if name == PAGES else f"**{number(ratio)}×**", number(cost.size / 1e6)]
        rows.append([name, f"{cost.rows:,}", *cells, number(cost.own), number(cost.resident)])
    caption = f"`{found.command}` on {found.when}. Memory is the most that the largest process had while it lasted."
    return "\n".join(
        [
            f"## Whole lists of {found.clauses:,} clauses, {ENGINE_NAMES[found.engine]}",
            *("", caption, "", table(head, rows), ""),
        ]
    )


def machine() -> str:
    """Describe the machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    total = next(
        line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    names = ("Django", "djangorestframework", "gunicorn", "granian", "psycopg")
    parts = [f"{model}, {os.cpu_count()} cores, {int(total) / 2**20:.0f} GiB", f"Linux {platform.release()}"]
    parts += [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)]
    return ", ".join(parts)


HOW = f"""Compare the processor time that a request costs in accords and in a usual service. CPU ms is the time of all processes
of a service and of the database server for one request; it is the figure to trust on a shared machine. ± is half the
difference between the highest and the lowest round.

- `baseline` is the usual service (`tests/bench/baseline`): ModelViewSets, django-filter, numbered pages, SearchFilter,
  every relation selected or prefetched, Django's default middleware, gunicorn with two sync workers. It keeps its
  connections to the database, which Django does not do by default: a new one is expensive here, because SQLite reads
  the whole schema. A service that does not keep them is listed too.
- Both use the same database at the same time, in alternating rounds, after some seconds of warming up. `wrk` sends the
  requests with {CONNECTIONS} connections from the same machine. Each request is different, and nothing is cached
  (`ANSWER_CACHE_BYTES=0`), unless it says *repeated*. Every response was checked to have the same rows in both."""
NOTES = "[performance-notes.md](performance-notes.md) explains where the time goes, and what was tried."


def plans_text(plans: dict[str, list[str]]) -> str:
    """Return the notable steps of the database's plans."""
    if not plans:
        return ""
    lines = [f"- {name}: {', '.join(f'`{step}`' for step in steps) or 'none'}" for name, steps in plans.items()]
    return "\n".join(["Steps of the plans that read from one end or sort:", "", *lines, ""])


def section(run: Run) -> str:
    """Return the section about one run."""
    wrong = [f"- {name}: {what}" for name, what in run.differences.items()]
    differing = ["", "**Rows that differ:**", "", *wrong] if wrong else []
    head = f"## {run.clauses:,} clauses, {ENGINE_NAMES[run.engine]}"
    caption = f"`{run.command}` on {run.when}. Other load on the machine: {run.load:.1f} cores."
    lines = [head, "", caption, "", main_table(run), *differing, "", memory_table(run), ""]
    return "\n".join([*lines, soak_text(run.soak) if run.soak else "", plans_text(run.plans)])


def now() -> str:
    """Return the time to the minute."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def document(runs: list[Run], growths: list[Growth], files: list[Exports]) -> str:
    """Return the text of docs/performance.md."""
    parts = ["# What a request costs", "", f"Written by `make bench` on {now()}: {machine()}.", "", HOW, ""]
    parts += [NOTES, "", *map(section, runs), *map(growth_section, growths), *map(exports_section, files)]
    return "\n".join(parts).rstrip() + "\n"
