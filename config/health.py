"""Whether this process lives and is ready to serve, for load balancers: `/livez` and `/readyz`.

They ask by plain HTTP, by any host name and without credentials, so this stands before whatever would turn them away.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from functools import cache
from threading import Lock

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.exceptions import MethodNotAllowed

from accords.api import errors

SECONDS = 2  # a database that takes longer is of no use to callers
MIGRATE = "The database is not migrated: run manage.py migrate."
Name = tuple[str, str]
View = Callable[[HttpRequest], HttpResponse]


def probes(get_response: View) -> View:
    """Answer probes; hand on all else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return get_response(request) if probe is None else answered(request, probe)

    return middleware


def answered(request: HttpRequest, probe: View) -> HttpResponse:
    """A probe's answer, which nobody keeps."""
    if request.method in ("GET", "HEAD"):
        response = probe(request)
    else:
        response = errors.answer(request, MethodNotAllowed(str(request.method)))
        response.headers["Allow"] = "GET, HEAD"
    response.headers["Cache-Control"] = "no-store"
    return response


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers in time and has all our migrations; 503 where not."""
    fault = ASKED.fault()
    return errors.answer(request, errors.Unavailable(fault)) if fault else JsonResponse({"status": "ready"})


class SearchQuery:
    """The question put to the database, in a thread of its own so that none of the server's has to wait for it."""

    def __init__(self) -> None:
        """Nothing is asked yet; the thread begins with the first question, in the process that has it."""
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._last: Future[str] | None = None

    def fault(self) -> str:
        """What is wrong, blank if nothing is. A question that hangs is not put again: one thread may hang, not many."""
        try:
            return self._question().result(timeout=SECONDS)
        except TooSlow:
            return f"The database has not answered within {SECONDS} seconds."

    def _question(self) -> "Future[str]":
        with self._lock:
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="readyz")
            if self._last is None or self._last.done():
                self._last = self._pool.submit(ask)
            return self._last


def ask() -> str:
    """What is wrong with the database, asked by a new connection: one that is open already shows less."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except (DatabaseError, InterfaceError):
        return "The database does not answer."
    finally:
        connection.close()
    return "" if all(applied & names for names in needed()) else MIGRATE


@cache
def needed() -> tuple[frozenset[Name], ...]:
    """For each of our migrations the names under which it may have been applied: its own, or one that it replaces."""
    loader = MigrationLoader(None)
    return tuple(frozenset({name, *migration.replaces}) for name, migration in loader.disk_migrations.items())


ASKED = SearchQuery()
PROBES: dict[str, View] = {"/livez": alive, "/readyz": ready}
