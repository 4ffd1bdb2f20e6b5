"""What the server owes to connections: no request is lost, and slow or idle clients do not stop the others."""

import json
import resource
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from tests.config.raw_http import BODY, JSON, LATER, Connection, head, refusals
from tests.live_server import Service
from tests.template_database import WITH_DEAL, sqlite_copy

BODY_SECONDS, STALL_SECONDS = 3, 3
# The deal is published: who may not publish is refused before `If-Match` is looked for.
MAKE_TOKENS = """
from django.contrib.auth.models import Group, User
from django.core.management import call_command
for scope in ("write", "read"):
    call_command("make_token", scope, "--service", "service", "--scope", scope)
User.objects.get(username="service").groups.add(Group.objects.get(name="publisher"))
"""
LARGE = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Service]:
    """Run a server of the deal with short time limits."""
    folder = tmp_path_factory.mktemp("connections")
    limits = {"WEB_BODY_SECONDS": str(BODY_SECONDS), "WEB_STALL_SECONDS": str(STALL_SECONDS), "TRUSTED_PROXIES": "1"}
    found = Service(folder / "log", f"sqlite:///{folder}/accords.sqlite3", **limits)
    with django_db_blocker.unblock(), sqlite_copy(WITH_DEAL) as template:
        shutil.copy(template, folder / "accords.sqlite3")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def tokens(service: Service) -> dict[str, str]:
    write, read = service.run("manage.py", "shell", "-v0", "-c", MAKE_TOKENS).split()
    return {"write": write, "read": read}


def test_a_refused_write_does_not_lose_the_next_request_of_its_connection(
    service: Service, tokens: dict[str, str]
) -> None:
    cases = refusals(tokens["write"], tokens["read"])
    found = {}
    for name, (method, path, body, headers) in cases.items():
        for _ in range(3):
            with Connection(service.port) as connection:
                chunked = "transfer_encoding" in headers
                connection.send(head(method, path, None if chunked else len(body), **headers))
                time.sleep(LATER)
                connection.send(body)
                first, second = connection.response(), connection.request("GET", "/livez")
                found.setdefault(name, set()).add((first.status, second.status))
    assert found == {name: {(int(name.split()[0]), 200)} for name in cases}


def test_wrong_tokens_beyond_the_limit_do_not_either(service: Service) -> None:
    wrong = JSON | {"authorization": "Bearer wrong", "x_forwarded_for": "192.0.2.99"}
    with Connection(service.port) as connection:
        statuses = [
            answer.status
            for answer in (connection.request("POST", "/api/v1/clauses", BODY, **wrong) for _ in range(25))
        ]
        assert statuses == [401] * 20 + [429] * 5


def test_a_body_that_is_far_too_long_sees_its_refusal_and_that_the_connection_ends(
    service: Service, tokens: dict[str, str]
) -> None:
    headers = JSON | {"authorization": f"Bearer {tokens['write']}"}
    for length in (17 * 2**20, 40 * 2**20):
        with Connection(service.port) as connection:
            answer = connection.request("POST", "/api/v1/clauses", b" " * length, **headers)
            assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_client_that_waits_for_leave_to_send_a_body_gets_it(service: Service, tokens: dict[str, str]) -> None:
    headers = JSON | {"authorization": f"Bearer {tokens['write']}", "expect": "100-continue"}
    with Connection(service.port) as connection:
        connection.send(head("POST", "/api/v1/parties", 2, **headers))
        go_on = connection.response()
        assert go_on.status == 100
        connection.send(b"{}")
        refused = connection.response()
        assert refused.status == 400
    with Connection(service.port) as connection:
        connection.send(head("POST", "/api/v1/parties", 100 * 2**20, **headers))
        refused = connection.response()
        assert refused.status == 413


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(service: Service, tokens: dict[str, str]) -> None:
    body = json.dumps({"slug": "cut-off", "name": "Cut off", "kind": "organization"}).encode()
    headers = JSON | {"authorization": f"Bearer {tokens['write']}"}
    with Connection(service.port) as connection:
        connection.send(head("POST", "/api/v1/parties", len(body) + 1, **headers) + body)
        connection.socket.shutdown(socket.SHUT_WR)
        answer = connection.response()
        assert answer.status in (0, 400)
    with Connection(service.port) as connection:
        missing = connection.request("GET", "/api/v1/parties/cut-off")
        assert missing.status == 404


# Slow and idle clients


def assert_others_are_served(service: Service) -> None:
    for _ in range(10):
        began = time.monotonic()
        assert service.ask("/api/v1/clauses")[0] == 200
        assert time.monotonic() - began < 5


def test_slow_bodies_stop_nobody_and_are_ended(service: Service) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(service.port)) for _ in range(12)]
        form = {"content_type": "application/x-www-form-urlencoded", "cookie": f"csrftoken={'a' * 32}"}
        for connection in slow:
            connection.send(head("POST", "/admin/login/", 1000, **form))
        for _ in range(2):
            for connection in slow[::2]:  # the others send nothing at all
                connection.send(b"x")
            time.sleep(0.5)
        assert_others_are_served(service)
        answers = [connection.response() for connection in slow]
        assert {answer.status for answer in answers} == {408}
        assert all(answer.headers["connection"] == "close" for answer in answers)
        assert {connection.socket.recv(1) for connection in slow} == {b""}, "the connections are closed"


def test_one_address_cannot_have_all_places_for_slow_bodies(service: Service) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(service.port)) for _ in range(60)]  # 20 in each of two processes
        for connection in slow:
            connection.send(head("POST", "/livez", 10))
        time.sleep(1.5)
        began = time.monotonic()
        early = 0
        for connection in slow:
            connection.socket.settimeout(0.01)
            answer = connection.response()
            early += answer.status == 408
        assert time.monotonic() - began < BODY_SECONDS - 1.5
        assert early >= 20
        with Connection(service.port) as other:
            assert other.request("POST", "/livez", b"x" * 10, x_forwarded_for="198.51.100.7")


def test_idle_connections_stop_nobody(service: Service) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    try:
        with ExitStack() as stack:
            for _ in range(1200):
                stack.enter_context(socket.create_connection(("127.0.0.1", service.port), 20))
            assert_others_are_served(service)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_clients_that_do_not_take_their_responses_stop_nobody_and_are_ended(service: Service) -> None:
    with ExitStack() as stack:
        stalled = []
        for _ in range(8):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect(("127.0.0.1", service.port))
            connection.sendall(head("GET", f"/static/{LARGE}", None) * 20)  # more than the kernel keeps of it
            stalled.append(connection)
        assert_others_are_served(service)
        time.sleep(STALL_SECONDS * 2)
        for connection in stalled:
            with pytest.raises(ConnectionError):
                read_to_the_end(connection, 20 * 2**20)


def read_to_the_end(connection: socket.socket, least: int) -> None:
    received = 0
    while data := connection.recv(65536):
        received += len(data)
    if received < least:
        raise ConnectionResetError("The connection ended early.")


# What arrives and what leaves


def test_a_large_file_arrives_whole(service: Service) -> None:
    content = Path(str(finders.find(LARGE))).read_bytes()
    assert len(content) > 2**20, "it is sent from the disk"
    with Connection(service.port) as connection:
        for _ in range(2):
            answer = connection.request("GET", f"/static/{LARGE}")
        assert answer.body == content
        probe = connection.request("HEAD", "/livez")
        assert (probe.status, probe.headers["content-length"]) == (200, "19")


def test_header_names_with_underscores_are_ignored(service: Service) -> None:
    with Connection(service.port) as connection:
        connection.send(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX_Forwarded_For: 203.0.113.9\r\n\r\n")
        answer = connection.response()
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    (line,) = (line for line in lines if line["request_id"] == answer.headers["x-request-id"])
    assert line["address"] == "127.0.0.1"


def test_credentials_that_are_not_ascii_are_refused(service: Service) -> None:
    with Connection(service.port) as connection:
        connection.send("GET /api/v1/clauses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer é\r\n\r\n".encode())
        answer = connection.response()
        assert answer.status == 401


def test_paths_and_queries_are_read_as_utf_8(service: Service) -> None:
    with Connection(service.port) as connection:
        found = connection.request("GET", "/api/v1/parties?q=%C3%89tats-Unis&fields=name")
        assert json.loads(found.body)["results"]
        missing = connection.request("GET", "/api/v1/parties/%C3%A9t%C3%A9")
        assert json.loads(missing.body)["instance"] == "/api/v1/parties/été"


def test_requests_at_once_get_their_own_responses(service: Service) -> None:
    found: dict[int, set[str]] = {}

    def ask(number: int) -> None:
        with Connection(service.port) as connection:
            for _ in range(20):
                answer = connection.request("GET", "/livez", x_request_id=f"id-{number}")
                found.setdefault(number, set()).add(answer.headers["x-request-id"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {f"id-{number}"} for number in range(8)}
