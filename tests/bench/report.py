"""The figures as tables, for people: on the terminal, and in docs/performance.md."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.measure import CONNECTIONS
from tests.bench.queries import Query
from tests.bench.runs import USUAL, Run
from tests.bench.soak import Soak

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def main_table(run: Run) -> str:
    """Every question at every service: the usual one first, then how many times less each other one needs."""
    head = ["query", "service", "CPU ms", "±", "requests/s", "p50 ms", "p99 ms", "kB", "ratio", "goal"]
    rows = [row for query in run.asked for row in query_rows(run, query)]
    return table(head, rows)


def query_rows(run: Run, query: Query) -> list[list[str]]:
    """The rows of one question."""
    rows = []
    for service, figures in run.found[query.name].items():
        usual = service == USUAL
        goal = query.goal.get(run.engine)
        ratio = "" if usual else f"**{number(run.ratio(query, service))}×**"
        wanted = "" if usual or goal is None or service.startswith(USUAL) else f"{goal:g}×"
        told = [number(figures.middle("cpu")), f"{figures.spread():.0%}", number(figures.middle("rate"))]
        told += [number(figures.middle("p50")), number(figures.middle("p99")), number(figures.size / 1000)]
        note = f" ({figures.failed} failed)" if figures.failed else ""
        rows.append([query.title if usual else "", service + note, *told, ratio, wanted])
    return rows


def memory_table(run: Run) -> str:
    """What the largest worker of each service has, before and after the rounds."""
    rows = [
        [service, number(first.own), number(last.own), number(last.resident)]
        for service, (first, last) in run.memory.items()
    ]
    return table(["service", "own MiB at first", "own MiB in the end", "with mapped files, MiB"], rows)


def soak_text(soak: Soak) -> str:
    """What became of a worker's memory."""
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


def growth_table(runs: list[Run]) -> str:
    """How processor time of accords grows from the smallest to the largest number of clauses."""
    sizes = [run.clauses for run in runs]
    rows = []
    for query in runs[0].asked:
        if any(query.name not in run.found for run in runs):
            continue
        costs = [
            next(each.middle("cpu") for name, each in run.found[query.name].items() if name != USUAL) for run in runs
        ]
        usual = [run.found[query.name][USUAL].middle("cpu") for run in runs]
        growth = [f"{costs[-1] / costs[0]:.2f}×" if costs[0] else "", f"{usual[-1] / usual[0]:.2f}×"]
        rows.append([query.title, *map(number, costs), *growth])
    return table(["query", *(f"{size:,} CPU ms" for size in sizes), "growth", "growth of the baseline"], rows)


def machine() -> str:
    """On what it ran."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    total = next(
        line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    names = ("Django", "djangorestframework", "gunicorn", "granian", "psycopg")
    parts = [f"{model}, {os.cpu_count()} cores, {int(total) / 2**20:.0f} GiB", f"Linux {platform.release()}"]
    parts += [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)]
    return ", ".join(parts)


HOW = f"""CPU ms is the processor time of all processes of a service for one request, with that of the database
server; it is the figure to trust on a shared machine. ± is half the distance between the lowest and the highest round.
`baseline` is the usual service, kept in `tests/bench/baseline`: ModelViewSets, django-filter, numbered pages,
SearchFilter, every relation selected or prefetched, Django's default middleware, gunicorn with two sync workers. Its
connections to the database are kept, which Django does not do by default: opening one costs much here, because SQLite
reads the whole schema each time, and its checks of dates are long. A service that does not keep them is shown apart.
Both read the same database in the same minutes; rounds take turns; each request asks something else, unless it says
*repeated*; wrk with {CONNECTIONS} connections asks, from the same machine. Nothing is cached unless it says *repeated*
(`ANSWER_CACHE_BYTES=0`). That both give the same rows was checked for every question."""
NOTES = "Where the time goes, and what was tried where a goal is missed: [performance-notes.md](performance-notes.md)."


def plans_text(plans: dict[str, list[str]]) -> str:
    """The steps of the database's plans that are worth a word."""
    if not plans:
        return ""
    told = [f"- {name}: {', '.join(f'`{step}`' for step in steps) or 'none'}" for name, steps in plans.items()]
    return "\n".join(["Steps of the plans that read from one end or sort:", "", *told, ""])


def section(run: Run) -> str:
    """All that one run gave."""
    title = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[run.engine]
    wrong = [f"- {name}: {what}" for name, what in run.differences.items()]
    differing = ["", "**Rows that differ:**", "", *wrong] if wrong else []
    head = f"## {run.clauses:,} clauses, {title}"
    said = f"`{run.command}` on {run.when}. Other load on the machine: {run.load:.1f} cores."
    lines = [head, "", said, "", main_table(run), *differing, "", memory_table(run), ""]
    return "\n".join([*lines, soak_text(run.soak) if run.soak else "", plans_text(run.plans)])


def now() -> str:
    """The minute, for people."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def document(runs: list[Run]) -> str:
    """The whole of docs/performance.md."""
    parts = ["# What a request costs", "", f"Written by `make bench` on {now()}: {machine()}.", "", HOW, ""]
    parts += [NOTES, ""]
    parts += [section(run) for run in runs]
    for engine in dict.fromkeys(run.engine for run in runs):
        same = sorted((run for run in runs if run.engine == engine), key=lambda run: run.clauses)
        if len(same) > 1:
            parts += [f"## Growth on {engine}", "", growth_table(same), ""]
    return "\n".join(parts)
