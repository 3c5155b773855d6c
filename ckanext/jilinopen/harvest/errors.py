"""What can go wrong between us and a portal, as data: a stable code, the address, the cause.

The text for people is made from these in ``messages.py``; an exception never writes anywhere.
"""

from __future__ import annotations

__all__ = ["PortalError", "RecordError"]


class PortalError(Exception):
    """The portal could not be read: unreachable, refused, or not what the protocol promises.

    Args:
        code: stable slug, e.g. ``source.unreachable``; every code stands in ``messages.py``.
        address: the URL that was asked for.
        cause: a short technical cause without credentials, e.g. ``HTTP 502`` or ``text/html``.
    """

    def __init__(self, code: str, address: str, cause: str = "") -> None:
        super().__init__(code, address, cause)
        self.code = code
        self.address = address
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.code} {self.address} {self.cause}".rstrip()


class RecordError(Exception):
    """One record could not be read or mapped; the rest of the run goes on.

    Args:
        code: stable slug, e.g. ``record.detail_unreadable``.
        remote_id: the portal's id of the record.
        cause: what was met instead.
    """

    def __init__(self, code: str, remote_id: str, cause: str = "") -> None:
        super().__init__(code, remote_id, cause)
        self.code = code
        self.remote_id = remote_id
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.code} {self.remote_id} {self.cause}".rstrip()
