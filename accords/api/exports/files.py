"""How the file of a whole list is written: from one state of the data, in chunks, so that memory does not grow with it.

The file is whole before the first byte of it leaves. So whatever fails is told by a status, and no client takes half
of a list for all of it; the length is known, by which a broken transfer shows; and the database is released before the
client, which may be slow, takes anything. Small files stay in memory, others lie in the system's folder for temporary
files, without a name, and are gone with the response or with the process.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext
from hashlib import sha256
from itertools import chain
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Lock
from typing import IO, Any
from weakref import finalize

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.exceptions import Throttled

from accords.api import feed
from accords.api.errors import StorageFull, Unavailable
from accords.api.fast import responses
from accords.api.http import accepts_gzip
from accords.client_address import address
from accords.db import revision
from accords.db.isolation import low_memory, snapshot
from accords.models.base import can_view_drafts

CHUNK = 1000  # rows that are read at a time
IN_MEMORY = 2**20  # bytes up to which a file is kept in memory
BLOCK = 2**18  # bytes that are sent at a time
BUSY = "As many exports are under way as may be at once. Try again shortly."
SLOW = "The export took too long to make. Narrow the list by a filter, and have it in parts."
TOO_MANY = "You are receiving as many exports as one caller may at once. Finish one, or try again shortly."
RETRY_SECONDS = 5  # until a refused caller may try again
ETAG_SECONDS = 3600  # for which the entity tag of a written file is kept, by all that the file depends on
_free = BoundedSemaphore(settings.EXPORTS_AT_ONCE) if settings.EXPORTS_AT_ONCE else None
_callers: Counter[str] = Counter()  # the files that each caller is receiving
_callers_lock = Lock()


class TooSlow(Exception):
    """A client takes a file so slowly that it is not sent to the end."""


class NoRoom(StorageFull):
    """There is no room for the file."""

    default_detail = "There is no room for the file of the export. Narrow the list by a filter, and have it in parts."


class ExportFile:
    """A file that is written, to be sent once. Until it is closed it counts among the files of its caller."""

    def __init__(self, caller: str) -> None:
        """Reserve a file. Raises `Throttled` if the caller is receiving too many files already.

        `caller` is a user or an address. `write_file` sets the other attributes.
        """
        with _callers_lock:
            if 0 < settings.EXPORTS_PER_CALLER <= _callers[caller]:  # 0: no limit
                raise Throttled(RETRY_SECONDS, TOO_MANY)
            _callers[caller] += 1
        self._release_place = finalize(self, forget_file_of, caller)  # at the latest when nothing refers to it any more
        self.bytes: IO[bytes] = SpooledTemporaryFile(IN_MEMORY, prefix="accords-export-")  # noqa: SIM115 - see close
        self.digest = sha256()  # of the lines as they are without compression
        self.size, self.revision, self.cursor = 0, 0, ""  # in bytes; of the data; the end of the feed at that revision

    @property
    def is_small(self) -> bool:
        """Whether it has stayed in memory, and any connection takes it at once, however slow the client is."""
        return self.size <= IN_MEMORY

    def read(self) -> bytes:
        """Return all its bytes, and close it."""
        with closing(self):
            self.bytes.seek(0)
            return self.bytes.read()

    def __iter__(self) -> Iterator[bytes]:
        """Yield its bytes, block by block. Raises `TooSlow`; the client has then got less than `Content-Length`."""
        self.bytes.seek(0)
        must_end = deadline()
        while block := self.bytes.read(BLOCK):
            if time.monotonic() > must_end:
                raise TooSlow
            yield block

    def close(self) -> None:
        """Release the bytes, and the caller's place."""
        self.bytes.close()
        self._release_place()


def forget_file_of(caller: str) -> None:
    with _callers_lock:
        _callers[caller] -= 1
        if not _callers[caller]:
            del _callers[caller]


def deadline() -> float:
    """Return when what begins now must be done."""
    return time.monotonic() + settings.EXPORT_SECONDS


def file_response(view: Any) -> HttpResponseBase:
    """Return the whole list of a view as a file. If its entity tag is known, 304 and HEAD do without writing it."""
    request = view.request
    compressed = accepts_gzip(request)
    tag = cache.get(state_key(view, revision.current(), compressed))
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag) if tag else None
    if response is None and request.method == "HEAD":
        response = StreamingHttpResponse(())  # whose length nobody knows yet
    if response is None:
        file = write_file(view, compressed)
        tag = f'"{file.digest.hexdigest()[:24]}{"-gzip" if compressed else ""}"'
        cache.set(state_key(view, file.revision, compressed), tag, ETAG_SECONDS)
        response = get_conditional_response(request, etag=tag)
        if response is not None:
            file.close()
        else:
            response = HttpResponse(file.read()) if file.is_small else StreamingHttpResponse(file)
            response.headers["Content-Length"] = str(file.size)
        response.headers["Accords-Cursor"] = file.cursor
    if tag:
        response.headers["ETag"] = tag
    if response.status_code == 200:
        response.headers["Content-Type"] = request.accepted_renderer.content_type
        response.headers["Content-Disposition"] = f'attachment; filename="{filename(view)}"'
        if compressed:
            response.headers["Content-Encoding"] = "gzip"
    return response


def filename(view: Any) -> str:
    """Return the name of the file: `clauses.csv`, `agreements-rare-metals-renewals.csv`."""
    parts = view.request.path.strip("/").split("/")[2:]  # after `api` and the version
    return "-".join(parts).lower()


def state_key(view: Any, revision_number: int, compressed: bool) -> str:
    """Return a digest of all that the bytes of the file depend on, at a revision of the data."""
    request = view.request
    query = sorted(request.META.get("QUERY_STRING", "").split("&"))
    parts = [responses.origin(request), request.path, query, can_view_drafts(request.user), compressed]
    return sha256(json.dumps([revision_number, *parts, str(view.day()), revision.deployment()]).encode()).hexdigest()


def write_file(view: Any, compressed: bool) -> ExportFile:
    """Write the file of a view's list. Raises `Throttled`, `Unavailable`, `NoRoom`, and what reading does."""
    user = view.request.user
    file = ExportFile(f"user {user.pk}" if user.is_authenticated else address(view.request))
    try:
        if _free is None or not _free.acquire(blocking=False):
            raise Unavailable(BUSY)
        try:
            feed.settle()
            with low_memory(), snapshot():
                file.revision = revision.current()
                file.cursor = feed.current_cursor(can_view_drafts(user)).encode()
                write_lines(view, file, compressed)
        finally:
            _free.release()
        file.size = file.bytes.tell()
    except BaseException:
        file.close()
        raise
    return file


def write_lines(view: Any, file: ExportFile, compressed: bool) -> None:
    """Write the lines of all rows, and take the digest of them as they are without compression."""
    to = file.bytes
    renderer, must_end = view.request.accepted_renderer, deadline()
    first = view.parameters["fields"].split(",") if "fields" in view.parameters else []
    header = renderer.header(responses.serializer(view), first)
    try:
        with closing(gzip.GzipFile("", "wb", 1, to, mtime=0)) if compressed else nullcontext(to) as output:
            for lines in chain([header], map(renderer.lines, responses.all_rows(view, CHUNK))):
                output.write(lines)
                file.digest.update(lines)
                if time.monotonic() > must_end:
                    raise Unavailable(SLOW)
    except OSError as error:
        raise NoRoom from error
