"""The records that flow through a harvest run, from the portal's answer to the catalogue.

Everything here is frozen and free of CKAN. A ``RemoteRecord`` holds the words of the source
untouched; a ``Dataset`` holds our codes. What lies between them is ``mapping.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all records: immutable, keyword-only, compact as JSON."""


class Entry(Struct, frozen=True, kw_only=True):
    """One row of a portal's listing.

    Attributes:
        remote_id: the portal's own id; an opaque string.
        title: the title as listed.
        stamp: digest of what the listing tells about the record's state. Equal stamps mean that
            the record need not be read again. ``None``: the listing does not tell.
        row: what the family needs to read the record's detail; plain JSON values.
    """

    remote_id: str
    title: str
    stamp: str | None = None
    row: Mapping[str, Any] = {}


class Page(Struct, frozen=True, kw_only=True):
    """One page of a listing.

    Attributes:
        entries: the rows, in the portal's order.
        total: how many records the portal says it has, ``None`` where it does not say.
        address: where the page was read, for messages.
    """

    entries: tuple[Entry, ...]
    total: int | None = None
    address: str = ""


class RemoteFile(Struct, frozen=True, kw_only=True):
    """A file or service behind a record, in the words of the source."""

    file_id: str
    name: str
    url: str
    format: str = ""
    size: str = ""
    rows: str = ""
    modified: str = ""
    description: str = ""
    is_service: bool = False


class RemoteItem(Struct, frozen=True, kw_only=True):
    """One 信息项 (column) of a record, in the words of the source."""

    name: str
    label: str = ""
    data_type: str = ""
    length: str = ""
    description: str = ""


class RemoteRecord(Struct, frozen=True, kw_only=True):
    """One record as its portal states it: text untouched, nothing mapped, nothing dropped.

    Empty strings and empty tuples mean that the source says nothing.
    """

    remote_id: str
    title: str
    url: str
    department: str = ""
    department_code: str = ""
    division: str = ""
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    frequency: str = ""
    open_type: str = ""
    open_condition: str = ""
    license: str = ""
    issued: str = ""
    modified: str = ""
    description: str = ""
    formats: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    contact_name: str = ""
    files: tuple[RemoteFile, ...] = ()
    files_known: bool = False
    items: tuple[RemoteItem, ...] = ()
    provenance: str = ""
    extra: Mapping[str, str] = {}


class Severity(str, Enum):
    """How much a finding matters: an error keeps the record out, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Struct, frozen=True, kw_only=True):
    """One observation about a record or a source.

    Attributes:
        code: stable slug such as ``theme.unmapped``; its text is translated at display.
        severity: see ``Severity``.
        field: the catalogue field it is about, empty for the record as a whole.
        value: what the source says, shortened to a readable length.
        remote_id: the record, empty for the source as a whole.
    """

    code: str
    severity: Severity
    field: str = ""
    value: str = ""
    remote_id: str = ""


class Resource(Struct, frozen=True, kw_only=True):
    """A file or service of a dataset, in our codes."""

    key: str
    name: str
    url: str
    format: str = ""
    description: str = ""
    size: int | None = None
    row_count: int | None = None
    modified: str = ""


class DataItem(Struct, frozen=True, kw_only=True):
    """One 信息项 of a dataset, in our codes."""

    name: str
    label_zh: str
    data_type: str = ""
    length: str = ""
    definition: str = ""


class Dataset(Struct, frozen=True, kw_only=True):
    """A dataset in our fields and codes, ready to be compared and stored.

    ``provider`` names the department by its full title; the sink resolves it to an organization.
    ``source_values`` keeps the source's own words for every field that had to be mapped.
    """

    remote_id: str
    title: str
    notes: str
    provider: str
    division: str
    themes: tuple[str, ...]
    tags: tuple[str, ...]
    frequency: str
    open_type: str
    source_url: str
    source_portal: str
    industries: tuple[str, ...] = ()
    open_condition: str = ""
    issued: str = ""
    modified: str = ""
    phone: str = ""
    email: str = ""
    contact_name: str = ""
    license_id: str = ""
    resources: tuple[Resource, ...] = ()
    items: tuple[DataItem, ...] = ()
    provenance: str = ""
    source_values: Mapping[str, Any] = {}
