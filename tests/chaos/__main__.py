"""The command: rounds on each database, a table of their results, and an exit code of 1 if anything was lost."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.engines import ENGINES
from tests.chaos.rounds import Result, deployed, failures

HEAD = (
    "round",
    "killed",
    "acknowledged",
    "uncertain",
    "of these done",
    "lost",
    "incomplete",
    "twice",
    "broken",
    "back in",
)


def row(cells: tuple[object, ...]) -> str:
    """Return a line of the table."""
    return " | ".join(f"{one!s:>13}" for one in cells)


def line(result: Result) -> str:
    """Return the result of a round as a line."""
    audit = result.audit
    faults = (len(audit.lost), len(audit.incomplete), len(audit.repeated), len(audit.broken))
    uncertain = (result.uncertain, audit.done_without_response)
    return row((result.number, result.failure, result.acknowledged, *uncertain, *faults, f"{result.seconds:.2f} s"))


def run(engine: str, rounds: int, writers: int) -> list[str]:
    """Run rounds on one database, and return their faults."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="accords-chaos-") as folder, deployed(engine, Path(folder)) as deployment:
        print(f"\n{engine}: {rounds} rounds, {writers} writers\n{row(HEAD)}", flush=True)
        acknowledged = 0
        for number, failure in enumerate(failures(deployment.engine, rounds), 1):
            result = deployment.round(number, failure, writers, random.randint(writers, 10 * writers))
            print(line(result), *result.faults[:5], sep="\n  ", flush=True)
            faults += result.faults
            acknowledged += result.acknowledged
        print(f"{engine}: {acknowledged} writes acknowledged, {len(faults)} faults", flush=True)
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options = parser.parse_args()
    faults = [fault for engine in options.engines for fault in run(engine, options.rounds, options.writers)]
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
