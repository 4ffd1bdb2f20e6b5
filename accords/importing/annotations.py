"""Parser of annotations: a subset of YAML. Every scalar is a string, as typed, and every node has its line number."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_NODES = 50_000  # texts, lists and mappings of one annotation; the one in seeds/ has 1 000
MAX_DEPTH = 20  # of lists and mappings within each other; annotations have 5
# Control characters and lone surrogates, which YAML's escape sequences (`\x00`) can express.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
UNREADABLE_MESSAGE = gettext_lazy("control characters and halves of characters are not accepted")


class Annotation(NamedTuple):
    """An annotation as it was received: its name in error messages, its bytes, and a function that finds its texts.

    `text` takes the name that the annotation gives to a text, and returns its bytes, or None if there is no such text.
    """

    name: str
    content: bytes
    text: Callable[[str], bytes | None]


def from_file(path: Path) -> Annotation:
    """Return the annotation in a file, with the texts in the same folder; its name is the same on every machine."""

    def text(name: str) -> bytes | None:
        """Return the content of a file in the folder of the annotation; None if there is none."""
        # Only a name of a file in the folder is accepted, so that `../` cannot reach others.
        files = {file.name: file for file in path.parent.iterdir() if file.is_file()}
        return files[name].read_bytes() if name in files else None

    return Annotation(f"{path.resolve().parent.name}/{path.name}", path.read_bytes(), text)


class LineError(NamedTuple):
    """An error in an annotation: file, line (from 1), row and field, and what is wrong."""

    file: str
    line: int
    location: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.location, self.message) if part)


class AnnotationError(Exception):
    """Annotations cannot be imported; `errors` are all their errors in the order of files and lines."""

    def __init__(self, errors: list[LineError]) -> None:
        self.errors = sorted(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class LineErrors(list[LineError]):
    """The errors found in one annotation so far."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def add(self, line: int, location: str, message: str) -> None:
        self.append(LineError(self.file, line, location, message))


class TextNode(str):
    """A scalar, as typed. `line` is the line from 1 on which its errors are reported; 0 until `at_line` sets it."""

    line: int = 0


class ListNode(list["Node"]):
    """A list of nodes."""

    line: int = 0


class MappingNode(dict[str, "Node"]):
    """A mapping of nodes by key."""

    line: int = 0

    def __init__(self, **values: "Node") -> None:
        """Create a mapping with these nodes. Their keys are not in a file, so `lines` has none of them."""
        super().__init__(values)
        self.lines: dict[str, int] = {}  # by key, from 1

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the mapping if it has no such key."""
        return self.lines.get(key, self.line)


Node = TextNode | ListNode | MappingNode
AnyNode = TypeVar("AnyNode", TextNode, ListNode, MappingNode)
# The tags of nodes without an explicit type, such as `!!int`.
UNTYPED = {
    yaml.BaseLoader.DEFAULT_SCALAR_TAG,
    yaml.BaseLoader.DEFAULT_SEQUENCE_TAG,
    yaml.BaseLoader.DEFAULT_MAPPING_TAG,
}
NODE_NAMES: dict[type, Any] = {
    TextNode: gettext_lazy("a text"),
    ListNode: gettext_lazy("a list"),
    MappingNode: gettext_lazy("a mapping of names to values"),
}


class _Loader(yaml.BaseLoader):
    """A loader of YAML without types and aliases and of limited size: `NO`, `2025-10-30` and `47` are texts."""

    nodes = depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse aliases, and more nodes or levels than MAX_NODES and MAX_DEPTH.

        Without aliases, every value is written in its own row and has its line.
        """
        if self.check_event(yaml.AliasEvent):
            self._refuse("references (*name) are not accepted")
        self.nodes, self.depth = self.nodes + 1, self.depth + 1
        if self.nodes > MAX_NODES:
            self._refuse(f"more than {MAX_NODES} texts, lists and mappings are not accepted")
        if self.depth > MAX_DEPTH:
            self._refuse(f"lists and mappings are not accepted more than {MAX_DEPTH} deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refuse(self, problem: str) -> None:
        """Raise a YAML error at the line of the next event."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML has no types for it
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _compose_yaml(text: str) -> yaml.Node | None:
    """Return the root node of YAML, None if there is no node. Raises `YAMLError` with the line of the error."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        mark = yaml.Mark("", error.position, text.count("\n", 0, error.position), 0, None, 0)
        raise yaml.MarkedYAMLError(problem=str(UNREADABLE_MESSAGE), problem_mark=mark) from error
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError) as error:  # PyYAML lets Python's errors through
        problem = _("a character or a number is out of range")
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=loader.get_mark()) from error


def read(content: bytes, errors: LineErrors) -> MappingNode:
    """Return the content of an annotation, empty if it cannot be read, and add the errors to `errors`."""
    try:
        node = _compose_yaml(content.decode())
    except UnicodeDecodeError as error:
        errors.add(error.object[: error.start].count(b"\n") + 1, "", _("this is not UTF-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        errors.add(mark.line + 1 if mark else 1, "", str(getattr(error, "problem", None) or error))
    else:
        return expect(_convert_node(node, errors) if node else at_line(TextNode(), 1), MappingNode, "", errors)
    return at_line(MappingNode(), 1)


def expect(node: Node, node_class: type[AnyNode], location: str, errors: LineErrors) -> AnyNode:
    """Return the node if it is of this class, else add an error and return an empty node of the class."""
    if isinstance(node, node_class):
        return node
    errors.add(
        node.line,
        location,
        _("%(this)s is needed here, not %(that)s") % {"this": NODE_NAMES[node_class], "that": NODE_NAMES[type(node)]},
    )
    return at_line(node_class(), node.line)


def at_line(node: AnyNode, line: int) -> AnyNode:
    """Set the line of a node, and return it."""
    node.line = line
    return node


def _convert_node(node: yaml.Node, errors: LineErrors) -> Node:
    """Return a node of PyYAML as one of ours, and add its errors."""
    line = node.start_mark.line + 1
    if node.tag not in UNTYPED:
        errors.add(line, "", _("types (%(tag)s) are not accepted") % {"tag": node.tag})
    if isinstance(node, yaml.SequenceNode):
        return at_line(ListNode(_convert_node(item, errors) for item in node.value), line)
    if isinstance(node, yaml.MappingNode):
        return _convert_mapping(node, line, errors)
    if _UNREADABLE.search(node.value):
        errors.add(line, "", str(UNREADABLE_MESSAGE))
        return at_line(TextNode(), line)
    return at_line(TextNode(node.value), line)


def _convert_mapping(node: yaml.MappingNode, line: int, errors: LineErrors) -> MappingNode:
    """Return a mapping of PyYAML as one of ours, and add errors for keys that are repeated or have no value."""
    entries = at_line(MappingNode(), line)
    for key_node, value_node in node.value:
        key, value = expect(_convert_node(key_node, errors), TextNode, "", errors), _convert_node(value_node, errors)
        if key in entries:
            errors.add(key.line, key, _("this key stands here twice"))
        entries[str(key)], entries.lines[str(key)] = value, key.line
        if isinstance(value, MappingNode):
            value.line = key.line  # editors look for a mapping at its key, not at its first entry
        if not value:
            errors.add(key.line, key, _("nothing is entered; leave the key out where no source says anything"))
    return entries
