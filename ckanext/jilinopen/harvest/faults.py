"""What a failed request means: network errors and HTTP statuses, as stable codes."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpcore

from ckanext.jilinopen.harvest import decoding
from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.guard import AddressRefusedError

if TYPE_CHECKING:
    import httpx

    from ckanext.jilinopen.harvest.guard import Deadline

__all__ = ["NETWORK_ERRORS", "PassingError", "body_failure", "network_failure", "status_failure"]

NETWORK_ERRORS = (
    AddressRefusedError,
    OSError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)
"""All that the network layer raises."""

_PASSING_STATUS = frozenset({429, 500, 502, 503, 504})
_STATUS_CODES = {
    401: "source.forbidden",
    403: "source.forbidden",
    404: "source.not_found",
    410: "source.not_found",
    429: "source.rate_limited",
}
_ERRNO_CAUSES = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection reset",
    errno.EHOSTUNREACH: "no route to host",
    errno.ENETUNREACH: "network unreachable",
}
_LONGEST_RETRY_AFTER = 60.0


class PassingError(Exception):
    """A failure that may pass by itself.

    Args:
        error: what is raised when it does not.
        wait: seconds that the host asked for, ``None`` if it did not.
    """

    def __init__(self, error: PortalError, wait: float | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.wait = wait


def network_failure(
    error: Exception, address: str, deadline: Deadline
) -> PortalError | PassingError:
    """What it means that no answer began.

    Args:
        error: one of ``NETWORK_ERRORS``.
        address: the address that was asked for, fit for messages.
        deadline: that of the request.
    """
    if isinstance(error, AddressRefusedError):
        return PortalError("source.address_refused", address, error.rule)
    if isinstance(error, httpcore.TimeoutException):
        return _timeout(error, address, deadline)
    if isinstance(error, socket.gaierror):
        return _dns_failure(error, address)
    origin = _system_error(error)
    if isinstance(origin, ssl.SSLError):
        return PortalError("source.tls", address, _tls_cause(origin))
    cause = "no valid HTTP answer"
    if origin is not None:
        cause = _ERRNO_CAUSES.get(origin.errno or 0, "connection failed")
    return PassingError(PortalError("source.unreachable", address, cause))


def body_failure(error: Exception, address: str, deadline: Deadline) -> PortalError | PassingError:
    """What it means that an answer began but did not come to its end.

    Args:
        error: one of ``NETWORK_ERRORS``.
        address: the address that was asked for, fit for messages.
        deadline: that of the request.
    """
    if isinstance(error, httpcore.TimeoutException):
        return _timeout(error, address, deadline)
    cause = "connection reset" if _system_error(error) else "ended before its announced end"
    return PassingError(PortalError("source.truncated", address, cause))


def status_failure(
    status: int, headers: httpx.Headers, page: bytes, address: str
) -> PortalError | PassingError:
    """What a status outside 200 to 299 means.

    Args:
        status: the HTTP status.
        headers: the answer's header fields.
        page: the answer's body, as far as it is known.
        address: the address that was asked for, fit for messages.
    """
    cause = f"HTTP {status}"
    if decoding.is_challenge(status, page):
        return PortalError("source.challenge", address, cause)
    error = PortalError(_STATUS_CODES.get(status, "source.http_status"), address, cause)
    return PassingError(error, _retry_after(headers)) if status in _PASSING_STATUS else error


def _timeout(
    error: httpcore.TimeoutException, address: str, deadline: Deadline
) -> PortalError | PassingError:
    """Only a connection that did not come about is worth another attempt."""
    if deadline.remaining() <= 0:
        return PortalError("source.timeout", address, f"not finished within {deadline.seconds:g} s")
    if isinstance(error, httpcore.ConnectTimeout):
        return PassingError(PortalError("source.timeout", address, "no connection"))
    return PortalError("source.timeout", address, "no more data")


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that the host asks us to wait (RFC 9110, 10.2.3), at most a minute."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        # More digits than any wait has are not worth converting.
        return min(float(value[:9]), _LONGEST_RETRY_AFTER)
    try:
        then = parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(then - _remote_time(headers), 0.0), _LONGEST_RETRY_AFTER)


def _remote_time(headers: httpx.Headers) -> float:
    """The time by the host's own clock where it tells it: remote clocks are often wrong."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return time.time()


def _dns_failure(error: socket.gaierror, address: str) -> PortalError | PassingError:
    if error.errno == socket.EAI_AGAIN:
        return PassingError(PortalError("source.dns", address, "name server does not answer"))
    return PortalError("source.dns", address, "no such host")


def _system_error(error: BaseException) -> OSError | None:
    """The operating system's or TLS error behind a library's exception."""
    link: BaseException | None = error
    while link is not None and not isinstance(link, OSError):
        link = link.__cause__ or link.__context__
    return link


def _tls_cause(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    return (error.reason or "handshake failed").lower().replace("_", " ")
