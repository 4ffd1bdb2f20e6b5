"""Entity tags of responses, conditional requests, and which caches may store what."""

from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.api.addresses import ALL, BASE, LISTS, ROWS, Address, by_address, url
from tests.api.test_query_contract import problem
from tests.api.world import World
from tests.clients import Client


@pytest.fixture
def path(address: Address, world: World) -> str:
    return url(address, next(iter(world.rows(address.noun).values())) if "{row}" in address.path else None)


def directives(response: Any) -> set[str]:
    """Return the directives of Cache-Control."""
    return {part.strip() for part in response.headers["Cache-Control"].split(",")}


def varies(response: Any) -> set[str]:
    """Return the names in Vary."""
    return {part.strip() for part in response.headers["Vary"].split(",")}


@pytest.mark.parametrize(**by_address(ALL))
class TestEveryAnswer:
    """Each address, asked again."""

    def test_an_answer_that_is_the_same_is_not_sent_again_and_another_has_another_tag(
        self, path: str, client: Client
    ) -> None:
        """Which headers hold is tried in tests/api/test_request_headers.py."""
        first = client.get(path)
        for ask_again in (client.get, client.head):
            assert_unchanged(ask_again(path, headers={"if-none-match": first.headers["ETag"]}), first)
        other = client.get(path, SERVER_NAME="localhost")
        assert other.status_code == 200
        differs = first.content != other.content
        assert differs or path.rstrip("/").endswith("/history")  # which names no address as long as it is one page
        assert (first.headers["ETag"] != other.headers["ETag"]) == differs

    def test_anonymous_answers_may_be_shared_after_asking(self, path: str, client: Client) -> None:
        for response in (client.head(path), client.get(f"{path}?nonsense=1")):
            assert directives(response) == {"public", "no-cache"}
            assert {"Accept", "Authorization", "Cookie"} <= varies(response)

    def test_answers_to_someone_are_never_shared(self, path: str, stranger: Client, editor: Client) -> None:
        for response in (answer := editor.get(path), stranger.get(f"{path}?nonsense=1")):
            assert "private" in directives(response)
            assert not directives(response) & {"public"}
            assert {"Accept", "Authorization", "Cookie"} <= varies(response)
        assert_unchanged(editor.get(path, headers={"if-none-match": answer.headers["ETag"]}), answer)

    def test_a_database_that_is_away_is_503_for_everyone(self, path: str, client: Client, editor: Client) -> None:
        for caller in (client, editor):
            with connection.execute_wrapper(away):
                response = caller.get(path)
            assert "private" not in directives(problem_of(response)) or caller is editor
            assert int(response.headers["Retry-After"]) > 0
            assert b"elephant" not in response.content


def assert_unchanged(again: Any, first: Any) -> None:
    """Check that a response is 304 and has the headers that the first had."""
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


def problem_of(response: Any) -> Any:
    """Check that a response is the problem of an unavailable database, and return it."""
    problem(response, 503)
    return response


def away(*args: Any) -> None:
    """Fail like a query to a database that is down."""
    raise OperationalError("the elephant has left the room")


def test_a_row_that_changes_gets_another_tag_everywhere_it_is_shown(world: World, client: Client) -> None:
    clause = world.clauses["rare-metals/2"]
    paths = [f"{BASE}/clauses/{clause.pk}", f"{BASE}/clauses?number=2", f"{BASE}/agreements/rare-metals"]
    before = [client.get(path).headers["ETag"] for path in paths]
    type(clause).objects.filter(pk=clause.pk).update(title="Other")
    after = [client.get(path).headers["ETag"] for path in paths]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_fault_of_ours_says_nothing_of_the_inside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the password is swordfish")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr("accords.api.fast.responses.list_body", broken)
    monkeypatch.setattr("accords.api.fast.responses.read_row", broken)
    for address in [*LISTS, *ROWS]:
        problem_document = problem(client.get(url(address, next(iter(world.rows(address.noun).values())))), 500)
        assert "swordfish" not in str(problem_document)
        assert "RuntimeError" not in str(problem_document)
