"""Template helpers of the harvest room."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from babel.dates import format_datetime

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.jilinopen.catalogue.dates import SHANGHAI
from ckanext.jilinopen.harvest.model import HarvestRecord

__all__ = ["jl_harvest_record", "jl_run_count_label", "jl_run_moment", "jl_run_status_label"]


def jl_run_moment(moment: str) -> str:
    """When something happened, to the minute, in the portal's time zone.

    Args:
        moment: ISO 8601 with a time zone, as the API gives it.
    """
    local = datetime.fromisoformat(moment).astimezone(SHANGHAI)
    pattern = "yyyy年M月d日 HH:mm" if tk.h.lang().startswith("zh") else "d MMM yyyy HH:mm"
    return format_datetime(local, pattern, locale=tk.h.lang())


def jl_run_status_label(status: str) -> str:
    """A run's status in the reader's language."""
    labels = {
        "running": tk._("Running"),
        "finished": tk._("Finished"),
        "failed": tk._("Failed"),
        "held": tk._("Held"),
    }
    return labels.get(status, status)


def jl_run_count_label(name: str) -> str:
    """The name of one of a run's counts in the reader's language."""
    labels = {
        "listed": tk._("Listed"),
        "created": tk._("Newly created"),
        "updated": tk._("Changed"),
        "same": tk._("Unchanged"),
        "failed": tk._("Failed"),
        "gone": tk._("No longer listed"),
        "removed": tk._("Removed"),
        "warnings": tk._("Warnings"),
    }
    return labels.get(name, name)


def jl_harvest_record(package_id: str) -> dict[str, datetime | None] | None:
    """When a dataset was first seen, last changed and last missed at its source.

    Returns:
        ``first_seen``, ``changed`` and ``missing_since``; ``None`` for a dataset of our own.
    """
    columns = (HarvestRecord.first_seen, HarvestRecord.changed, HarvestRecord.missing_since)
    query = sa.select(*columns).where(HarvestRecord.package_id == package_id)
    row = model.Session.execute(query).mappings().first()
    return dict(row) if row else None
