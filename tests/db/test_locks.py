"""Transactions that PostgreSQL ends because of a deadlock run again."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Barrier, Event
from time import monotonic
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest

from accords.admin.base import RecordAdmin
from accords.db.locks import ATTEMPTS, DEADLOCK, PAUSE, retry_deadlocks
from accords.models import Agreement, Party
from tests import factories
from tests.admin.forms import submit
from tests.clients import Client


class Deadlock(Exception):
    sqlstate = DEADLOCK


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = Deadlock()
    return error


def test_a_deadlock_is_retried_a_few_times_and_other_errors_are_not() -> None:
    calls: list[float] = []

    def write(failures: list[Exception]) -> str:
        calls.append(monotonic())
        if failures:
            raise failures.pop(0)
        return "written"

    few = [deadlock()] * (ATTEMPTS - 1)
    assert retry_deadlocks(lambda: write(few)) == "written"
    assert len(calls) == ATTEMPTS
    assert all(later - earlier >= PAUSE[0] for earlier, later in pairwise(calls)), "it waits before each attempt"
    for error, count in ((deadlock(), ATTEMPTS), (OperationalError("away"), 1)):
        calls.clear()
        many: list[Exception] = [error] * ATTEMPTS
        with pytest.raises(OperationalError):
            retry_deadlocks(partial(write, many))
        assert len(calls) == count


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_writers_that_deadlock_both_write() -> None:
    rows = [factories.agreement(slug).pk for slug in ("one", "other")]
    barrier, written, attempts = Barrier(2), Event(), []

    def write(pks: list[int], title: str) -> None:
        again = title in attempts
        attempts.append(title)
        if again:  # a retry that locks its row before the other writer wakes up would deadlock once more
            assert written.wait(10)
        with transaction.atomic():
            Agreement.objects.filter(pk=pks[0]).update(title=title)
            if not again:
                barrier.wait(10)
            Agreement.objects.filter(pk=pks[1]).update(title=title)
        written.set()

    def run(pks: list[int], title: str) -> None:
        try:
            retry_deadlocks(lambda: write(pks, title))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for part in [pool.submit(run, rows, "first"), pool.submit(run, rows[::-1], "second")]:
            part.result(timeout=60)
    assert len(attempts) == 3
    assert {*Agreement.objects.values_list("title", flat=True)} == {attempts[-1]}  # who was retried wrote last


@pytest.mark.django_db
def test_a_form_of_the_admin_is_saved_after_a_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    editor, party, failures = Client(), factories.party(), [deadlock()]
    editor.force_login(User.objects.create_superuser("editor"))
    address = f"/admin/accords/party/{party.pk}/change/"
    save_model = RecordAdmin.save_model

    def fail_once(self: Any, request: HttpRequest, *args: Any) -> None:
        self.message_user(request, "Look at this")
        if failures:
            raise failures.pop()
        save_model(self, request, *args)

    monkeypatch.setattr(RecordAdmin, "save_model", fail_once)
    response = submit(editor, address, name="Another name")
    assert response.status_code == 302
    party.refresh_from_db()
    assert (party.name, failures) == ("Another name", [])
    texts = [str(message) for message in get_messages(response.wsgi_request)]
    assert texts[0] == "Look at this"
    assert len(texts) == 2, "those of the first attempt are gone"


@pytest.mark.django_db
def test_a_deletion_that_fails_is_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    editor, party, failures = Client(), factories.party(), [deadlock()]
    editor.force_login(User.objects.create_superuser("editor"))
    delete_queryset = RecordAdmin.delete_queryset

    def fail_once(self: Any, *args: Any) -> None:
        if failures:
            raise failures.pop()
        delete_queryset(self, *args)

    monkeypatch.setattr(RecordAdmin, "delete_queryset", fail_once)
    form = {"action": "delete_selected", "_selected_action": party.pk, "post": "yes"}
    assert editor.post("/admin/accords/party/", form).status_code == 302
    assert (LogEntry.objects.count(), Party.objects.count()) == (1, 0)
