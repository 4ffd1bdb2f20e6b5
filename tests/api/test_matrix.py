"""Every URL pattern with every method in different roles: who may not view drafts cannot tell a draft from nothing.

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
from tests.api.world import MARKER, MODELS, World, add_draft
from tests.clients import Client

NEW_VERSION = re.compile(r'"v[0-9]+')
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
ABSENT = {"slug": "nothing", "pk": "999999999"}
OF_THE_ADDRESS = ("X-Request-ID", "Content-Length", "ETag")  # of a body that names the address asked


class Place(NamedTuple):
    """A URL pattern of the API: as it is written, the noun of its row, and the groups in it."""

    written: str
    noun: str
    groups: tuple[str, ...]

    def path(self, row: Any, other: str = "") -> str:
        """The address of a row: one of the world's, or `nothing`; `other` stands for further rows."""
        keys = {name: getattr(row, name, None) or ABSENT[name] for name in self.groups if name in ABSENT}
        filled = GROUP.sub(lambda found: str(keys.get(found[1]) or other or "nothing"), self.written)
        return "/" + filled.removeprefix("^").removesuffix("\\Z").removesuffix("/?").replace("\\", "")


def patterns(found: Any, before: str = "") -> Iterator[str]:
    """Every URL pattern beneath a resolver, as it is written."""
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield before + str(one.pattern)


def place(written: str) -> Place:
    """A pattern, understood."""
    noun = re.match(r"\^api/v1/([a-z]+)", written)
    return Place(written, noun[1] if noun else "", tuple(GROUP.findall(written)))


EVERY = [place(written) for written in patterns(get_resolver().url_patterns) if not written.startswith("admin/")]
API = [one for one in EVERY if one.written.startswith("^api/") and "docs" not in one.written]
OF_ROWS = [one for one in API if one.groups]
READ = [one for one in API if "/bulk" not in one.written]
LISTS = [one for one in READ if not one.groups]


@pytest.fixture
def drafted(world: World) -> Iterator[World]:
    """The world with the draft in it."""
    add_draft(world)
    yield world
    for noun in MODELS:
        for name in [*hidden(world, noun), *(name for name in world.rows(noun) if name == "unnamed")]:
            del world.rows(noun)[name]


def hidden(world: World, noun: str) -> list[str]:
    """The names of a noun's rows that hang on the draft."""
    return [name for name in world.rows(noun) if name.startswith("draft") or name == "secret"]


def told(answer: Any) -> tuple[Any, ...]:
    """All that an answer says of a row that is not there, but for the address that was asked."""
    headers = {name: name in OF_THE_ADDRESS or value for name, value in answer.headers.items()}
    if not answer.content.startswith(b"{"):
        return answer.status_code, headers, answer.content
    return answer.status_code, headers, {**json.loads(answer.content), "instance": "", "request_id": ""}


def asked(client: Client, method: str, path: str) -> Any:
    """The answer to a request, with a body and conditions where the method takes them."""
    headers = {"If-Match": "*"} if method in ("PUT", "PATCH", "DELETE") else {}
    body = b"" if method in ("GET", "HEAD", "OPTIONS") else b"{}"
    return client.generic(method, path, body, "application/json", headers=headers)


def test_every_pattern_is_understood() -> None:
    assert {name for one in EVERY for name in one.groups} <= {"slug", "pk", "other"}, "say in Place.path what it is"
    assert {one.noun for one in OF_ROWS} <= set(MODELS)
    assert len(API) >= 25


@pytest.mark.parametrize("role", [*CANNOT_VIEW_DRAFTS, *CAN_VIEW_DRAFTS])
def test_the_permission_to_view_agreements_shows_drafts(role: str, drafted: World) -> None:
    assert (MARKER in caller(role).get("/api/v1/agreements").content.decode()) == (role in CAN_VIEW_DRAFTS)


@pytest.mark.parametrize("role", ["anonymous", "blind_writer"])
def test_no_method_tells_a_hidden_row_from_none(role: str, drafted: World) -> None:
    client, tried = caller(role), 0
    for one in OF_ROWS:
        for name in hidden(drafted, one.noun)[:2]:
            for method in METHODS:
                paths = (one.path(drafted.rows(one.noun)[name], "rare-metals"), one.path(None, "rare-metals"))
                with_it, without = (asked(client, method, path) for path in paths)
                assert told(with_it) == told(without), (method, paths[0])
                assert MARKER not in with_it.content.decode().replace(paths[0], "")
                tried += 1
    assert tried > 80


@pytest.mark.parametrize("role", ["anonymous", "blind_writer"])
def test_a_hidden_row_in_second_place_is_none_either(role: str, drafted: World) -> None:
    client = caller(role)
    for one in OF_ROWS:
        if "other" in one.groups:
            row = drafted.agreements["rare-metals"]
            with_it, without = (client.get(one.path(row, other)) for other in (f"{MARKER}-a", "nothing"))
            assert told(with_it) == told(without)
            assert with_it.status_code == 404


@pytest.mark.parametrize("role", ["anonymous", "stranger"])
def test_a_draft_changes_no_list_to_the_byte(role: str, world: World, request: Any) -> None:
    client = caller(role)
    paths = [one.path(None) for one in LISTS]
    paths += [one.path(row, "old-deal") for one in OF_ROWS for row in world.rows(one.noun).values()]
    before = {path: witness(client, path) for path in paths}
    request.getfixturevalue("drafted")
    pointing = {f"/api/v1/{noun}/{key}" for noun, key in pointing_at_the_draft(world)}
    for path, seen in before.items():
        now = witness(client, path)
        if path in pointing:  # rows that were edited themselves to point at it: they have a new version, and no more
            now, seen = (NEW_VERSION.sub('"v', str(one)) for one in (now, seen))
        assert now == seen, path


def pointing_at_the_draft(world: World) -> list[tuple[str, Any]]:
    """The published rows that know the draft, by noun and key."""
    concluded = Renewal.objects.get(outcome=world.agreements["draft"])
    return [("agreements", "genocide"), ("parties", "america"), ("renewals", concluded.pk)]


def witness(client: Client, path: str) -> tuple[Any, ...]:
    """All of an answer: a list with its count and every order of its rows."""
    answer = client.get(path)
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status_code, headers, b"".join(answer) if answer.streaming else answer.content


def test_who_may_see_drafts_sees_them_at_every_address(drafted: World) -> None:
    client = caller("editor")
    for one in OF_ROWS:
        for name in hidden(drafted, one.noun):
            path = one.path(drafted.rows(one.noun)[name], "rare-metals")
            assert client.get(path).status_code == 200, path
    shown = {one.path(None) for one in LISTS if MARKER in client.get(f"{one.path(None)}").content.decode()}
    assert {f"/api/v1/{noun}" for noun in MODELS} <= shown


@pytest.mark.parametrize("role", INVALID_CREDENTIALS)
def test_who_is_refused_is_refused_everywhere_and_alike(role: str, drafted: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    client, said = caller(role), set()
    for one in READ:
        row = next(iter(drafted.rows(one.noun).values())) if one.groups else None
        for path in {one.path(row, "old-deal"), one.path(None, "nothing")}:
            answer = client.get(path)
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="accords"'), path
            said.add(answer.json()["detail"])
    assert len(said) == 1


@pytest.mark.parametrize("role", ["anonymous", "publisher", "write_token", "expired_token"])
def test_reading_in_any_role_writes_nothing_that_callers_can_see(role: str, drafted: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}  # type: ignore[attr-defined]
    client = caller(role)
    for one in API:
        row = next(iter(drafted.rows(one.noun).values())) if one.groups else None
        asked(client, "GET", one.path(row, "old-deal"))
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}  # type: ignore[attr-defined]


# Writing


@pytest.mark.parametrize("role", ["anonymous", "stranger", "closed", "stranger_token", "read_token", "expired_token"])
def test_who_may_not_write_changes_nothing_anywhere(role: str, drafted: World, settings: Any) -> None:
    settings.TOKEN_FAILURE_LIMIT = 100_000
    before = {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}  # type: ignore[attr-defined]
    client = caller(role)
    for one in API:
        rows = [*drafted.rows(one.noun).values()][:: len(drafted.rows(one.noun)) - 1] if one.groups else [None]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for row in rows:
                status = asked(client, method, one.path(row, "old-deal")).status_code
                assert status in (401, 403, 404, 405), (method, one.written, status)
    assert before == {noun: list(model.objects.order_by("pk").values()) for noun, model in MODELS.items()}  # type: ignore[attr-defined]


# The admin


@pytest.mark.parametrize("role", ["anonymous", "stranger", "publisher", "write_token", "expired_token"])
def test_the_admin_shows_nobody_anything_who_is_no_member_of_staff(role: str, drafted: World) -> None:
    client, pk = caller(role), drafted.agreements["draft"].pk
    kind = ContentType.objects.get_for_model(Agreement).pk
    keys = {"content_type_id": kind, "object_id": pk, "app_label": "accords", "url": "accords/agreement/"}
    for written in patterns(get_resolver().url_patterns):
        if written.startswith("admin/"):
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(keys.get(found[1], pk)), written)
            path = "/" + GROUP.sub(lambda found: str(keys.get(found[1], "accords")), filled).rstrip("$")
            answer = client.get(path)
            assert MARKER not in answer.content.decode(), path
            assert answer.status_code in ((200,) if path == "/admin/login/" else (302, 404, 405)), path
