"""docs/promises.md cannot rot: each promise is there once, says how it stands, and names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISES = {found[1]: found for found in re.finditer(r"^## (P\d+) .+ \((.+)\)\n([^#]*)", PAGE, re.MULTILINE)}
TEST = re.compile(r"^- `(tests/[^`:]+\.py)(?:::([^`]+))?`", re.MULTILINE)


@cache
def contents(path: str) -> frozenset[str]:
    """The names of a file's tests as pytest writes them, without parameters."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        within = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        found |= {prefix + each.name for each in within if isinstance(each, ast.FunctionDef)}
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


def test_every_promise_is_there() -> None:
    assert list(PROMISES) == [f"P{number}" for number in range(1, 23)]
    assert len(re.findall(r"^## ", PAGE, re.MULTILINE)) == 22


@pytest.mark.parametrize("name", PROMISES)
def test_what_is_kept_is_proved_by_tests_that_exist(name: str) -> None:
    _, _, state, body = PROMISES[name][0], *PROMISES[name].groups()
    named = TEST.findall(body)
    assert len(named) == body.count("\n- "), "a line that names no test"
    assert re.fullmatch(r"(kept(; on (SQLite|PostgreSQL))?|in part|not built)", state)
    assert named or state == "not built"
    for path, test in named:
        assert contents(path), path
        assert not test or test in contents(path), f"{path} has no {test}"
