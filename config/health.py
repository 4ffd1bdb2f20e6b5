"""Probes for load balancers: `/livez` (the process answers) and `/readyz` (it can serve requests)."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from accords.api import errors
from config import release

SECONDS = 2  # within which the database must answer


def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if the database answers in time and the release is prepared, else 503 with what is missing."""
    reason = check.reason()
    return errors.problem_response(request, errors.Unavailable(reason)) if reason else JsonResponse({"status": "ready"})


class ReadinessCheck:
    """A check whether requests can be served, run in a thread of its own: none of the server's threads waits for it.

    While a check hangs, no other is started, so that only one thread hangs.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = (
            None  # created at the first check: not in the process that forks the workers
        )
        self._last: Future[str] | None = None

    def reason(self) -> str:
        """Return why the process cannot serve requests; empty if it can."""
        with self._lock:
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="readyz")
            if self._last is None or self._last.done():
                self._last = self._pool.submit(find_problem)
            last = self._last
        try:
            return last.result(timeout=SECONDS)
        except TimeoutError:
            return f"The database has not answered within {SECONDS} seconds."


def find_problem() -> str:
    """Return the problem that prevents serving requests; empty if there is none.

    The connection is closed afterwards, so that each check also tests whether the database accepts connections.
    """
    try:
        return " ".join(release.unfinished())
    except (DatabaseError, InterfaceError):
        return "The database does not answer."
    finally:
        connection.close()


check = ReadinessCheck()
