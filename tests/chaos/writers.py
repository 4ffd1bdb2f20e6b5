"""Threads that write while something is killed, and the responses that they got."""

import http.client
import json
import time
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any, NamedTuple

CLAUSES = "/api/v1/clauses"
AGREEMENT = "rare-metals"
PATIENCE = 60
PAUSE = 0.05  # seconds after a lost response
QUOTE = {"source": "press", "exact": "du soja américain"}
OTHER = {"china": "america", "america": "china"}


class State(NamedTuple):
    """The fields of a clause that writers change."""

    title: str
    commodity: str
    party: str


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> tuple[int, bytes, str, str]:
        """The parts that are equal when a request is repeated."""
        return self.status, self.body, self.headers.get("etag", ""), self.headers.get("location", "")


@dataclass
class Row:
    """A clause as the database may hold it: two states are possible after a lost response, also of its deletion."""

    pk: int
    tag: str
    may_be: list[State]
    changes: tuple[int, int] = (0, 0)  # at least, at most
    gone: tuple[bool, ...] = (False,)

    @property
    def uncertain(self) -> bool:
        """Whether a response about it was lost."""
        return len(self.may_be) + len(self.gone) > 2


@dataclass
class Post:
    """A request that creates clauses, and its response if there was one."""

    key: str
    wanted: dict[str, State]  # by number
    answer: Answer | None = None

    @property
    def is_bulk(self) -> bool:
        return len(self.wanted) > 1

    @property
    def path(self) -> str:
        return f"{CLAUSES}/bulk" if self.is_bulk else CLAUSES

    @property
    def created(self) -> int:
        """The status of success."""
        return 200 if self.is_bulk else 201

    @property
    def body(self) -> bytes:
        rows = [body_of(number, state) for number, state in self.wanted.items()]
        return json.dumps({"create": rows} if self.is_bulk else rows[0]).encode()


@dataclass
class Ledger:
    """The clauses of a writer by number, its requests that created some, and unexpected responses."""

    rows: dict[str, Row] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    acknowledged: int = 0
    uncertain: int = 0  # requests without a response

    def enter(self, post: Post, answer: Answer) -> None:
        """Add the clauses that a request has created."""
        content = json.loads(answer.body)
        rows = content["created"] if post.is_bulk else [content]
        for row in rows:
            tag = content["etags"][str(row["id"])] if post.is_bulk else answer.headers["etag"]
            self.rows[row["number"]] = Row(row["id"], tag, [post.wanted[row["number"]]])


class Caller:
    """One connection to the service, opened again when it is lost."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.connection: http.client.HTTPConnection | None = None

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection. Raises `ConnectionError` if nothing listens."""
        self.connection = None
        fresh = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        fresh.connect()
        self.connection = fresh
        return fresh

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer | None:
        """Return the response, None if it was lost or is 503. Raises `ConnectionError` if nothing was sent."""
        connection = self.connection or self.connect()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": "application/json"} if body else {})
        try:
            connection.request(method, path, body or None, named)
            got = connection.getresponse()
            content = got.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self.connection = None
            return None
        return None if got.status == 503 else Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, content)


class Writer(Thread):
    """A thread that writes until it is stopped."""

    def __init__(self, caller: Caller, name: str, stop: Event) -> None:
        """Take a name that is part of what it writes, so that no other writes the same."""
        super().__init__(name=name, daemon=True)
        self.caller, self.stop, self.ledger = caller, stop, Ledger()

    def run(self) -> None:
        """Create one, create several, change and delete clauses in turn."""
        actions = (self.create, self.create_several, self.change, self.create, self.change, self.delete)
        for number in count():
            if self.stop.is_set():
                return
            try:
                actions[number % len(actions)](f"{self.name}-{number}")
            except ConnectionError:
                time.sleep(PAUSE)

    def create(self, name: str) -> None:
        self.post(name, [f"{name}-0"])

    def create_several(self, name: str) -> None:
        self.post(name, [f"{name}-{number}" for number in range(3)])

    def post(self, name: str, numbers: list[str]) -> None:
        """Create clauses with these numbers."""
        wanted = {number: State(f"Created by {name}", f"{number} goods", "china") for number in numbers}
        post = Post(f"key-{name}", wanted)
        post.answer = self.send("POST", post.path, post.created, post.body, Idempotency_Key=post.key)
        self.ledger.posts.append(post)
        if post.answer is not None and post.answer.status == post.created:
            self.ledger.enter(post, post.answer)

    def change(self, name: str) -> None:
        """Change the title of a clause, and every second time its obligor."""
        row = self.own()
        if row is None:
            return
        (now,) = row.may_be
        new = now._replace(title=f"Changed by {name}", party=OTHER[now.party] if len(name) % 2 else now.party)
        body: dict[str, Any] = {"title": new.title}
        body |= {"parties": [owes(new.party)]} if new.party != now.party else {}
        answer = self.send("PATCH", f"{CLAUSES}/{row.pk}", 200, json.dumps(body).encode(), If_Match=row.tag)
        if answer is None:
            row.may_be, row.changes = [now, new], (row.changes[0], row.changes[1] + 1)
        elif answer.status == 200:
            row.may_be, row.tag, row.changes = [new], answer.headers["etag"], (row.changes[0] + 1, row.changes[1] + 1)

    def delete(self, name: str) -> None:
        row = self.own()
        if row is None:
            return
        answer = self.send("DELETE", f"{CLAUSES}/{row.pk}", 204, If_Match=row.tag)
        if answer is None:
            row.gone = (False, True)
        elif answer.status == 204:
            row.gone = (True,)

    def own(self) -> Row | None:
        """Return its last clause whose state is certain."""
        found = (row for row in reversed(self.ledger.rows.values()) if not row.uncertain and row.gone == (False,))
        return next(found, None)

    def send(self, method: str, path: str, due: int, body: bytes = b"", **headers: str) -> Answer | None:
        """Send a request, and count its response in the ledger."""
        answer = self.caller.send(method, path, body, **headers)
        if answer is None:
            self.ledger.uncertain += 1
            time.sleep(PAUSE)
        elif answer.status == due:
            self.ledger.acknowledged += 1
        else:
            self.ledger.unexpected.append(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer


def owes(party: str) -> dict[str, Any]:
    """Return a nested party that owes a clause."""
    return {"party": party, "role": "obligor", "explicit": True}


def body_of(number: str, state: State) -> dict[str, Any]:
    """Return the body of a clause with its party and citation."""
    body: dict[str, Any] = {"agreement": AGREEMENT, "number": number, "position": 9, "type": "purchase"}
    body |= {"standing": "outcome", "modality": "obligation", "title": state.title, "commodity": state.commodity}
    return body | {"parties": [owes(state.party)], "citations": [QUOTE]}
