"""How the settings read the environment: each variable is checked, and a wrong one is refused by its name."""

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
VAR = BASE_DIR / "var"  # what the program writes: the local database and key, the collected static files
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


def text(name: str, default: str = "") -> str:
    """A variable without surrounding blanks; the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def refusal(name: str, reason: str) -> ImproperlyConfigured:
    """The error for a variable that cannot be used."""
    return ImproperlyConfigured(f"{name}: {reason}")


def choice(name: str, default: str, *options: str) -> str:
    """A variable that is one of a few words."""
    value = text(name, default)
    if value not in options:
        raise refusal(name, f"{value!r} is not one of {', '.join(options)}.")
    return value


def flag(name: str) -> bool:
    """A variable that is 1 or 0 (unset)."""
    return choice(name, "0", "0", "1") == "1"


def whole(name: str, default: int) -> int:
    """A variable that is a whole number, 0 or more."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise refusal(name, f"{value!r} is not a whole number.")
    return int(value)


def words(name: str) -> list[str]:
    """A variable that is a list, separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def allowed_hosts(production: bool, debug: bool) -> list[str]:
    """The host names under which we are addressed; elsewhere a request is refused."""
    hosts = words("ALLOWED_HOSTS") or ([] if production else LOOPBACK)
    for host in hosts:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]", host):
            raise refusal(
                "ALLOWED_HOSTS", f"{host!r} is not a host name: neither scheme nor port, and IPv6 in brackets."
            )
    if production and (not hosts or "*" in hosts):
        raise refusal("ALLOWED_HOSTS", "production needs its host names, separated by commas; `*` would allow any.")
    if debug and not set(hosts) <= set(LOOPBACK):
        raise refusal(
            "DEBUG", f"DEBUG=1 shows the inside to callers, so ALLOWED_HOSTS may only have {', '.join(LOOPBACK)}."
        )
    return hosts


def in_var(name: str, variable: str) -> Path:
    """The path of a file of ours in `var/`, which is made where it is missing; `variable` would do without it."""
    try:
        VAR.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise refusal(variable, f"not set, and its default in {VAR} cannot be made ({error.strerror}).") from error
    return VAR / name


def written_once(path: Path, content: str) -> str:
    """What the file holds; where there is none, `content` is written first. Two who start at once read the same."""
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mode 0600
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                os.link(draft.name, path)  # all or nothing, and never over a file that another has just made
    return path.read_text().strip()


def local_secret_key() -> str:
    """The key of one person's machine: made once, readable by its owner alone."""
    path = in_var("secret_key", "SECRET_KEY")
    try:
        return written_once(path, secrets.token_urlsafe(64))
    except OSError as error:
        raise refusal("SECRET_KEY", f"not set, and {path} cannot be read or written ({error.strerror}).") from error


def secret_key() -> str:
    """The key that signs sessions, as production needs it: given, strong, and its own."""
    key, local = text("SECRET_KEY"), VAR / "secret_key"
    if not key:
        raise refusal(
            "SECRET_KEY", 'production needs one: python3 -c "import secrets; print(secrets.token_urlsafe(64))".'
        )
    if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise refusal("SECRET_KEY", "too weak for production: it needs at least 50 random characters.")
    if local.is_file() and key == local.read_text().strip():
        raise refusal("SECRET_KEY", "this is the local key of var/secret_key: production needs its own.")
    return key


# Uses after which the driver prepares a statement that nobody asked it to. Without a number, as Django connects, it
# prepares none at all.
NEVER = 2**31


def postgresql_options() -> dict[str, Any]:
    """Limits for PostgreSQL, so that no request waits for ever. Seconds; 0 switches one off, as a migration may."""
    limits = {
        "statement_timeout": whole("DATABASE_STATEMENT_TIMEOUT", 15),
        "lock_timeout": whole("DATABASE_LOCK_TIMEOUT", 5),
        "idle_in_transaction_session_timeout": whole("DATABASE_IDLE_TIMEOUT", 30),
    }
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds)
    told = {"connect_timeout": whole("DATABASE_CONNECT_TIMEOUT", 5)} | ({"options": options} if options else {})
    prepared = choice("DATABASE_PREPARED", "1", "0", "1") == "1"  # 0 where a pooler keeps no prepared statements
    return told | ({"prepare_threshold": NEVER} if prepared else {})


# Without IMMEDIATE a transaction that reads before it writes fails at once with "database is locked" under load; how
# writers wait for their turn, `config/sqlite/base.py` says. FULL keeps acknowledged writes over a power cut. Without
# mmap_size counting and deep pages are an order of magnitude slower. What is mapped is the kernel's cache of the file,
# which it takes back when memory is short; cache_size is memory of our own, for each connection.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "cached_statements": 512,  # about as many as there are plans: each is compiled once
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        f"PRAGMA mmap_size={whole('DATABASE_MAPPED_MB', 2047) * 2**20}; "  # SQLite maps less than 2 GiB
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
    ),
}


def sqlite(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """A SQLite database: a file in a folder that is there, or `:memory:`."""
    if not Path(name).parent.is_dir():
        raise refusal("DATABASE_URL", f"there is no folder {Path(name).parent} for the SQLite file.")
    return {
        "ENGINE": "config.sqlite",
        "NAME": name,
        "CONN_MAX_AGE": None,  # opening a connection costs more than most queries
        "OPTIONS": SQLITE_OPTIONS | options,
    }


def database_of(url: str) -> dict[str, Any]:
    """The database that a URL names, with the options that each kind needs; those in the URL itself prevail."""
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:  # its message can show the password
        raise refusal("DATABASE_URL", "not a database URL, such as postgresql://user:password@host/name.") from None
    if found["ENGINE"] == "django.db.backends.sqlite3":
        return sqlite(found["NAME"], found.get("OPTIONS", {}))
    if found["ENGINE"] == "django.db.backends.postgresql":
        persistent = {"CONN_MAX_AGE": whole("DATABASE_MAX_AGE", 600), "CONN_HEALTH_CHECKS": True}
        return found | persistent | {"OPTIONS": postgresql_options() | found.get("OPTIONS", {})}
    raise refusal("DATABASE_URL", "accords runs on SQLite (sqlite:///…) and PostgreSQL (postgresql://…).")


def database(production: bool) -> dict[str, Any]:
    """The database: by DATABASE_URL, or on one person's machine SQLite in `var/`."""
    url = text("DATABASE_URL")
    if url:
        return database_of(url)
    if production:
        raise refusal("DATABASE_URL", "production needs one: postgresql://user:password@host:5432/name.")
    return sqlite(str(in_var("accords.sqlite3", "DATABASE_URL")), {})


def answer_cache() -> str:
    """The URL of the Redis in which answers are kept; empty where there is none."""
    url = text("ANSWER_CACHE_URL")
    if url and not re.match(r"(redis|rediss|unix)://.", url):
        raise refusal("ANSWER_CACHE_URL", "not the URL of a Redis, such as redis://host:6379/0.")
    return url


def proxy_header() -> tuple[str, str] | None:
    """The header by which a trusted proxy says that its caller came over TLS, as Django wants it."""
    given = text("SECURE_PROXY_SSL_HEADER")
    if not given:
        return None
    name, _, value = given.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not value.strip():
        raise refusal("SECURE_PROXY_SSL_HEADER", f"{given!r} is not of the form `X-Forwarded-Proto: https`.")
    return "HTTP_" + name.upper().replace("-", "_"), value.strip()


def cross_origins() -> tuple[list[str], bool]:
    """The sites whose pages may call the API, as browsers name them; and whether `*` says that all may."""
    given = words("CORS_ORIGINS")
    if given == ["*"]:
        return [], True
    for origin in given:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise refusal("CORS_ORIGINS", f"{origin!r} is not an origin such as https://example.org, nor `*` alone.")
    return given, False
