"""A row with all that is nested in it is one statement on PostgreSQL, and one for each relation on SQLite."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.world import World
from tests.clients import Client

STATEMENTS = {
    "/clauses/{clause}": {"postgresql": 1, "sqlite": 3},
    "/clauses/{clause}?expand=agreement,parties": {"postgresql": 1, "sqlite": 4},
    "/clauses/{clause}?fields=title": {"postgresql": 1, "sqlite": 1},
    "/agreements/rare-metals": {"postgresql": 1, "sqlite": 14},
}


@pytest.mark.parametrize("path", STATEMENTS)
def test_statements_of_a_row(path: str, world: World, client: Client) -> None:
    clause = next(iter(world.rows("clauses").values()))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1" + path.format(clause=clause.pk))
    assert answer.status_code == 200
    assert len(queries) == STATEMENTS[path][connection.vendor], [each["sql"][:80] for each in queries]
