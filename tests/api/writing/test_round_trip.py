"""What is accepted is stored as it was sent, and is read back the same; the rest is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accords.models import Clause
from tests.api.addresses import BASE
from tests.api.world import World
from tests.api.writing.bodies import sound
from tests.clients import Client
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("db")
# Vertical tabs and form feeds become line breaks or spaces (tests/models/test_clauses.py).
ANYTHING = st.text(st.characters(exclude_categories=(), exclude_characters="\v\f"), max_size=40)
NUMBERS = st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False).map(float), st.floats())
TEXTS = ("title", "text", "commodity", "scope_note")
EDGES: list[dict[str, Any]] = [
    {"title": "\ufeff\u200b🌾 \u202e\u0301é\u2028", "text": "a\nb\tc\r\n", "value": 0.1, "position": 2**31 - 1},
    {"title": "\ud83c", "text": "a\0b", "value": 1e300, "position": 2**31},
    {"title": " a ", "text": "\x85\ufffe\U0010ffff", "value": -0.0, "position": 0},
    {"title": "e\u0301 ≠ é", "text": "=1+1", "value": 99999999999.9999, "position": 1},
]


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(said=EDGES[0])
@example(said=EDGES[1])
@example(said=EDGES[2])
@example(said=EDGES[3])
@given(
    said=st.fixed_dictionaries({}, optional=dict.fromkeys(TEXTS, ANYTHING) | {"value": NUMBERS, "position": NUMBERS})
)
def test_what_is_accepted_is_read_back_as_it_was_sent(said: dict[str, Any], world: World, writer: Client) -> None:
    before = Clause.objects.count()
    body = json.dumps(sound("clauses", world).body | said)
    answer = writer.post(f"{BASE}/clauses", body, content_type="application/json")
    if answer.status_code == 400:
        assert Clause.objects.count() == before
        json.loads(answer.content)
        return
    assert answer.status_code == 201, answer.content
    path = answer.headers["Location"]
    try:
        for row in (answer.json(), writer.get(path).json(), listed(writer, answer.json()["id"])):
            for name, value in said.items():
                assert same(row[name], value), (name, value, row[name])
        assert writer.get("/api/v1/clauses?page_size=200").status_code == 200
    finally:
        writer.delete(path, headers={"If-Match": "*"})


def listed(client: Client, pk: int) -> dict[str, Any]:
    """Return the row as its list shows it."""
    (row,) = client.get(f"{BASE}/clauses?id__in={pk}").json()["results"]
    found: dict[str, Any] = row
    return found


def same(read: Any, sent: Any) -> bool:
    """Return whether a value is the one that was sent, to the last digit."""
    return read == sent if isinstance(sent, str) else Decimal(repr(read)) == Decimal(repr(sent))


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata"])
def test_instants_are_utc_wherever_the_server_is(zone: str, world: World, writer: Client, settings: Any) -> None:
    settings.TIME_ZONE = zone
    response = writer.post(f"{BASE}/clauses", sound("clauses", world).body, content_type="application/json")
    stamps = [
        row[name]
        for row in (response.json(), listed(writer, response.json()["id"]))
        for name in ("created_at", "updated_at")
    ]
    assert all(stamp.endswith("Z") for stamp in stamps), stamps
    clause = Clause.objects.get(pk=response.json()["id"])
    assert stamps[0].removesuffix("Z") == clause.created_at.replace(tzinfo=None).isoformat()
    assert writer.get(f"{BASE}/clauses?id__in={clause.pk}&updated_at__gte={stamps[1]}").json()["results"]
