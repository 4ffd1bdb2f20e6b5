"""The floors of the house, and how large its rooms may be, held by reading the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in (ROOT / "accords").rglob("*.py") if "migrations" not in path.parts)
CONFIG = sorted((ROOT / "config").glob("*.py"))
OUTSIDE = {"accords", "accords.apps"}  # the package and Django's entry to it stand on no floor
FLOORS = {
    "accords.vocabulary": 0,
    "accords.rules": 0,
    "accords.db": 1,
    "accords.client_address": 1,
    "accords.models": 2,
    "accords.checks": 2,
    "accords.accounts": 3,
    "accords.services": 3,
    "accords.importing": 4,
    "accords.admin": 4,
    "accords.api": 4,
    "accords.web": 5,
    "accords.management": 6,
}
PURE = {"django", "rest_framework", "accords.models"}
BANNED = {"utils", "helpers", "common"}


def tree(path: Path) -> ast.Module:
    """A file as its syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def module(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def floor(name: str) -> int | None:
    """The floor on which a module stands; None for what stands outside the house."""
    found = [FLOORS[prefix] for prefix in FLOORS if name == prefix or name.startswith(f"{prefix}.")]
    return found[0] if found else None


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def functions() -> Iterator[tuple[str, int]]:
    """Every function and method, nested ones too, with the lines of its body: neither signature nor docstring count."""
    for path in FILES + CONFIG:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                yield f"{module(path)}.{node.name}", body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_only_go_downward_and_stand_at_the_top(path: Path) -> None:
    here, code = floor(module(path)), tree(path)
    hidden = [node.lineno for node in ast.walk(code) if imported(node) and node not in code.body]
    assert hidden == [], "imports inside functions hide loops"
    upward = [name for node in code.body for name in imported(node) if here is not None and (floor(name) or 0) > here]
    assert upward == []
    stars = [node.lineno for node in code.body if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    assert stars == []


def test_every_module_stands_on_a_floor() -> None:
    assert {module(path) for path in FILES if floor(module(path)) is None} == OUTSIDE


def test_nothing_imports_itself_through_others() -> None:
    names = {module(path): path for path in FILES}
    graph = {
        name: {parent(found, names) for node in tree(path).body for found in imported(node)}
        for name, path in names.items()
    }
    loops = [name for name in graph if name in reached(name, graph)]
    assert loops == []


def parent(name: str, names: dict[str, Path]) -> str:
    """The module that is imported: the name itself, or the module that holds it."""
    return name if name in names else name.rpartition(".")[0]


def reached(name: str, graph: dict[str, set[str]]) -> set[str]:
    """Every module that a module imports, itself or through others."""
    found: set[str] = set()
    waiting = [*graph[name]]
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting += graph.get(step, ())
    return found


@pytest.mark.parametrize("path", [path for path in FILES if "rules" in path.parts], ids=module)
def test_rules_are_pure(path: Path) -> None:
    names = [name for node in ast.walk(tree(path)) for name in imported(node)]
    assert [name for name in names if any(name.startswith(prefix) for prefix in PURE)] == []
    calls = [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    assert not {"today", "now", "utcnow"} & set(calls), "a rule is handed the day"


@pytest.mark.parametrize("path", FILES + CONFIG, ids=module)
def test_a_file_has_one_purpose_and_says_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert not text.strip() or ast.get_docstring(tree(path))
    assert path.stem not in BANNED


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert {name: lines for name, lines in lengths.items() if lines > 40} == {}
    assert median(lengths.values()) <= 8
    assert sum(lines <= 25 for lines in lengths.values()) >= 0.9 * len(lengths)


def test_nothing_overrides_save_and_no_signal_saves_rows() -> None:
    saves = [module(path) for path in FILES for node in ast.walk(tree(path)) if getattr(node, "name", "") == "save"]
    assert saves == []
    signals = [name for path in FILES for node in ast.walk(tree(path)) for name in imported(node) if "signals" in name]
    assert signals == ["django.db.backends.signals.connection_created"]
