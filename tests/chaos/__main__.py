"""The command: rounds of chaos on each database, a table of what came of them, and a failure if anything was lost."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.engines import ENGINES
from tests.chaos.rounds import Result, hurts, place

HEAD = (
    "round",
    "killed",
    "acknowledged",
    "in doubt",
    "of these done",
    "lost",
    "half done",
    "twice",
    "broken",
    "back in",
)


def row(told: tuple[object, ...]) -> str:
    """A line of the table."""
    return " | ".join(f"{one!s:>13}" for one in told)


def line(result: Result) -> str:
    """What came of a round."""
    found = result.found
    faults = (len(found.lost), len(found.half), len(found.repeated), len(found.broken))
    doubt = (result.in_doubt, found.done_in_doubt)
    return row((result.number, result.hurt, result.acknowledged, *doubt, *faults, f"{result.back:.2f} s"))


def run(engine: str, rounds: int, writers: int) -> list[str]:
    """The faults of all rounds on one database."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="accords-chaos-") as folder, place(engine, Path(folder)) as found:
        print(f"\n{engine}: {rounds} rounds, {writers} writers\n{row(HEAD)}", flush=True)
        acknowledged = 0
        for number, hurt in enumerate(hurts(found.engine, rounds), 1):
            result = found.round(number, hurt, writers, random.randint(writers, 10 * writers))
            print(line(result), *result.faults[:5], sep="\n  ", flush=True)
            faults += result.faults
            acknowledged += result.acknowledged
        print(f"{engine}: {acknowledged} writes acknowledged, {len(faults)} faults", flush=True)
    return faults


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options = parser.parse_args()
    faults = [fault for engine in options.engines for fault in run(engine, options.rounds, options.writers)]
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
