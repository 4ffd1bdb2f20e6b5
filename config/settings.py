"""Django's settings. Values that differ between machines come from the environment; a wrong one stops the start.

The defaults suit one person's machine and nothing else: `ENVIRONMENT=production` has no defaults where they could hurt.
"""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.documentation import DESCRIPTION, RESOURCES

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


def postgresql_options() -> dict[str, Any]:
    """Limits for PostgreSQL, so that no request waits for ever. Seconds; 0 switches one off, as a migration may."""
    limits = {
        "statement_timeout": whole("DATABASE_STATEMENT_TIMEOUT", 15),
        "lock_timeout": whole("DATABASE_LOCK_TIMEOUT", 5),
        "idle_in_transaction_session_timeout": whole("DATABASE_IDLE_TIMEOUT", 30),
    }
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds)
    return {"connect_timeout": whole("DATABASE_CONNECT_TIMEOUT", 5)} | ({"options": options} if options else {})


# Without IMMEDIATE a transaction that reads before it writes fails at once with "database is locked" under load; the
# queue of writers is not fair, hence the long timeout. FULL keeps acknowledged writes over a power cut. Without
# mmap_size counting and deep pages are an order of magnitude slower.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=268435456; "
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
    ),
}


def sqlite(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """A SQLite database: a file in a folder that is there, or `:memory:`."""
    if not Path(name).parent.is_dir():
        raise refusal("DATABASE_URL", f"there is no folder {Path(name).parent} for the SQLite file.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
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


# Where we are, and what must be so there

PRODUCTION = choice("ENVIRONMENT", "local", "local", "production") == "production"
DEBUG = flag("DEBUG")
if PRODUCTION and DEBUG:
    raise refusal("DEBUG", "production never runs with DEBUG=1: it would show the inside to callers.")
ALLOWED_HOSTS = allowed_hosts(PRODUCTION, DEBUG)
SECRET_KEY = secret_key() if PRODUCTION else text("SECRET_KEY") or local_secret_key()
DATABASES = {"default": database(PRODUCTION)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The application

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "accords",
]

MIDDLEWARE = [
    "config.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "accords.api.reading.lane.quick_lane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",  # the last: it replaces the answer to a login that is locked
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
RENEWAL_HORIZON = text("RENEWAL_HORIZON", "P10Y")  # how far past today computed renewal dates are kept (ISO 8601)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the admin's page of a long agreement, with all its rows, has thousands

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Who may come in. Failures are counted in the database, so that every worker knows them: logins by account and by
# address, wrong tokens by address. The address is the peer's, unless TRUSTED_PROXIES says how many proxies are ours.

TRUSTED_PROXIES = whole("TRUSTED_PROXIES", 0)
TOKEN_FAILURE_LIMIT = whole("TOKEN_FAILURE_LIMIT", 20)
TOKEN_FAILURE_WINDOW = timedelta(minutes=5)
AXES_FAILURE_LIMIT = whole("LOGIN_FAILURE_LIMIT", 10)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]  # either of them locks
AXES_CLIENT_IP_CALLABLE = "accords.callers.address"
AXES_LOCKOUT_CALLABLE = "config.logins.locked"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or whoever goes on trying keeps an account locked for ever
AXES_DISABLE_ACCESS_LOG = True  # successful logins stand in the log; a table of them would only grow
AXES_VERBOSE = False
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "config.logins.Passwords"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
        "config.logins.MaximumLengthValidator",
    )
]

# Languages and time: all instants are UTC, and answers say so

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]

# Static files: `hashed` needs `manage.py collectstatic`, `plain` reads them where they lie (for tests and development)

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
_plain = choice("STATIC_FILES", "hashed" if PRODUCTION else "plain", "hashed", "plain") == "plain"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = _plain
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _plain
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Safety in the browser and on the way there

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = whole("HSTS_SECONDS", 365 * 24 * 3600) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = proxy_header()

# Everything is logged to standard error, with the time in the zone of TIME_ZONE

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR"),
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners do it all day; the access log tells
    },
}

# Answers are kept as long as the data stays as it is: so many bytes in each process (0 = none), and in a Redis if named

ANSWER_CACHE_BYTES = whole("ANSWER_CACHE_BYTES", 64 * 2**20)
ANSWER_CACHE_URL = answer_cache()

# The API and its schema

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [  # the first says in a 401 how to come in
        "accords.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accords.api.permissions.ModelPermissions"],
    "EXCEPTION_HANDLER": "accords.api.problems.handle",
    "DEFAULT_SCHEMA_CLASS": "accords.api.schema.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "accords",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": DESCRIPTION,
    "CONTACT": {"name": "accords contributors"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "This server"}],
    "TAGS": [{"name": name, "description": text} for name, text in RESOURCES.items()],
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "accords.api.schema.tidy"],
    "ENUM_NAME_OVERRIDES": {
        name: f"accords.vocabulary.{name}"
        for name in (
            *("SourceKind", "PartyKind", "Instrument", "AgreementStatus", "RenewalMode", "TemporalStatus", "PartyRole"),
            *(
                "ClauseType",
                "Standing",
                "Modality",
                "Scope",
                "ClauseRole",
                "RenewalKind",
                "RenewalBasis",
                "RenewalStatus",
            ),
            *("StatementKind", "Polarity", "Certainty", "EventKind", "EventStatus", "DateCertainty"),
        )
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
