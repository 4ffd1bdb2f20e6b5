"""Three server processes under concurrent writers: no answer is older than what was committed before the question.

Nor does anyone get an answer that was made for someone else, whatever the servers keep, and with or without 304.
"""

import gzip
import http.client
import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction

from accords.models import Agreement, Event
from tests import factories
from tests.api.fast.redis_server import Running, is_installed
from tests.bench import servers
from tests.clients import Client

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, READERS = 3, 6
COMMITS, ANSWERS = 8, 25  # of each writer and each reader at least
PATIENCE = 120  # seconds
UNDONE = 10**6  # by how much what is rolled back would be ahead


def database_url() -> str:
    """Return the URL of the test database, for other processes."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{Path(database['NAME']).resolve()}"
    user = ":".join(quote(database[name], safe="") for name in ("USER", "PASSWORD"))
    return f"postgresql://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture(scope="module")
def ports(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """Start servers of one process each, one with a cache of its own and two with one Redis; return their ports.

    Where Redis is not installed, each has a cache of its own.
    """
    tmp_path = tmp_path_factory.mktemp("servers")
    with ExitStack() as started, ThreadPoolExecutor(3) as pool:
        shared = {"ANSWER_CACHE_URL": started.enter_context(Running(tmp_path))} if is_installed() else {}
        peers = [servers.accords(cached=True) for _ in range(3)]
        for peer, keeping in zip(peers, ({}, shared, shared), strict=True):
            peer.name = f"server-{len(peer.env)}-{id(peer)}"
            peer.env |= keeping | {"SECRET_KEY": settings.SECRET_KEY, "WEB_CONCURRENCY": "1", "WEB_THREADS": "4"}
        running = [servers.running(peer, database_url(), tmp_path) for peer in peers]
        yield [urlsplit(peer.base).port or 0 for peer in pool.map(started.enter_context, running)]


@pytest.fixture
def session(db: None) -> str:
    """Return the cookie of a user who may view drafts."""
    user = User.objects.create_user("editor")
    user.user_permissions.add(Permission.objects.get(codename="view_agreement", content_type__app_label="accords"))
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Caller:
    """Someone who asks the servers in turn, and asks again with the tag of what they have."""

    def __init__(self, ports: list[int], cookie: str, chance: random.Random) -> None:
        """Connect to them; an empty cookie is nobody's."""
        self._to = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in ports]
        self._cookie, self._chance = cookie, chance
        self._had: dict[tuple[int, str], tuple[str, Any]] = {}
        self.unchanged = 0

    def ask(self, path: str) -> Any:
        """Return a server's response; after 304, the body that it sent before."""
        place = self._chance.randrange(len(self._to))
        headers = {"Cookie": self._cookie} if self._cookie else {}
        if self._chance.random() < 0.5:
            headers["Accept-Encoding"] = "gzip"
        tag, known = self._had.get((place, path), ("", None))
        if tag and self._chance.random() < 0.7:
            headers["If-None-Match"] = tag
        self._to[place].request("GET", f"/api/v1/{path}", headers=headers)
        answer = self._to[place].getresponse()
        body = answer.read()
        if answer.status == 304:
            self.unchanged += 1
            return known
        assert answer.status in {200, 404}, (answer.status, body)
        shown = json.loads(gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body)
        if answer.status == 200:
            self._had[place, path] = (answer.headers["ETag"], shown)
        return shown

    def close(self) -> None:
        """Hang up."""
        for each in self._to:
            each.close()


class Seen(NamedTuple):
    """What a reader saw: how often it was answered, how often by 304, and the answers that were wrong."""

    answers: int
    unchanged: int
    wrong: list[Any]


class Trial:
    """Agreements that writers count up, one that is published now and then, and one that never is."""

    def __init__(self, ports: list[int], session: str) -> None:
        """Make the rows."""
        self.ports, self.cookies = ports, ("", session)
        self.rows = [factories.agreement(f"writer-{number}", max_renewals=0) for number in range(WRITERS)]
        self.meetings = [factories.event(row) for row in self.rows]
        factories.agreement("never", is_published=False)
        self.done, self.seen = [0] * WRITERS, [0] * READERS
        self.until = time.monotonic() + PATIENCE

    def goes_on(self) -> bool:
        """Return whether a writer or a reader has not done enough yet."""
        return (min(self.done) < COMMITS or min(self.seen) < ANSWERS) and time.monotonic() < self.until

    def write(self, writer: int) -> int:
        """Count up in the ways there are, rolling back now and then; gives how many counts were committed."""
        chance, ways = random.Random(writer), (self.by_update, self.by_save, self.by_sql)
        while self.goes_on():
            undone = chance.random() < 0.25
            with transaction.atomic():
                chance.choice(ways)(self.rows[writer].pk, self.done[writer] + (UNDONE if undone else 1))
                time.sleep(chance.choice([0, 0.002, 0.02]))
                transaction.set_rollback(undone)
            self.done[writer] += not undone
            time.sleep(chance.choice([0, 0.01, 0.1]))
        connection.close()
        return self.done[writer]

    def by_update(self, pk: int, count: int) -> None:
        Agreement.objects.filter(pk=pk).update(max_renewals=count)

    def by_save(self, pk: int, count: int) -> None:
        """Save the row as the admin does, with a related row."""
        row = Agreement.objects.get(pk=pk)
        row.max_renewals = count
        row.save()
        Event.objects.filter(agreement=row).update(place=str(count))

    def by_sql(self, pk: int, count: int) -> None:
        """Write past the ORM."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accords_agreement SET max_renewals = %s WHERE id = %s", [count, pk])

    def read(self, reader: int) -> Seen:
        """Ask for lists and rows, as nobody and as an editor."""
        chance, wrong, count = random.Random(-reader - 1), [], 0
        callers = [Caller(self.ports, cookie, chance) for cookie in self.cookies]
        try:
            while self.goes_on():
                editor, before = chance.random() < 0.5, [*self.done]
                wrong += chance.choice([self.list_wrong, self.row_wrong])(callers[editor], editor, before)
                count += 1
                self.seen[reader] = count
        finally:
            for caller in callers:
                caller.close()
        return Seen(count, sum(caller.unchanged for caller in callers), wrong)

    def list_wrong(self, caller: Caller, editor: bool, before: list[int]) -> list[Any]:
        """Return what is wrong with a list of agreements."""
        shown = {row["slug"]: row["max_renewals"] for row in caller.ask("agreements?page_size=50")["results"]}
        stale = [number for number in range(WRITERS) if not self.may_be(shown[f"writer-{number}"], before[number])]
        leaked = ("never" in shown) != editor
        return [(editor, before, shown)] if stale or leaked else []

    def row_wrong(self, caller: Caller, editor: bool, before: list[int]) -> list[Any]:
        """Return what is wrong with an agreement."""
        number = random.Random(time.monotonic()).randrange(WRITERS)
        shown = caller.ask(f"agreements/writer-{number}")
        hidden = caller.ask("agreements/never")
        right = self.may_be(shown["max_renewals"], before[number]) and ("slug" in hidden) == editor
        return [] if right else [(editor, before, shown, hidden)]

    def may_be(self, shown: int, before: int) -> bool:
        """Return whether a value is at least the committed one, and not one that was rolled back."""
        return before <= shown < before + UNDONE


def test_under_concurrent_writers(ports: list[int], session: str) -> None:
    trial = Trial(ports, session)
    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        writers = [pool.submit(trial.write, number) for number in range(WRITERS)]
        readers = [pool.submit(trial.read, number) for number in range(READERS)]
        seen = [reader.result() for reader in readers]
        assert min(writer.result() for writer in writers) >= COMMITS
    assert [wrong for each in seen for wrong in each.wrong] == []
    assert min(each.answers for each in seen) >= ANSWERS
    assert sum(each.unchanged for each in seen) > 5


@pytest.fixture
def everyone(ports: list[int], session: str) -> Iterator[Callable[[str], list[Any]]]:
    """Return a function that asks all servers twice, anonymously and as an editor, and returns one response for each."""
    callers = [[Caller([port], cookie, random.Random(1)) for port in ports] for cookie in ("", session)]

    def ask(path: str) -> list[Any]:
        """Return the response to each kind of caller, which must always be the same."""
        answers = [[caller.ask(path) for caller, _ in product(each, range(2))] for each in callers]
        return [single_response(answers) for answers in answers]

    with ExitStack() as stack:
        for caller in (caller for each in callers for caller in each):
            stack.enter_context(closing(caller))
        yield ask


def single_response(answers: list[Any]) -> Any:
    """Return the one response that all are, apart from the host and the id of the request."""
    answers = [{name: value for name, value in answer.items() if name != "request_id"} for answer in answers]
    plain = {json.dumps(answer).replace(urlsplit(answer.get("url", "")).netloc or "-", "host") for answer in answers}
    assert len(plain) == 1, plain
    return answers[0]


def test_step_by_step(everyone: Callable[[str], list[Any]], subtests: pytest.Subtests) -> None:
    row = factories.agreement("deal")
    path = "agreements/deal"

    def titles() -> list[Any]:
        return [answer.get("title") for answer in everyone(path)]

    assert titles() == [row.title] * 2
    with subtests.test("what is written is served"):
        Agreement.objects.filter(pk=row.pk).update(title="Second")
        assert titles() == ["Second"] * 2
    with subtests.test("what is not committed is neither served nor cached"):
        with transaction.atomic():
            Agreement.objects.filter(pk=row.pk).update(title="Never")
            assert titles() == ["Second"] * 2
            transaction.set_rollback(True)
        assert titles() == ["Second"] * 2
    with subtests.test("related rows are served"):
        held = factories.event(row)
        held.participants.add(factories.party())
        names = [
            [one["slug"] for one in answer["expanded"]["participants"]]
            for answer in everyone(f"events/{held.pk}?expand=participants")
        ]
        assert names == [["china"]] * 2
    with subtests.test("what is withdrawn is gone, for nobody but the public"):
        Agreement.objects.filter(pk=row.pk).update(is_published=False)
        assert titles() == ["Not Found", "Second"]
        Agreement.objects.filter(pk=row.pk).update(is_published=True)
        assert titles() == ["Second"] * 2
    with subtests.test("what is deleted is gone"):
        Agreement.objects.filter(pk=row.pk).delete()
        assert titles() == ["Not Found"] * 2
