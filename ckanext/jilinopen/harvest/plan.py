"""What a run is going to do: compare what a portal lists with what is stored, before any write.

The dry run ends here. Pure data: no CKAN, no network, no clock.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from ckanext.jilinopen.harvest.records import Dataset, Entry

__all__ = [
    "Brake",
    "Change",
    "Difference",
    "Known",
    "Reading",
    "brake_holds",
    "content_hash",
    "dataset_id",
    "differences",
    "next_step",
    "resource_id",
    "vanished",
]

_NAMESPACE = uuid.UUID("6a1d0a52-95e1-5d0c-8b0e-6b3a0c5c2f10")


class Change(str, Enum):
    """What becomes of one record in a run."""

    CREATED = "created"
    UPDATED = "updated"
    SAME = "same"
    FAILED = "failed"


class Reading(str, Enum):
    """What has to be read before a listed record can be compared."""

    NOTHING = "nothing"
    STORED = "stored"
    DETAIL = "detail"


@dataclass(frozen=True)
class Known:
    """What is stored about a record since its last good harvest.

    Attributes:
        stamp: digest of its listing row then, ``None`` where the listing does not tell.
        content_hash: hash of the mapped dataset then.
        mapping_key: the mapping (code, tables, settings) that made it.
        missing_since: when the source stopped listing it.
        is_removed: whether it was removed for that.
    """

    remote_id: str
    package_id: str
    stamp: str | None
    content_hash: str
    mapping_key: str
    missing_since: datetime | None = None
    is_removed: bool = False


@dataclass(frozen=True)
class Brake:
    """Limits on how much of a source one run may take away without a person's word.

    Attributes:
        count: up to this many datasets may always go.
        share: beyond that, more than this percentage of the source holds the run.
    """

    count: int = 10
    share: int = 20


@dataclass(frozen=True)
class Difference:
    """One field that differs between what is stored and what the source says now."""

    field: str
    before: Any
    after: Any


def dataset_id(source_id: str, remote_id: str) -> str:
    """The dataset's id: a UUID of (source, remote id), so it never moves and never collides."""
    return str(uuid.uuid5(_NAMESPACE, f"{source_id}\n{remote_id}"))


def resource_id(package_id: str, key: str) -> str:
    """A resource's id; ids from outside are never used (CVE-2023-32321)."""
    return str(uuid.uuid5(_NAMESPACE, f"{package_id}\n{key}"))


def content_hash(dataset: Dataset) -> str:
    """Digest of everything that would be stored; equal digests cost no write."""
    return hashlib.sha256(msgspec.json.encode(dataset, order="sorted")).hexdigest()


def next_step(
    entry: Entry, known: Mapping[str, Known], mapping_key: str, *, always_detail: bool = False
) -> Reading:
    """What must be read of a listed record: its detail, what we stored of it, or nothing at all."""
    stored = known.get(entry.remote_id)
    if stored is None or always_detail or entry.stamp is None or entry.stamp != stored.stamp:
        return Reading.DETAIL
    if stored.is_removed or stored.missing_since or stored.mapping_key != mapping_key:
        return Reading.STORED
    return Reading.NOTHING


def vanished(known: Mapping[str, Known], listed: Iterable[str]) -> tuple[Known, ...]:
    """Records that are stored and were not listed, in a stable order."""
    present = set(listed)
    gone = (record for key, record in known.items() if key not in present)
    return tuple(sorted(gone, key=lambda record: record.remote_id))


def brake_holds(newly_gone: int, stored: int, brake: Brake) -> bool:
    """Whether so many datasets vanished at once that a person has to look first."""
    return newly_gone > brake.count and newly_gone * 100 > brake.share * stored


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Field-level differences of two datasets given as plain values."""
    fields = sorted(before.keys() | after.keys())
    return tuple(
        Difference(field, before.get(field), after.get(field))
        for field in fields
        if before.get(field) != after.get(field)
    )
