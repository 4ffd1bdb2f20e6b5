"""Probes for load balancers: `/livez` (the process answers) and `/readyz` (it can serve requests)."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from accords.api import errors
from config import release

SECONDS = 2  # a database that takes longer is of no use to clients


def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if the database answers in time and the release is prepared, else 503 with what is missing."""
    reason = check.reason()
    return errors.problem_response(request, errors.Unavailable(reason)) if reason else JsonResponse({"status": "ready"})


class ReadinessCheck:
    """Ask the database in a thread of its own, so that none of the server's threads waits for it.

    While a question hangs, no other is asked: one thread may hang, not many.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None  # made by the first question, in the process that asks it
        self._last: Future[str] | None = None

    def reason(self) -> str:
        """Return why the process is not ready; empty if it is."""
        with self._lock:
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="readyz")
            if self._last is None or self._last.done():
                self._last = self._pool.submit(not_ready)
            last = self._last
        try:
            return last.result(timeout=SECONDS)
        except TimeoutError:
            return f"The database has not answered within {SECONDS} seconds."


def not_ready() -> str:
    """Return what is missing, over a new connection: one that is open already shows less."""
    try:
        return " ".join(release.unfinished())
    except (DatabaseError, InterfaceError):
        return "The database does not answer."
    finally:
        connection.close()


check = ReadinessCheck()
