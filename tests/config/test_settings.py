"""What the settings make of the environment, each tried in a process of its own."""

import json
import os
import secrets
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[int(os.environ.get("SETTINGS_TEST_UP", "2"))]
KEY = secrets.token_urlsafe(64)
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "accords.example,.accords.example",
    "DATABASE_URL": "postgresql://accords:pass%2Fword@db.example:5433/accords?sslmode=require",
}
ASK = """
import json, sys
from config import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of `config/` in a folder of its own, so that `var/` is empty."""
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(house: Path, environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in an otherwise empty environment and print some of them."""
    command = [sys.executable, "-c", ASK, *names]
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)


def settings(house: Path, environment: dict[str, str], *names: str) -> list[object]:
    """Some settings, in the order asked for."""
    done = start(house, environment, *names)
    assert done.returncode == 0, done.stderr
    return [json.loads(done.stdout)[name] for name in names]


REFUSED = [
    ({"ENVIRONMENT": "prod"}, "ENVIRONMENT: 'prod' is not one of local, production."),
    ({"DEBUG": "yes"}, "DEBUG: 'yes' is not one of 0, 1."),
    ({"DEBUG": "1", "ALLOWED_HOSTS": "localhost,accords.example"}, "DEBUG: DEBUG=1 shows the inside to callers"),
    ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "DEBUG: DEBUG=1 shows the inside to callers"),
    ({"ALLOWED_HOSTS": "https://accords.example"}, "ALLOWED_HOSTS: 'https://accords.example' is not a host name"),
    ({"ALLOWED_HOSTS": "localhost:8000"}, "ALLOWED_HOSTS: 'localhost:8000' is not a host name"),
    ({"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL: accords runs on SQLite (sqlite:///…) and PostgreSQL"),
    ({"DATABASE_URL": "accords"}, "DATABASE_URL: not a database URL"),
    ({"ANSWER_CACHE_BYTES": "64M"}, "ANSWER_CACHE_BYTES: '64M' is not a whole number."),
    ({"ANSWER_CACHE_URL": "localhost:6379"}, "ANSWER_CACHE_URL: not the URL of a Redis"),
    ({"DATABASE_URL": "postgresql://u:se/cret@h/d"}, "DATABASE_URL: not a database URL"),
    ({"DATABASE_URL": "sqlite:////nowhere/accords.sqlite3"}, "DATABASE_URL: there is no folder /nowhere"),
    ({"DATABASE_MAPPED_MB": "2G"}, "DATABASE_MAPPED_MB: '2G' is not a whole number."),
    ({"DATABASE_URL": "postgresql://h/d", "DATABASE_LOCK_TIMEOUT": "5s"}, "DATABASE_LOCK_TIMEOUT: '5s' is not a whole"),
    ({"CORS_ORIGINS": "app.example"}, "CORS_ORIGINS: 'app.example' is not an origin"),
    ({"CORS_ORIGINS": "https://app.example/"}, "CORS_ORIGINS: 'https://app.example/' is not an origin"),
    ({"CORS_ORIGINS": "https://app.example,*"}, "CORS_ORIGINS: '*' is not an origin"),
    ({"CORS_ORIGINS": "null"}, "CORS_ORIGINS: 'null' is not an origin"),
    ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES: 'all' is not a whole number."),
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
    (PRODUCTION | {"DATABASE_URL": ""}, "DATABASE_URL: production needs one"),
]


@pytest.mark.parametrize(("environment", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_a_wrong_variable_stops_the_start_and_is_named(house: Path, environment: dict[str, str], message: str) -> None:
    done = start(house, environment)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {message}")
    assert "cret" not in done.stderr.replace("SECRET_KEY", "").replace("secret", "")


def test_one_persons_machine_needs_no_variable(house: Path) -> None:
    debug, hosts, key, databases = settings(house, {}, "DEBUG", "ALLOWED_HOSTS", "SECRET_KEY", "DATABASES")
    assert debug is False
    assert hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert databases["default"]["NAME"] == str(house / "var" / "accords.sqlite3")
    written = house / "var" / "secret_key"
    assert written.read_text() == key
    assert len(key) >= 80
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700


def test_all_who_start_at_once_agree_on_the_local_key(house: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: settings(house, {}, "SECRET_KEY")[0], range(8)))
    assert len(set(keys)) == 1
    assert [path.name for path in (house / "var").iterdir()] == ["secret_key"]


def test_production_does_not_take_the_local_key(house: Path) -> None:
    [key] = settings(house, {}, "SECRET_KEY")
    done = start(house, PRODUCTION | {"SECRET_KEY": str(key)})
    assert "SECRET_KEY: this is the local key of var/secret_key" in done.stderr


def test_production_writes_nothing_and_is_strict(house: Path) -> None:
    names = (
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_PROXY_SSL_HEADER",
    )
    assert settings(house, PRODUCTION, *names) == [True, 31_536_000, True, True, None]
    assert not (house / "var").exists()


def test_cookies_are_of_this_host_alone(house: Path) -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    assert settings(house, PRODUCTION, *names) == ["__Host-sessionid", "__Host-csrftoken", True, True]


def test_other_sites_call_only_where_they_are_named(house: Path) -> None:
    names = ("CORS_ALLOWED_ORIGINS", "CORS_ALLOW_ALL_ORIGINS", "INSTALLED_APPS", "MIDDLEWARE")
    for given, wanted in (
        ("", [[], False]),
        ("https://a.example, http://localhost:3000", [["https://a.example", "http://localhost:3000"], False]),
        ("*", [[], True]),
    ):
        *found, apps, middleware = settings(house, PRODUCTION | {"CORS_ORIGINS": given}, *names)
        assert found == wanted
        assert ("corsheaders" in apps) == (middleware[2] == "corsheaders.middleware.CorsMiddleware") == bool(given)  # type: ignore[operator,index]


def test_forwarded_addresses_count_only_where_proxies_are_ours(house: Path) -> None:
    assert settings(house, PRODUCTION, "TRUSTED_PROXIES") == [0]
    assert settings(house, PRODUCTION | {"TRUSTED_PROXIES": "2"}, "TRUSTED_PROXIES") == [2]


def test_the_proxy_is_believed_only_where_it_is_named(house: Path) -> None:
    told = PRODUCTION | {"SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto: https"}
    assert settings(house, told, "SECURE_PROXY_SSL_HEADER") == [["HTTP_X_FORWARDED_PROTO", "https"]]


def test_postgresql_waits_for_nothing_for_ever(house: Path) -> None:
    [databases] = settings(house, PRODUCTION | {"DATABASE_LOCK_TIMEOUT": "0"}, "DATABASES")
    default = databases["default"]
    assert (default["CONN_MAX_AGE"], default["CONN_HEALTH_CHECKS"]) == (600, True)
    assert default["PASSWORD"] == "pass/word"
    assert default["OPTIONS"] == {
        "connect_timeout": 5,
        "options": "-c statement_timeout=15s -c idle_in_transaction_session_timeout=30s",
        "sslmode": "require",
        "prepare_threshold": 2**31,  # with none, what asks to be prepared is not
    }


def test_as_much_of_sqlites_file_is_mapped_as_is_said(house: Path) -> None:
    for environment, megabytes in (({}, 2047), ({"DATABASE_MAPPED_MB": "64"}, 64), ({"DATABASE_MAPPED_MB": "0"}, 0)):
        [databases] = settings(house, environment, "DATABASES")
        assert f"mmap_size={megabytes * 2**20};" in databases["default"]["OPTIONS"]["init_command"]


def test_postgresql_prepares_nothing_behind_a_pooler_that_keeps_nothing(house: Path) -> None:
    [databases] = settings(house, PRODUCTION | {"DATABASE_PREPARED": "0"}, "DATABASES")
    assert "prepare_threshold" not in databases["default"]["OPTIONS"]
