"""How a request shapes rows: `fields` and `omit` narrow them, `expand` widens them, and nothing else changes."""

from functools import cache
from typing import Any

import pytest

from tests.api.addresses import BASE, LISTS, ROWS, Address, by_address, separating_sets, url, walk
from tests.api.test_query_contract import parameter_errors
from tests.api.world import World
from tests.clients import Client

SHAPED = LISTS + ROWS
RICHEST = {
    "agreements": "rare-metals",
    "clauses": "rare-metals/2",
    "parties": "trump",
    "renewals": "rare-metals/renegotiation/1",
    "statements": "rare-metals/S2",
    "events": "rare-metals/E1",
    "sources": "press",
    "citations": "value",
}


def rows(client: Client, address: Address, world: World, query: str = "") -> list[dict[str, Any]]:
    """Return every row of a list, or the row with most relations, for a query."""
    mark = f"?{query}" if query else ""
    if address.is_list:
        return list(walk(client, url(address) + mark))
    answer = client.get(url(address, world.rows(address.noun)[RICHEST[address.noun]]) + mark)
    assert answer.status_code == 200, (query, answer.content)
    return [answer.json()]


@pytest.fixture(scope="module")
def own_rows(module_world: World) -> "OwnRows":
    """Return the rows by address; no test of this module changes one."""
    return OwnRows()


def field_names(address: Address) -> list[str]:
    return address.view.serializer_class.field_names()


def expanded_only(address: Address) -> set[str]:
    """Return the members that a row has only with a query that names them."""
    return set(address.view.serializer_class.hidden()) - (set() if address.is_list else set(address.view.in_detail))


@pytest.mark.parametrize(**by_address(ROWS))
def test_any_fields_are_a_projection_of_the_whole_row(address: Address, world: World, client: Client) -> None:
    """Of lists, tests/api/fast/test_parity.py asks for such sets of fields."""
    whole = rows(client, address, world, f"fields={','.join(field_names(address))}")
    for some in separating_sets(field_names(address)):
        expected = [project(row, {"id", "url", *some}) for row in whole]
        assert rows(client, address, world, f"fields={','.join(some)}") == expected, some


@pytest.mark.parametrize(**by_address(SHAPED))
class TestEveryShape:
    """Each declared name of each resource, in its list and its rows."""

    def test_a_row_has_the_declared_names_in_their_order(self, address: Address, world: World, client: Client) -> None:
        expected = [name for name in field_names(address) if name not in expanded_only(address)]
        for row in rows(client, address, world):
            assert list(row) == expected

    def test_several_fields_are_a_projection_of_the_whole_row(
        self, address: Address, world: World, client: Client
    ) -> None:
        plain, wanted = (
            rows(client, address, world),
            [name for name in field_names(address) if name not in expanded_only(address)],
        )
        for some in (wanted[::2], wanted[::-1]):
            projected = rows(client, address, world, f"fields={','.join(some)}")
            assert projected == [project(row, {"id", "url", *some}) for row in plain]

    def test_omitted_fields_are_the_only_ones_gone(self, address: Address, world: World, client: Client) -> None:
        plain, optional = rows(client, address, world), sorted({*field_names(address)} - {"id", "url"})
        for some in (optional[::2], optional[1::2]):
            expected = [project(row, row.keys() - {*some}) for row in plain]
            assert rows(client, address, world, f"omit={','.join(some)}") == expected, some

    def test_what_cannot_be_omitted_or_is_not_there_is_refused(
        self, address: Address, world: World, client: Client
    ) -> None:
        path = url(address, next(iter(world.rows(address.noun).values())))
        for query in (
            "fields=nonsense",
            "omit=id",
            "omit=url",
            "expand=nonsense",
            "fields=id,,url",
            "fields=id,id",
            "omit=id__in",
        ):
            assert set(parameter_errors(client.get(f"{path}?{query}"))) == {query.partition("=")[0]}
        assert parameter_errors(client.get(f"{path}?fields=created_at&omit=created_at")) == {"omit": "contradiction"}

    def test_expanded_relations_are_the_related_rows_themselves_and_stand_side_by_side(
        self, address: Address, world: World, own_rows: "OwnRows", client: Client
    ) -> None:
        plain, expansions = rows(client, address, world), address.view.serializer_class.expansions()
        together = rows(client, address, world, f"expand={','.join(expansions)}")
        for name in expansions:
            wide = rows(client, address, world, f"expand={name}")
            assert [{key: value for key, value in row.items() if key != "expanded"} for row in wide] == plain
            for row, shown, all_of_it in zip(wide, plain, together, strict=True):
                assert [*row["expanded"]] == ([] if shown.get(name, ...) is None else [name])
                assert row["expanded"] == {key: each for key, each in all_of_it["expanded"].items() if key == name}
                for related in as_list(row["expanded"].get(name)):
                    own_rows.assert_shown(related)
            found = [related for row in wide for related in as_list(row["expanded"].get(name))]
            assert found or name == "text", f"{name}: there is something to compare"
        for row in together:
            assert row["expanded"].keys() <= {*expansions}
        assert rows(client, address, world, f"fields=id&expand={','.join(expansions)}") == [
            project(row, {"id", "url", "expanded"}) for row in together
        ]


def project(row: dict[str, Any], wanted: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in wanted}


def as_list(value: Any) -> list[Any]:
    """Return the related rows of a relation to one row or many."""
    return [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict)]


class OwnRows:
    """The rows of a world at their own addresses, each asked for once."""

    def __init__(self) -> None:
        self.get = cache(lambda path: Client().get(path).json())

    def assert_shown(self, related: dict[str, Any]) -> None:
        """Check that an expanded row has the values of its own address; nested rows with a party are checked by the party."""
        if "url" not in related:
            self.assert_shown(related["party"])
            return
        own = self.get(related["url"].removeprefix("http://testserver"))
        assert related == project(own, related.keys())


def test_every_instant_is_utc_and_says_so(world: World, client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    for address in SHAPED:
        for row in rows(client, address, world):
            assert row["created_at"].endswith("Z"), row["created_at"]
            assert row["updated_at"] == row["created_at"]
            assert row["created_at"].startswith("2026-01-01T") or row["created_at"].startswith("2026-01-02T")


def test_the_day_that_was_used_is_reported(world: World, client: Client) -> None:
    for path in ("agreements", "renewals", "agreements/rare-metals/renewals"):
        assert client.get(f"{BASE}/{path}?on=2026-10-30").json()["on"] == "2026-10-30"
    row = client.get(f"{BASE}/agreements/rare-metals?on=2026-10-30").json()
    assert (row["on"], row["temporal_status"]) == ("2026-10-30", "current")
    row = client.get(f"{BASE}/agreements/rare-metals?on=2026-10-31").json()
    assert (row["on"], row["temporal_status"]) == ("2026-10-31", "renewal_due")
    clause = client.get(f"{BASE}/clauses?agreement=rare-metals&expand=agreement&page_size=1").json()["results"][0]
    assert clause["expanded"]["agreement"]["on"] == client.get(f"{BASE}/agreements").json()["on"]
