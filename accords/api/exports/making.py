"""How the file of a whole list is made: from one state of the data, in chunks, so that memory does not grow with it.

The file is whole before the first byte of it leaves. So whatever fails is told by a status, and no caller takes half
of a list for all of it; the length is known, by which a broken transfer shows; and the database is let go before the
caller, who may be slow, takes anything. Small files stay in memory, others lie in the system's folder for temporary
files, without a name, and are gone with the answer or with the process.
"""

import gzip
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any
from weakref import finalize

from django.conf import settings

from accords.api.errors import StorageFull, Unavailable
from accords.api.exports.lines import LINES
from accords.api.fast import responses
from accords.api.fast.rows import Shown
from accords.api.pagination import Cursor
from accords.db import revision
from accords.db.isolation import frugal, snapshot

CHUNK = 1000  # rows that are read at a time
IN_MEMORY = 2**20  # bytes up to which a file is kept in memory
BLOCK = 2**18  # bytes that are sent at a time
BUSY = "As many exports are under way as may be at once. Try again shortly."
SLOW = "The export took too long to make. Narrow the list by a filter, and have it in parts."
_free = BoundedSemaphore(settings.EXPORTS_AT_ONCE) if settings.EXPORTS_AT_ONCE else None


class TooSlow(Exception):
    """A caller takes a file so slowly that it is not sent to the end."""


class NoRoom(StorageFull):
    """There is no room for the file."""

    default_detail = "There is no room for the file of the export. Narrow the list by a filter, and have it in parts."


class File:
    """A file that is made, to be sent once. It holds one of the places for exports until it is closed."""

    def __init__(self) -> None:
        """Take a place. Raises `Unavailable` where there is none."""
        if _free is None or not _free.acquire(blocking=False):
            raise Unavailable(BUSY)
        self._leave = finalize(self, _free.release)  # at the latest when nobody knows of it any more
        self.bytes: IO[bytes] = SpooledTemporaryFile(IN_MEMORY, prefix="accords-export-")  # noqa: SIM115 - see close
        self.size, self.revision = 0, 0

    @property
    def is_small(self) -> bool:
        """Whether it has stayed in memory, and any connection takes it at once, however slow the caller is."""
        return self.size <= IN_MEMORY

    def taken(self) -> bytes:
        """All its bytes; it is closed then."""
        with closing(self):
            self.bytes.seek(0)
            return self.bytes.read()

    def __iter__(self) -> Iterator[bytes]:
        """Its bytes, block by block. Raises `TooSlow`; the caller has then got less than the length it was told."""
        self.bytes.seek(0)
        late = deadline()
        while block := self.bytes.read(BLOCK):
            if time.monotonic() > late:
                raise TooSlow
            yield block

    def close(self) -> None:
        """Let go of the bytes and of the place."""
        self.bytes.close()
        self._leave()


def deadline() -> float:
    """When what begins now must be done."""
    return time.monotonic() + settings.EXPORT_SECONDS


def made(view: Any, compressed: bool) -> File:
    """The file of a view's whole list. Raises `Unavailable` if that takes too long, `NoRoom`, and what reading does."""
    file = File()
    try:
        with frugal(), snapshot():
            file.revision = revision.current()
            write(view, file.bytes, compressed)
        file.size = file.bytes.tell()
    except BaseException:
        file.close()
        raise
    return file


def write(view: Any, to: IO[bytes], compressed: bool) -> None:
    """Write the lines of all rows."""
    lines, late = LINES[view.form](responses.serializer(view)), deadline()
    try:
        with closing(gzip.GzipFile("", "wb", 1, to, mtime=0)) if compressed else nullcontext(to) as out:
            out.write(lines.head)
            for rows in chunks(view):
                out.write(lines.of(rows))
                if time.monotonic() > late:
                    raise Unavailable(SLOW)
    except OSError as error:
        raise NoRoom from error


def chunks(view: Any) -> Iterator[list[Shown]]:
    """All rows of a view's list as JSON shows them, some at a time; each read goes on where the last one ended."""
    view.paging = view.paging._replace(size=CHUNK, cursor=None, counted=False)
    more = True
    while more:
        plan, page = responses.read(view)
        yield responses.shown(view, plan, page)
        last = plan.values(page.rows[-1]) if page.more_after else None
        more = last is not None
        view.paging = view.paging._replace(cursor=Cursor(last or [], backwards=False))
