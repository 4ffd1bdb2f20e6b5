"""Reading an annotation: YAML of which every scalar stays the text that was typed, and every part knows its line."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_NODES = 50_000  # texts, lists and mappings of one annotation; the deal's has 1 000
DEEPEST = 20  # of lists and mappings within each other; annotations have 5
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # which escapes can bring in


class Annotation(NamedTuple):
    """An annotation as it was received: how faults call it, its bytes, and what gives the texts that came with it.

    `text` is asked by the name that the annotation gives; it answers with bytes, or None where no such text came.
    """

    name: str
    content: bytes
    text: Callable[[str], bytes | None]


def from_file(path: Path) -> Annotation:
    """The annotation in a file, with the texts beside it; called `seeds/name`, the same on every machine."""

    def text(name: str) -> bytes | None:
        """Files are looked up among those beside the annotation, so that no name leads elsewhere."""
        beside = {file.name: file for file in path.parent.iterdir() if file.is_file()}
        return beside[name].read_bytes() if name in beside else None

    return Annotation(f"{path.resolve().parent.name}/{path.name}", path.read_bytes(), text)


class ErrorItem(NamedTuple):
    """Something wrong in an annotation: `file:line`, the row and field, and what would be right."""

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.where, self.message) if part)


class SeedError(Exception):
    """Annotations that cannot become fixtures; `faults` holds everything found, not only the first."""

    def __init__(self, faults: list[ErrorItem]) -> None:
        """Keep the faults in the order of files and lines."""
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ErrorCollector(list[ErrorItem]):
    """The faults found in one annotation so far."""

    def __init__(self, file: str) -> None:
        """Of a file of that name."""
        super().__init__()
        self.file = file

    def add(self, line: int, where: str, message: str) -> None:
        """Note a fault, in the language of whoever reads it."""
        self.append(ErrorItem(self.file, line, where, message))


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
SHAPES: dict[type, Any] = {
    Text: gettext_lazy("a text"),
    Items: gettext_lazy("a list"),
    Entries: gettext_lazy("a mapping of names to values"),
}


class _Loader(yaml.BaseLoader):
    """YAML without types (`NO` is a text, not false; `2025-10-30` and `47` too), without references, and bounded."""

    nodes = depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse a reference, so that what a row says stands where the row stands; and what no annotation needs."""
        if self.check_event(yaml.AliasEvent):
            self._refuse("references (*name) are not accepted")
        self.nodes, self.depth = self.nodes + 1, self.depth + 1
        if self.nodes > MOST_NODES:
            self._refuse(f"more than {MOST_NODES} texts, lists and mappings are not accepted")
        if self.depth > DEEPEST:
            self._refuse(f"lists and mappings are not accepted more than {DEEPEST} deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refuse(self, problem: str) -> None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def read(content: bytes, faults: ErrorCollector) -> Entries:
    """What an annotation says, empty if it cannot be read. ErrorCollector found on the way are added to `faults`."""
    try:
        node = yaml.compose(content.decode(), Loader=_Loader)
    except UnicodeDecodeError as error:
        faults.add(error.object[: error.start].count(b"\n") + 1, "", _("this is not UTF-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.add(mark.line + 1 if mark else 1, "", getattr(error, "problem", None) or str(error))
    else:
        return expect(_plain(node, faults) if node else placed(Text(), 1), Entries, "", faults)
    return placed(Entries(), 1)


def expect(value: Any, shape: type, where: str, faults: ErrorCollector) -> Any:
    """The value if it has the shape (`Text`, `Items`, `Entries`), else an empty one and a fault."""
    if isinstance(value, shape):
        return value
    faults.add(
        value.line,
        where,
        _("%(this)s is needed here, not %(that)s") % {"this": SHAPES[shape], "that": SHAPES[type(value)]},
    )
    return placed(shape(), value.line)


def placed(value: Any, line: int) -> Any:
    """The node, on that line."""
    value.line = line
    return value


def _plain(node: yaml.Node, faults: ErrorCollector) -> Any:
    """The node as `Text`, `Items` or `Entries`."""
    line = node.start_mark.line + 1
    if node.tag not in UNTYPED:
        faults.add(line, "", _("types (%(tag)s) are not accepted") % {"tag": node.tag})
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node.value, line, faults)
    if isinstance(node, yaml.SequenceNode):
        return placed(Items(_plain(item, faults) for item in node.value), line)
    return _mapping(node, line, faults)


def _scalar(text: str, line: int, faults: ErrorCollector) -> Text:
    if _UNREADABLE.search(text):
        faults.add(line, "", _("control characters and halves of characters are not accepted"))
        text = ""
    scalar: Text = placed(Text(text), line)
    return scalar


def _mapping(node: Any, line: int, faults: ErrorCollector) -> Entries:
    entries: Entries = placed(Entries(), line)
    for key, value in _pairs(node, faults):
        if key in entries:
            faults.add(key.line, key, _("this key stands here twice"))
        entries[str(key)], entries.lines[str(key)] = value, key.line
        if isinstance(value, Entries):
            value.line = key.line  # a mapping begins where it is named
        if not value:
            faults.add(key.line, key, _("nothing is entered; leave the key out where no source says anything"))
    return entries


def _pairs(node: Any, faults: ErrorCollector) -> Iterator[tuple[Text, Any]]:
    for key, value in node.value:
        yield expect(_plain(key, faults), Text, "", faults), _plain(value, faults)
