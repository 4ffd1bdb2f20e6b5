"""Prediction of slow requests from the durations of earlier requests of the same kind."""

from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

from accords.api.exports.renderers import RENDERERS
from accords.api.http import READS

DATA = ("/api/", "/agreements")
EXPORTS = tuple(f".{renderer.format}" for renderer in RENDERERS)
QUICK = 0.02  # seconds: kinds with a lower mean are quick
MAX_COUNTED = 2 * QUICK  # seconds of one request: on a busy machine any request can be slow once
WEIGHT = 1 / 8  # the share of the last request in the mean of its kind
MAX_KINDS = 4096  # kinds of requests with a mean
# The index of a row's id or slug in the segments of a path, by the first segment: /api/v1/agreements/*, /agreements/*.
ROW_SEGMENTS = {"api": 4, "agreements": 2}


class RequestKind(NamedTuple):
    """The path without the id or slug of a row, the names of the query parameters, and the `Accept` header."""

    path: str
    parameters: frozenset[str]
    accept: str


def request_kind(scope: Any) -> RequestKind | None:
    """Return the kind of a GET or HEAD of data; None for other requests, which are always treated as quick.

    Exports are among those: `EXPORTS_AT_ONCE` limits them.
    """
    path = scope.path.rstrip("/")
    if scope.method not in READS or not path.startswith(DATA) or path.endswith(EXPORTS):
        return None
    parts = path.split("/")
    row_segment = ROW_SEGMENTS.get(parts[1], len(parts))
    if len(parts) > row_segment:
        parts[row_segment] = "*"
    names = frozenset(pair.partition("=")[0] for pair in scope.query_string.split("&"))
    return RequestKind("/".join(parts), names, scope.headers.get("accept") or "")


class MeanDurations:
    """A moving average of the duration of the requests of each kind, in seconds.

    A kind without requests so far is slow, so that inventing new parameters does not make a request quick.
    """

    def __init__(self) -> None:
        self._seconds: OrderedDict[RequestKind, float] = OrderedDict()
        self._lock = Lock()

    def is_slow(self, kind: RequestKind | None) -> bool:
        """Return whether the average of a kind is `QUICK` seconds or more."""
        return kind is not None and self._seconds.get(kind, QUICK) >= QUICK

    def add(self, kind: RequestKind, seconds: float) -> None:
        """Add the duration of a request to the average of its kind; of too many kinds, forget the least recent one."""
        with self._lock:
            mean = self._seconds.get(kind, QUICK)
            self._seconds[kind] = mean + (min(seconds, MAX_COUNTED) - mean) * WEIGHT
            self._seconds.move_to_end(kind)
            if len(self._seconds) > MAX_KINDS:
                self._seconds.popitem(last=False)
