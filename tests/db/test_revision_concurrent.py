"""The revision under concurrent writers: a cached response is never older than its revision, and nobody waits."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from accords.api.fast.middleware import Answer, AnswerCache
from accords.db.revision import current
from accords.models import Agreement, Clause
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"
WRITERS, READERS, SECONDS = 4, 4, 1.5
ENOUGH, PATIENCE = 4, 120
SOON = 20  # seconds within which everything ends, however busy the machine


def on_its_own(work: Callable[..., Any], *given: Any) -> Any:
    """Do some work on a connection that is closed after it."""
    try:
        return work(*given)
    finally:
        connection.close()


@contextmanager
def threads(count: int) -> Iterator[Callable[..., Future[Any]]]:
    """Start threads with connections of their own; yield a function that submits work to them."""
    with ThreadPoolExecutor(count) as pool:
        yield lambda work, *given: pool.submit(on_its_own, work, *given)


class Trial:
    """Writers that count up a row each, and readers that answer from a store as the API does."""

    def __init__(self) -> None:
        """Create a row for each writer, and one that all of them write to."""
        self.rows = [factories.agreement(f"writer-{number}", max_renewals=0).pk for number in range(WRITERS)]
        self.shared = factories.agreement("shared").pk
        self.done = [0] * WRITERS  # committed transactions of each writer
        self.store = AnswerCache(2**20)
        self.until = time.monotonic() + SECONDS

    def goes_on(self) -> bool:
        """Return whether to go on: for some seconds, and on a busy machine until every writer has written a few times."""
        late = time.monotonic() - self.until
        return late < 0 or (min(self.done) < ENOUGH and late < PATIENCE)

    def write(self, writer: int) -> int:
        """Count up, in transactions of several kinds, one in four of which is rolled back; gives how many were not."""
        chance = random.Random(writer)
        while self.goes_on():
            with transaction.atomic():
                if chance.random() < 0.3:
                    Agreement.objects.select_for_update().get(pk=self.shared)
                if chance.random() < 0.3:
                    factories.clause(Agreement.objects.get(pk=self.shared), f"{writer}-{chance.random()}")
                undone = chance.random() < 0.25
                step = 1000 if undone else 1
                Agreement.objects.filter(pk=self.rows[writer]).update(max_renewals=self.done[writer] + step)
                time.sleep(chance.choice([0, 0, 0.001, 0.01]))
                transaction.set_rollback(undone)
            self.done[writer] += not undone
            time.sleep(chance.choice([0, 0.001, 0.02]))
        return self.done[writer]

    def read(self, reader: int) -> tuple[int, int, list[Any]]:
        """Answer again and again; gives how many answers were kept ones, how many not, and those that were wrong."""
        chance, hits, misses, wrong = random.Random(-reader), 0, 0, []
        while self.goes_on():
            before = [*self.done]
            number = current()
            answer = self.store.get((str(number), "all"))
            hits, misses = hits + (answer is not None), misses + (answer is None)
            if answer is None:
                time.sleep(chance.choice([0, 0.001, 0.005]))
                answer = Answer({}, self.body())
                time.sleep(chance.choice([0, 0.001, 0.005]))
                self.store.put((str(number), "all"), answer)
            shown = [int(text) for text in answer.body.split()]
            if any(now < then or now >= 1000 + then for now, then in zip(shown, before, strict=True)):
                wrong.append((number, before, shown))
        return hits, misses, wrong

    def body(self) -> bytes:
        """Return the body of a response: the count of each writer."""
        rows = Agreement.objects.filter(pk__in=self.rows).order_by("pk")
        return b" ".join(str(count).encode() for count in rows.values_list("max_renewals", flat=True))


def test_no_answer_is_older_than_what_was_committed_before_the_question() -> None:
    trial = Trial()
    with threads(WRITERS + READERS) as start:
        writers = [start(trial.write, number) for number in range(WRITERS)]
        readers = [start(trial.read, number) for number in range(READERS)]
        written = [writer.result() for writer in writers]
        hits, misses, wrong = zip(*(reader.result() for reader in readers), strict=True)
    assert [*filter(None, wrong)] == []
    assert min(written) >= ENOUGH
    assert min(sum(hits), sum(misses)) > 5, "some answers came from the store, and some did not"


def test_what_is_not_committed_is_not_counted() -> None:
    row, written, read = factories.agreement(), Event(), Event()

    def write() -> None:
        with transaction.atomic():
            Agreement.objects.filter(pk=row.pk).update(title="Another")
            written.set()
            assert read.wait(SOON)

    before = current()
    with threads(1) as start:
        writer = start(write)
        assert written.wait(SOON)
        assert current() == before
        read.set()
        writer.result(SOON)
    assert current() > before


def test_versions_miss_no_write() -> None:
    deal, begin = factories.deal(), Barrier(4)
    before = Clause.objects.get(pk=deal.clause.pk).version

    def write() -> None:
        begin.wait(SOON)
        for _ in range(20):
            Clause.objects.filter(pk=deal.clause.pk).update(title="Another")
            type(deal.clause_party).objects.filter(pk=deal.clause_party.pk).update(explicit=True)

    with threads(4) as start:
        for writer in [start(write) for _ in range(4)]:
            writer.result()
    assert Clause.objects.get(pk=deal.clause.pk).version == before + 4 * 20 * 2


def waits_for_a_lock(writer: Future[Any]) -> None:
    """Wait until a writer waits for a lock that this connection holds.

    `pg_stat_activity` would not do: if anybody on the server waited at the first look, a transaction keeps what it
    showed then, without a writer that connects later.
    """
    for _ in range(SOON * 50):
        if writer.done():
            raise AssertionError(f"it did not wait: {writer.exception()!r}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite has one writer at a time")
class TestLocks:
    """Writers of different rows do not wait for each other, but for the moment of a commit."""

    def test_a_writer_does_not_wait_for_one_that_is_not_done(self) -> None:
        one, other, numbers = factories.agreement("one"), factories.agreement("other"), [current()]

        def write() -> None:
            Agreement.objects.filter(pk=other.pk).update(title="Another")
            numbers.append(current())

        with threads(1) as start, transaction.atomic():
            Agreement.objects.filter(pk=one.pk).update(title="Another")
            start(write).result(SOON)
        numbers.append(current())
        assert numbers[0] < numbers[1] < numbers[2]

    def test_a_commit_that_checks_foreign_keys_blocks_nobody(self) -> None:
        """It waits for a row that another holds, and must not hold the revision meanwhile, which the other wants."""
        deal = factories.agreement()

        def write() -> None:
            with transaction.atomic():
                factories.party()  # from here the revision is to be raised, and only then is a check of a foreign key due
                factories.clause(deal)

        with threads(1) as start:
            with transaction.atomic():
                Agreement.objects.select_for_update().get(pk=deal.pk)
                writer = start(write)
                waits_for_a_lock(writer)
                Agreement.objects.filter(pk=deal.pk).update(title="Another")
            writer.result(SOON)
        assert Clause.objects.count() == 1

    def test_each_of_many_commits_is_counted_once(self) -> None:
        rows, begin = [factories.agreement(f"a-{number}") for number in range(8)], Barrier(8)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accords_revision SET number = 10^16")  # beyond the clock: from here it goes by one

        def write(row: Agreement) -> None:
            for _ in range(10):
                with transaction.atomic():
                    factories.clause(row, str(row.clauses.count()))
                    Agreement.objects.filter(pk=row.pk).update(title="Another")
                    begin.wait(SOON)

        with threads(8) as start:
            for writer in [start(write, row) for row in rows]:
                writer.result()
        assert current() == 10**16 + 80
