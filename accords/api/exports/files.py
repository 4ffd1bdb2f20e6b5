"""The file of a whole list: it is written from one state of the data, in chunks, so that memory does not grow with it.

The file is complete before its first byte is sent. So every failure has an error status, and no client takes a part of
a list for the whole. The length is known, so that clients notice a broken transfer. And the database is released before
the transfer, which may be slow. Small files stay in memory. Others are unnamed files in the system's folder for
temporary files, and are deleted with the response or the process.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
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
from accords.api.query import sort_by_name
from accords.client_address import address
from accords.db import revision
from accords.db.changes import write_pending_entries
from accords.db.isolation import low_memory, snapshot
from accords.models.base import can_view_drafts

CHUNK = 1000  # rows that one query reads
IN_MEMORY = 2**20  # the largest file that is kept in memory, in bytes
BLOCK = 2**18  # bytes that are sent at a time
BUSY = "As many exports are under way as may be at once. Try again shortly."
SLOW = "The export took too long to make. Narrow the list by a filter, and have it in parts."
TOO_MANY = "You are receiving as many exports as one caller may at once. Finish one, or try again shortly."
RETRY_SECONDS = 5  # in `Retry-After`, for a caller that is receiving too many files
ETAG_SECONDS = 3600  # for which the entity tag of a written file is cached
_free_slots = BoundedSemaphore(settings.EXPORTS_AT_ONCE) if settings.EXPORTS_AT_ONCE else None
_files_by_caller: Counter[str] = Counter()  # numbers of files that callers are receiving
_files_by_caller_lock = Lock()


class TooSlow(Exception):
    """A client receives a file so slowly that the transfer is aborted."""


class NoRoom(StorageFull):
    """There is no room for the file."""

    default_detail = "There is no room for the file of the export. Narrow the list by a filter, and have it in parts."


class ExportFile:
    """A file that is written and then sent once. Until it is closed, it counts as one that its caller is receiving."""

    def __init__(self, caller: str) -> None:
        """Create an empty file. Raises `Throttled` if the caller is receiving too many files already.

        `caller` names a user or an address. `write_file` sets the size, the revision and the cursor.
        """
        with _files_by_caller_lock:
            if 0 < settings.EXPORTS_PER_CALLER <= _files_by_caller[caller]:  # 0: no limit
                raise Throttled(RETRY_SECONDS, TOO_MANY)
            _files_by_caller[caller] += 1
        # Called by `close`, or at the latest when the file is garbage-collected: a broken transfer may not close it.
        self._release = finalize(self, forget_file_of, caller)
        self.bytes: IO[bytes] = SpooledTemporaryFile(IN_MEMORY, prefix="accords-export-")  # noqa: SIM115 - see close
        self.digest = sha256()  # of the uncompressed lines
        self.size = 0  # in bytes
        self.revision = 0  # of the data
        self.cursor = ""  # of the end of the feed at that revision

    @property
    def is_small(self) -> bool:
        """Whether it has stayed in memory. Such a file is sent in one piece, however slow the client is."""
        return self.size <= IN_MEMORY

    def read(self) -> bytes:
        """Return all its bytes, and close it."""
        with closing(self):
            self.bytes.seek(0)
            return self.bytes.read()

    def __iter__(self) -> Iterator[bytes]:
        """Yield its bytes in blocks. Raises `TooSlow`: the client has then received less than `Content-Length`."""
        self.bytes.seek(0)
        end = deadline()
        while block := self.bytes.read(BLOCK):
            if time.monotonic() > end:
                raise TooSlow
            yield block

    def close(self) -> None:
        """Delete the bytes, and stop counting the file as one of its caller."""
        with suppress(OSError):  # what is buffered has no room on a full disk
            self.bytes.close()
        self._release()


def forget_file_of(caller: str) -> None:
    """Count one file less for a caller."""
    with _files_by_caller_lock:
        _files_by_caller[caller] -= 1
        if not _files_by_caller[caller]:
            del _files_by_caller[caller]


def deadline() -> float:
    """Return the `time.monotonic()` by which writing or sending a file that begins now must end."""
    return time.monotonic() + settings.EXPORT_SECONDS


def file_response(view: Any) -> HttpResponseBase:
    """Return the whole list of a view as a file.

    If the entity tag is cached, the file is not written for a response with 304; for HEAD it never is.
    """
    request = view.request
    compressed = accepts_gzip(request)
    tag = cache.get(state_key(view, revision.current(), compressed))
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag) if tag else None
    if response is None and request.method == "HEAD":
        response = StreamingHttpResponse(())  # without `Content-Length`: it is known only when the file is written
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
    """Return the cache key of an entity tag: a digest of all on which the bytes of the file depend."""
    request = view.request
    query = sort_by_name(request.META.get("QUERY_STRING", ""))
    parts = [responses.origin(request), request.path, query, can_view_drafts(request.user), compressed]
    return sha256(json.dumps([revision_number, *parts, str(view.day()), revision.deployment()]).encode()).hexdigest()


def write_file(view: Any, compressed: bool) -> ExportFile:
    """Write the file of a view's list.

    Raises `Throttled`, `Unavailable`, `NoRoom` or a database error; the file is then closed.
    """
    user = view.request.user
    file = ExportFile(f"user {user.pk}" if user.is_authenticated else address(view.request))
    try:
        if _free_slots is None or not _free_slots.acquire(blocking=False):
            raise Unavailable(BUSY)
        try:
            write_pending_entries()
            with low_memory(), snapshot():
                file.revision = revision.current()
                file.cursor = feed.current_cursor(can_view_drafts(user)).encode()
                write_lines(view, file, compressed)
        finally:
            _free_slots.release()
        file.size = file.bytes.tell()
    except BaseException:
        file.close()
        raise
    return file


def write_lines(view: Any, file: ExportFile, compressed: bool) -> None:
    """Write the lines of all rows. Raises `Unavailable` if that takes too long, and `NoRoom` if the disk is full."""
    renderer, end = view.request.accepted_renderer, deadline()
    first = view.parameters["fields"].split(",") if "fields" in view.parameters else []
    header = renderer.header(responses.serializer(view), first)
    try:
        # `mtime=0`, so that the same lines are the same bytes.
        compressor = closing(gzip.GzipFile("", "wb", 1, file.bytes, mtime=0)) if compressed else None
        with compressor or nullcontext(file.bytes) as output:
            for lines in chain([header], map(renderer.lines, responses.all_rows(view, CHUNK))):
                output.write(lines)
                file.digest.update(lines)
                if time.monotonic() > end:
                    raise Unavailable(SLOW)
        file.bytes.flush()  # what is still buffered needs room too
    except OSError as error:
        raise NoRoom from error
