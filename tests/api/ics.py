"""Calendar files read strictly: RFC 5545 to the letter by a parser of our own, and once more by the library."""

import re
from datetime import date
from typing import NamedTuple

import icalendar

from tests.clients import Client


class Line(NamedTuple):
    """A content line: its name, its parameters, and its value as written."""

    name: str
    parameters: dict[str, str]
    value: str


NAME = re.compile(r"[A-Z0-9-]+")
PARAMETER = re.compile(r';([A-Z0-9-]+)=("[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*)')
ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "DESCRIPTION", "STATUS", "SEQUENCE", "CREATED", "LAST-MODIFIED", "URL")


def content_lines(file: bytes) -> list[str]:
    """The unfolded lines of a file that keeps RFC 5545, 3.1 to the letter."""
    assert file.endswith(b"\r\n")
    physical = file[:-2].split(b"\r\n")
    assert all(len(one) <= 75 for one in physical), max(physical, key=len)
    for one in physical:
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", one), one
        one.decode()  # no character is cut in two
    assert not physical[0].startswith((b" ", b"\t"))
    return file[:-2].decode().replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")


def parsed(line: str) -> Line:
    """One content line."""
    name = NAME.match(line)
    assert name, line
    rest, parameters = line[name.end() :], {}
    while found := PARAMETER.match(rest):
        parameters[found[1]] = found[2].strip('"')
        rest = rest[found.end() :]
    assert rest.startswith(":"), line
    return Line(name[0], parameters, rest[1:])


def text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11) without its escapes."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), value
    for found in ESCAPE.finditer(value):
        assert found[1] in ("\\", ";", ",", "n", "N"), value
    return ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


class Component(NamedTuple):
    """A component: its name, its properties, and what is in it."""

    name: str
    lines: list[Line]
    within: list["Component"]

    def one(self, name: str) -> Line:
        """The property that there must be once."""
        (found,) = [line for line in self.lines if line.name == name]
        return found

    def value(self, name: str) -> str:
        """The value of a property."""
        return self.one(name).value

    def day(self, name: str) -> date:
        """The value of a property that is a day."""
        line = self.one(name)
        assert line.parameters == {"VALUE": "DATE"}
        assert re.fullmatch(r"[0-9]{8}", line.value)
        return date.fromisoformat(f"{line.value[:4]}-{line.value[4:6]}-{line.value[6:]}")


def tree(file: bytes) -> Component:
    """The components of a file; it must hold one calendar and nothing else."""
    stack = [Component("", [], [])]
    for line in map(parsed, content_lines(file)):
        if line.name == "BEGIN":
            stack.append(Component(line.value, [], []))
        elif line.name == "END":
            ended = stack.pop()
            assert ended.name == line.value
            stack[-1].within.append(ended)
        else:
            stack[-1].lines.append(line)
    (root,) = stack
    (whole,) = root.within
    assert (whole.name, root.lines) == ("VCALENDAR", [])
    assert whole.within, "RFC 5545, 3.6: at least one component"
    return whole


def read(client: Client, path: str) -> Component:
    """The calendar at an address, checked."""
    response = client.get(path)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    whole = tree(response.content)
    assert (whole.value("VERSION"), whole.value("CALSCALE"), whole.value("METHOD")) == ("2.0", "GREGORIAN", "PUBLISH")
    for event in events(whole):
        for name in ONCE:
            event.one(name)
    library = icalendar.Calendar.from_ical(response.content)
    assert len(library.walk("VEVENT")) == len(events(whole))
    assert not library.errors
    return whole


def events(whole: Component) -> list[Component]:
    """The events of a calendar."""
    return [one for one in whole.within if one.name == "VEVENT"]


def only(whole: Component) -> Component:
    """The one event of a calendar."""
    (event,) = events(whole)
    return event
