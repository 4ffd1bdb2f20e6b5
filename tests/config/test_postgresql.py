"""The server on PostgreSQL: behind PgBouncer in transaction mode, and on a database that is only read."""

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tests.config.raw_http import JSON, Connection, Response
from tests.live_server import PATIENCE, Ended, Service
from tests.postgres import as_user, free_port, owner
from tests.template_database import WITH_DEAL, postgresql_copy

LIMITS = {"DATABASE_STATEMENT_TIMEOUT": "2", "DATABASE_LOCK_TIMEOUT": "1", "DATABASE_IDLE_TIMEOUT": "3"}
SHOW = "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')"
ASK = f"""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("{SHOW}")
    print(dict(cursor.fetchall()))
    try:
        cursor.execute("SELECT pg_sleep(20)")
    except Exception as error:
        print(error)
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def direct(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Return the URL of a database with the deal, whose role has no time limits."""
    if connection.vendor != "postgresql":
        pytest.skip("These tests need PostgreSQL.")
    database = connection.settings_dict
    server = {
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
    }
    role, password = f"accords_role_{os.getpid()}", secrets.token_hex(8)
    identifier = sql.Identifier(role)
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as control:
        control.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(identifier, password))
        with django_db_blocker.unblock(), postgresql_copy(WITH_DEAL) as name:
            yield f"postgresql://{role}:{password}@{database['HOST']}:{database['PORT']}/{name}"
        control.execute(sql.SQL("DROP ROLE {}").format(identifier))


@pytest.fixture(scope="module")
def pooled(direct: str) -> Iterator[str]:
    """Return the URL of the same database behind PgBouncer, which has two connections to it."""
    if not shutil.which("pgbouncer") and "CI" not in os.environ:
        pytest.skip("PgBouncer is not installed (on Debian: apt-get install pgbouncer).")
    credentials, _, place = direct.removeprefix("postgresql://").partition("@")
    (user, _, password), (address, _, name) = credentials.partition(":"), place.partition("/")
    port, account = free_port(), owner()
    folder = Path("/tmp") / f"accords-pgbouncer-{os.getpid()}"
    folder.mkdir()
    (folder / "users").write_text(f'"{user}" "{password}"\n')
    (folder / "ini").write_text(
        f"[databases]\n{name} = host={address.partition(':')[0]} port={address.partition(':')[2]}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n"
        f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    for path in (folder, *folder.iterdir()):
        if account:
            os.chown(path, account.pw_uid, account.pw_gid)
    pooler = subprocess.Popen(["pgbouncer", "-q", folder / "ini"], **as_user(account, folder))
    url = f"postgresql://{user}:{password}@127.0.0.1:{port}/{name}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(url).close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield url
    finally:
        pooler.terminate()
        pooler.wait(PATIENCE)
        shutil.rmtree(folder)


def test_limits_hold_and_requests_work_behind_a_pooler(direct: str, pooled: str, tmp_path: Path) -> None:
    service = Service(tmp_path / "log", pooled, DATABASE_POOLER="transaction", **LIMITS)
    with pytest.raises(Ended, match=r"The database has no statement_timeout\. Run manage\.py prepare_release --role-l"):
        service.start()
    Service(tmp_path / "direct", direct, **LIMITS).run("manage.py", "prepare_release", "--role-limits")
    with psycopg.connect(direct, autocommit=True) as control:  # as a restart of the pooler would
        control.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    limits, error = service.run("manage.py", "shell", "-v0", "-c", ASK).splitlines()[:2]
    assert limits == str(
        {"idle_in_transaction_session_timeout": "3000", "lock_timeout": "1000", "statement_timeout": "2000"}
    )
    assert error == "canceling statement due to statement timeout"
    token = service.run("manage.py", "make_token", "t", "--service", "s", "--scope", "write").split()[-1]
    service.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            written = list(pool.map(lambda number: write(service, token, number), range(24)))
            read = list(pool.map(lambda number: ask(service, READS[number % len(READS)]), range(60)))
        assert {answer.status for answer in written} == {201}
        assert {answer.status for answer in read} == {200}
    finally:
        service.stop()
    assert "Traceback" not in service.log.read_text()


READS = (
    "/api/v1/clauses",
    "/api/v1/clauses?q=soja",
    "/api/v1/parties?page_size=5",
    "/api/v1/agreements/us-china-rare-metals",
    "/api/v1/renewals.ics",
)


def ask(service: Service, path: str) -> Response:
    with Connection(service.port) as client:
        return client.request("GET", path)


def write(service: Service, token: str, number: int) -> Response:
    body = json.dumps({"slug": f"party-{number}", "name": f"Party {number}", "kind": "organization"}).encode()
    with Connection(service.port) as client:
        headers = JSON | {"authorization": f"Bearer {token}", "idempotency_key": f'"key-{number}"'}
        return client.request("POST", "/api/v1/parties", body, **headers)


def test_a_database_that_is_only_read_serves_reads(direct: str, tmp_path: Path) -> None:
    service = Service(tmp_path / "log", direct)
    token = service.run("manage.py", "make_token", "reader", "--service", "reader", "--scope", "write").split()[-1]
    known, wrong = {"authorization": f"Bearer {token}"}, {"authorization": f"Bearer {token[:-1]}!"}
    with psycopg.connect(direct, autocommit=True) as control:
        database = sql.Identifier(str(control.info.dbname))
        control.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(database))
        service.start()
        form = {"content_type": "application/x-www-form-urlencoded", "cookie": f"csrftoken={'a' * 32}"}
        login = f"username=a&password=b&csrfmiddlewaretoken={'a' * 32}".encode()
        try:
            with Connection(service.port) as client:
                found = {
                    "a read": client.request("GET", "/api/v1/clauses"),
                    "a read with a token": client.request("GET", "/api/v1/clauses", **known),
                    "a read with a wrong token": client.request("GET", "/api/v1/clauses", **wrong),
                    "a write": client.request(
                        "POST", "/api/v1/parties", b'{"slug": "a", "name": "A", "kind": "group"}', **JSON, **known
                    ),
                    "a login": client.request("POST", "/admin/login/", login, **form),
                    "a probe": client.request("GET", "/readyz"),
                }
        finally:
            service.stop()
            control.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(database))
    assert {name: answer.status for name, answer in found.items()} == {
        "a read": 200,
        "a read with a token": 200,
        "a read with a wrong token": 401,
        "a write": 503,
        "a login": 503,
        "a probe": 200,
    }
    assert found["a write"].headers["retry-after"]
