"""Probes: alive whatever else is broken, ready only with a database that answers in time and is migrated."""

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accords.db.reindexing import index_tables
from accords.db.search_index import indexed_models
from config import health, release
from tests import factories
from tests.clients import Client

TRUE = pytest.mark.django_db(transaction=True)  # the probe has a connection of its own


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait long enough for the database on a busy machine."""
    monkeypatch.setattr(health, "SECONDS", 30)


def test_a_process_that_answers_is_alive_whatever_the_database_does(client: Client) -> None:
    answer = client.get("/livez")  # this test may not touch the database
    assert (answer.status_code, answer.json(), answer["Cache-Control"]) == (200, {"status": "alive"}, "no-store")


@TRUE
def test_ready_is_who_has_a_migrated_database(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json(), answer["Cache-Control"]) == (200, {"status": "ready"}, "no-store")
    latest = MigrationRecorder.Migration.objects.filter(app="accords").latest("id")
    latest.delete()
    try:
        body = not_ready(client)
    finally:
        latest.save(force_insert=True)
    assert "migrate" in body
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_ready_is_who_has_every_row_in_the_search_index() -> None:
    rows = factories.deal()
    factories.citation(rows.agreement, "soja", rows.source)
    assert release.search_index_is_complete()
    for model in indexed_models():
        for table in index_tables(model):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
                assert not release.search_index_is_complete(), table
                transaction.set_rollback(True)


def not_ready(client: Client) -> str:
    """Return the body of a response that must be 503."""
    answer = client.get("/readyz")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer["Cache-Control"], answer["Retry-After"]) == ("no-store", "5")
    detail: str = answer.json()["detail"]
    return detail


@TRUE
def test_a_question_that_hangs_is_not_put_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    queries, release = [], threading.Event()

    def never_ends() -> str:
        queries.append(threading.current_thread().name)
        release.wait(30)
        return ""

    monkeypatch.setattr(health, "find_problem", never_ends)
    monkeypatch.setattr(health, "SECONDS", 0.2)
    began = time.monotonic()
    assert all("not answered" in not_ready(client) for _ in range(3))
    assert time.monotonic() - began < 10
    assert len(queries) == 1
    release.set()


@TRUE
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_need_no_name_no_tls_and_no_credentials(path: str, client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["accords.example"]
    answer = client.get(path, headers={"Host": "10.1.2.3:8000", "Authorization": "Bearer wrong"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer
    assert client.head(path, headers={"Host": "10.1.2.3"}).status_code == 200
    refused = client.post(path)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_the_schema_of_the_api_does_not_know_them(client: Client) -> None:
    assert b"livez" not in client.get("/api/schema/").content
