"""Every URL pattern with every method in different roles: without the permission to view drafts, a draft is like no row.

Patterns come from the URLconf, so a new address is tested without further work.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver

from accords.models import Agreement
from tests.api.callers import CAN_VIEW_DRAFTS, CANNOT_VIEW_DRAFTS, INVALID_CREDENTIALS, caller
from tests.api.world import MARKER, MODELS, World, add_draft, build
from tests.clients import Client

GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
READING = ("GET", "HEAD", "OPTIONS")
ABSENT = {"slug": "nothing", "pk": "999999999"}
OF_THE_ADDRESS = ("X-Request-ID", "Content-Length", "ETag")  # of a body that names the address asked


class Place(NamedTuple):
    """A URL pattern of the API: as it is written, the noun of its row, and the groups in it."""

    pattern: str
    noun: str
    groups: tuple[str, ...]

    def path(self, row: Any, other: str = "") -> str:
        """Return the path of a row, or of none; `other` replaces further groups."""
        keys = {name: getattr(row, name, None) or ABSENT[name] for name in self.groups if name in ABSENT}
        filled = GROUP.sub(lambda found: str(keys.get(found[1]) or other or "nothing"), self.pattern)
        path = "/" + filled.removeprefix("^").removesuffix("\\Z").removesuffix("/?").replace("\\", "")
        return f"{path}?anchor=2026-01-01" if path.endswith("/projection") else path


def patterns(found: Any, before: str = "") -> Iterator[str]:
    """Yield the URL patterns of a resolver as they are written."""
    for place in found:
        if isinstance(place, URLResolver):
            yield from patterns(place.url_patterns, before + str(place.pattern))
        elif isinstance(place, URLPattern):
            yield before + str(place.pattern)


def parse_pattern(pattern: str) -> Place:
    noun = re.match(r"\^api/v1/([a-z]+)", pattern)
    return Place(pattern, noun[1] if noun else "", tuple(GROUP.findall(pattern)))


PLACES = [
    parse_pattern(pattern) for pattern in patterns(get_resolver().url_patterns) if not pattern.startswith("admin/")
]
OTHERS = ("docs", "webhooks")  # webhooks are private: tests/api/test_webhook_views.py has their matrix
API = [
    place for place in PLACES if place.pattern.startswith("^api/") and not re.search("|".join(OTHERS), place.pattern)
]
WRITTEN = [place for place in API if not re.search(r"\\\.|/history|/changes", place.pattern)]
OF_ROWS = [place for place in API if place.groups]
READ = [place for place in API if not re.search("/(bulk|publish)/", place.pattern)]
LISTS = [place for place in READ if not place.groups and "schema" not in place.pattern]  # which depends on no row


@pytest.fixture(scope="module")
def module_world(module_transaction: None) -> World:
    """Create the published world and the draft, once for this module."""
    world = build()
    add_draft(world)
    return world


def hidden(world: World, noun: str) -> list[str]:
    """Return the names of a resource's rows that belong to the draft."""
    return [name for name in world.rows(noun) if name not in world.published(noun)]


def without_address(answer: Any) -> tuple[Any, ...]:
    """Return a response without what depends on its own address."""
    headers = {name: name in OF_THE_ADDRESS or value for name, value in answer.headers.items()}
    if not answer.content.startswith(b"{"):
        return answer.status_code, headers, answer.content
    return answer.status_code, headers, {**json.loads(answer.content), "instance": "", "request_id": ""}


def send(client: Client, method: str, path: str) -> Any:
    """Send a request, with a body and `If-Match` if the method takes them."""
    headers = {"If-Match": "*"} if method in ("PUT", "PATCH", "DELETE") else {}
    body = b"" if method in READING else b"{}"
    return client.generic(method, path, body, "application/json", headers=headers)


def test_every_pattern_is_understood() -> None:
    assert {name for place in API for name in place.groups} <= {"slug", "pk", "other"}, "say in Place.path what it is"
    assert {place.noun for place in OF_ROWS} <= set(MODELS)
    assert len(API) >= 25


@pytest.mark.parametrize("role", [*CANNOT_VIEW_DRAFTS, *CAN_VIEW_DRAFTS])
def test_the_permission_to_view_agreements_shows_drafts(role: str, world: World) -> None:
    assert (MARKER in caller(role).get("/api/v1/agreements").content.decode()) == (role in CAN_VIEW_DRAFTS)


@pytest.mark.parametrize(
    ("role", "methods"), [("anonymous", [*READING, "DELETE"]), ("blind_writer", ["GET", *WRITING])]
)
def test_no_method_distinguishes_a_hidden_row_from_none(role: str, methods: list[str], world: World) -> None:
    client, count = caller(role), 0
    for place in OF_ROWS:
        for name in hidden(world, place.noun)[:1]:
            for method in methods:
                paths = (
                    place.path(world.rows(place.noun)[name], "rare-metals"),
                    place.path(None, "rare-metals"),
                )
                with_it, without = (send(client, method, path) for path in paths)
                assert without_address(with_it) == without_address(without), (method, paths[0])
                assert MARKER not in with_it.content.decode().replace(paths[0].partition("?")[0], "")
                count += 1
    assert count > 80


@pytest.mark.parametrize("role", ["anonymous", "blind_writer"])
def test_a_hidden_row_in_second_place_is_none_either(role: str, world: World) -> None:
    client = caller(role)
    for place in OF_ROWS:
        if "other" in place.groups:
            row = world.agreements["rare-metals"]
            with_it, without = (client.get(place.path(row, other)) for other in (f"{MARKER}-a", "nothing"))
            assert without_address(with_it) == without_address(without)
            assert with_it.status_code == 404


def test_who_may_see_drafts_sees_them_at_every_address(world: World) -> None:
    client = caller("editor")
    for place in OF_ROWS:
        for name in hidden(world, place.noun):
            path = place.path(world.rows(place.noun)[name], "rare-metals")
            response = client.get(path)
            assert response.status_code == 200 or "GET" not in response.headers["Allow"], path
    for noun in MODELS:
        assert MARKER in client.get(f"/api/v1/{noun}").content.decode(), noun


def test_who_is_refused_is_refused_everywhere_and_alike(world: World, settings: Any) -> None:
    """Two of the credentials ask each address, one for a row that exists and one for a row that does not."""
    settings.TOKEN_FAILURE_LIMIT = 100_000
    clients, details = {role: caller(role) for role in INVALID_CREDENTIALS}, set()
    for number, place in enumerate(READ):
        row = next(iter(world.rows(place.noun).values())) if place.groups else None
        paths = [place.path(row, "old-deal"), place.path(None, "nothing")]
        for turn, path in enumerate(paths, number):
            role = INVALID_CREDENTIALS[turn % len(clients)]
            answer = clients[role].get(path)
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="accords"'), (role, path)
            details.add((role, answer.json()["detail"]))
    assert len(details) == len(clients)


def test_reading_writes_nothing_that_callers_can_see(world: World) -> None:
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}
    clients = caller("anonymous"), caller("write_token")
    for number, place in enumerate((*LISTS, *OF_ROWS)):
        row = next(iter(world.rows(place.noun).values())) if place.groups else None
        send(clients[number % 2], "GET", place.path(row, "old-deal"))
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}


# Writing


@pytest.mark.parametrize("role", ["anonymous", "stranger", "closed", "stranger_token", "read_token", "expired_token"])
def test_who_may_not_write_changes_nothing_anywhere(role: str, world: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}
    """A session and a token try every method everywhere; others one where it may be taken. Of two rows one is hidden."""
    client, thorough = caller(role), role in ("stranger", "read_token")
    for number, place in enumerate(API if thorough else WRITTEN):
        rows: list[Any] = [*world.rows(place.noun).values()] if place.groups else [None]
        once = WRITING[1 + number % 3] if place.pattern.endswith(r")/?\Z") else "POST"
        for turn, method in enumerate(WRITING if thorough else (once,), number):
            status = send(client, method, place.path(rows[-(turn % 2)], "old-deal")).status_code
            assert status in (401, 403, 404, 405), (method, place.pattern, status)
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}


# The admin


def test_the_admin_shows_nobody_anything_who_is_no_member_of_staff(world: World) -> None:
    """Each page is asked anonymously, and by a publisher or with a publisher's token."""
    callers, pk = [caller(role) for role in ("anonymous", "publisher", "write_token")], world.agreements["draft"].pk
    kind = ContentType.objects.get_for_model(Agreement).pk
    keys = {"content_type_id": kind, "object_id": pk, "app_label": "accords", "url": "accords/agreement/"}
    for number, pattern in enumerate(patterns(get_resolver().url_patterns)):
        if pattern.startswith("admin/"):
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(keys.get(found[1], pk)), pattern)
            path = "/" + GROUP.sub(lambda found: str(keys.get(found[1], "accords")), filled).rstrip("$")
            for client in (callers[0], callers[1 + number % 2]):
                answer = client.get(path)
                assert MARKER not in answer.content.decode(), path
                assert answer.status_code in ((200,) if path == "/admin/login/" else (302, 404, 405)), path
