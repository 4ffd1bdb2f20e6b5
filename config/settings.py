"""Django's settings for accords. What differs between installations comes from the environment (config/environment.py).

The defaults suit a local installation only: ENVIRONMENT=production has no defaults that would be unsafe there.
"""

from datetime import timedelta
from typing import Any

from accords import __version__
from config.documentation import DESCRIPTION, RESOURCES
from config.environment import (
    BASE_DIR,  # noqa: F401 - a setting
    CENTURY,
    FILES_DIR,
    VAR,
    allowed_hosts,
    cors_origins,
    database,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_str,
    invalid,
    proxy_ssl_header,
    response_cache_url,
    secret_key,
)

# Core

PRODUCTION = env_choice("ENVIRONMENT", "local", "local", "production") == "production"
DEBUG = env_bool("DEBUG")
if PRODUCTION and DEBUG:
    raise invalid("DEBUG", "production never runs with DEBUG=1: it would show internals to clients.")
ALLOWED_HOSTS = allowed_hosts(PRODUCTION, DEBUG)
SECRET_KEY = secret_key(PRODUCTION)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "accords",  # the first: its templates and translations override those of others
    "accords.apps.AccordsAdminConfig",  # instead of django.contrib.admin
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
    "simple_history",
]

MIDDLEWARE = [
    "config.middleware.access_log",
    "config.middleware.browser_rules",
    "config.middleware.probes",  # before what redirects to TLS or checks the host name
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.ConditionalGetMiddleware",
    "accords.api.rate_limit.anonymous_rate_limit",
    "accords.api.fast.middleware.answer_cache",
    "config.middleware.compression",
    "accords.api.fast.middleware.skip_rest_for_anonymous_reads",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.editors_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",  # the last: it replaces the response of a login that has to wait
]

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

FORM_RENDERER = "accords.admin.form_renderer.FormRenderer"

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20  # the text of a source has up to 5 MB; the API has limits of its own
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the admin's page of a long agreement has thousands

# Database

DATABASES = {"default": database(PRODUCTION)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [FILES_DIR / "fixtures"]

# Finished responses are cached in each process, and in one Redis where processes are to share them.

ANSWER_CACHE_BYTES = env_int("ANSWER_CACHE_BYTES", 64 * 2**20)  # responses cached in each process; 0 = none
ANSWER_CACHE_URL = response_cache_url()
if ANSWER_CACHE_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "answers": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": ANSWER_CACHE_URL,
            "TIMEOUT": 3600,  # Redis bounds them in bytes itself, by `maxmemory`
            "OPTIONS": {
                "serializer": "accords.api.fast.middleware.PlainBytes",
                "socket_timeout": 0.1,  # longer, and asking the database is quicker
                "socket_connect_timeout": 0.1,
            },
        },
    }

# Authentication. Failures are counted in the database, so that all processes know them: logins by account and address,
# invalid tokens by address. The address is the peer's, unless TRUSTED_PROXIES says how many proxies are ours.

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "config.auth.Passwords"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
        "config.auth.MaximumLengthValidator",
    )
]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)
TOKEN_FAILURE_LIMIT = env_int("TOKEN_FAILURE_LIMIT", 20)
TOKEN_FAILURE_WINDOW = timedelta(minutes=5)
AXES_FAILURE_LIMIT = env_int("LOGIN_FAILURE_LIMIT", 5)
AXES_COOLOFF_TIME = timedelta(minutes=1)
# The pair waits: otherwise anybody could lock an account everywhere, or an office out of all its accounts.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accords.client_address.address"
AXES_LOCKOUT_CALLABLE = "config.auth.login_delayed"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # otherwise more failures would prolong the wait for ever
AXES_DISABLE_ACCESS_LOG = True  # successful logins are in the log; a table of them would only grow
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # shown to the account's owner at the next login
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 100
AXES_VERBOSE = False

# Internationalization. All instants are UTC, and responses say so. Only the admin is translated.

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
TIME_ZONE = "UTC"  # the API promises that `today` is the day in UTC
USE_TZ = True
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_PATH = "language", "/admin/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE = True, "Lax", PRODUCTION

# Static files. `hashed` needs `manage.py collectstatic`; `plain` serves the apps' files, for tests and development.

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
_plain = env_choice("STATIC_FILES", "hashed" if PRODUCTION else "plain", "hashed", "plain") == "plain"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = _plain
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _plain
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Security. Browsers take cookies with the prefix __Host- from this very host alone, and only over TLS.

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 365 * 24 * 3600) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = proxy_ssl_header()
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
X_FRAME_OPTIONS = "DENY"
_loads = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data:"
)
PAGE_POLICY = f"{_loads}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb"))

# Logging: JSON lines on standard error (config/logging.py), with times in UTC.

ACCESS_LOG = env_bool("ACCESS_LOG")  # config/wsgi.py turns it on where it is not set
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logging.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        "handlers": ["stderr"],
        "level": env_choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR"),
    },
    "loggers": {
        "axes": {"level": "ERROR"},  # config/auth.py logs logins, and no name that has no account
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # a client's mistake is in the access log
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners cause it all day; see the access log
        "py.warnings": {"handlers": [], "propagate": True},
    },
}

# CORS: pages of other sites may call the API only if CORS_ORIGINS names them, and never with cookies.

CORS_ALLOWED_ORIGINS, CORS_ALLOW_ALL_ORIGINS = cors_origins()
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (
    *("accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"),
)
CORS_EXPOSE_HEADERS = (
    "Accords-Cursor",
    "Content-Disposition",
    "ETag",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
if CORS_ALLOWED_ORIGINS or CORS_ALLOW_ALL_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(2, "corsheaders.middleware.CorsMiddleware")

# E-mail: without EMAIL_HOST, messages are printed by the process that sends them.

EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env_int("EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_USER"), env_str("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "accords@localhost")

# accords

RENEWAL_HORIZON = env_str("RENEWAL_HORIZON", "P10Y")  # how far past today renewal dates are computed (ISO 8601)
WEBHOOKS_TO_PRIVATE_ADDRESSES = env_bool("WEBHOOKS_TO_PRIVATE_ADDRESSES")  # and without TLS
RENEWAL_NOTICE_DAYS = env_int("RENEWAL_NOTICE_DAYS", 30, CENTURY)  # before its date; the feed announces a renewal then
CHANGES_KEPT_DAYS = env_int("CHANGES_KEPT_DAYS", 90, CENTURY)  # of the feed; mirrors that pause longer begin again
SIMPLE_HISTORY_DATE_INDEX = False  # versions are looked up by their row, never by their date alone
ANONYMOUS_READS_PER_MINUTE = env_int("ANONYMOUS_READS_PER_MINUTE", 0)  # of one address, in each process; 0 = any
COUNT_LIMIT = env_int("COUNT_LIMIT", 5_000)  # rows that `count=exact` counts; of more it says so; 0 = all
PAGE_WEIGHT = env_int("PAGE_WEIGHT", 200)  # of a page whose rows show lists and texts (`Resource.weights`); 0 = any
CALENDAR_EVENTS = env_int("CALENDAR_EVENTS", 300)  # of a calendar, the nearest; 0 = all
EXPORTS_AT_ONCE = env_int("EXPORTS_AT_ONCE", 2)  # files of whole lists made at a time in each process; 0 = none
EXPORTS_PER_CALLER = env_int(
    "EXPORTS_PER_CALLER", 4
)  # files that one caller receives at a time from each process; 0 = any
EXPORT_SECONDS = env_int("EXPORT_SECONDS", 300)  # for making such a file

# The API and its schema

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [  # the first says in a 401 how to come in
        "accords.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accords.api.permissions.ModelPermissions"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accords.api.http.ContentNegotiation",
    "EXCEPTION_HANDLER": "accords.api.errors.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "accords.api.schema.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "accords",
    "VERSION": __version__,
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
    # In this order: the second one reads the schemas that the first one adds.
    "POSTPROCESSING_HOOKS": ["accords.api.schema.complete", "accords.api.schema_examples.add_property_examples"],
}
