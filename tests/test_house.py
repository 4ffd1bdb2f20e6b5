"""The layout of docs/architecture.md: floors, no loops of imports, pure rules, one meaning for each module's name.

Imports inside functions and the mood of docstrings are checked by ruff (PLC0415, D401).
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import DATABASE

ROOT = Path(__file__).parent.parent
FLOORS = {
    "accords.vocabulary": 0,
    "accords.rules": 0,
    "accords.db": 1,
    "accords.client_address": 1,
    "accords.models": 2,
    "accords.checks": 2,
    "accords.accounts": 3,
    "accords.missing_citations": 3,
    "accords.webhooks": 3,
    "accords.services": 4,
    "accords.working_copies": 5,
    "accords.importing": 5,
    "accords.admin": 6,
    "accords.api.errors": 6,
    "accords.api.guarded": 6,
    "accords.api.highlights": 6,
    "accords.api.http": 6,
    "accords.api.moved": 6,
    "accords.api.pagination": 6,
    "accords.api.permissions": 6,
    "accords.api.query": 6,
    "accords.api.serializers": 6,
    "accords.api.fast": 7,
    "accords.api": 8,
    "accords.web": 9,
    "config": 10,  # which only commands import
    "accords.management": 11,
}
NO_FLOOR = {"accords", "accords.__main__", "accords.apps"}
# Names that Django projects repeat in each package, and nouns that have no model.
REPEATED = {"__init__", "base", "fields", "forms", "middleware", "urls", "views"}
REPEATED |= {"highlights", "history", "warnings"}
VAGUE = {"utils", "helpers", "common", "misc"}
CLOCK = {"today", "now", "utcnow", "localdate", "localtime"}
# First words of a docstring that describes a thing and not what the function does; D401 lets most of them pass.
NOUN_PHRASES = {
    "a",
    "all",
    "an",
    "any",
    "each",
    "every",
    "how",
    "its",
    "many",
    "no",
    "one",
    "some",
    "something",
    "such",
}
NOUN_PHRASES |= {"that", "the", "this", "those", "two", "what", "when", "where", "whether", "which", "who", "whose"}


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


PATHS = {module(path): path for folder in ("accords", "config") for path in sorted((ROOT / folder).rglob("*.py"))}


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of each module but migrations."""
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in PATHS.items()
        if "migrations" not in path.parts
    }


def ours() -> dict[str, ast.Module]:
    return {name: tree for name, tree in trees().items() if name.startswith("accords")}


def imports(tree: ast.AST) -> list[str]:
    """Return the dotted names that a module imports, at its top and inside functions."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def floor(name: str) -> int | None:
    """Return the floor of a module by the longest prefix that has one."""
    prefixes = [prefix for prefix in FLOORS if name == prefix or name.startswith(f"{prefix}.")]
    return FLOORS[max(prefixes, key=len)] if prefixes else None


def test_every_module_has_a_floor() -> None:
    assert {name for name in ours() if floor(name) is None} == NO_FLOOR


def package(name: str) -> list[str]:
    return name.split(".")[:2]


def test_imports_go_downward_or_stay_in_their_package() -> None:
    """Packages of one floor, such as `admin` and the serializers of `api`, do not import each other."""
    others = [
        f"{name} imports {imported}"
        for name, tree in ours().items()
        for imported in imports(tree)
        if name not in NO_FLOOR and (found := floor(imported)) is not None and found >= floor(name)
        if found > floor(name) or package(imported) != package(name)
    ]
    assert others == []


def test_no_module_imports_itself_through_others() -> None:
    graph = {
        name: {each if each in ours() else each.rpartition(".")[0] for each in imports(tree)} & ours().keys()
        for name, tree in ours().items()
    }
    for name in graph:
        reached, waiting = set(), [*graph[name]]
        while waiting:
            step = waiting.pop()
            if step not in reached:
                reached.add(step)
                waiting += graph[step]
        assert name not in reached, f"{name} imports itself"


def test_rules_import_no_framework_and_read_no_clock() -> None:
    for name, tree in ours().items():
        if name.startswith("accords.rules"):
            outside = [each for each in imports(tree) if each.split(".")[0] in ("django", "rest_framework", "config")]
            clock = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & CLOCK
            assert (outside, clock) == ([], set()), name


def test_a_name_of_a_module_has_one_meaning() -> None:
    nouns = {name.rpartition(".")[2] for name in ours() if name.startswith("accords.models.")}
    modules = defaultdict(list)
    for name, path in PATHS.items():
        if "migrations" not in path.parts:
            modules[path.stem].append(name)
    repeated = {stem: names for stem, names in modules.items() if len(names) > 1 and stem not in nouns | REPEATED}
    assert repeated == {}
    assert VAGUE & modules.keys() == set()


def test_docstrings_of_functions_begin_with_a_verb() -> None:
    nouns = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not any("property" in ast.unparse(d) for d in node.decorator_list):
                first, *_ = (ast.get_docstring(node) or "Return").split()
                nouns += [f"{name}.{node.name}"] if first.strip(".,:").lower() in NOUN_PHRASES else []
    assert nouns == []


def test_nothing_overrides_save_and_no_signal_receiver_saves_rows() -> None:
    functions = [
        (name, node.name)
        for name, tree in ours().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    models = ("accords.models", "accords.db")
    assert [name for name, function in functions if function == "save" and name.startswith(models)] == []
    signals = {each for tree in ours().values() for each in imports(tree) if ".signals." in each}
    assert signals <= {"django.db.backends.signals.connection_created"}


@pytest.mark.parametrize("beginning", DATABASE)
def test_tests_for_both_databases_exist(beginning: str) -> None:
    path, _, name = beginning.partition("::")
    files = [*ROOT.glob(f"{path}*")]
    assert files
    if name:
        name = re.split(r"::|\[", name)[0]
        assert re.search(rf"^(def|class) {name}", files[0].read_text(), re.MULTILINE)
