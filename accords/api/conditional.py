"""ETags: how an answer names the state that it shows, and how a request says which state it means."""

import re
from hashlib import sha256
from typing import NamedTuple

ONE = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
STATE = re.compile(r"v(?P<version>[0-9]{1,18})r(?P<row>[0-9]{1,18})(?:-|\Z)")


class Malformed(ValueError):
    """A header that holds no list of entity tags."""


class State(NamedTuple):
    """One state of one row: a row that is deleted and made again under its slug counts its versions anew."""

    row: int
    version: int


def etag(state: State | None, body: bytes) -> str:
    """The strong entity tag of an answer (RFC 9110, 8.8.3): `"v7r12-…"` for version 7 of row 12, `"…"` for all else.

    The rest is a digest of the body, for one state of a row has several representations.
    """
    digest = sha256(body).hexdigest()[:24]
    return f'"{digest}"' if state is None else f'"v{state.version}r{state.row}-{digest}"'


def tags(header: str) -> list[tuple[bool, str]]:
    """The entity tags of a header, each with whether it is weak. Raises `Malformed`."""
    found: list[tuple[bool, str]] = []
    for part in filter(None, map(str.strip, header.split(","))):
        one = ONE.fullmatch(part)
        if one is None:
            raise Malformed(part)
        found.append((one["weak"] is not None, one["opaque"]))
    if not found:
        raise Malformed(header)
    return found


def matches(header: str, state: State) -> bool:
    """Whether `If-Match` (RFC 9110, 13.1.1) means this state of a row, in whatever representation; `*` means any.

    Weak tags never match, as the RFC has it. Raises `Malformed`.
    """
    if header.strip() == "*":
        return True
    meant = (STATE.match(opaque) for weak, opaque in tags(header) if not weak)
    return any(found is not None and State(int(found["row"]), int(found["version"])) == state for found in meant)
