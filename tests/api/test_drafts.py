"""Drafts: to users who may not view them, an unpublished agreement and its related rows do not exist."""

import re
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
from accords.models import Renewal
from tests.api.addresses import BASE, LISTS, ROWS, SLUGGED, Address, key, url, walk
from tests.api.test_matrix import READ
from tests.api.world import MARKER, MODELS, World
from tests.clients import Client

NEW_VERSION = re.compile(rb'"v[0-9]+')
CHANGING = ("X-Request-ID", "Accords-Cursor")  # the rows that refer to the draft have changed
# Which files and feeds have no draft is shown by tests/api/exports/test_rows.py and tests/api/test_changes.py.
OTHERS = [place for place in READ if not re.search(r"\\.csv|\\.ndjson|/changes/|schema", place.pattern)]


def shapes(address: Address) -> list[str]:
    """Return the plain shape of an address, and that with all expansions."""
    return ["", f"expand={','.join(address.view.serializer_class.expansions())}"]


def questions(address: Address) -> Iterator[str]:
    """Yield query strings for a list: each shape and each order once. Filters are tested in tests/api/filters."""
    yield from shapes(address)
    for name, sign in zip(address.view.orderings, cycle(("-", "")), strict=False):
        yield f"ordering={sign}{name}&page_size=2&count=exact"
    yield f"created_at__gte=2000-01-01T00:00:00Z&count=exact&q={MARKER}" if "q" in address.parameters else "count=exact"


def paths(world: World, noun: str) -> list[str]:
    """Return paths of what can be read of a resource: its list with many queries, each row with all expansions."""
    listed, row = (next(address for address in several if address.noun == noun) for several in (LISTS, ROWS))
    *_, expanded = shapes(row)
    found = [f"{url(listed)}?{query}" for query in questions(listed)]
    return found + [f"{url(row, each)}?{expanded}" for each in world.rows(noun).values()]


def some_rows(world: World, noun: str) -> list[Any]:
    """Return the first and the last row, and those to which the draft gets relations."""
    names = {"agreements": ["old-deal", "genocide"], "parties": ["america", "china", "trump"], "sources": ["press"]}
    names["renewals"] = ["genocide/renewal/1"]
    first, *_, last = world.rows(noun)
    return [world.rows(noun)[name] for name in dict.fromkeys([first, *names.get(noun, ()), last])]


def whole_responses(client: Client, addresses: list[str]) -> dict[str, tuple[int, Any, bytes]]:
    """Return the status, headers and body of the response at each path. None of these may depend on drafts."""
    found = {}
    for path in addresses:
        response = client.get(path)
        headers = {name: value for name, value in response.headers.items() if name not in CHANGING}
        found[path] = response.status_code, headers, response.getvalue()
    return found


def pointing(world: World) -> set[str]:
    """Return the addresses of published rows that refer to the draft."""
    concluded = Renewal.objects.get(outcome=world.agreements["draft"])
    return {f"{BASE}/agreements/old-deal", f"{BASE}/parties/america", f"{BASE}/renewals/{concluded.pk}"}


def assert_a_draft_changes_nothing(
    addresses: list[str], world: World, client: Client, stranger: Client, request: Any
) -> None:
    """Compare whole responses before and after, those to a user without permission with those to nobody."""
    before = whole_responses(client, addresses)
    request.getfixturevalue("world_with_draft")
    edited = pointing(world)
    for path, now in whole_responses(client, addresses).items():
        seen = before[path]
        if path.partition("?")[0] in edited:  # rows that were edited themselves have a new version, and no more
            now, seen = (
                (status, NEW_VERSION.sub(b'"v', str(headers).encode()), body) for status, headers, body in (now, seen)
            )
        assert now == seen, path
    for path, (status, _, body) in whole_responses(stranger, addresses[::10]).items():
        assert (status, body) == (before[path][0], before[path][2]), path


@pytest.mark.parametrize("noun", MODELS)
def test_a_draft_changes_no_list_and_no_row_to_the_byte(
    noun: str, world: World, client: Client, stranger: Client, request: Any
) -> None:
    assert_a_draft_changes_nothing(paths(world, noun), world, client, stranger, request)


def test_a_draft_changes_no_answer_at_any_address(world: World, client: Client, stranger: Client, request: Any) -> None:
    """Every URL pattern that is read: histories, calendars, and what stands below an agreement too."""
    addresses = [
        place.path(row, "old-deal")
        for place in OTHERS
        for row in (some_rows(world, place.noun) if place.groups else [None])
    ]
    assert_a_draft_changes_nothing(addresses, world, client, stranger, request)


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
