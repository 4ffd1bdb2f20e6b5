"""Django's settings. Values that differ between machines come from the environment; a wrong one stops the start.

The defaults suit one person's machine and nothing else: `ENVIRONMENT=production` has no defaults where they could hurt.
"""

from datetime import timedelta
from typing import Any

from config.documentation import DESCRIPTION, RESOURCES
from config.environment import (
    BASE_DIR,
    VAR,
    allowed_hosts,
    answer_cache,
    choice,
    cross_origins,
    database,
    flag,
    local_secret_key,
    proxy_header,
    refusal,
    secret_key,
    text,
    whole,
    words,
)

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
    "accords",  # the first: its templates and its words come before those of others
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
    "simple_history",
]

MIDDLEWARE = [
    "config.request_log.request_log",
    "config.middleware.browser_rules",
    "config.health.probes",  # before whatever redirects to TLS or minds the host's name
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "accords.api.fast.middleware.quick_lane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.editors_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # so that records know who asked
    "axes.middleware.AxesMiddleware",  # the last: it replaces the answer to a login that is locked
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
SIMPLE_HISTORY_DATE_INDEX = False  # records are found by their row, never by their date alone
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
AXES_CLIENT_IP_CALLABLE = "accords.client_address.address"
AXES_LOCKOUT_CALLABLE = "config.auth.locked"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or whoever goes on trying keeps an account locked for ever
AXES_DISABLE_ACCESS_LOG = True  # successful logins stand in the log; a table of them would only grow
AXES_VERBOSE = False
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

# Languages and time: all instants are UTC, and answers say so. Only the admin speaks another language than English.

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_PATH = "language", "/admin/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_SECURE = True, "Lax", PRODUCTION

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

_scripts = "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data:"
_frames = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
PAGE_POLICY = f"{_scripts}; style-src 'self'; {_frames}"
REDOC_POLICY = f"{_scripts}; style-src 'self' 'unsafe-inline'; {_frames}"  # it writes its styles while it runs
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb"))
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:  # browsers take cookies of such names from this very host alone, and only over TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = whole("HSTS_SECONDS", 365 * 24 * 3600) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = proxy_header()

# Pages of other sites may call the API only where CORS_ORIGINS names them, and never with cookies

CORS_ALLOWED_ORIGINS, CORS_ALLOW_ALL_ORIGINS = cross_origins()
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (
    *("accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"),
)
CORS_EXPOSE_HEADERS = ("Content-Disposition", "ETag", "Location", "Retry-After", "WWW-Authenticate", "X-Request-ID")
if CORS_ALLOWED_ORIGINS or CORS_ALLOW_ALL_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(2, "corsheaders.middleware.CorsMiddleware")

# Everything is logged to standard error, with the time in the zone of TIME_ZONE and the id of the request; each request
# besides by a line of JSON (config/request_log.py). The server sets ACCESS_LOG=1 where it is not set.

ACCESS_LOG = flag("ACCESS_LOG")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s]: %(message)s"}},
    "filters": {"request_id": {"()": "config.request_log.RequestId"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {
        "handlers": ["stderr"],
        "level": choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR"),
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # a caller's mistake stands in the request log
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners do it all day; the request log tells
    },
}

# Answers are kept as long as the data stays as it is: so many bytes in each process (0 = none), and in a Redis if named

ANSWER_CACHE_BYTES = whole("ANSWER_CACHE_BYTES", 64 * 2**20)
ANSWER_CACHE_URL = answer_cache()

# Whole lists as files: how many each process makes and sends at once (0 = none), and how many seconds making one may
# take, and sending it

EXPORTS_AT_ONCE = whole("EXPORTS_AT_ONCE", 2)
EXPORT_SECONDS = whole("EXPORT_SECONDS", 300)

# The API and its schema

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [  # the first says in a 401 how to come in
        "accords.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accords.api.permissions.ModelPermissions"],
    "EXCEPTION_HANDLER": "accords.api.errors.handle",
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
            *("StatementKind", "Polarity", "Certainty", "EventKind", "EventStatus", "DateCertainty", "ChangeKind"),
        )
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
