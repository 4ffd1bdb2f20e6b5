"""docs/promises.md has every promise once, says whether it is kept, and names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^## (P\d+) .+ \((.+)\)\n([^#]*)", PAGE, re.MULTILINE)
STATE = re.compile(r"(kept(; on (SQLite|PostgreSQL))?|in part|not built)")
TEST = re.compile(r"^- `(tests/[^`:]+\.py)(?:::([^`]+))?`", re.MULTILINE)


@cache
def names_of_tests(path: str) -> set[str]:
    """Return the names of a file's tests as pytest writes them, without parameters."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body if (ROOT / path).exists() else ():
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        found |= {prefix + each.name for each in members if isinstance(each, ast.FunctionDef)}
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def test_every_promise_is_there_once() -> None:
    assert [name for name, _, _ in PROMISES] == [f"P{number}" for number in range(1, 24)]
    assert len(re.findall(r"^## ", PAGE, re.MULTILINE)) == len(PROMISES)


def test_promises_that_are_kept_name_tests_that_exist() -> None:
    for name, state, body in PROMISES:
        named = TEST.findall(body)
        assert STATE.fullmatch(state), name
        assert len(named) == body.count("\n- "), f"{name}: a line that names no test"
        assert named or state == "not built", name
    missing = [f"{path}::{test}" for path, test in TEST.findall(PAGE) if not names_of_tests(path) >= ({test} - {""})]
    empty = [path for path, _ in TEST.findall(PAGE) if not names_of_tests(path)]
    assert missing + empty == []
