"""Reading an annotation: YAML of which every scalar stays the text that was typed, and every part knows its line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml


class Fault(NamedTuple):
    """Something wrong in an annotation: `file:line`, the row and field, and what would be right."""

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.where, self.message) if part)


class SeedError(Exception):
    """Annotations that cannot become fixtures; `faults` holds everything found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults in the order of files and lines."""
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Faults(list[Fault]):
    """The faults found in one annotation so far."""

    def __init__(self, path: Path) -> None:
        """Name the file as `seeds/name`, the same on every machine."""
        super().__init__()
        self.file = f"{path.resolve().parent.name}/{path.name}"

    def add(self, line: int, where: str, message: str) -> None:
        """Note a fault."""
        self.append(Fault(self.file, line, where, message))


class Text(str):
    """A scalar, as typed."""

    line: int = 0


class Items(list[Any]):
    """A list of nodes."""

    line: int = 0


class Entries(dict[str, Any]):
    """A mapping of nodes; `lines` has the line of each key."""

    line: int = 0

    def __init__(self, **values: Any) -> None:
        """Start with these values, on no line of their own."""
        super().__init__(values)
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a key; of the whole mapping if the key is absent."""
        return self.lines.get(key, self.line)


UNTYPED = {
    yaml.BaseLoader.DEFAULT_SCALAR_TAG,
    yaml.BaseLoader.DEFAULT_SEQUENCE_TAG,
    yaml.BaseLoader.DEFAULT_MAPPING_TAG,
}
SHAPES: dict[type, str] = {Text: "a text", Items: "a list", Entries: "a mapping of names to values"}


class _Loader(yaml.BaseLoader):
    """YAML without types (`NO` is a text, not false; `2025-10-30` and `47` too) and without references."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse a reference, so that what a row says stands where the row stands."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="references (*name) are not accepted", problem_mark=mark)
        return super().compose_node(parent, index)


def read(path: Path, faults: Faults) -> Entries:
    """The annotation in a file, empty if it cannot be read. Faults found on the way are added to `faults`."""
    try:
        node = yaml.compose(path.read_bytes().decode(), Loader=_Loader)
    except UnicodeDecodeError as error:
        faults.add(error.object[: error.start].count(b"\n") + 1, "", "this is not UTF-8")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.add(mark.line + 1 if mark else 1, "", getattr(error, "problem", None) or str(error))
    else:
        return expect(_plain(node, faults) if node else placed(Text(), 1), Entries, "", faults)
    return placed(Entries(), 1)


def expect(value: Any, shape: type, where: str, faults: Faults) -> Any:
    """The value if it has the shape (`Text`, `Items`, `Entries`), else an empty one and a fault."""
    if isinstance(value, shape):
        return value
    faults.add(value.line, where, f"{SHAPES[shape]} is needed here, not {SHAPES[type(value)]}")
    return placed(shape(), value.line)


def placed(value: Any, line: int) -> Any:
    """The node, on that line."""
    value.line = line
    return value


def _plain(node: yaml.Node, faults: Faults) -> Any:
    """The node as `Text`, `Items` or `Entries`."""
    line = node.start_mark.line + 1
    if node.tag not in UNTYPED:
        faults.add(line, "", f"types ({node.tag}) are not accepted")
    if isinstance(node, yaml.ScalarNode):
        return placed(Text(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return placed(Items(_plain(item, faults) for item in node.value), line)
    return _mapping(node, line, faults)


def _mapping(node: Any, line: int, faults: Faults) -> Entries:
    entries: Entries = placed(Entries(), line)
    for key, value in _pairs(node, faults):
        if key in entries:
            faults.add(key.line, key, "this key stands here twice")
        entries[str(key)], entries.lines[str(key)] = value, key.line
        if isinstance(value, Entries):
            value.line = key.line  # a mapping begins where it is named
        if not value:
            faults.add(key.line, key, "nothing is entered; leave the key out where no source says anything")
    return entries


def _pairs(node: Any, faults: Faults) -> Iterator[tuple[Text, Any]]:
    for key, value in node.value:
        yield expect(_plain(key, faults), Text, "", faults), _plain(value, faults)
