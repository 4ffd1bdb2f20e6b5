"""How long requests take, so that slow ones wait for each other and quick ones wait for none of them."""

from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

from accords.api.exports.renderers import RENDERERS
from accords.api.negotiation import READS

DATA = ("/api/", "/agreements")
EXPORTS = tuple(f".{renderer.format}" for renderer in RENDERERS)
QUICK = 0.02  # seconds
MOST = 2 * QUICK  # that counts: on a busy machine any request can take long once
WEIGHT = 1 / 8  # of the last request in the mean of its kind
KINDS = 4096  # that are remembered
ROW = 4  # the place of a row's name in an address: /api/v1/agreements/*


class Kind(NamedTuple):
    """What requests have in common that take about as long."""

    address: str
    parameters: frozenset[str]
    accept: str


def kind_of(scope: Any) -> Kind | None:
    """Return the kind of a read of data; None for what counts as quick: all else, and files of whole lists.

    So many files are made at a time as `EXPORTS_AT_ONCE` says.
    """
    if scope.method not in READS or not scope.path.startswith(DATA) or scope.path.endswith(EXPORTS):
        return None
    parts = scope.path.split("/")
    if len(parts) > ROW:
        parts[ROW] = "*"
    names = frozenset(pair.partition("=")[0] for pair in scope.query_string.split("&"))
    return Kind("/".join(parts), names, scope.headers.get("accept") or "")


class Durations:
    """The mean duration of each kind of requests, in which the last ones count most.

    A kind that is not known counts as just slow: nobody gets ahead of others by requests of ever new kinds.
    """

    def __init__(self) -> None:
        self._seconds: OrderedDict[Kind, float] = OrderedDict()
        self._lock = Lock()

    def are_slow(self, kind: Kind | None) -> bool:
        """Return whether requests of this kind are slow."""
        return kind is not None and self._seconds.get(kind, QUICK) >= QUICK

    def add(self, kind: Kind, seconds: float) -> None:
        """Note how long a request of this kind took."""
        with self._lock:
            mean = self._seconds.get(kind, QUICK)
            self._seconds[kind] = mean + (min(seconds, MOST) - mean) * WEIGHT
            self._seconds.move_to_end(kind)
            if len(self._seconds) > KINDS:
                self._seconds.popitem(last=False)
