"""API of the harvest room: runs and their findings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import validate
from ckan.types import Context

from ckanext.jilinopen.harvest import messages
from ckanext.jilinopen.harvest.logic import schema
from ckanext.jilinopen.harvest.model import HarvestFinding, HarvestRun

__all__ = ["jilinopen_harvest_run_list", "jilinopen_harvest_run_show"]

EXAMPLES = 5


@tk.side_effect_free
@validate(schema.run_list)
def jilinopen_harvest_run_list(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List harvest runs, newest first.

    :param source_id: name or id of a harvest source; without it all runs (sysadmins only)
    :type source_id: string
    :param limit: how many (optional, default: 20)
    :type limit: int
    :param offset: how many to skip (optional, default: 0)
    :type offset: int

    :returns: ``count`` and ``results``, each a run as in
        :py:func:`jilinopen_harvest_run_show` without its findings
    :rtype: dictionary
    """
    tk.check_access("jilinopen_harvest_run_list", context, data_dict)
    query = sa.select(HarvestRun)
    if data_dict.get("source_id"):
        package = model.Package.get(data_dict["source_id"])
        if package is None:
            raise tk.ObjectNotFound(tk._("There is no such harvest source"))
        query = query.where(HarvestRun.source_id == package.id)
    count = model.Session.execute(sa.select(sa.func.count()).select_from(query.subquery()))
    page = (
        query.order_by(HarvestRun.started.desc())
        .limit(data_dict["limit"])
        .offset(data_dict["offset"])
    )
    runs = model.Session.execute(page).scalars()
    return {"count": count.scalar_one(), "results": [_run_dict(run) for run in runs]}


@tk.side_effect_free
@validate(schema.run_show)
def jilinopen_harvest_run_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show one harvest run with its findings grouped by code.

    :param id: id of the run (the same as the harvest job's)
    :type id: string

    :returns: ``id``, ``source_id``, ``status`` (running, finished, failed, held), ``started``,
        ``finished``, ``counts``, ``error`` (code, address, cause, text or ``None``), ``requests``,
        ``received_bytes`` and ``findings``: a list of ``code``, ``severity``, ``count``, ``text``,
        ``hint`` and up to five ``examples``
    :rtype: dictionary
    :raises ObjectNotFound: there is no such run
    """
    tk.check_access("jilinopen_harvest_run_show", context, data_dict)
    run = model.Session.get(HarvestRun, data_dict["id"])
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such harvest run"))
    return {**_run_dict(run), "findings": _grouped_findings(run.id)}


def _run_dict(run: HarvestRun) -> dict[str, Any]:
    error = None
    if run.error_code:
        error = {
            "code": run.error_code,
            "address": run.error_address,
            "cause": run.error_cause,
            "text": messages.describe(run.error_code),
        }
    return {
        "id": run.id,
        "source_id": run.source_id,
        "status": run.status,
        "started": run.started.isoformat(),
        "finished": run.finished.isoformat() if run.finished else None,
        "total": run.total,
        "counts": run.counts,
        "error": error,
        "requests": run.requests,
        "received_bytes": run.received_bytes,
    }


def _grouped_findings(run_id: str) -> list[dict[str, Any]]:
    groups = model.Session.execute(
        sa.select(HarvestFinding.code, HarvestFinding.severity, sa.func.count().label("number"))
        .where(HarvestFinding.run_id == run_id)
        .group_by(HarvestFinding.code, HarvestFinding.severity)
        .order_by(HarvestFinding.severity, sa.desc("number"), HarvestFinding.code)
    ).all()
    return [
        {
            "code": group.code,
            "severity": group.severity,
            "count": group.number,
            "text": messages.describe(group.code),
            "hint": messages.CODES[group.code].hint() if group.code in messages.CODES else "",
            "examples": _examples(run_id, group.code),
        }
        for group in groups
    ]


def _examples(run_id: str, code: str) -> list[dict[str, str]]:
    rows = model.Session.execute(
        sa.select(HarvestFinding)
        .where(HarvestFinding.run_id == run_id, HarvestFinding.code == code)
        .order_by(HarvestFinding.id)
        .limit(EXAMPLES)
    ).scalars()
    return [{"remote_id": row.remote_id, "field": row.field, "value": row.value} for row in rows]
