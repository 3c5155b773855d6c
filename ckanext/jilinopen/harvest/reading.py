"""Read a portal's listing to the end and decide what each listed record needs.

Pure: the family reads, this module counts, recognises repeated ids and says whether the listing
was whole. Only a whole listing may lead to removals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.plan import Known, Reading, next_step
from ckanext.jilinopen.harvest.portals import Family, Portal
from ckanext.jilinopen.harvest.records import Entry, Finding, Severity, Struct

__all__ = ["Listing", "Work", "decode_work", "encode_work", "read_listing"]


class Work(Struct, frozen=True, kw_only=True):
    """One listed record that has to be looked at again."""

    entry: Entry
    reading: Reading


@dataclass
class Listing:
    """What one run learned from a portal's listing.

    Attributes:
        work: the records to look at, in listing order.
        seen: every remote id that was listed.
        total: what the portal says it has, ``None`` where it does not say.
        repeated: rows whose id had been listed before in this run.
        error: why reading stopped early.
    """

    work: list[Work] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    total: int | None = None
    repeated: int = 0
    findings: list[Finding] = field(default_factory=list)
    error: PortalError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the portal showed everything that it says it has."""
        whole = self.total is None or len(self.seen) + self.repeated >= self.total
        return self.error is None and whole and bool(self.seen)


def read_listing(
    family: Family,
    portal: Portal,
    known: Mapping[str, Known],
    mapping_key: str,
    *,
    always_detail: bool = False,
) -> Listing:
    """Read all pages of a listing.

    A portal that fails in the middle gives what was read so far with ``error`` set; the caller
    imports it and removes nothing.

    Returns:
        The listing; ``work`` holds only records that are new, changed or to be mapped anew.
    """
    listing = Listing()
    try:
        for entry in _entries(family, portal, listing):
            step = next_step(entry, known, mapping_key, always_detail=always_detail)
            if step is not Reading.NOTHING:
                listing.work.append(Work(entry=entry, reading=step))
    except PortalError as error:
        listing.error = error
    _judge(listing, portal)
    return listing


def _entries(family: Family, portal: Portal, listing: Listing) -> Iterator[Entry]:
    """New entries of all pages; counts and repeated ids go into ``listing``."""
    for page in family.pages(portal):
        if page.total is not None:
            listing.total = page.total
        for entry in page.entries:
            if entry.remote_id in listing.seen:
                listing.repeated += 1
                listing.findings.append(_repeated(entry))
                continue
            if len(listing.seen) >= portal.config.max_records:
                raise PortalError(
                    "source.too_many_records", portal.address, str(portal.config.max_records)
                )
            listing.seen.add(entry.remote_id)
            yield entry


def _repeated(entry: Entry) -> Finding:
    return Finding(
        code="record.repeated",
        severity=Severity.WARNING,
        field="jl_source_id",
        value=entry.title[:200],
        remote_id=entry.remote_id,
    )


def _judge(listing: Listing, portal: Portal) -> None:
    if listing.error is not None:
        return
    if not listing.seen:
        listing.error = PortalError("source.empty_listing", portal.address)
    elif not listing.is_complete:
        listing.error = PortalError(
            "source.incomplete", portal.address, f"{len(listing.seen)} / {listing.total}"
        )


def encode_work(work: list[Work]) -> str:
    """Work as JSON text, for a carrier object on the queue."""
    return msgspec.json.encode(work).decode()


def decode_work(text: str) -> list[Work]:
    """Work from a carrier object's JSON text."""
    return msgspec.json.decode(text.encode(), type=list[Work])
