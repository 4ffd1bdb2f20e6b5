"""How gunicorn serves accords: `gunicorn --config config/gunicorn.py`. Values come from the environment."""

import os

_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

wsgi_app = "config.wsgi"
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"

# A thread that waits for SQLite's one writer, or for a slow client, must not hold up the others.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
preload_app = True  # a fault in the settings stops the server once, with its message, instead of every worker

# An answer has a minute; a stop lets accepted requests end first. Workers are replaced now and then against slow leaks.
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = int(os.environ.get("WEB_MAX_REQUESTS") or 20_000)
max_requests_jitter = 0

# A query of 50 parameters, or a list of 100 slugs, fits into the request line; nothing needs more.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# Whether a request came over TLS is told by the setting SECURE_PROXY_SSL_HEADER alone, never by gunicorn's own guess.
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True

accesslog = "-"
errorlog = "-"
access_log_format = '%(t)s %(h)s "%(r)s" %(s)s, %(B)s bytes, %(M)s ms'
