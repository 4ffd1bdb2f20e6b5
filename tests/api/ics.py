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
    """Return the unfolded lines of a file, which must follow RFC 5545, 3.1 to the letter."""
    assert file.endswith(b"\r\n")
    folded = file[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in folded), max(folded, key=len)
    for line in folded:
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line), line
        line.decode()  # no character is cut in two
    assert not folded[0].startswith((b" ", b"\t"))
    return file[:-2].decode().replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")


def parse_line(line: str) -> Line:
    name = NAME.match(line)
    assert name, line
    rest, parameters = line[name.end() :], {}
    while found := PARAMETER.match(rest):
        parameters[found[1]] = found[2].strip('"')
        rest = rest[found.end() :]
    assert rest.startswith(":"), line
    return Line(name[0], parameters, rest[1:])


def text(value: str) -> str:
    """Unescape a TEXT value (RFC 5545, 3.3.11)."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), value
    for found in ESCAPE.finditer(value):
        assert found[1] in ("\\", ";", ",", "n", "N"), value
    return ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


class Component(NamedTuple):
    """A component: its name, its properties, and what is in it."""

    name: str
    lines: list[Line]
    components: list["Component"]

    def line(self, name: str) -> Line:
        """Return a property that occurs exactly once."""
        (found,) = [line for line in self.lines if line.name == name]
        return found

    def value(self, name: str) -> str:
        return self.line(name).value

    def day(self, name: str) -> date:
        """Return the value of a property of type DATE."""
        line = self.line(name)
        assert line.parameters == {"VALUE": "DATE"}
        assert re.fullmatch(r"[0-9]{8}", line.value)
        return date.fromisoformat(f"{line.value[:4]}-{line.value[4:6]}-{line.value[6:]}")


def parse_calendar(file: bytes) -> Component:
    """Return the calendar of a file, which must contain nothing else."""
    stack = [Component("", [], [])]
    for line in map(parse_line, content_lines(file)):
        if line.name == "BEGIN":
            stack.append(Component(line.value, [], []))
        elif line.name == "END":
            ended = stack.pop()
            assert ended.name == line.value
            stack[-1].components.append(ended)
        else:
            stack[-1].lines.append(line)
    (root,) = stack
    (calendar,) = root.components
    assert (calendar.name, root.lines) == ("VCALENDAR", [])
    assert calendar.components, "RFC 5545, 3.6: at least one component"
    return calendar


def get_calendar(client: Client, path: str) -> Component:
    """Get a calendar and check it."""
    response = client.get(path)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = parse_calendar(response.content)
    assert (calendar.value("VERSION"), calendar.value("CALSCALE"), calendar.value("METHOD")) == (
        "2.0",
        "GREGORIAN",
        "PUBLISH",
    )
    for event in events(calendar):
        for name in ONCE:
            event.line(name)
    library = icalendar.Calendar.from_ical(response.content)
    assert len(library.walk("VEVENT")) == len(events(calendar))
    assert not library.errors
    return calendar


def events(calendar: Component) -> list[Component]:
    return [component for component in calendar.components if component.name == "VEVENT"]


def single_event(calendar: Component) -> Component:
    """Return the only event of a calendar."""
    (event,) = events(calendar)
    return event
