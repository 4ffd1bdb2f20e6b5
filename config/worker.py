"""The RSGI application that Granian runs: Django runs in threads, and slow clients occupy none of them.

Granian's own WSGI interface keeps a thread busy while the body of a request arrives and while its response is sent,
with no time limit on either, so a few slow connections stop the service. Here Granian's RSGI interface is used, and

- the event loop reads bodies, with time limits, and hands complete requests to a fixed number of threads, each with its
  own database connection; slow reads have threads of their own (config/request_durations.py);
- a response is complete before it is sent, in memory or in a temporary file, and Granian sends it without a thread;
- connections whose clients do not read their response are closed.

Requests without a body do not pass through the event loop, which would cost a fifth of a cached response. Granian has
no public name for that; `Worker.__rsgi_init__` is the one place that uses private ones (tried with Granian 2.8.7).
"""

import asyncio
import fcntl
import logging
import os
import socket
import stat
import struct
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from queue import SimpleQueue
from tempfile import SpooledTemporaryFile
from time import monotonic
from types import SimpleNamespace
from typing import IO, Any, NamedTuple

import granian.server.mp
import orjson
from granian._granian import CallbackScheduler

from accords.client_address import address
from accords.db.statement_time import statement_time
from config.environment import env_int
from config.request_durations import MeanDurations, RequestKind, request_kind
from config.wsgi import application

THREADS = max(env_int("WEB_THREADS", 4), 1)
SLOW_THREADS = max(env_int("WEB_SLOW_THREADS", 1), 1)
MAX_BODY = env_int("WEB_MAX_BODY_MB", 16) * 2**20  # bytes; a longer body is discarded. The API accepts far less
MAX_DISCARDED = 4 * MAX_BODY  # bytes of a refused body that are read, so that the client reads the response
IN_MEMORY = 2**20  # bytes of a body or a response that are kept in memory; the rest is in a temporary file
BODY_SECONDS = env_int("WEB_BODY_SECONDS", 20)  # within which a body must arrive
BODY_RATE = 16_000  # bytes of a body that give it one second more
DISCARD_SECONDS = 10  # for which a refused body is read
SLOW_AFTER = 1  # seconds after which a body counts as slow
SLOW_BODIES, SLOW_BODIES_OF_ADDRESS = 400, 20  # at a time, in each process
# A connection is closed if its client reads fewer than MIN_RATE bytes of a response a second, in each of STALL_CHECKS
# checks within STALL_SECONDS.
STALL_SECONDS = env_int("WEB_STALL_SECONDS", 60)
STALL_CHECKS, MIN_RATE = 3, 1_000
FILE_SECONDS = 30  # after which the file of a response is closed; Granian opens it within milliseconds

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Requests = SimpleQueue[tuple[Any, Any, IO[bytes] | None, bool, RequestKind | None]]
logger = logging.getLogger(__name__)


class FileToSend:
    """A file that Django hands over to be sent as a whole (PEP 3333, `wsgi.file_wrapper`)."""

    def __init__(self, file: IO[bytes], block_size: int) -> None:
        self.file = file


class ErrorResponse(NamedTuple):
    """The response to a request that Django does not get. It is sent as a problem document (RFC 9457)."""

    status: int
    title: str
    detail: str


TIMEOUT = ErrorResponse(408, "Request Timeout", "The body did not arrive in time.")
INCOMPLETE = ErrorResponse(400, "Bad Request", "The body is shorter than its Content-Length.")


class Worker:
    """An RSGI application that runs a WSGI application."""

    def __init__(self, application: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self.application = application
        self.requests: Requests = SimpleQueue()
        self.slow_requests: Requests = SimpleQueue()
        self.durations = MeanDurations()
        self.slow_bodies: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads, and let Granian call `schedule` for each request instead of starting a task."""
        self.loop = loop
        self.start_threads()
        if sys.platform == "linux":
            self.start_task(close_stalled_connections())
        scheduler = CallbackScheduler(loop, None, None, None, None)  # type: ignore[call-arg]  # as granian calls it
        scheduler._schedule_fn = self.schedule  # type: ignore[attr-defined]  # private to granian
        granian.server.mp._new_cbscheduler = lambda *args, **kwargs: scheduler  # type: ignore[attr-defined]  # private to granian

    def start_threads(self) -> None:
        """Start `WEB_THREADS` threads for quick requests and `WEB_SLOW_THREADS` for slow ones."""
        for name, number, requests in (("worker", THREADS, self.requests), ("slow", SLOW_THREADS, self.slow_requests)):
            for index in range(1, number + 1):
                threading.Thread(
                    target=self.answer_requests, args=(requests,), name=f"{name}-{index}", daemon=True
                ).start()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        raise NotImplementedError("Granian calls `schedule` instead.")

    def schedule(self, request: Any) -> None:
        """Pass a request to the event loop if it has a body, else to the threads. A thread of Granian calls this."""
        scope, proto = request.scope, request.proto
        headers = scope.headers
        if "content-length" in headers or "transfer-encoding" in headers:
            self.loop.call_soon_threadsafe(self.start_task, self.receive(request, scope, proto))
        else:
            self.queue(scope, proto, None, False)

    def queue(self, scope: Any, proto: Any, body: IO[bytes] | None, close: bool) -> None:
        """Put a complete request into the queue of slow or quick ones. With `close`, its connection ends after it."""
        kind = request_kind(scope)
        requests = self.slow_requests if self.durations.is_slow(kind) else self.requests
        requests.put((scope, proto, body, close, kind))

    def start_task(self, coroutine: Any) -> None:
        """Run a coroutine in the event loop."""
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self.tasks.discard)

    async def receive(self, request: Any, scope: Any, proto: Any) -> None:
        """Read the body of a request, and queue the request. Without its body if that is too long: it is discarded."""
        chunks = aiter(proto)
        length = int(scope.headers.get("content-length") or -1)
        body = None if length > MAX_BODY else await self.read_body(scope, chunks, length)
        if isinstance(body, ErrorResponse):
            fields = {"address": client_address(scope), "method": scope.method, "status": body.status}
            logger.warning("Request refused: %s", body.detail, extra={"fields": fields})
            problem = {"type": f"/problems/{body.title.lower().replace(' ', '-')}", **body._asdict()}
            headers = [("content-type", "application/problem+json"), ("connection", "close")]
            proto.response_bytes(body.status, headers, orjson.dumps(problem))
            # `done` says that the body is not read any more, so that Granian closes the connection. It is repeated
            # because a busy runtime may not notice it at once.
            for seconds in (0.1, 1, 10):
                await asyncio.sleep(seconds)
                request.done()
            return
        self.queue(scope, proto, body or BytesIO(), body is None)
        if body is None and "expect" not in scope.headers:  # with it, the client sends nothing before `100 Continue`
            await discard(chunks)

    async def read_body(
        self, scope: Any, chunks: AsyncIterator[bytes], length: int
    ) -> IO[bytes] | ErrorResponse | None:
        """Return a body, or the error response; None if it is longer than `MAX_BODY`.

        `length` is the Content-Length, -1 for a body in chunks. A body that takes longer than `SLOW_AFTER` seconds is
        counted for its address, and refused if there are too many slow bodies. It must arrive within `BODY_SECONDS`,
        and one second more for each `BODY_RATE` bytes that have arrived.
        """
        body: IO[bytes] = BytesIO() if 0 <= length <= IN_MEMORY else SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        received, start = 0, monotonic()
        counted_address = ""  # of a slow body
        try:
            while received != length:
                next_chunk_task = self.loop.create_task(next_chunk(chunks))
                while not next_chunk_task.done():
                    limit = BODY_SECONDS + received / BODY_RATE if counted_address else SLOW_AFTER
                    await asyncio.wait((next_chunk_task,), timeout=max(start + limit - monotonic(), 0))
                    if not next_chunk_task.done():
                        is_too_slow = bool(counted_address)
                        counted_address = counted_address or self.count_slow_body(scope)
                        if is_too_slow or not counted_address:
                            next_chunk_task.cancel()
                            return TIMEOUT
                chunk = next_chunk_task.result()
                if not chunk:  # the end, or the connection is lost
                    break
                received += len(chunk)
                if received > MAX_BODY:
                    return None
                body.write(chunk)
        finally:
            if counted_address:
                self.slow_bodies[counted_address] -= 1
                self.slow_bodies += Counter()  # removes addresses without slow bodies
        if received < length:
            return INCOMPLETE
        body.seek(0)
        return body

    def count_slow_body(self, scope: Any) -> str:
        """Count a slow body for the address of its client, and return the address; empty if there are too many."""
        client = client_address(scope)
        if self.slow_bodies[client] >= SLOW_BODIES_OF_ADDRESS or self.slow_bodies.total() >= SLOW_BODIES:
            return ""
        self.slow_bodies[client] += 1
        return client

    def answer_requests(self, requests: Requests) -> None:
        """Answer the requests of a queue for ever, and record how long each took."""
        statement_time.limit = env_int("DATABASE_STATEMENT_TIMEOUT", 15)  # of SQLite; PostgreSQL has its own
        while True:
            scope, proto, body, close, kind = requests.get()
            start = monotonic()
            try:
                self.respond(scope, proto, body, close)
            except Exception:
                logger.exception("A response could not be sent")
                proto.response_empty(500, [])
            if kind:
                self.durations.add(kind, monotonic() - start)

    def respond(self, scope: Any, proto: Any, body: IO[bytes] | None, close: bool) -> None:
        """Call Django, and send its response through `proto`; with `close`, the connection ends after it."""
        started: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> None:
            started.append((int(status[:3]), headers))

        response: Any = self.application(wsgi_environ(scope, body), start_response)
        status, headers = started[0]
        if close:
            headers.append(("connection", "close"))
        if isinstance(response, FileToSend):
            self.send_file(proto, status, headers, response.file)
        elif response.streaming:
            self.send_stream(proto, status, headers, response)
        else:
            try:
                proto.response_bytes(status, headers, response.content)
            finally:
                response.close()

    def send_file(self, proto: Any, status: int, headers: Headers, file: IO[bytes]) -> None:
        """Send a file, without a copy if the operating system knows it."""
        try:
            size = os.fstat(file.fileno()).st_size
        except OSError:  # io.UnsupportedOperation: a file in memory
            size = 0
        if size > IN_MEMORY and file.tell() == 0:
            self.send_open_file(proto, status, headers, file)
        else:
            with file:
                self.send_stream(proto, status, headers, iter(lambda: file.read(IN_MEMORY), b""))

    def send_stream(self, proto: Any, status: int, headers: Headers, chunks: Any) -> None:
        """Send chunks of bytes, after reading all of them into memory or a temporary file."""
        file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is open until it is sent
        try:
            for chunk in chunks:
                file.write(chunk)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        size = file.tell()
        if size > IN_MEMORY:
            file.flush()
            if not any(name.lower() == "content-length" for name, _ in headers):
                headers.append(("content-length", str(size)))
            self.send_open_file(proto, status, headers, file)
        else:
            with file:
                file.seek(0)
                proto.response_bytes(status, headers, file.read())

    def send_open_file(self, proto: Any, status: int, headers: Headers, file: IO[bytes]) -> None:
        """Let Granian send an open file by its number, and close it later. It may have no name."""
        proto.response_file(status, headers, f"/dev/fd/{file.fileno()}")
        self.loop.call_soon_threadsafe(self.loop.call_later, FILE_SECONDS, file.close)


async def next_chunk(chunks: AsyncIterator[bytes]) -> bytes:
    """Return the next part of a body; empty at its end."""
    return await anext(chunks, b"")


async def discard(chunks: AsyncIterator[bytes]) -> None:
    """Read the rest of a body for a while: a client may read the response only after it has sent the body."""
    discarded = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while discarded < MAX_DISCARDED and (chunk := await next_chunk(chunks)):
                discarded += len(chunk)


def wsgi_environ(scope: Any, body: IO[bytes] | None) -> Environ:
    """Return the WSGI environment (PEP 3333) of a request."""
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": as_latin_1(scope.path),
        "QUERY_STRING": as_latin_1(scope.query_string),
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "HTTP_HOST": scope.authority or "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body or BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileToSend,
    }
    headers, names = scope.headers, set()
    for name, value in headers.items():
        key = environ_key(name)
        if name in names:
            environ[key] += ("; " if name == "cookie" else ",") + value
        else:
            names.add(name)
            if key:
                environ[key] = value
    # Granian leaves out values that are not ASCII. Such a header must not look as if it were not sent.
    if len(names) < len(headers):
        for name in headers.keys():  # noqa: SIM118 - iterating gives the values
            if name not in names and (key := environ_key(name)):
                environ[key] = "?"
    return environ


@lru_cache(1024)
def environ_key(name: str) -> str:
    """Return the WSGI name of a header; empty for a name with an underscore, which could pass for another header."""
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def as_latin_1(text: str) -> str:
    """Return a text as WSGI requires it: its UTF-8 bytes decoded as Latin-1."""
    return text if text.isascii() else text.encode().decode("latin-1")


def client_address(scope: Any) -> str:
    """Return the address under which the failures of the client are counted."""
    forwarded = ",".join(scope.headers.get_all("x-forwarded-for"))
    peer = scope.client.rpartition(":")[0].strip("[]")
    return address(SimpleNamespace(META={"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}))  # type: ignore[arg-type]  # it reads META only


async def close_stalled_connections() -> None:
    """Close connections whose clients read too little of their response: Granian itself has no limit for that.

    See `STALL_SECONDS`. Works on Linux only.
    """
    port, slow_checks = env_int("PORT", 8000), Counter[tuple[int, Any]]()
    acknowledged: dict[tuple[int, Any], int] = {}  # bytes that the client has received, by connection
    while True:
        await asyncio.sleep(STALL_SECONDS / STALL_CHECKS)
        acknowledged_now: dict[tuple[int, Any], int] = {}
        for connection, key in connections(port):
            with connection:
                unacknowledged = struct.unpack("i", fcntl.ioctl(connection, SIOCOUTQ, bytes(4)))[0]
                if unacknowledged:
                    acknowledged_now[key] = struct.unpack_from(
                        "Q", connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 128), 120
                    )[0]
                    received = acknowledged_now[key] - acknowledged.get(key, 0)
                    is_slow = key in acknowledged and received < MIN_RATE * STALL_SECONDS / STALL_CHECKS
                    slow_checks[key] = slow_checks[key] + 1 if is_slow else 0
                    if slow_checks[key] >= STALL_CHECKS:
                        connection.shutdown(socket.SHUT_RDWR)
        acknowledged, slow_checks = acknowledged_now, Counter({key: slow_checks[key] for key in acknowledged_now})


SIOCOUTQ = 0x5411  # Linux: the bytes that the peer has not acknowledged
TCP_INFO = 11  # Linux: `struct tcp_info`, whose `tcpi_bytes_acked` is at offset 120


def connections(port: int) -> Iterable[tuple[socket.socket, tuple[int, Any]]]:
    """Yield a duplicate socket for each connection of our port, and a key: its number and the client's address."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if not stat.S_ISSOCK(os.stat(f"/proc/self/fd/{name}").st_mode):
                continue
            connection = socket.socket(fileno=os.dup(int(name)))
        except OSError:  # it was closed meanwhile
            continue
        try:
            is_ours = connection.type == socket.SOCK_STREAM and connection.getsockname()[1:2] == (port,)
            key = (int(name), connection.getpeername()) if is_ours else None
        except OSError:  # a listening socket has no peer
            key = None
        if key:
            yield connection, key
        else:
            connection.close()


worker = Worker(application)
