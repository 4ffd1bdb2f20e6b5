"""Compare what the database holds after a failure with the responses that writers got."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.engines import Engine
from tests.chaos.writers import Caller, Ledger, Post, Row, State

OURS = "number LIKE 'w%'"
ROWS = f"SELECT id, number, title, commodity FROM accords_clause WHERE {OURS}"
OWED = "SELECT cp.clause_id, p.slug FROM accords_clauseparty cp JOIN accords_party p ON p.id = cp.party_id"
CITED = "SELECT clause_id, exact FROM accords_citation WHERE clause_id IS NOT NULL"
RECORDS = f"SELECT id, history_type, title, commodity FROM accords_historicalclause WHERE {OURS} ORDER BY history_id"
UNRECORDED = """
SELECT count(*) FROM accords_{0} one
WHERE NOT EXISTS (SELECT 1 FROM accords_historical{0} log WHERE log.id = one.id AND log.history_type = '+')
"""
KEYS = "SELECT key, body FROM accords_idempotencykey"


@dataclass
class Audit:
    """Faults: lost and incomplete writes, requests with another effect when repeated, and broken storage."""

    lost: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    done_without_response: int = 0  # requests that created clauses and whose response was lost

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.incomplete, *self.repeated, *self.broken]


class Stored:
    """What the database holds, read by SQL."""

    def __init__(self, engine: Engine) -> None:
        self.rows = {pk: tuple(columns) for pk, *columns in engine.rows(ROWS)}
        self.owed, self.cited = grouped(engine.rows(OWED)), grouped(engine.rows(CITED))
        self.records: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for pk, *record in engine.rows(RECORDS):
            self.records[pk].append(tuple(record))
        keys = engine.rows(KEYS)
        self.keys = {key: json.loads(body) for key, body in keys}
        self.twice = len(keys) - len(self.keys)
        self.unrecorded = {
            noun: engine.rows(UNRECORDED.format(noun))[0][0] for noun in ("clause", "clauseparty", "citation")
        }

    def state(self, pk: int) -> State:
        """Return the state of a clause."""
        _, title, commodity = self.rows[pk]
        return State(title, commodity, ", ".join(self.owed[pk]))


def grouped(pairs: list[tuple[Any, ...]]) -> dict[Any, list[Any]]:
    """Return the second values of pairs by the first."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
    return found


def audit(engine: Engine, caller: Caller, ledger: Ledger, posts: list[Post]) -> Audit:
    """Compare what is stored with the ledger, send every request of `posts` again, and compare once more."""
    found = Audit()
    stored = Stored(engine)
    found.incomplete += incomplete(stored)
    found.lost += lost(stored, ledger)
    for post in posts:
        found.repeated += repeated(caller, post, ledger, found)
    after = Stored(engine)
    found.incomplete += incomplete(after)
    found.lost += lost(after, ledger)
    created = {row.pk for row in ledger.rows.values()}
    found.repeated += [f"clause {after.rows[pk]} was created by no writer" for pk in after.rows.keys() - created]
    found.repeated += ["a key is stored twice"] if after.twice else []
    found.broken += engine.faults()
    return found


def incomplete(stored: Stored) -> Iterator[str]:
    """Yield clauses without their nested rows, rows without an entry in the audit log, and keys without rows."""
    for pk in stored.rows:
        if (len(stored.owed[pk]), len(stored.cited[pk])) != (1, 1):
            yield f"clause {pk} has {len(stored.owed[pk])} parties and {len(stored.cited[pk])} citations"
        if not stored.records[pk] or stored.records[pk][-1][1:] != stored.rows[pk][1:]:
            yield f"the last record of clause {pk} is not what it says"
    yield from (f"{count} rows of {noun} have no record" for noun, count in stored.unrecorded.items() if count)
    answered = {row["id"] for body in stored.keys.values() for row in body.get("created", [body])}
    yield from (f"clause {pk} of a stored response was never created" for pk in answered - stored.records.keys())
    yield from (f"the response that created clause {pk} is not stored" for pk in stored.records.keys() - answered)


def lost(stored: Stored, ledger: Ledger) -> Iterator[str]:
    """Yield acknowledged writes that are not there or are different, and wrong entries of the audit log."""
    for number, row in ledger.rows.items():
        there = row.pk in stored.rows
        if (not there) not in row.gone:
            yield f"clause {number} is {'there' if there else 'gone'}"
        elif there and stored.state(row.pk) not in row.may_be:
            yield f"clause {number} says {stored.state(row.pk)}, not {row.may_be}"
        yield from wrong_records(stored, number, row, there)


def wrong_records(stored: Stored, number: str, row: Row, there: bool) -> Iterator[str]:
    """Yield a fault if the audit log of a clause does not match its changes."""
    kinds = Counter(kind for kind, *_ in stored.records[row.pk])
    least, most = row.changes
    if (kinds["+"], kinds["-"]) != (1, int(not there)) or not least <= kinds["~"] <= most:
        yield f"the records of clause {number} are {dict(kinds)}, its changes {least} to {most}"


def repeated(caller: Caller, post: Post, ledger: Ledger, found: Audit) -> Iterator[str]:
    """Send a request again: the response must be the first one, or the only one if the first was lost."""
    again = caller.send("POST", post.path, post.body, Idempotency_Key=post.key)
    if again is None or again.status != post.created:
        yield f"{post.key} again: {again}"
    elif post.answer is None:
        found.done_without_response += "idempotency-replayed" in again.headers
        ledger.enter(post, again)
    elif again.content != post.answer.content or again.headers.get("idempotency-replayed") != "true":
        yield f"{post.key} again: {again}, not {post.answer}"
