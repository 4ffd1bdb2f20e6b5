"""The program of the guide to mirrors ends with the rows of the lists."""

import json
import sqlite3
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest
import requests
from django.core.management import call_command
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from accords.api.urls import RESOURCES
from accords.models import Citation, Clause
from accords.web.guides import HOST, guide
from tests.api.addresses import walk
from tests.clients import Client
from tests.web.examples import FENCE, run_python

PROGRAM, RECEIVER, PULL, CALENDAR = [code for language, code in FENCE.findall(guide("mirror").text) if language == "py"]


@pytest.mark.usefixtures("deal", "transactional_db")
def test_the_program_keeps_a_copy(
    live_server: Any, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(PROGRAM.splitlines()) <= 50
    writes = (
        lambda: None,
        lambda: Clause.objects.filter(type="tariff").update(title="Other"),
        lambda: Citation.objects.latest("pk").delete(),
        lambda: sqlite3.connect("accords-copy.sqlite3").execute("DELETE FROM cursor").connection.commit(),
    )
    for write in writes:
        write()
        run_python(PROGRAM.replace(HOST, live_server.url))
        rows = sqlite3.connect("accords-copy.sqlite3").execute("SELECT resource, data FROM row")
        copied = sorted((resource, json.loads(data)["id"], json.loads(data)) for resource, data in rows)
        listed = sorted(
            (name, row["id"], row)
            for name in RESOURCES
            for row in walk(Client(SERVER_NAME="localhost"), f"/api/v1/{name}?page_size=200")
        )
        base = live_server.url
        assert json.loads(json.dumps(copied).replace(base, "")) == json.loads(
            json.dumps(listed).replace("http://localhost", "")
        )


@pytest.mark.usefixtures("transactional_db")
def test_the_nightly_pull_and_the_reader_of_a_calendar_have_what_the_lists_give(
    live_server: Any, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call_command("load_deal", verbosity=0)
    for title in ("One", "Other"):
        Clause.objects.filter(type="tariff").update(title=title)
        assert "us-china-rare-metals" in run_python(PULL.replace(HOST, live_server.url))
        with duckdb.connect("accords.duckdb") as database:
            for name in RESOURCES:
                rows = database.table(name).count("*").fetchall()
                assert rows == [(client.get(f"/api/v1/{name}?count=exact").json()["count"],)], name
            assert database.execute("SELECT DISTINCT title FROM clauses WHERE type = 'tariff'").fetchall() == [(title,)]
    printed = run_python(CALENDAR.replace(HOST, live_server.url)).splitlines()
    listed = client.get("/api/v1/agreements/us-china-rare-metals/renewals?page_size=200").json()["results"]
    assert len(printed) > 0
    assert {line.partition(" ")[0] for line in printed} <= {row["due"] for row in listed}


def test_the_receiver_takes_what_is_signed_and_refuses_the_rest() -> None:
    code, _, _ = RECEIVER.partition("server = ")
    names: dict[str, Any] = {}
    exec(compile(code, "receiver", "exec"), names)  # noqa: S102 - our own example
    server = names["HTTPServer"](("127.0.0.1", 0), names["Receiver"])
    Thread(target=server.serve_forever, daemon=True).start()
    body, now = '{"type": "clauses.changed", "data": {}}', timezone.now()
    signature = Webhook(names["SECRET"]).sign("msg_1", now, body)
    statuses = []
    for sent in (signature, signature[:-8] + "AAAAAAA="):
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": sent}
        address = f"http://127.0.0.1:{server.server_port}"
        statuses.append(requests.post(address, data=body, headers=headers, timeout=10).status_code)
    server.shutdown()
    server.server_close()
    assert statuses == [204, 401]
