"""What is found after the chaos, against what was answered in it."""

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
class Found:
    """The faults: what is lost, what is half done, what a repeated request did other than the first."""

    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    done_in_doubt: int = 0  # requests that made clauses and whose answer was lost

    @property
    def faults(self) -> list[str]:
        """All of them."""
        return [*self.lost, *self.half, *self.repeated, *self.broken]


class Stored:
    """What the database holds, read past the program."""

    def __init__(self, engine: Engine) -> None:
        """Read it."""
        self.rows = {pk: tuple(said) for pk, *said in engine.rows(ROWS)}
        self.owed, self.cited = gathered(engine.rows(OWED)), gathered(engine.rows(CITED))
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
        """What a clause says."""
        _, title, commodity = self.rows[pk]
        return State(title, commodity, ", ".join(self.owed[pk]))


def gathered(pairs: list[tuple[Any, ...]]) -> dict[Any, list[Any]]:
    """The second of each pair by the first."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
    return found


def audit(engine: Engine, caller: Caller, ledger: Ledger, posts: list[Post]) -> Found:
    """Compare what is stored with the ledger, send every request of `posts` again, and compare again."""
    found = Found()
    stored = Stored(engine)
    found.half += halves(stored)
    found.lost += lost(stored, ledger)
    for post in posts:
        found.repeated += repeated(caller, post, ledger, found)
    after = Stored(engine)
    found.half += halves(after)
    found.lost += lost(after, ledger)
    made = {row.pk for row in ledger.rows.values()}
    found.repeated += [f"clause {after.rows[pk]} was made by nobody" for pk in after.rows.keys() - made]
    found.repeated += ["a key is stored twice"] if after.twice else []
    found.broken += engine.faults()
    return found


def halves(stored: Stored) -> Iterator[str]:
    """Clauses without the rows that came with them, rows without the record of their making, keys without their rows."""
    for pk in stored.rows:
        if (len(stored.owed[pk]), len(stored.cited[pk])) != (1, 1):
            yield f"clause {pk} has {len(stored.owed[pk])} parties and {len(stored.cited[pk])} citations"
        if not stored.records[pk] or stored.records[pk][-1][1:] != stored.rows[pk][1:]:
            yield f"the last record of clause {pk} is not what it says"
    yield from (f"{count} rows of {noun} have no record" for noun, count in stored.unrecorded.items() if count)
    told = {row["id"] for body in stored.keys.values() for row in body.get("created", [body])}
    yield from (f"clause {pk} of a stored answer was never made" for pk in told - stored.records.keys())
    yield from (f"the answer that made clause {pk} is not stored" for pk in stored.records.keys() - told)


def lost(stored: Stored, ledger: Ledger) -> Iterator[str]:
    """What was acknowledged and is not there, or is otherwise; and its records."""
    for number, row in ledger.rows.items():
        there = row.pk in stored.rows
        if (not there) not in row.gone:
            yield f"clause {number} is {'there' if there else 'gone'}"
        elif there and stored.state(row.pk) not in row.may_be:
            yield f"clause {number} says {stored.state(row.pk)}, not {row.may_be}"
        yield from unlike(stored, number, row, there)


def unlike(stored: Stored, number: str, row: Row, there: bool) -> Iterator[str]:
    """Records of a clause that are not those of what was done to it."""
    kinds = Counter(kind for kind, *_ in stored.records[row.pk])
    least, most = row.changes
    if (kinds["+"], kinds["-"]) != (1, int(not there)) or not least <= kinds["~"] <= most:
        yield f"the records of clause {number} are {dict(kinds)}, its changes {least} to {most}"


def repeated(caller: Caller, post: Post, ledger: Ledger, found: Found) -> Iterator[str]:
    """Send a request again: the first answer must come, or the only one if the first was lost."""
    again = caller.send("POST", post.path, post.body, Idempotency_Key=post.key)
    if again is None or again.status != post.created:
        yield f"{post.key} again: {again}"
    elif post.answer is None:
        found.done_in_doubt += "idempotency-replayed" in again.headers
        ledger.enter(post, again)
    elif again.told != post.answer.told or again.headers.get("idempotency-replayed") != "true":
        yield f"{post.key} again: {again}, not {post.answer}"
