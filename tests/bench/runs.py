"""What was measured on one engine with so many clauses; kept in a file, so that a document can be made of several."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.bench.growth import Growth
from tests.bench.measure import Figures
from tests.bench.queries import Query
from tests.bench.servers import Memory
from tests.bench.soak import Soak

ENGINES = ("sqlite", "postgresql")
USUAL = "baseline"


@dataclass
class Run:
    """The questions, the figures of each service, what memory they took, and how the database finds the rows."""

    engine: str
    clauses: int
    command: str = ""
    when: str = ""
    asked: list[Query] = field(default_factory=list)
    found: dict[str, dict[str, Figures]] = field(default_factory=dict)  # by question, by service
    differences: dict[str, str] = field(default_factory=dict)
    memory: dict[str, tuple[Memory, Memory]] = field(default_factory=dict)  # by service: in the beginning, in the end
    load: float = 0.0
    soak: Soak | None = None
    plans: dict[str, list[str]] = field(default_factory=dict)  # steps worth a word, by question

    def ratio(self, query: Query, service: str) -> float:
        """Return the ratio of the baseline's processor time to that of a service."""
        own = self.found[query.name][service].median("cpu")
        return self.found[query.name][USUAL].median("cpu") / own if own else float("inf")


def path_of(folder: Path, run: Run) -> Path:
    """Return the file in which a run is stored."""
    return folder / f"{run.engine}-{run.clauses}.json"


def keep(run: Run, folder: Path) -> None:
    """Write a run down, without the questions' many paths. What it did not measure stays as an earlier one found it."""
    path = path_of(folder, run)
    if path.exists():
        run = merge(read(path), run)
    plain = asdict(run)
    for query in plain["asked"]:
        query |= {"usual": [], "ours": []}
    path.write_text(json.dumps(plain), encoding="utf-8")


def merge(before: Run, run: Run) -> Run:
    """Merge a run into an earlier one: newer queries and soak replace older ones."""
    soak = run.soak or before.soak
    return replace(run if run.found else before, soak=soak)


def read(path: Path) -> Run:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document["asked"] = [Query(**query) for query in document["asked"]]
    document["found"] = figures(document["found"])
    document["memory"] = {name: (Memory(*first), Memory(*last)) for name, (first, last) in document["memory"].items()}
    document["soak"] = Soak(**document["soak"]) if document["soak"] else None
    return Run(**document)


def stored_runs(folder: Path) -> list[Run]:
    """Return the stored runs by engine, the smallest first."""
    found = [read(path) for engine in ENGINES for path in folder.glob(f"{engine}-*.json")]
    return sorted(found, key=lambda run: (ENGINES.index(run.engine), run.clauses))


def keep_growth(growth: Growth, folder: Path) -> None:
    """Write down how costs grow."""
    (folder / f"growth-{growth.engine}.json").write_text(json.dumps(asdict(growth)), encoding="utf-8")


def stored_growths(folder: Path) -> list[Growth]:
    """Return the stored results about growth."""
    paths = [folder / f"growth-{engine}.json" for engine in ENGINES]
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
    return [Growth(**each | {"found": figures(each["found"])}) for each in documents]


def figures(read: dict[str, dict[str, Any]]) -> dict[str, dict[str, Figures]]:
    """Return stored figures by query and service."""
    return {name: {service: Figures(**each) for service, each in found.items()} for name, found in read.items()}
