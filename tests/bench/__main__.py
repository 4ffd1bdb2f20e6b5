"""The benchmark: makes data, starts the usual service and accords on it, asks both the same, prints tables.

python -m tests.bench --rows 100000 --engines sqlite,postgresql --write
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import exports, report, servers
from tests.bench.databases import database
from tests.bench.exports import Exports
from tests.bench.growth import Growth, growth
from tests.bench.measure import Runner, wrk
from tests.bench.plans import explain
from tests.bench.queries import Query, difference, mix
from tests.bench.runs import ENGINES, Run, keep, keep_growth, stored_growths, stored_runs
from tests.bench.servers import Peer
from tests.bench.soak import soak

ALONE = ("dearest", "feed", "feed_length")  # modules that measure accords alone, and print what they find


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100000", help="numbers of clauses, separated by commas or blanks")
    parser.add_argument("--engines", default=",".join(ENGINES), help="sqlite, postgresql or both")
    parser.add_argument("--seconds", type=float, default=1.0, help="the length of a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each query at each service")
    parser.add_argument(
        "--only",
        default="",
        help="names of queries, separated by commas: one,list,search; or export; or dearest; or feed; or feed_length",
    )
    parser.add_argument("--growth", action="store_true", help="instead ask accords alone, of all sizes in turn")
    parser.add_argument("--fresh", action="store_true", help="also a baseline with a database connection a request")
    parser.add_argument("--soak", type=float, default=1.0, help="minutes of mixed reads for the memory's sake")
    parser.add_argument("--pace", type=float, default=0, help="at most so many of these reads a second; 0: no limit")
    parser.add_argument("--data", type=Path, help="a folder that keeps the databases for the next run")
    parser.add_argument(
        "--write", action="store_true", help="write docs/performance.md, of all runs kept in --data too"
    )
    return parser.parse_args()


def measure(engine: str, clauses: int, options: argparse.Namespace) -> Run:
    """Measure one engine with this number of clauses."""
    run = Run(engine, clauses, command_line(), report.now())
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accords-bench-log-")))
        url, serving = stack.enter_context(database(engine, clauses, options.data))
        peers = [servers.baseline(), *([servers.baseline(kept=False)] if options.fresh else [])]
        peers += [servers.accords(cached=False), servers.accords(cached=True)]
        for peer in peers:
            peer.also = serving
            stack.enter_context(servers.running(peer, url, logs))
        *usual, plain, cached = peers
        only, queries = set(filter(None, options.only.split(","))), mix(plain.base, clauses)
        run.asked = [query for query in queries if options.rounds and (not only or query.name in only)]
        run.load = os.getloadavg()[0]
        run.plans = explain(url, run.asked)
        runner, first = Runner(options.seconds, options.rounds), {peer.name: servers.memory(peer.pid) for peer in peers}
        for query in run.asked:
            ask(run, runner, query, usual, cached if query.repeated else plain)
        if options.soak:
            run.soak = soak(cached, queries, options.soak, options.pace, runner)
            run.soak.command, run.soak.when = run.command, run.when
        run.memory = {peer.name: (first[peer.name], servers.memory(peer.pid)) for peer in peers}
    return run


def ask(run: Run, runner: Runner, query: Query, usual: list[Peer], ours: Peer) -> None:
    """Measure one query at the services that it concerns."""
    if difference_text := difference(query, usual[0].base, ours.base):
        run.differences[query.name] = difference_text
    paths = dict.fromkeys(usual, query.usual) | {ours: query.ours}
    run.found[query.name] = runner.compare(query, paths)
    for row in report.query_rows(run, query):
        print(" ".join(f"{cell:>{width}}" for cell, width in zip(row, (46, 25, 8, 5, 8, 8, 8, 7, 12, 6), strict=True)))
    if difference_text:
        print(f"ROWS DIFFER: {difference_text}")
    sys.stdout.flush()


def command_line() -> str:
    """Return the command line as it was typed."""
    return shlex.join(["python", "-m", "tests.bench", *sys.argv[1:]])


def measure_growth(engine: str, sizes: list[int], options: argparse.Namespace) -> Growth:
    """Measure how costs grow on one engine."""
    only, when = set(filter(None, options.only.split(","))), report.now()
    found = growth(engine, sizes, Runner(options.seconds, options.rounds), options.data, only)
    found.command, found.when = command_line(), when
    return found


def main() -> int:
    """Run it; 1 where rows differ."""
    options, runs, growths, files = parse_arguments(), [], [], []
    wrk()
    sizes = [int(size) for size in options.rows.replace(",", " ").split()]
    for engine in options.engines.replace(",", " ").split():
        if options.only in ALONE:
            for size in sizes:
                print_alone(options.only, engine, size, options)
        elif options.only == "export":
            files += [measure_exports(engine, size, options) for size in sizes]
        elif options.growth:
            growths.append(measure_growth(engine, sizes, options))
        else:
            runs += [measure(engine, size, options) for size in sizes]
    if options.only in ALONE:
        return 0
    if options.data:
        runs, growths, files = store_all(runs, growths, files, options.data)
    text = report.document(runs, growths, files)
    print(text)
    if options.write:
        report.DOCUMENT.write_text(text, encoding="utf-8")
    return int(any(run.differences for run in runs))


def print_alone(module: str, engine: str, size: int, options: argparse.Namespace) -> None:
    """Run one of ALONE on one engine, which prints what it finds."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", f"from tests.bench.{module} import main; main()"]
    with database(engine, size, options.data) as (url, _):
        env = {"DATABASE_URL": url, "ENVIRONMENT": "local", "LOG_LEVEL": "ERROR", "ANSWER_CACHE_BYTES": "0"}
        subprocess.run(command, cwd=servers.ROOT, env=os.environ | env, check=True)


def measure_exports(engine: str, size: int, options: argparse.Namespace) -> Exports:
    """Measure files of all rows on one engine."""
    when, found = report.now(), exports.exports(engine, size, options.data)
    found.command, found.when = command_line(), when
    return found


def store_all(
    runs: list[Run], growths: list[Growth], files: list[Exports], folder: Path
) -> tuple[list[Run], list[Growth], list[Exports]]:
    """Write down what was measured; give it, and what is kept of other times."""
    for run in runs:
        keep(run, folder)
    for found in growths:
        keep_growth(found, folder)
    for each in files:
        exports.keep(each, folder)
    return stored_runs(folder), stored_growths(folder), exports.stored_exports(folder)


if __name__ == "__main__":
    sys.exit(main())
