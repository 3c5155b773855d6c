"""Which addresses a harvest may talk to, and the network layer that holds to it.

People type a source's address and a portal may redirect to any other. The check is therefore made
on the address that the socket is about to connect to, once for every connection: what was checked
is what is connected, so a name that changes its answer in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from ckanext.jilinopen.harvest.errors import PortalError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "METADATA",
    "AddressRefusedError",
    "Clock",
    "Deadline",
    "Guard",
    "GuardedBackend",
    "refusal",
    "shown",
    "system_addresses",
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.0.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
"""Where clouds answer their machines with credentials; refused whatever the allow-list says."""

# IANA special-purpose registries. Written out because ``ipaddress.is_global`` differs between the
# Python versions we run on; the first match names the rule.
_RULES: tuple[tuple[str, tuple[Network, ...]], ...] = tuple(
    (rule, tuple(ipaddress.ip_network(network) for network in networks))
    for rule, networks in {
        "loopback": ("127.0.0.0/8", "::1/128"),
        "unspecified": ("0.0.0.0/8", "::/128"),
        "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
        "link-local": ("169.254.0.0/16", "fe80::/10"),
        "shared (100.64.0.0/10)": ("100.64.0.0/10",),
        "multicast": ("224.0.0.0/4", "ff00::/8"),
        "IPv4-mapped": ("::ffff:0:0/96",),
        "NAT64": ("64:ff9b::/96", "64:ff9b:1::/48"),
        "6to4": ("2002::/16", "192.88.99.0/24"),
        "documentation": (
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "2001:db8::/32",
            "3fff::/20",
        ),
        "reserved": ("192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001::/23"),
    }.items()
)
_GLOBAL_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1")
_USERINFO = re.compile(r"(?<=//)[^/?#]*@")
_SECRET = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|password|passwd|pwd|sign|signature|ticket|auth|sessionid)=)"
    r"[^?&;#]*",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SHOWN_LENGTH = 300
_MOST_ADDRESSES = 4
_LAST_PORT = 65535


class AddressRefusedError(Exception):
    """No address of the host may be connected to.

    Args:
        rule: the kind of address that was met, e.g. ``private``.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def shown(address: str) -> str:
    """The address as it may stand in a message: without credentials and control characters.

    Args:
        address: any text that was given as a URL.
    """
    text = _CONTROL.sub(" ", address[:2000]).strip()
    text = _SECRET.sub(r"\1***", _USERINFO.sub("", text))
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"


def refusal(address: str | Address) -> str | None:
    """The rule that keeps the harvest from an IP address.

    Args:
        address: an IPv4 or IPv6 address.

    Returns:
        The rule's name, ``None`` for an ordinary public address.

    Raises:
        ValueError: the text is no IP address.
    """
    ip = ipaddress.ip_address(address)
    if ip in METADATA or _carried(ip) in METADATA:
        return "cloud metadata"
    for rule, networks in _RULES:
        if any(ip in network for network in networks):
            return rule
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST_V6:
        return "reserved"
    return None


def _carried(ip: Address) -> Address | None:
    """The IPv4 address inside a transition form, ``None`` for a plain address."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def system_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a host in the order that the operating system prefers.

    Args:
        host: a name in ASCII or any spelling of an address that the system accepts.
        port: the port that will be connected to.

    Raises:
        socket.gaierror: the name does not resolve.
    """
    # Bytes keep Python's own IDNA codec out, which fails with another exception.
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


@dataclass(frozen=True)
class _Entry:
    """One entry of the allow-list: a name or a network, on one port or on any."""

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def allows(self, host: str, ip: Address, port: int) -> bool:
        """Whether a connection to this address, found under this name, is wanted."""
        if self.port is not None and self.port != port:
            return False
        return self.name == host if self.network is None else ip in self.network


def _entry(text: str) -> _Entry:
    """Read ``host``, ``host:port``, an address, ``[address]:port`` or a network (CIDR)."""
    try:
        return _Entry(network=ipaddress.ip_network(text.strip("[]"), strict=False))
    except ValueError:
        pass
    host, separator, digits = text.rpartition(":")
    if not separator:
        host, digits = text, ""
    try:
        port = int(digits) if separator else None
        name = httpx.URL(f"//{host}").raw_host.decode("ascii").rstrip(".")
    except (ValueError, httpx.InvalidURL):
        name, port = "", None
    if not _HOST.fullmatch(name) or not _is_port(port):
        raise ValueError(f"not a host, host:port or network: {text!r}")
    try:
        return _Entry(network=ipaddress.ip_network(name), port=port)
    except ValueError:
        return _Entry(name=name, port=port)


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port <= _LAST_PORT


@dataclass(frozen=True)
class Guard:
    """Decides which addresses may be talked to.

    Public addresses are free. Everything else (loopback, intranet, link-local …) needs an entry in
    the allow-list; addresses of cloud metadata services are never allowed.

    Args:
        allowed_hosts: entries ``host``, ``host:port``, address, ``[address]:port`` or network in
            CIDR form. A name allows whatever it resolves to, an address whatever name led to it.
        allow_downgrade: whether a redirect may lead from https to http.
        resolve: finds the addresses of a host.

    Raises:
        ValueError: an entry cannot be read; the message names it.
    """

    allowed_hosts: frozenset[str] = frozenset()
    allow_downgrade: bool = False
    resolve: Callable[[str, int], Sequence[str]] = system_addresses
    _entries: tuple[_Entry, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        entries = tuple(_entry(text.strip()) for text in sorted(self.allowed_hosts))
        object.__setattr__(self, "_entries", entries)

    def parse(self, address: str) -> httpx.URL:
        """Read an address as a URL that can be asked for; nothing is resolved.

        Raises:
            PortalError: ``source.address_invalid`` for anything that is not a plain http or https
                address; ``cause`` says why.
        """
        try:
            url = httpx.URL(address.strip())
        except (httpx.InvalidURL, UnicodeError):
            raise PortalError("source.address_invalid", shown(address), "not a URL") from None
        cause = ""
        if url.scheme not in ("http", "https"):
            cause = f"scheme {url.scheme[:20]}" if url.scheme else "no scheme"
        elif not url.host:
            cause = "no host"
        elif url.userinfo:
            cause = "credentials in the address"
        elif not _is_port(url.port):
            cause = f"port {url.port}"
        if cause:
            raise PortalError("source.address_invalid", shown(address), cause)
        return url

    def check_redirect(self, origin: httpx.URL, target: httpx.URL) -> None:
        """Refuse to leave an encrypted connection.

        Raises:
            PortalError: ``source.redirects``.
        """
        if origin.scheme == "https" and target.scheme == "http" and not self.allow_downgrade:
            raise PortalError("source.redirects", shown(str(target)), "from https to http")

    def connectable(self, host: str, port: int) -> list[str]:
        """Resolve a host and keep the addresses that may be connected to.

        Raises:
            AddressRefusedError: none may; the exception names the rule of the first one.
            socket.gaierror: the name does not resolve.
        """
        name = host.lower().rstrip(".")
        permitted: list[str] = []
        refused = ""
        for text in self.resolve(host, port):
            ip = ipaddress.ip_address(text)
            rule = refusal(ip)
            if rule is None or (rule != "cloud metadata" and self._is_allowed(name, ip, port)):
                permitted.append(text)
            else:
                refused = refused or rule
        if not permitted:
            raise AddressRefusedError(f"{refused} address" if refused else "no address")
        return permitted

    def _is_allowed(self, name: str, ip: Address, port: int) -> bool:
        return any(entry.allows(name, ip, port) for entry in self._entries)


@dataclass(frozen=True)
class Clock:
    """Where time comes from.

    Args:
        now: monotonic seconds.
        sleep: waits so many seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Deadline:
    """The moment at which a request must be over.

    Args:
        clock: where time comes from.
        seconds: time from now.

    Attributes:
        seconds: the time that was given at first.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ends = clock.now() + seconds

    def remaining(self) -> float:
        """Seconds left; zero or less once the deadline has passed."""
        return self._ends - self._clock.now()

    def extend(self, seconds: float) -> None:
        """Push the end back by time that was spent waiting on purpose."""
        self._ends += seconds

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold every network step of this thread to the deadline."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def _limited(timeout: float | None, error: type[Exception]) -> float | None:
    """The timeout, cut to what the current deadline leaves."""
    deadline = _current.get()
    if deadline is None:
        return timeout
    remaining = deadline.remaining()
    if remaining <= 0:
        raise error("deadline")
    return remaining if timeout is None else min(timeout, remaining)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, and that counts what came.

    A read timeout alone never ends a peer that sends one byte a second.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._head: bytearray | None = bytearray()
        self._body_bytes = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _limited(timeout, httpcore.ReadTimeout))
        self._count(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._head, self._body_bytes = bytearray(), 0
        self._stream.write(buffer, _limited(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limited = _limited(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limited))

    def get_extra_info(self, info: str) -> Any:
        """``body_bytes``: how many bytes followed the header block of the last answer."""
        return self._body_bytes if info == "body_bytes" else self._stream.get_extra_info(info)

    def _count(self, data: bytes) -> None:
        """Tell header from body, so that bytes beyond the announced length can be noticed."""
        if self._head is None:
            self._body_bytes += len(data)
            return
        seen = max(0, len(self._head) - 2)
        self._head += data
        while end := _HEAD_END.search(self._head, seen):
            rest = self._head[end.end() :]
            if not _INTERIM.match(self._head):
                self._head, self._body_bytes = None, len(rest)
                return
            self._head, seen = rest, 0


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only.

    The URL keeps its name, so the Host header and the TLS server name stay as they were.

    Args:
        guard: decides on the addresses.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers, all within ``timeout`` seconds.

        Raises:
            AddressRefusedError: no address of the host may be connected to.
            socket.gaierror: the name does not resolve in time.
            httpcore.ConnectError, httpcore.ConnectTimeout: nobody answers.
        """
        budget = _limited(timeout, httpcore.ConnectTimeout)
        addresses = _within(budget, lambda: self._guard.connectable(host, port))[:_MOST_ADDRESSES]
        share = None if budget is None else budget / len(addresses)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(address, port, share, local_address, socket_options)
        return self._connect(addresses[-1], port, share, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> _Stream:
        limited = _limited(timeout, httpcore.ConnectTimeout)
        return _Stream(
            self._network.connect_tcp(address, port, limited, local_address, socket_options)
        )


def _within(seconds: float | None, call: Callable[[], list[str]]) -> list[str]:
    """Wait a limited time for a look-up; the system's resolver knows no deadline."""
    box: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            box.put(call())
        except (OSError, ValueError, AddressRefusedError) as error:
            box.put(error)

    threading.Thread(target=work, name="resolve", daemon=True).start()
    try:
        result = box.get(timeout=seconds)
    except queue.Empty:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
    if isinstance(result, Exception):
        raise result
    return result
