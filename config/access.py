"""The access log: a line on standard error for each request: when, who, what, the answer, how long."""

import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from config.wsgi import application as answering

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@lru_cache(1)
def moment(second: int) -> str:
    """A second in UTC, as RFC 3339 writes it; told of a second once."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def address(environ: Environ) -> str:
    """Path and query as one word of visible characters, whatever the caller has sent."""
    path: str = environ["PATH_INFO"]
    query = environ.get("QUERY_STRING", "")
    shown = path if path.isascii() and path.isprintable() and " " not in path else quote(path, encoding="latin-1")
    return f"{shown}?{query}" if query else shown


def logged(application: Application, write: Callable[[str], Any]) -> Application:
    """An application of which each answer is told when it begins to go out."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, said = time.perf_counter(), ["500"]
        asked = f'{environ.get("REMOTE_ADDR", "-")} "{environ["REQUEST_METHOD"]} {address(environ)}"'

        def start(status: str, *more: Any) -> Any:
            said[0] = status[:3]
            return start_response(status, *more)

        body = application(environ, start)
        took = 1000 * (time.perf_counter() - began)
        write(f"{moment(int(time.time()))} {asked} {said[0]} {took:.1f} ms\n")
        return body

    return answer


application = logged(answering, lambda line: sys.stderr.write(line))
