"""A write that fails at any step leaves nothing: no row, record, related row, or idempotency key."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from accords.models import ClauseParty, IdempotencyKey, Participation
from tests.api.addresses import BASE
from tests.api.test_query_contract import problem
from tests.api.world import MODELS, World
from tests.api.writing.bodies import sound
from tests.api.writing.test_write_contract import stored
from tests.clients import Client

WRITING = ("INSERT", "UPDATE", "DELETE")


def everything() -> dict[str, list[Any]]:
    """Return all rows, their records in the audit log, and all idempotency keys."""
    logs = [model.history.model for model in (*MODELS.values(), ClauseParty, Participation)]
    return stored(*MODELS.values(), ClauseParty, Participation, IdempotencyKey, *logs)


class Failing:
    """A database that fails at one of the statements that write, counted from 0; it counts them all."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Carry a statement out, or not."""
        if sql.lstrip().upper().startswith(WRITING):
            self.seen += 1
            if self.seen == self.at + 1:
                raise OperationalError("the server closed the connection unexpectedly")
        return execute(sql, params, many, context)


@contextmanager
def failing(at: int) -> Iterator[Failing]:
    """Let the database fail at that statement."""
    found = Failing(at)
    with connection.execute_wrapper(found):
        yield found


@pytest.mark.parametrize("noun", ["agreements", "clauses", "parties", "statements"])
def test_a_fault_at_any_step_of_a_creation_leaves_nothing_of_it(noun: str, world: World, writer: Client) -> None:
    """Events are created as statements are, sources as parties; renewals and citations recompute as clauses do."""
    body = sound(noun, world).body
    steps = try_each(writer, "POST", f"{BASE}/{noun}", json.dumps(body), 201, {"Idempotency-Key": "one"})
    assert steps >= 3, "a row, its record and its key"


@pytest.mark.parametrize("noun", ["agreements", "renewals", "citations", "parties"])
def test_a_fault_at_any_step_of_a_change_or_deletion_leaves_nothing_of_it(
    noun: str, world: World, writer: Client
) -> None:
    """Clauses, events and statements change and delete as renewals do, sources as parties."""
    body = sound(noun, world)
    name, value = body.change
    path = writer.post(f"{BASE}/{noun}", body.body, content_type="application/json").headers["Location"]
    assert try_each(writer, "PATCH", path, json.dumps({name: value}), 200, {"If-Match": "*"}) >= 2
    assert try_each(writer, "DELETE", path, "", 204, {"If-Match": "*"}) >= 2


def try_each(writer: Client, method: str, path: str, body: str, done: int, headers: dict[str, str]) -> int:
    """Send a write again and again, failing at one step after the other, until it is done; the number of steps."""
    before = everything()
    for step in range(500):
        with failing(step) as database:
            answer = writer.generic(method, path, body, content_type="application/json", headers=headers)
        if database.seen <= step:
            assert answer.status_code == done, answer.content
            return step
        problem(answer, 503)
        assert answer.headers["Retry-After"]
        assert everything() == before, f"{method} {path} left something when step {step} failed"
    raise AssertionError("it never ends")
