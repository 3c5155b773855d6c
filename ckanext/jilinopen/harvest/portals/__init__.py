"""Portal families: one module for each product that cities run their portals on.

A family turns a portal's wire protocol into pages of entries and into records. Families are found
through the entry-point group ``ckanext.jilinopen.portals``, so another package can add one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ckanext.jilinopen.harvest.client import Client
    from ckanext.jilinopen.harvest.config_model import SourceConfig
    from ckanext.jilinopen.harvest.records import Entry, Page, RemoteRecord

__all__ = ["GROUP", "Family", "Portal", "families", "family"]

GROUP = "ckanext.jilinopen.portals"


@dataclass(frozen=True)
class Portal:
    """A portal during one run: its address, the source's settings and the open HTTP client."""

    address: str
    config: SourceConfig
    client: Client


class Family(Protocol):
    """What a portal family can do. Implementations hold no state of a run."""

    name: str
    title: str

    def pages(self, portal: Portal) -> Iterator[Page]:
        """Read the listing page by page, as a stream.

        Raises:
            PortalError: the listing cannot be read any further.
        """
        ...

    def record(self, portal: Portal, entry: Entry) -> RemoteRecord:
        """Read one listed record in full.

        Raises:
            RecordError: this record is missing or unreadable; others may be fine.
            PortalError: the portal as a whole does not answer any more.
        """
        ...


def families() -> dict[str, str]:
    """Names and titles of all installed families."""
    found = {point.name: point.load()() for point in entry_points(group=GROUP)}
    return {name: found[name].title for name in sorted(found)}


def family(name: str) -> Family:
    """The family of that name.

    Raises:
        KeyError: no installed package brings it.
    """
    for point in entry_points(group=GROUP, name=name):
        return point.load()()
    raise KeyError(name)
