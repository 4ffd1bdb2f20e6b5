"""Drafts: to users who may not view them, an unpublished agreement and its related rows do not exist."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from accords.api.filters.filter_types import (
    PartyFilter,
    RowFilter,
    RowIdFilter,
    SlugFilter,
)
from tests.api.addresses import BASE, HISTORY, LISTS, ROWS, SLUGGED, Address, key, url, walk
from tests.api.filters.cases import CASES
from tests.api.filters.test_cases import resolve
from tests.api.world import MARKER, World
from tests.clients import Client

BELOW = [
    f"{BASE}/agreements/{slug}/{below}"
    for slug in ("rare-metals", "genocide")
    for below in ("annotated", "renewals", "projection?anchor=2025-10-30")
]


def shapes(address: Address) -> Iterator[str]:
    """Yield each expansion of an address, and all of them together."""
    expansions = address.view.serializer_class.expansions()
    yield ""
    yield from (f"expand={name}" for name in expansions)
    yield f"expand={','.join(expansions)}"


def questions(address: Address) -> Iterator[str]:
    """Yield query strings for a list: each shape and each order once. The cases of filters are asked beside them."""
    yield from shapes(address)
    for name, sign in zip(address.view.orderings, cycle(("-", "")), strict=False):
        yield f"ordering={sign}{name}&page_size=2&count=exact"
    yield f"created_at__gte=2000-01-01T00:00:00Z&count=exact&q={MARKER}" if "q" in address.parameters else "count=exact"


def paths(world: World, noun: str) -> list[str]:
    """Return paths of everything that can be read of a resource, lists with many queries, rows with all expansions and none."""
    listed, row, history = (
        next(address for address in several if address.noun == noun) for several in (LISTS, ROWS, HISTORY)
    )
    found = [f"{url(listed)}?{query}" for query in questions(listed)]
    found += [f"{url(listed)}?{resolve(world, query)}&count=exact" for query in CASES[noun]]
    *_, expanded = shapes(row)
    found += [f"{url(row, each)}{shape}" for each in world.rows(noun).values() for shape in ("", f"?{expanded}")]
    found += [url(history, each) for each in world.rows(noun).values()]
    return found + (BELOW if noun == "agreements" else [])


def answers(client: Client, addresses: list[str]) -> dict[str, tuple[int, Any]]:
    """Return the status and body of each path."""
    responses = {path: client.get(path) for path in addresses}
    return {path: (response.status_code, response.json()) for path, response in responses.items()}


@pytest.mark.parametrize("noun", CASES)
def test_a_draft_changes_no_answer_at_any_address(
    noun: str, world: World, client: Client, stranger: Client, request: Any
) -> None:
    addresses = paths(world, noun)
    before = answers(client, addresses)
    assert {status for status, _ in before.values()} == {200}
    request.getfixturevalue("world_with_draft")
    assert_same(answers(client, addresses), before)
    assert_same(answers(stranger, addresses[::10]), before)


def assert_same(now: dict[str, Any], before: dict[str, Any]) -> None:
    for path, answer in now.items():
        assert answer == before[path], path


SAME_ID = {"X-Request-ID": "the-same"}  # so that answers may be compared to the byte


def test_a_filter_by_a_hidden_row_answers_as_for_one_that_does_not_exist(
    world_with_draft: World, client: Client
) -> None:
    tried = 0
    for address in LISTS:
        for name, kind in address.view.filterset_class.base_filters.items():
            if name not in address.parameters:
                continue
            for hidden, absent in values(kind, world_with_draft, address.noun):
                tried += 1
                with_it, without = (
                    client.get(f"{url(address)}?{name}={value}", headers=SAME_ID) for value in (hidden, absent)
                )
                assert MARKER not in with_it.content.decode().replace(f"{name}={hidden}", "")
                assert (with_it.status_code, with_it.content) == (without.status_code, without.content), (name, hidden)
    assert tried > 40


def values(kind: Any, world: World, of: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of a hidden row and one that does not exist, as values of a filter."""
    if isinstance(kind, RowIdFilter):
        noun = {"clause": "clauses", "event": "events", "statement": "statements", "renewal": "renewals"}
        if kind.noun == "participation":
            hidden = world.agreements["draft"].participations.all()
        else:
            hidden = [world.rows(noun[kind.noun])["draft"]]
        yield from ((str(row.pk), "999999999") for row in hidden)
    elif isinstance(kind, RowFilter | SlugFilter):
        letter = (
            "p"
            if isinstance(kind, PartyFilter)
            else {"agreement": "a", "source": "s"}.get(getattr(kind, "noun", ""), "a")
        )
        yield f"{MARKER}-{letter}", "nothing"
    elif kind.field_name == "id":
        hidden = [row for name, row in world.rows(of).items() if name.startswith("draft") or name == "secret"]
        yield from ((str(row.pk), "999999999") for row in hidden)


def test_who_may_view_agreements_sees_all_of_it(world_with_draft: World, editor: Client) -> None:
    for address in LISTS[:-1]:
        shown = {key(address.noun, row) for row in world_with_draft.rows(address.noun).values()}
        field = "slug" if address.noun in SLUGGED else "id"
        assert {str(row[field]) for row in walk(editor, url(address))} == shown
    assert editor.get(f"{BASE}/agreements/old-deal").json()["supersedes"] == f"{MARKER}-a"
    concluded = f"{BASE}/renewals?agreement=genocide&kind=renewal"
    assert editor.get(concluded).json()["results"][0]["outcome"] == f"{MARKER}-a"
    assert editor.get(f"{BASE}/parties/america").json()["represents"] == f"{MARKER}-p"
    assert editor.get(f"{BASE}/parties?role=beneficiary&count=exact").json()["count"] == 3
    assert editor.get(f"{BASE}/renewals?outcome__isnull=false&count=exact").json()["count"] == 2
    assert editor.get(f"{BASE}/agreements/{MARKER}-a/annotated").json()["sources"]


def test_publishing_shows_it_to_everyone(world_with_draft: World, client: Client) -> None:
    draft = world_with_draft.agreements["draft"]
    type(draft).objects.filter(pk=draft.pk).update(is_published=True)
    assert client.get(f"{BASE}/agreements/{MARKER}-a").status_code == 200
    assert client.get(f"{BASE}/parties/{MARKER}-p").status_code == 200
    assert client.get(f"{BASE}/sources/{MARKER}-s").status_code == 200
    assert client.get(f"{BASE}/parties/america").json()["represents"] == f"{MARKER}-p"
