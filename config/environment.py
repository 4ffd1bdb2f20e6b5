"""Settings from environment variables. An invalid value raises `ImproperlyConfigured`, which names the variable."""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
# A wheel has fixtures/ and docs/guide/ inside the package (pyproject.toml), and writes into `var/` where it is started.
_FILES_OF_WHEEL = BASE_DIR / "accords" / "files"
IS_WHEEL = _FILES_OF_WHEEL.is_dir()
FILES_DIR = _FILES_OF_WHEEL if IS_WHEEL else BASE_DIR
# The folder of the local database and secret key, and the collected static files.
VAR = Path.cwd() / "var" if IS_WHEEL else BASE_DIR / "var"
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
# The number of uses after which psycopg prepares a statement by itself. Django's default, None, would also turn off the
# preparation that compiled queries ask for.
NEVER_PREPARE = 2**31
CENTURY = 36_500  # days, the most that settings add to today or take from it


def invalid(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {reason}")


def env_str(name: str, default: str = "") -> str:
    """Return a variable without surrounding white space, or the default if it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_choice(name: str, default: str, *choices: str) -> str:
    value = env_str(name, default)
    if value not in choices:
        raise invalid(name, f"{value!r} is not one of {', '.join(choices)}.")
    return value


def env_bool(name: str, default: bool = False) -> bool:
    """Return whether a variable is 1; the only other value is 0."""
    return env_choice(name, "1" if default else "0", "0", "1") == "1"


def env_int(name: str, default: int, most: int = 999_999_999) -> int:
    """Return a variable as a whole number of at most nine digits, and no larger than `most`."""
    value = env_str(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise invalid(name, f"{value!r} is not a whole number.")
    if int(value) > most:
        raise invalid(name, f"{value} is more than {most}.")
    return int(value)


def env_list(name: str) -> list[str]:
    """Return the items of a variable that are separated by commas."""
    return [item.strip() for item in env_str(name).split(",") if item.strip()]


def allowed_hosts(production: bool, debug: bool) -> list[str]:
    """Return ALLOWED_HOSTS. Production must name its hosts, and debug mode is limited to this machine."""
    hosts = env_list("ALLOWED_HOSTS") or ([] if production else LOOPBACK)
    for host in hosts:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]", host):
            raise invalid(
                "ALLOWED_HOSTS", f"{host!r} is not a host name: neither scheme nor port, and IPv6 in brackets."
            )
    if production and (not hosts or "*" in hosts):
        raise invalid("ALLOWED_HOSTS", "production needs its host names, separated by commas; `*` would allow any.")
    if debug and not set(hosts) <= set(LOOPBACK):
        raise invalid(
            "DEBUG", f"DEBUG=1 shows internals to clients, so ALLOWED_HOSTS may only have {', '.join(LOOPBACK)}."
        )
    return hosts


def secret_key(production: bool) -> str:
    """Return SECRET_KEY; without one, a local installation keeps a generated key in `var/`."""
    key, local = env_str("SECRET_KEY"), VAR / "secret_key"
    if not production:
        return key or _local_secret_key()
    if not key:
        raise invalid(
            "SECRET_KEY", 'production needs one: python3 -c "import secrets; print(secrets.token_urlsafe(64))".'
        )
    if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise invalid("SECRET_KEY", "too weak for production: it needs at least 50 random characters.")
    with suppress(OSError):  # there is none, or this process may not read it
        if key == local.read_text(errors="replace").strip():
            raise invalid("SECRET_KEY", "this is the local key of var/secret_key: production needs its own.")
    return key


def _local_secret_key() -> str:
    """Return the key in `var/`, generated if there is none."""
    path = _path_in_var("secret_key", "SECRET_KEY")
    try:
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mode 0600
                draft.write(secrets.token_urlsafe(64))
                draft.flush()
                os.fsync(draft.fileno())
                with suppress(FileExistsError):
                    os.link(draft.name, path)  # atomic: several processes that start at once use one key
        return path.read_text().strip()
    except OSError as error:
        raise invalid("SECRET_KEY", f"not set, and {path} cannot be read or written ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise invalid("SECRET_KEY", f"not set, and {path} is no text. Delete it, and a new one is made.") from error


def _path_in_var(name: str, variable: str) -> Path:
    """Return the path of a file in `var/`, and create the folder. `variable` is named in the error if that fails."""
    try:
        VAR.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise invalid(variable, f"not set, and its default in {VAR} cannot be made ({error.strerror}).") from error
    return VAR / name


def database(production: bool) -> dict[str, Any]:
    """Return the database of DATABASE_URL; without one, a local installation uses SQLite in `var/`."""
    url = env_str("DATABASE_URL")
    if not url:
        if production:
            raise invalid("DATABASE_URL", "production needs one: postgresql://user:password@host:5432/name.")
        return _sqlite(str(_path_in_var("accords.sqlite3", "DATABASE_URL")), {})
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:  # its message can contain the password
        raise invalid("DATABASE_URL", "not a database URL, such as postgresql://user:password@host/name.") from None
    options = parsed.get("OPTIONS", {})
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(parsed["NAME"], options)
    if parsed["ENGINE"] == "django.db.backends.postgresql":
        return parsed | _postgresql(options)
    raise invalid("DATABASE_URL", "accords runs on SQLite (sqlite:///…) and PostgreSQL (postgresql://…).")


def _sqlite(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a SQLite database. `options` are those of the URL, which replace the defaults.

    IMMEDIATE: a transaction that reads before it writes otherwise fails at once with "database is locked" under load
    (`config/sqlite/base.py` has the rest of that). FULL keeps acknowledged writes when the power fails. Without
    mmap_size, counting and deep pages are ten times slower; the mapped file is the kernel's cache, which is reclaimed
    when memory is short. cache_size is memory of the process, for each connection.
    """
    try:
        if not Path(name).parent.is_dir():
            raise invalid("DATABASE_URL", f"there is no folder {Path(name).parent} for the SQLite file.")
        if Path(name).is_dir():
            raise invalid("DATABASE_URL", f"{name} is a folder, not a SQLite file.")
    except OSError as error:
        raise invalid("DATABASE_URL", f"{name} cannot be read ({error.strerror}).") from error
    mapped = env_int("DATABASE_MAPPED_MB", 2047) * 2**20  # SQLite maps less than 2 GiB
    defaults = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "cached_statements": 512,  # about the number of compiled queries
        "init_command": (
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size={mapped}; "
            "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
        ),
    }
    for option, value in options.items():
        if option not in ("timeout", "transaction_mode", "cached_statements"):
            raise invalid("DATABASE_URL", f"accords takes no option {option} for SQLite.")
        if option != "transaction_mode" and not isinstance(value, int):
            raise invalid("DATABASE_URL", f"{option} must be a whole number, not {value!r}.")
    # Opening a connection costs more than most queries, so it stays open.
    return {"ENGINE": "config.sqlite", "NAME": name, "CONN_MAX_AGE": None, "OPTIONS": defaults | options}


def _postgresql(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a PostgreSQL connection: time limits in seconds (0 = none) and prepared statements.

    PgBouncer in transaction mode (DATABASE_POOLER=transaction) refuses startup options and gives each transaction
    another connection. There the limits are settings of the role (`manage.py prepare_release --role-limits`), and
    prepared statements and cursors do not last longer than a transaction.
    """
    pooled = env_choice("DATABASE_POOLER", "none", "none", "transaction") == "transaction"
    prepared = env_bool("DATABASE_PREPARED", default=not pooled)
    defaults: dict[str, Any] = {"connect_timeout": env_int("DATABASE_CONNECT_TIMEOUT", 5)}
    if not pooled:
        limits = (f"-c {name}={seconds}s" for name, seconds in postgresql_limits().items())
        defaults["options"] = " ".join([*limits, *(f"-c {name}={value}" for name, value in PLANNING.items())])
    if prepared:
        defaults["prepare_threshold"] = NEVER_PREPARE
    return {
        "CONN_MAX_AGE": env_int("DATABASE_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "OPTIONS": defaults | options,
    }


# PostgreSQL's settings for planning. Its compiler (JIT) takes two seconds for some statements that run for 20 ms. Only
# statements for which one plan suits all values are prepared, so they always use the generic plan.
PLANNING = {"jit": "off", "plan_cache_mode": "force_generic_plan"}


def postgresql_limits() -> dict[str, int]:
    """Return PostgreSQL's time limits in seconds, so that no request waits without end. A migration may use 0."""
    return {
        "statement_timeout": env_int("DATABASE_STATEMENT_TIMEOUT", 15),
        "lock_timeout": env_int("DATABASE_LOCK_TIMEOUT", 5),
        "idle_in_transaction_session_timeout": env_int("DATABASE_IDLE_TIMEOUT", 30),
    }


def response_cache_url() -> str:
    """Return the URL of the Redis that shares responses between processes; empty if there is none."""
    url = env_str("ANSWER_CACHE_URL")
    if url and not re.match(r"(redis|rediss|unix)://.", url):
        raise invalid("ANSWER_CACHE_URL", "not the URL of a Redis, such as redis://host:6379/0.")
    return url


def proxy_ssl_header() -> tuple[str, str] | None:
    """Return Django's SECURE_PROXY_SSL_HEADER from a header as it is written in a request."""
    header = env_str("SECURE_PROXY_SSL_HEADER")
    if not header:
        return None
    name, _, value = header.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not value.strip():
        raise invalid("SECURE_PROXY_SSL_HEADER", f"{header!r} is not of the form `X-Forwarded-Proto: https`.")
    return "HTTP_" + name.upper().replace("-", "_"), value.strip()


def cors_origins() -> tuple[list[str], bool]:
    """Return the origins whose pages may call the API, and whether all may (`*`)."""
    origins = env_list("CORS_ORIGINS")
    if origins == ["*"]:
        return [], True
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise invalid("CORS_ORIGINS", f"{origin!r} is not an origin such as https://example.org, nor `*` alone.")
    return origins, False
