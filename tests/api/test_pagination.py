"""Keyset pages: walked to the end and back in every order, each row occurs once, in its place."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accords.api import pagination
from accords.api.urls import RESOURCES
from accords.models import Agreement, Citation, Clause
from tests import factories
from tests.api.addresses import BASE, LISTS, Address, by_address, url, walk
from tests.api.reference import read_page
from tests.api.test_query_contract import parameter_errors
from tests.api.world import FIRST_DAY, MODELS
from tests.clients import Client
from tests.examples import examples
from tests.factories import without_validation

ROWS = 9
DATES = ["2025-06", "", "2025-06-01", "2024-02-29", "XXXX-04", "../2020", "2025-06-01", "0001-01-01", "9999-12-31"]
TITLES = ["b", "B", "é", "a", "b", "z z", "a", "Été", "\U0001f33e"]
NUMBERS = [None, "0.1", "-0.2", None, "0.1", "99999999998.9999", "-0.2", "0", "-0.0001"]
EXPENSIVE = HealthCheck.function_scoped_fixture, HealthCheck.too_slow


def dated(position: int, *fields: str) -> dict[str, str]:
    """Return dates of a row, some the same as those of others, some without an earliest day."""
    return {field: DATES[(position + shift) % ROWS] for shift, field in enumerate(fields)}


def agreements() -> list[Agreement]:
    """Create agreements with equal titles and dates, and without derived dates."""
    fields = {"term": "", "renewal_intervals": [], "renewal_mode": "unspecified"}
    dates = [dated(position, "announced", "signed", "effective", "ends") for position in range(ROWS)]
    return [factories.agreement(f"a-{n}", title=TITLES[n], **fields, **dates[n]) for n in range(ROWS)]


def related_rows(deals: list[Agreement]) -> None:
    """Create nine related rows of each kind, most of them of the first two agreements."""
    kinds = {
        "kind": ("expiry", "review", "renewal"),
        "event": ("visit", "meeting"),
        "type": ("visit", "other", "tariff"),
    }
    said = ("outlook", "analysis", "assertion")
    for n in range(ROWS):
        deal, number = deals[n % 2], TITLES[n] + str(n)
        amounts = (
            {"value": NUMBERS[n], "baseline_value": NUMBERS[-n], "unit": "t"}
            if n % 4
            else {"value": NUMBERS[n], "unit": "t"}
        )
        factories.clause(
            deal, number, position=n // 3 + 1, type=kinds["type"][n % 3], **amounts, **dated(n, "effective", "ends")
        )
        factories.renewal(deal, n // 2 + 1, kind=kinds["kind"][n % 3], due=DATES[n], offset="")
        factories.statement(deal, number, kind=said[n % 3])
        factories.event(deal, number, kind=kinds["event"][n % 2], date=DATES[n])
        factories.participation(deal, factories.party(f"p-{n}", name=TITLES[n], country=("CN", "", "US")[n % 3]))
    for n in range(ROWS):
        source = factories.source(f"s-{n}", title=TITLES[n], published=DATES[n])
        for words in ("soja", "métaux rares")[: n % 2 + 1]:
            factories.citation(deals[0], words, source)


@pytest.fixture(scope="module")
def tied_rows(module_transaction: None) -> list[Agreement]:
    """Create nine rows of each resource, with ties and nulls in every column of an order."""
    with without_validation():
        deals = agreements()
        related_rows(deals)
    for model in MODELS.values():
        for n, pk in enumerate(model._default_manager.values_list("pk", flat=True)):
            moments = {
                "created_at": FIRST_DAY + timedelta(hours=n % 3),
                "updated_at": FIRST_DAY - timedelta(hours=n % 4),
            }
            model._default_manager.filter(pk=pk).update(**moments)
    return deals


def in_order(rows: list[dict[str, Any]], names: list[str], columns: Any) -> list[int]:
    """Return ids in the order of Python's sort: nulls last, ties by id in the direction of the last name."""
    found = sorted(rows, key=lambda row: row["id"], reverse=names[-1].startswith("-"))
    for name in reversed(names):
        column = columns[name.removeprefix("-")]
        stated = [row for row in found if row[column] is not None]
        missing = [row for row in found if row[column] is None]
        found = sorted(stated, key=lambda row: row[column], reverse=name.startswith("-")) + missing
    return [row["id"] for row in found]


def stored_values(address: Address) -> list[dict[str, Any]]:
    """Return the stored values of a list's rows."""
    rows = address.view.model._default_manager.all()
    if address.name == "agreement renewals":
        rows = rows.filter(agreement__slug="a-0")
    return list(rows.values("id", *address.view.orderings.values()))


def list_path(address: Address) -> str:
    """Return the path of a list among the nine agreements."""
    return url(address).replace("rare-metals", "a-0")


def pages(client: Client, path: str, way: str) -> Iterator[list[int]]:
    """Yield the ids on each page in one direction."""
    following: str | None = path
    while following:
        page = client.get(following).json()
        yield [row["id"] for row in page["results"]]
        following = page[way]


@pytest.mark.parametrize(**by_address(LISTS))
def test_every_declared_order_can_be_walked_there_and_back(
    address: Address, tied_rows: Any, db: None, client: Client
) -> None:
    """Ascending; the other direction is one of those of several keys below, and of tests/api/fast/test_parity.py."""
    for name in address.view.orderings:
        expected = in_order(stored_values(address), [name], address.view.orderings)
        path = f"{list_path(address)}?ordering={name}&page_size=3&fields=id&count=exact"
        there, following = [], path
        while following:
            page = client.get(following).json()
            there += [row["id"] for row in page["results"]]
            following = page["next"]
        assert there == expected, name
        assert page["count"] == len(expected)
        ids = [row["id"] for row in page["results"]]
        back = [ids, *(pages(client, page["previous"], "previous") if page["previous"] else [])]
        assert [pk for page in reversed(back) for pk in page] == expected, name


@pytest.mark.parametrize(**by_address(LISTS))
def test_every_page_size_gives_the_same_rows(address: Address, tied_rows: Any, db: None, client: Client) -> None:
    """All sizes of the first list; of the others those at which the number of pages changes."""
    expected = [row["id"] for row in walk(client, list_path(address))]
    count = len(expected)
    for size in range(1, count + 2) if address is LISTS[0] else (2, count - 1, count, count + 1):
        there = list(pages(client, f"{list_path(address)}?page_size={size}&fields=id", "next"))
        assert [len(page) for page in there[:-1]] == [size] * (len(there) - 1)
        assert [pk for page in there for pk in page] == expected


def orders(address: Address) -> st.SearchStrategy[list[str]]:
    """Return a strategy of one to five names, each ascending or descending."""
    names = st.lists(st.sampled_from(sorted(address.view.orderings)), min_size=1, max_size=5, unique=True)
    return names.flatmap(lambda some: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in some)).map(list))


def walk_all(rows: Any, order: Any, size: int, backwards: bool) -> list[int]:
    """Return the ids on all pages, walked from one end to the other."""
    found: list[int] = []
    page = last_page(rows, order) if backwards else read_page(rows, order, None, size)
    while True:
        ids = [row.pk for row in page.rows]
        found = ids + found if backwards else found + ids
        if not (page.more_before if backwards else page.more_after):
            return found
        edge = page.rows[0] if backwards else page.rows[-1]
        cursor = pagination.Cursor([getattr(edge, key.column) for key in order], backwards)
        page = read_page(rows, order, cursor, size)


def last_page(rows: Any, order: Any) -> pagination.Page:
    """Return the page that contains only the last row."""
    page = read_page(rows, order, None, 200)
    return pagination.Page(page.rows[-1:], more_before=len(page.rows) > 1, more_after=False)


@settings(max_examples=examples(40), suppress_health_check=EXPENSIVE)
@given(data=st.data())
def test_several_keys_in_mixed_directions(data: st.DataObject, tied_rows: Any, db: None) -> None:
    address = data.draw(st.sampled_from(LISTS[:-1]), label="list")
    names, size = data.draw(orders(address), label="order"), data.draw(st.integers(1, ROWS + 1), label="size")
    order = pagination.order_keys(address.view.model, names, address.view.orderings)
    expected = in_order(stored_values(address), names, address.view.orderings)
    rows = address.view.model._default_manager.all()
    assert walk_all(rows, order, size, backwards=False) == expected
    assert walk_all(rows, order, size, backwards=True) == expected


CLAUSE = st.fixed_dictionaries(
    {
        "effective": st.sampled_from(["", "2025", "2025-01-01", "../2025", "2024"]),
        "value": st.sampled_from([None, "1", "1.5", "-0.0001"]),
        "position": st.integers(1, 3),
        "title": st.sampled_from(["a", "b", "B", "é"]),
    }
)


@settings(max_examples=examples(25), suppress_health_check=EXPENSIVE)
@given(rows=st.lists(CLAUSE, max_size=8), data=st.data())
def test_any_rows_in_any_order(
    rows: list[dict[str, Any]], data: st.DataObject, tied_rows: list[Agreement], db: None
) -> None:
    Citation.objects.filter(clause__isnull=False).delete()
    Clause.objects.all().delete()
    for number, fields in enumerate(rows):
        Clause.objects.create(agreement=tied_rows[number % 2], number=str(number), unit="t", **STATED, **fields)
    address = next(address for address in LISTS if address.name == "clauses")
    names, size = data.draw(orders(address), label="order"), data.draw(st.integers(1, 5), label="size")
    order = pagination.order_keys(Clause, names, address.view.orderings)
    assert walk_all(Clause.objects.all(), order, size, backwards=False) == in_order(
        stored_values(address), names, address.view.orderings
    )


STATED = {"type": "other", "standing": "term", "modality": "declaration"}


@pytest.mark.parametrize("order", ["id", "-id", "value", "-value", "effective", "-effective,value", "position,-delta"])
def test_rows_that_come_and_go_neither_hide_nor_repeat_those_that_stay(
    order: str, tied_rows: list[Agreement], db: None, client: Client
) -> None:
    stay = set(Clause.objects.filter(position=2).values_list("pk", flat=True))
    met: list[int] = []
    new = enumerate(cycle([{"value": "-5"}, {"value": "0.1", "effective": "2025"}, {}, {"effective": "2030"}]))
    following: str | None = f"{BASE}/clauses?ordering={order}&page_size=2&fields=id"
    while following:
        page = client.get(following).json()
        met += [row["id"] for row in page["results"]]
        following = page["next"]
        there = Clause.objects.order_by("pk").values_list("pk", flat=True)
        going = [pk for pk in (*met[-1:], *there) if pk not in stay]
        Clause.objects.filter(pk__in=going[:2]).delete()
        if len(met) < 30:
            number, fields = next(new)
            Clause.objects.create(
                agreement=tied_rows[0], number=f"new {number}", unit="t", title="x", position=9, **STATED, **fields
            )
    assert len(met) == len(set(met))
    assert stay <= set(met)


def cursor_of(client: Client, path: str) -> str:
    """Return the cursor of the second page."""
    following = client.get(path).json()["next"]
    return following.partition("cursor=")[2].partition("&")[0].replace("%3A", ":")


@pytest.mark.parametrize(**by_address(LISTS))
def test_a_cursor_that_was_touched_is_refused(address: Address, tied_rows: Any, db: None, client: Client) -> None:
    path = f"{list_path(address)}?page_size=1&ordering=-id"
    cursor = cursor_of(client, path)
    assert client.get(f"{path}&cursor={cursor}").status_code == 200
    touched = [cursor[:length] for length in range(1, len(cursor), 7)]
    touched += [cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in range(0, len(cursor), 5)]
    for text in (*touched, cursor + "A", cursor.upper(), cursor[::-1], cursor.partition(":")[2]):
        assert parameter_errors(client.get(f"{path}&cursor={text}")) == {"cursor": "cursor"}, text


@pytest.mark.parametrize(**by_address(LISTS))
def test_a_cursor_of_another_order_is_refused(address: Address, tied_rows: Any, db: None, client: Client) -> None:
    cursor = cursor_of(client, f"{list_path(address)}?page_size=1&ordering=-id")
    names = [name for name in address.view.orderings if name != "id"]
    for other in ("id", *names, "-id,created_at", "-created_at,id"):
        response = client.get(f"{list_path(address)}?ordering={other}&cursor={cursor}")
        assert parameter_errors(response) == {"cursor": "cursor"}, other
        assert "belongs to another list or ordering" in response.content.decode(), other
    assert parameter_errors(client.get(f"{list_path(address)}?cursor={cursor}")) == {"cursor": "cursor"}


def test_a_cursor_of_another_list_is_refused(tied_rows: Any, db: None, client: Client) -> None:
    """Its rows have ids too: a page after one of them would look right."""
    cases = {
        address.name: f"{list_path(address)}?page_size=1&ordering=-id" for address in LISTS if address.name in RESOURCES
    }
    cursors = {name: cursor_of(client, path) for name, path in cases.items()}
    for name, other in permutations(cases, 2):
        assert parameter_errors(client.get(f"{cases[name]}&cursor={cursors[other]}")) == {"cursor": "cursor"}, (
            name,
            other,
        )


def test_links_keep_what_was_asked_and_stand_alone(tied_rows: Any, db: None, client: Client) -> None:
    query = "type__in=visit,other&fields=id,number&page_size=1&count=exact&title__icontains=clause"
    page = client.get(f"{BASE}/clauses/?{query}").json()
    for parameter in (
        "type__in=visit%2Cother",
        "fields=id%2Cnumber",
        "page_size=1",
        "count=exact",
        "title__icontains=clause",
    ):
        assert parameter in page["next"]
    assert page["next"].startswith(f"http://testserver{BASE}/clauses?")
    following = client.get(page["next"]).json()
    assert following["count"] == page["count"]
    assert following["previous"].count("cursor=") == 1
    assert client.get(following["previous"]).json()["results"] == page["results"]


def test_an_empty_list_is_one_page(tied_rows: Any, db: None, client: Client) -> None:
    for address in LISTS:
        page = client.get(f"{list_path(address)}?count=exact&created_at__gte=9000-01-01T00:00:00Z").json()
        assert (page["next"], page["previous"], page["results"], page["count"]) == (None, None, [], 0)


def test_the_rows_of_this_file_have_ties_and_nulls(tied_rows: Any, db: None) -> None:
    """Every order has something to break: two rows of one value, or none."""
    for address in LISTS[:-1]:
        rows = stored_values(address)
        assert len(rows) >= ROWS
        for column in set(address.view.orderings.values()) - {"id", "slug", "number"}:
            values = [row[column] for row in rows]
            assert len(set(values)) < len(values), (address.name, column)
            if address.view.model._meta.get_field(column).null:
                assert None in values
