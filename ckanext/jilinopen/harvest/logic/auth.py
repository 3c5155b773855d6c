"""Who may see harvest runs: those who may edit the source, and system administrators."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context

from ckanext.jilinopen.harvest.model import HarvestRun

__all__ = ["jilinopen_harvest_run_list", "jilinopen_harvest_run_show"]


def _may_edit(context: Context, source_id: str | None) -> AuthResult:
    if not source_id:
        return {"success": False, "msg": tk._("Only system administrators may see all runs")}
    try:
        tk.check_access("harvest_source_update", context, {"id": source_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {"success": False, "msg": tk._("You may not see the runs of this source")}
    return {"success": True}


def jilinopen_harvest_run_list(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Runs name addresses and causes, so they are for the people in charge of the source."""
    return _may_edit(context, data_dict.get("source_id"))


def jilinopen_harvest_run_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """As for the list."""
    run = model.Session.get(HarvestRun, data_dict.get("id") or "")
    return _may_edit(context, run.source_id if run else None)
