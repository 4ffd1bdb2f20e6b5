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

from accords.models import Agreement, Renewal
from tests.api.callers import CAN_VIEW_DRAFTS, CANNOT_VIEW_DRAFTS, INVALID_CREDENTIALS, caller
from tests.api.world import MARKER, MODELS, World
from tests.clients import Client

NEW_VERSION = re.compile(r'"v[0-9]+')
CHANGING = ("X-Request-ID", "Accords-Cursor")  # the rows that refer to the draft have changed
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
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
OF_ROWS = [place for place in API if place.groups]
READ = [place for place in API if not re.search("/(bulk|publish)/", place.pattern)]
LISTS = [place for place in READ if not place.groups]


def hidden(world: World, noun: str) -> list[str]:
    """Return the names of a resource's rows that belong to the draft."""
    return [name for name in world.rows(noun) if name.startswith("draft") or name == "secret"]


def without_address(answer: Any) -> tuple[Any, ...]:
    """Return a response without what depends on its own address."""
    headers = {name: name in OF_THE_ADDRESS or value for name, value in answer.headers.items()}
    if not answer.content.startswith(b"{"):
        return answer.status_code, headers, answer.content
    return answer.status_code, headers, {**json.loads(answer.content), "instance": "", "request_id": ""}


def send(client: Client, method: str, path: str) -> Any:
    """Send a request, with a body and `If-Match` if the method takes them."""
    headers = {"If-Match": "*"} if method in ("PUT", "PATCH", "DELETE") else {}
    body = b"" if method in ("GET", "HEAD", "OPTIONS") else b"{}"
    return client.generic(method, path, body, "application/json", headers=headers)


def test_every_pattern_is_understood() -> None:
    assert {name for place in API for name in place.groups} <= {"slug", "pk", "other"}, "say in Place.path what it is"
    assert {place.noun for place in OF_ROWS} <= set(MODELS)
    assert len(API) >= 25


@pytest.mark.parametrize("role", [*CANNOT_VIEW_DRAFTS, *CAN_VIEW_DRAFTS])
def test_the_permission_to_view_agreements_shows_drafts(role: str, world_with_draft: World) -> None:
    assert (MARKER in caller(role).get("/api/v1/agreements").content.decode()) == (role in CAN_VIEW_DRAFTS)


@pytest.mark.parametrize("role", ["anonymous", "blind_writer"])
def test_no_method_distinguishes_a_hidden_row_from_none(role: str, world_with_draft: World) -> None:
    client, count = caller(role), 0
    for place in OF_ROWS:
        for name in hidden(world_with_draft, place.noun)[:2]:
            for method in METHODS:
                paths = (
                    place.path(world_with_draft.rows(place.noun)[name], "rare-metals"),
                    place.path(None, "rare-metals"),
                )
                with_it, without = (send(client, method, path) for path in paths)
                assert without_address(with_it) == without_address(without), (method, paths[0])
                assert MARKER not in with_it.content.decode().replace(paths[0].partition("?")[0], "")
                count += 1
    assert count > 80


@pytest.mark.parametrize("role", ["anonymous", "blind_writer"])
def test_a_hidden_row_in_second_place_is_none_either(role: str, world_with_draft: World) -> None:
    client = caller(role)
    for place in OF_ROWS:
        if "other" in place.groups:
            row = world_with_draft.agreements["rare-metals"]
            with_it, without = (client.get(place.path(row, other)) for other in (f"{MARKER}-a", "nothing"))
            assert without_address(with_it) == without_address(without)
            assert with_it.status_code == 404


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_a_draft_changes_no_list_to_the_byte(role: str, world: World, request: Any) -> None:
    client = caller(role)
    paths = [place.path(None) for place in LISTS]
    paths += [place.path(row, "old-deal") for place in READ if place.groups for row in some_rows(world, place.noun)]
    paths = [path for path in paths if "/changes" not in path]  # the rows that refer to the draft have changed
    before = {path: whole_response(client, path) for path in paths}
    request.getfixturevalue("world_with_draft")
    pointing = {f"/api/v1/{noun}/{key}" for noun, key in rows_referring_to_draft(world)}
    for path, seen in before.items():
        now = whole_response(client, path)
        if path in pointing:  # rows that were edited themselves to point at it: they have a new version, and no more
            now, seen = (NEW_VERSION.sub('"v', str(whole)) for whole in (now, seen))
        assert now == seen, path


def some_rows(world: World, noun: str) -> list[Any]:
    """Return the first and the last row, and those to which the draft gets relations; test_drafts.py has them all."""
    names = {"agreements": ["old-deal", "genocide"], "parties": ["america", "china", "trump"], "sources": ["press"]}
    names["renewals"] = ["genocide/renewal/1"]
    first, *_, last = world.rows(noun)
    return [world.rows(noun)[name] for name in dict.fromkeys([first, *names.get(noun, ()), last])]


def rows_referring_to_draft(world: World) -> list[tuple[str, Any]]:
    """Return the resource and key of each published row that refers to the draft."""
    concluded = Renewal.objects.get(outcome=world.agreements["draft"])
    return [("agreements", "old-deal"), ("parties", "america"), ("renewals", concluded.pk)]


def whole_response(client: Client, path: str) -> tuple[Any, ...]:
    """Return everything of a response that must not depend on drafts."""
    answer = client.get(path)
    headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    return answer.status_code, headers, b"".join(answer) if answer.streaming else answer.content


def test_who_may_see_drafts_sees_them_at_every_address(world_with_draft: World) -> None:
    client = caller("editor")
    for place in OF_ROWS:
        for name in hidden(world_with_draft, place.noun):
            path = place.path(world_with_draft.rows(place.noun)[name], "rare-metals")
            query = "?anchor=2026-01-01" if path.endswith("/projection") else ""
            response = client.get(path + query)
            assert response.status_code == 200 or "GET" not in response.headers["Allow"], path
    shown = {place.path(None) for place in LISTS if MARKER in client.get(f"{place.path(None)}").content.decode()}
    assert {f"/api/v1/{noun}" for noun in MODELS} <= shown


def test_who_is_refused_is_refused_everywhere_and_alike(world_with_draft: World, settings: Any) -> None:
    """Each credential asks each address, in turn for a row that exists and for one that does not."""
    settings.TOKEN_FAILURE_LIMIT = 100_000
    clients, details = {role: caller(role) for role in INVALID_CREDENTIALS}, set()
    for number, place in enumerate(READ):
        row = next(iter(world_with_draft.rows(place.noun).values())) if place.groups else None
        paths = [place.path(row, "old-deal"), place.path(None, "nothing")]
        for turn, (role, client) in enumerate(clients.items(), number):
            answer = client.get(paths[turn % 2])
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="accords"'), (role, paths)
            details.add((role, answer.json()["detail"]))
    assert len(details) == len(clients)


@pytest.mark.parametrize("role", ["anonymous", "write_token"])
def test_reading_writes_nothing_that_callers_can_see(role: str, world_with_draft: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}
    client = caller(role)
    for place in API:
        row = next(iter(world_with_draft.rows(place.noun).values())) if place.groups else None
        send(client, "GET", place.path(row, "old-deal"))
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}


# Writing


@pytest.mark.parametrize("role", ["anonymous", "stranger", "closed", "stranger_token", "read_token", "expired_token"])
def test_who_may_not_write_changes_nothing_anywhere(role: str, world_with_draft: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}
    client = caller(role)
    for place in API:
        rows: list[Any] = [*world_with_draft.rows(place.noun).values()] if place.groups else [None]
        rows = [rows[0], rows[-1]] if role in ("stranger", "read_token") else rows[-1:]  # the last one is hidden
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for row in rows:
                status = send(client, method, place.path(row, "old-deal")).status_code
                assert status in (401, 403, 404, 405), (method, place.pattern, status)
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}


# The admin


@pytest.mark.parametrize("role", ["anonymous", "publisher", "write_token"])
def test_the_admin_shows_nobody_anything_who_is_no_member_of_staff(role: str, world_with_draft: World) -> None:
    client, pk = caller(role), world_with_draft.agreements["draft"].pk
    kind = ContentType.objects.get_for_model(Agreement).pk
    keys = {"content_type_id": kind, "object_id": pk, "app_label": "accords", "url": "accords/agreement/"}
    for pattern in patterns(get_resolver().url_patterns):
        if pattern.startswith("admin/"):
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(keys.get(found[1], pk)), pattern)
            path = "/" + GROUP.sub(lambda found: str(keys.get(found[1], "accords")), filled).rstrip("$")
            answer = client.get(path)
            assert MARKER not in answer.content.decode(), path
            assert answer.status_code in ((200,) if path == "/admin/login/" else (302, 404, 405)), path
