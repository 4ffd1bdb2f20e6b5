"""HTTP over bare sockets: heads and bodies in separate packets, slow bodies, and clients that take nothing."""

import json
import socket
import time
from contextlib import suppress
from typing import Any, NamedTuple

LATER = 0.03  # seconds between the head and the body of a request


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


LOST = Response(0, {}, b"")


class Connection:
    """A connection that sends bytes as they are given, and reads responses."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def request(self, method: str, path: str, body: bytes = b"", **headers: Any) -> Response:
        """Send a request, its body in packets of its own, and return the response; `LOST` if there is none."""
        with suppress(OSError):  # the response may have been sent before the body was
            self.send(head(method, path, len(body) if body else None, **headers))
            if body:
                time.sleep(LATER)
                self.send(body)
        return self.response(method)

    def response(self, method: str = "") -> Response:
        """Return the next response; `LOST` if the connection ends before it is whole."""
        try:
            while b"\r\n\r\n" not in self.received:
                self._receive()
            first, _, self.received = self.received.partition(b"\r\n\r\n")
            status, *lines = first.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
            while len(self.received) < length:
                self._receive()
        except OSError:
            return LOST
        body, self.received = self.received[:length], self.received[length:]
        return Response(int(status.split()[1]), headers, body)

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError
        self.received += data

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def head(method: str, path: str, length: int | None, **headers: Any) -> bytes:
    """Return the head of a request; names of headers have underscores for hyphens."""
    lines = {"host": "localhost"} | ({} if length is None else {"content-length": length}) | headers
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode()


JSON = {"content_type": "application/json"}
BODY = json.dumps({"title": "x" * 500}).encode()


def refusals(token: str, reader: str) -> dict[str, tuple[str, str, bytes, dict[str, str]]]:
    """Return requests with a body that are refused before it is read."""
    writing, reading = {"authorization": f"Bearer {token}"}, {"authorization": f"Bearer {reader}"}
    clause = "/api/v1/clauses/1"
    return {
        "401 no credentials": ("PATCH", clause, BODY, JSON),
        "401 wrong token": ("POST", "/api/v1/clauses", BODY, JSON | {"authorization": "Bearer wrong"}),
        "403 read scope": ("POST", "/api/v1/clauses", BODY, JSON | reading),
        "404 no address": ("POST", "/api/v1/nothing", BODY, JSON | writing),
        "405 probe": ("POST", "/livez", BODY, JSON),
        "405 list": ("PATCH", "/api/v1/clauses", BODY, JSON | writing),
        "411 chunks": (
            "POST",
            "/api/v1/clauses",
            b"5\r\nabcde\r\n0\r\n\r\n",
            JSON | writing | {"transfer_encoding": "chunked"},
        ),
        "413 two megabytes": ("POST", "/api/v1/clauses", b"x" * 2_000_000, JSON | writing),
        "415 text": ("POST", "/api/v1/clauses", BODY, writing | {"content_type": "text/plain"}),
        "428 no If-Match": ("PATCH", clause, BODY, JSON | writing),
        "403 no CSRF token": ("POST", "/admin/login/", BODY, {"content_type": "application/x-www-form-urlencoded"}),
    }
