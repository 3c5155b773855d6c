"""Tables of the harvest room: what we know of each record, each run and each finding."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk

__all__ = ["HarvestFinding", "HarvestRecord", "HarvestRun", "now"]


def now() -> datetime:
    """The present moment with its time zone."""
    return datetime.now(timezone.utc)


class HarvestRecord(tk.BaseModel):
    """One record of one source: its identity here, and what it was at the last good harvest.

    ``raw`` is the record in the words of the source, so that it can be mapped anew without asking
    the portal; ``mapped`` is what we made of it.
    """

    __tablename__ = "jilinopen_harvest_record"

    source_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    remote_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.Text, unique=True)
    stamp: Mapped[str | None] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.Text)
    mapping_key: Mapped[str] = mapped_column(sa.Text)
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mapped: Mapped[dict[str, Any]] = mapped_column(JSONB)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    first_seen: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    changed: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    missing_since: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    removed: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    is_indexed: Mapped[bool] = mapped_column(sa.Boolean, default=True)


class HarvestRun(tk.BaseModel):
    """One run over one source; its id is the id of ckanext-harvest's job.

    ``status`` is ``running``, ``finished``, ``failed`` (the source could not be read whole) or
    ``held`` (a person must decide about removals).
    """

    __tablename__ = "jilinopen_harvest_run"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    source_id: Mapped[str] = mapped_column(sa.Text, index=True)
    status: Mapped[str] = mapped_column(sa.Text)
    started: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    touched: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=now)
    finished: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    total: Mapped[int | None] = mapped_column(sa.Integer)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    error_code: Mapped[str] = mapped_column(sa.Text, default="")
    error_address: Mapped[str] = mapped_column(sa.Text, default="")
    error_cause: Mapped[str] = mapped_column(sa.Text, default="")
    requests: Mapped[int] = mapped_column(sa.Integer, default=0)
    received_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class HarvestFinding(tk.BaseModel):
    """One observation of one run about one record, or about the source as a whole."""

    __tablename__ = "jilinopen_harvest_finding"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(sa.Text, index=True)
    source_id: Mapped[str] = mapped_column(sa.Text, index=True)
    remote_id: Mapped[str] = mapped_column(sa.Text, default="")
    code: Mapped[str] = mapped_column(sa.Text)
    severity: Mapped[str] = mapped_column(sa.Text)
    field: Mapped[str] = mapped_column(sa.Text, default="")
    value: Mapped[str] = mapped_column(sa.Text, default="")
