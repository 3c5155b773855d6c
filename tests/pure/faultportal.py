"""A portal on the loopback interface that does whatever a test tells it to, byte by byte.

``FaultPortal.on`` gives a path its behaviours: the first request meets the first one, and so on;
the last one stays. A behaviour is any function of an ``Exchange``.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

__all__ = [
    "Behaviour",
    "Exchange",
    "FaultPortal",
    "Seen",
    "drip",
    "endless",
    "raw",
    "redirect",
    "reply",
    "reset",
]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    moment: float
    server_name: str | None = None


@dataclass
class Exchange:
    """One request and the socket that its answer goes to."""

    request: Seen
    sock: socket.socket
    closing: threading.Event
    keeps_open: bool = False

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the test."""
        if self.closing.wait(seconds):
            raise OSError("closing")


Behaviour = Callable[[Exchange], None]


def reply(
    body: bytes | str = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Behaviour:
    """A correct answer; given headers replace the usual ones."""
    content = body.encode() if isinstance(body, str) else body

    def act(exchange: Exchange) -> None:
        fields = {
            "Content-Type": media_type,
            "Content-Length": str(len(content)),
            **(headers or {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        exchange.send(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + content)
        exchange.keeps_open = True

    return act


def redirect(location: str, status: int = 302, cookie: str = "") -> Behaviour:
    headers = {"Location": location, **({"Set-Cookie": cookie} if cookie else {})}
    return reply(b"", status, headers)


def raw(*steps: bytes | float) -> Behaviour:
    """Bytes as they are, numbers are pauses in seconds; then the connection is closed."""

    def act(exchange: Exchange) -> None:
        for step in steps:
            if isinstance(step, bytes):
                exchange.send(step)
            else:
                exchange.pause(step)

    return act


def drip(data: bytes, seconds: float) -> Behaviour:
    """One byte at a time."""

    def act(exchange: Exchange) -> None:
        for at in range(len(data)):
            exchange.send(data[at : at + 1])
            exchange.pause(seconds)

    return act


def endless(head: bytes, piece: bytes) -> Behaviour:
    """A body that has no end."""

    def act(exchange: Exchange) -> None:
        exchange.send(head)
        while not exchange.closing.is_set():
            exchange.send(piece)

    return act


def reset(*before: bytes) -> Behaviour:
    """Bytes, then a TCP reset."""

    def act(exchange: Exchange) -> None:
        for data in before:
            exchange.send(data)
        exchange.pause(0.05)
        exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return act


@dataclass
class FaultPortal:
    """The server; a context manager.

    Args:
        tls: set to speak HTTPS.
        host: the address to listen on.
    """

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    seen: list[Seen] = field(default_factory=list)
    _scripts: dict[str, list[Behaviour]] = field(default_factory=dict)
    _sockets: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FaultPortal:
        self._listener = socket.create_server((self.host, 0))
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        for sock in [self._listener, *self._sockets]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in list(self._threads):
            thread.join(5)

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def place(self) -> str:
        """``host:port``, as in an allow-list."""
        return f"{self.host}:{self.port}"

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.place}"

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Give a path its behaviours; returns its URL."""
        self._scripts[path] = list(behaviours)
        return self.address + path

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.seen)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            self._sockets.append(sock)
            self._start(lambda sock=sock, number=number: self._serve(sock, number))

    def _serve(self, sock: socket.socket, number: int) -> None:
        with suppress(OSError, ValueError), sock:
            if self.tls is None:
                self._talk(sock, number, None)
                return
            names: list[str | None] = []
            self.tls.sni_callback = lambda _sock, name, _context: names.append(name)
            with self.tls.wrap_socket(sock, server_side=True) as wrapped:
                self._sockets.append(wrapped)
                self._talk(wrapped, number, names[-1] if names else None)

    def _talk(self, sock: socket.socket, number: int, server_name: str | None) -> None:
        stream = sock.makefile("rb")
        while line := stream.readline():
            method, target, _ = line.decode("ascii").split(" ", 2)
            headers: dict[str, str] = {}
            while (line := stream.readline().rstrip(b"\r\n")) != b"":
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", "0")))
            parts = urlsplit(target)
            request = Seen(
                method,
                parts.path,
                parts.query,
                headers,
                body,
                number,
                time.monotonic(),
                server_name,
            )
            self.seen.append(request)
            exchange = Exchange(request, sock, self._closing)
            self._behaviour(parts.path)(exchange)
            if not exchange.keeps_open:
                return

    def _behaviour(self, path: str) -> Behaviour:
        script = self._scripts.get(path) or [reply(b"{}", 404)]
        return script.pop(0) if len(script) > 1 else script[0]
