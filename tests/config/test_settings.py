"""The settings that an environment gives, and the values that stop the start."""

import errno
import multiprocessing
import os
import runpy
import secrets
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

from config import environment as config_environment

KEY = secrets.token_urlsafe(64)
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "accords.example,.accords.example",
    "DATABASE_URL": "postgresql://accords:pass%2Fword@db.example:5433/accords?sslmode=require",
}


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace `var/` by an empty folder."""
    monkeypatch.setattr(config_environment, "VAR", tmp_path / "var")
    return tmp_path / "var"


def settings(environment: dict[str, str]) -> dict[str, Any]:
    """Import the settings in an otherwise empty environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        return runpy.run_path(str(config_environment.BASE_DIR / "config" / "settings.py"))


REFUSED = [
    ({"ENVIRONMENT": "prod"}, "ENVIRONMENT: 'prod' is not one of local, production."),
    ({"DEBUG": "yes"}, "DEBUG: 'yes' is not one of 0, 1."),
    ({"DEBUG": "1", "ALLOWED_HOSTS": "localhost,accords.example"}, "DEBUG: DEBUG=1 shows internals to clients"),
    ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "DEBUG: DEBUG=1 shows internals to clients"),
    ({"ALLOWED_HOSTS": "https://accords.example"}, "ALLOWED_HOSTS: 'https://accords.example' is not a host name"),
    ({"ALLOWED_HOSTS": "localhost:8000"}, "ALLOWED_HOSTS: 'localhost:8000' is not a host name"),
    ({"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL: accords runs on SQLite (sqlite:///…) and PostgreSQL"),
    ({"DATABASE_URL": "accords"}, "DATABASE_URL: not a database URL"),
    ({"ANSWER_CACHE_BYTES": "64M"}, "ANSWER_CACHE_BYTES: '64M' is not a whole number."),
    ({"ANSWER_CACHE_URL": "localhost:6379"}, "ANSWER_CACHE_URL: not the URL of a Redis"),
    ({"DATABASE_URL": "postgresql://u:se/cret@h/d"}, "DATABASE_URL: not a database URL"),
    ({"DATABASE_URL": "sqlite:////tmp"}, "DATABASE_URL: /tmp is a folder"),
    ({"DATABASE_URL": "sqlite:////tmp/x?conn_max_age=5"}, "DATABASE_URL: accords takes no option conn_max_age"),
    ({"DATABASE_URL": "sqlite:////tmp/x?timeout=abc"}, "DATABASE_URL: timeout must be a whole number"),
    ({"DATABASE_URL": "sqlite:////nowhere/accords.sqlite3"}, "DATABASE_URL: there is no folder /nowhere"),
    ({"DATABASE_MAPPED_MB": "2G"}, "DATABASE_MAPPED_MB: '2G' is not a whole number."),
    ({"DATABASE_URL": "postgresql://h/d", "DATABASE_LOCK_TIMEOUT": "5s"}, "DATABASE_LOCK_TIMEOUT: '5s' is not a whole"),
    ({"CORS_ORIGINS": "app.example"}, "CORS_ORIGINS: 'app.example' is not an origin"),
    ({"CORS_ORIGINS": "https://app.example/"}, "CORS_ORIGINS: 'https://app.example/' is not an origin"),
    ({"CORS_ORIGINS": "https://app.example,*"}, "CORS_ORIGINS: '*' is not an origin"),
    ({"CORS_ORIGINS": "null"}, "CORS_ORIGINS: 'null' is not an origin"),
    ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES: 'all' is not a whole number."),
    ({"CHANGES_KEPT_DAYS": "36501"}, "CHANGES_KEPT_DAYS: 36501 is more than 36500."),
    ({"RENEWAL_NOTICE_DAYS": "99999999"}, "RENEWAL_NOTICE_DAYS: 99999999 is more than 36500."),
    ({"STATIC_FILES": "none"}, "STATIC_FILES: 'none' is not one of hashed, plain."),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL: 'loud' is not one of"),
    (
        {"SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto"},
        "SECURE_PROXY_SSL_HEADER: 'X-Forwarded-Proto' is not of the form",
    ),
    (PRODUCTION | {"DEBUG": "1"}, "DEBUG: production never runs with DEBUG=1"),
    (PRODUCTION | {"SECRET_KEY": ""}, "SECRET_KEY: production needs one"),
    (PRODUCTION | {"SECRET_KEY": "short"}, "SECRET_KEY: too weak for production"),
    (PRODUCTION | {"SECRET_KEY": "ab" * 40}, "SECRET_KEY: too weak for production"),
    (PRODUCTION | {"SECRET_KEY": "django-insecure-" + KEY}, "SECRET_KEY: too weak for production"),
    (PRODUCTION | {"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS: production needs its host names"),
    (PRODUCTION | {"ALLOWED_HOSTS": "accords.example,*"}, "ALLOWED_HOSTS: production needs its host names"),
    (
        {"DATABASE_URL": "postgresql://h/d", "DATABASE_POOLER": "yes"},
        "DATABASE_POOLER: 'yes' is not one of none, transaction.",
    ),
    (PRODUCTION | {"DATABASE_URL": ""}, "DATABASE_URL: production needs one"),
]


@pytest.mark.parametrize(("environment", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_an_invalid_variable_stops_the_start_and_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        settings(environment)
    text = str(refusal.value)
    assert text.startswith(message)
    assert "cret" not in text.replace("SECRET_KEY", "").replace("secret", ""), "a password is shown"


def test_a_local_installation_needs_no_variable(var: Path) -> None:
    found = settings({})
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert found["DATABASES"]["default"]["NAME"] == str(var / "accords.sqlite3")
    key = var / "secret_key"
    assert key.read_text() == found["SECRET_KEY"]
    assert len(found["SECRET_KEY"]) >= 80
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(var.stat().st_mode) == 0o700


def read_key(var: Path) -> str:
    config_environment.VAR = var
    return str(settings({})["SECRET_KEY"])


def test_processes_that_start_at_once_share_the_local_key(var: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        keys = pool.map(read_key, [var] * 16, chunksize=1)
    assert len(set(keys)) == 1
    assert [path.name for path in var.iterdir()] == ["secret_key"]


def test_production_refuses_the_local_key() -> None:
    key = settings({})["SECRET_KEY"]
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY: this is the local key of var/secret_key"):
        settings(PRODUCTION | {"SECRET_KEY": key})


def refuse(path: Path, **options: Any) -> Any:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_production_starts_beside_a_local_key_that_it_cannot_read(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    var.mkdir()
    (var / "secret_key").write_bytes(b"\xff" * 64)
    assert settings(PRODUCTION)["SECRET_KEY"] == KEY
    monkeypatch.setattr(Path, "read_text", refuse)
    assert settings(PRODUCTION)["SECRET_KEY"] == KEY


def test_a_local_key_or_database_that_cannot_be_read_is_named(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    var.mkdir()
    (var / "secret_key").write_bytes(b"\xff" * 64)
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY: not set, and .*secret_key is no text"):
        settings({})
    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL: .*sqlite3 cannot be read \(Permission denied\)"):
        settings({"DATABASE_URL": f"sqlite:///{var}/accords.sqlite3", "SECRET_KEY": KEY})


def test_production_writes_nothing_and_is_strict(var: Path) -> None:
    found = settings(PRODUCTION)
    assert found["SECURE_SSL_REDIRECT"] is found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["TRUSTED_PROXIES"] == 0
    assert not var.exists()


@pytest.mark.parametrize(
    ("value", "origins", "all_origins"),
    [
        ("", [], False),
        ("https://a.example, http://localhost:3000", ["https://a.example", "http://localhost:3000"], False),
        ("*", [], True),
    ],
)
def test_other_sites_may_call_only_if_they_are_named(value: str, origins: list[str], all_origins: bool) -> None:
    found = settings(PRODUCTION | {"CORS_ORIGINS": value})
    assert (found["CORS_ALLOWED_ORIGINS"], found["CORS_ALLOW_ALL_ORIGINS"]) == (origins, all_origins)
    is_on = "corsheaders" in found["INSTALLED_APPS"]
    assert is_on == (found["MIDDLEWARE"][2] == "corsheaders.middleware.CorsMiddleware") == bool(value)


def test_a_proxy_is_trusted_only_if_it_is_configured() -> None:
    found = settings(PRODUCTION | {"TRUSTED_PROXIES": "2", "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto: https"})
    assert found["TRUSTED_PROXIES"] == 2
    assert found["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def database(**environment: str) -> dict[str, Any]:
    found: dict[str, Any] = settings(PRODUCTION | environment)["DATABASES"]["default"]
    return found


def test_connections_to_postgresql_have_time_limits() -> None:
    default = database(DATABASE_LOCK_TIMEOUT="0")
    assert (default["CONN_MAX_AGE"], default["CONN_HEALTH_CHECKS"]) == (600, True)
    assert default["PASSWORD"] == "pass/word"
    assert default["OPTIONS"] == {
        "connect_timeout": 5,
        "options": "-c statement_timeout=15s -c lock_timeout=0s -c idle_in_transaction_session_timeout=30s -c jit=off "
        "-c plan_cache_mode=force_generic_plan",
        "sslmode": "require",
        "prepare_threshold": 2**31,  # None would turn off what compiled queries ask for
    }


def test_behind_a_pooler_nothing_outlives_a_transaction() -> None:
    default = database(DATABASE_POOLER="transaction")
    assert default["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require"}
    assert default["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "prepare_threshold" in database(DATABASE_POOLER="transaction", DATABASE_PREPARED="1")["OPTIONS"]
    assert "prepare_threshold" not in database(DATABASE_PREPARED="0")["OPTIONS"]


def test_sqlites_file_is_mapped_as_far_as_configured() -> None:
    for environment, megabytes in (({}, 2047), ({"DATABASE_MAPPED_MB": "64"}, 64), ({"DATABASE_MAPPED_MB": "0"}, 0)):
        options = settings(environment)["DATABASES"]["default"]["OPTIONS"]
        assert f"mmap_size={megabytes * 2**20};" in options["init_command"]


@pytest.mark.django_db
def test_a_sqlite_file_is_private_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "named.sqlite3"
    found = settings({"DATABASE_URL": f"sqlite:///{path}"})["DATABASES"]
    database = ConnectionHandler(found)["default"]
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE t (i)")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("named*")}
    database.close()
    assert modes == dict.fromkeys(("named.sqlite3", "named.sqlite3-wal", "named.sqlite3-shm"), 0o600)
