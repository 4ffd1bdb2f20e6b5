"""ETags: how an answer names the state that it shows, and how a request says which state it means."""

import re
from hashlib import sha256
from typing import NamedTuple

from django.utils.http import parse_etags

STATE = re.compile(r'"v(?P<version>[0-9]{1,18})r(?P<row>[0-9]{1,18})(?:-|"\Z)')

MALFORMED = 'An entity tag has quotation marks, such as "v7r12-1f3a".'
CHANGED = "The row has changed since you read it. Read it again and repeat your change."
WEAK = "If-Match takes strong entity tags only, and this one is weak. Send it without W/: a proxy may have added that."


class State(NamedTuple):
    """One state of one row: a row that is deleted and made again under its slug counts its versions anew."""

    row: int
    version: int


def etag(state: State | None, body: bytes) -> str:
    """Return the strong entity tag of a response (RFC 9110, 8.8.3): `"v7r12-…"` for version 7 of row 12, else `"…"`.

    The rest is a digest of the body, for one state of a row has several representations.
    """
    digest = sha256(body).hexdigest()[:24]
    return f'"{digest}"' if state is None else f'"v{state.version}r{state.row}-{digest}"'


def state_of(tag: str) -> State | None:
    """Return the state of a row that a strong entity tag names; None if it names none."""
    match = STATE.match(tag)
    return State(int(match["row"]), int(match["version"])) if match else None


def mismatch(header: str, state: State) -> str:
    """Return why `If-Match` does not name this state of a row (RFC 9110, 13.1.1), in plain words; empty if it does.

    Any representation of the state will do, and so will `*`.
    """
    tags = parse_etags(header)
    if "*" in tags or state in map(state_of, tags):
        return ""
    if not tags:
        return MALFORMED
    weak = state in (state_of(tag.removeprefix("W/")) for tag in tags)
    return WEAK if weak else CHANGED
