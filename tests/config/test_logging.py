"""The request log: one line of JSON for each request, its id in the answer and in problems, and no secret anywhere."""

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User

from accords.api import views
from accords.models import Token
from config import logging as config_logging
from config.logging import parameter_names
from tests.api.addresses import BASE
from tests.clients import Client

Lines = Callable[[], list[dict[str, Any]]]
SCHEMA = Path(__file__).parents[1] / "api" / "openapi.yaml"
SECRET = "hunter2-very-secret"


@pytest.fixture
def lines(settings: Any, capfd: pytest.CaptureFixture[str]) -> Lines:
    """Enable the log; return a function that returns the lines since its last call."""
    settings.ACCESS_LOG = True
    return lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]


@pytest.mark.django_db
def test_a_request_is_one_line(client: Client, lines: Lines) -> None:
    answer = client.get(f"{BASE}/agreements?page_size=5&fields=title", headers={"X-Request-ID": "trace-1.a_B"})
    assert answer["X-Request-ID"] == "trace-1.a_B"
    (line,) = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line.pop("time"))
    assert 0 < line.pop("ms") < 60_000
    assert line == {
        **{
            "level": "INFO",
            "logger": "access",
            "request_id": "trace-1.a_B",
            "method": "GET",
            "path": f"{BASE}/agreements",
            "query": ["page_size", "fields"],
        },
        **{
            "status": 200,
            "bytes": len(answer.content),
            "user": None,
            "username": None,
            "token": None,
            "address": "127.0.0.1",
        },
    }


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b', "é", "a\nb", "a/b", "\u0661"])
def test_an_id_that_is_not_sane_is_replaced(given: str, client: Client, lines: Lines) -> None:
    answer = client.get(f"{BASE}/", HTTP_X_REQUEST_ID=given)
    assert re.fullmatch(r"[0-9a-f]{16}", answer["X-Request-ID"])
    assert [line["request_id"] for line in lines()] == [answer["X-Request-ID"]]
    assert client.get(f"{BASE}/")["X-Request-ID"] != answer["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [f"{BASE}/nothing", f"{BASE}/agreements?nonsense=1", f"{BASE}/agreements/nothing"])
def test_problems_have_the_id(path: str, client: Client) -> None:
    answer = client.get(path, headers={"X-Request-ID": "mine"})
    assert answer.status_code >= 400
    assert (answer.json()["request_id"], answer["X-Request-ID"]) == ("mine", "mine")


@pytest.mark.django_db
def test_a_server_error_is_logged_in_json_with_the_id_that_the_client_gets(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(views.ClauseViewSet, "list", lambda *args, **kwargs: 1 / 0)
    answer = Client(raise_request_exception=False).get(f"{BASE}/clauses", headers={"Cookie": "a=b"})
    assert answer.status_code == 500
    number = answer.json()["request_id"]
    (error,) = (json.loads(config_logging.JsonFormatter().format(record)) for record in caplog.records)
    (access,) = lines()
    assert (error["request_id"], error["level"], error["logger"]) == (number, "ERROR", "django.request")
    assert "ZeroDivisionError" in error["exception"]
    assert (access["request_id"], access["status"]) == (number, 500)


@pytest.mark.django_db
def test_no_secret_is_logged(client: Client, lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    user = User.objects.create_user("reader", password=SECRET)
    token, secret = Token.objects.issue(user, "reader")
    authorized = {"Authorization": f"Bearer {secret}"}
    with caplog.at_level(logging.DEBUG):
        assert client.get(f"{BASE}/agreements", headers=authorized).status_code == 200
        client.get(f"{BASE}/agreements?{secret}&api_key={SECRET}&page_size={SECRET}")
        client.get(f"{BASE}/agreements/{secret}")
        client.post("/admin/login/", {"username": "reader", "password": SECRET})
        client.post(f"{BASE}/agreements", json.dumps({"title": SECRET}), content_type="application/json")
        client.force_login(user)
        client.get(f"{BASE}/agreements")
    found = lines()
    assert [line["token"] for line in found] == [token.pk, None, None, None, None, None]
    assert [line["user"] for line in found] == [user.pk, None, None, None, None, user.pk]
    assert found[1]["query"] == ["?", "api_key", "page_size"]
    written = json.dumps(found) + caplog.text
    for hidden in (secret, secret[-20:], SECRET, client.cookies["sessionid"].value):
        assert hidden not in written


@pytest.mark.django_db
def test_whatever_is_asked_is_one_line(client: Client, lines: Lines) -> None:
    for path in (
        f"{BASE}/a%0a%22%7b%00%ff%ed%a0%80",
        f"{BASE}/agreements?%0a=1&{'a=1&' * 200}",
        "/livez",
        "/favicon.ico",
    ):
        client.get(path, HTTP_X_FORWARDED_FOR="\n{", REMOTE_ADDR="2001:db8::1")
    found = lines()
    assert len(found) == 4
    assert found[1]["query"][:2] == ["?", "a"]
    assert len(found[1]["query"]) == config_logging.MAX_PARAMETERS
    assert {line["address"] for line in found} == {"2001:db8::"}


def test_every_parameter_of_the_api_is_logged_by_its_name() -> None:
    document = yaml.load(SCHEMA.read_text("utf-8"), yaml.CSafeLoader)
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    parameters = [parameter for operation in operations for parameter in operation.get("parameters", ())]
    names = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    assert len(names) > 100
    assert {name for name in names if parameter_names(f"{name}=1") != [name]} == set()


@pytest.mark.django_db
def test_the_caller_is_whom_our_proxies_name(settings: Any, client: Client, lines: Lines) -> None:
    settings.TRUSTED_PROXIES = 1
    client.get(f"{BASE}/", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.7"})
    assert [line["address"] for line in lines()] == ["192.0.2.7"]


@pytest.mark.django_db
def test_it_can_be_switched_off(settings: Any, client: Client, lines: Lines) -> None:
    settings.ACCESS_LOG = False
    assert client.get(f"{BASE}/")["X-Request-ID"]
    assert lines() == []


@pytest.mark.django_db
def test_a_full_standard_error_stops_nobody(client: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "wb") as full:
        monkeypatch.setattr(config_logging, "STANDARD_ERROR", full.fileno())
        assert client.get(f"{BASE}/").status_code == 200
