"""manage.py run_daily_tasks: entries of the feed older than CHANGES_KEPT_DAYS are deleted."""

from datetime import timedelta
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accords.db.changes import write_pending_entries
from accords.models import Agreement, EditorialChange, PublicChange
from accords.services import announce_due
from tests import factories
from tests.clients import Client


@pytest.mark.django_db
def test_entries_are_kept_as_long_as_the_setting_says(settings: Any) -> None:
    settings.CHANGES_KEPT_DAYS = 10
    factories.deal()
    write_pending_entries()
    old = timezone.now() - timedelta(days=11)
    PublicChange.objects.filter(position__lte=3).update(at=old)
    EditorialChange.objects.filter(position__lte=2).update(at=old)
    output = StringIO()
    call_command("run_daily_tasks", stdout=output)
    assert "5 entries of the feed of changes deleted" in output.getvalue()
    assert "Computed until" in output.getvalue()


@pytest.mark.django_db
def test_a_task_that_fails_prevents_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    agreement = factories.agreement()
    factories.renewal(agreement, due=str(timezone.localdate()), basis="stated")
    Agreement.objects.update(term="one year")
    monkeypatch.setattr("accords.models.changes.ChangeQuerySet.prune", lambda self, before: 1 // 0)
    output = StringIO()
    with pytest.raises(CommandError, match=r"(?s)terms that cannot be read.*ZeroDivisionError"):
        call_command("run_daily_tasks", stdout=output)
    assert "1 renewals reported as due" in output.getvalue()


@pytest.mark.django_db
def test_open_renewals_are_reported_as_due_ahead_and_on_the_day_and_once(client: Client, settings: Any) -> None:
    settings.RENEWAL_NOTICE_DAYS = 30
    today, made = timezone.localdate(), factories.agreement()
    draft = factories.agreement("draft", is_published=False)
    cases = {"reported": [30, 28, 0, -3], "not reported": [31, 20, 1, -8]}
    numbers = count(1)
    by_case = {
        name: {
            factories.renewal(made, next(numbers), due=str(today + timedelta(days=days)), basis="stated").pk
            for days in found
        }
        for name, found in cases.items()
    }
    factories.renewal(made, next(numbers), due=str(today), status="concluded", basis="stated")
    factories.renewal(draft, due=str(today), basis="stated")
    cursor = client.get("/api/v1/changes?after=now").json()["cursor"]
    assert [announce_due(on=today) for _ in range(2)] == [5, 0]
    entries = client.get("/api/v1/changes/renewals", {"after": cursor}).json()["results"]
    assert {entry["id"] for entry in entries} == by_case["reported"]
    assert {(entry["change"], entry["row"]["agreement"]) for entry in entries} == {("due", "rare-metals")}
    assert EditorialChange.objects.filter(change="due").count() == 5
    clause = factories.clause(made)
    assert client.get("/api/v1/changes/clauses", {"after": cursor}).json()["results"][0]["id"] == clause.pk
