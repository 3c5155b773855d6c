"""Pages of the harvest room: one run, and the runs of one source."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

__all__ = ["jilinopen_harvest"]

jilinopen_harvest = Blueprint("jilinopen_harvest", __name__)

PER_PAGE = 20


@jilinopen_harvest.before_request
def _as_harvest_pages() -> None:
    """ckanext-harvest's base template asks which kind of dataset it shows."""
    tk.g.dataset_type = "harvest"


@jilinopen_harvest.route("/harvest/<source_id>/runs")
def runs(source_id: str) -> str:
    """The runs of one source, newest first."""
    page = tk.h.get_page_number(tk.request.args)
    try:
        source = tk.get_action("harvest_source_show")({}, {"id": source_id})
        listing = tk.get_action("jilinopen_harvest_run_list")(
            {}, {"source_id": source["id"], "limit": PER_PAGE, "offset": (page - 1) * PER_PAGE}
        )
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not see the runs of this source"))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such harvest source"))
    pager = Page(
        collection=listing["results"],
        page=page,
        item_count=listing["count"],
        items_per_page=PER_PAGE,
        presliced_list=True,
        url=tk.h.pager_url,
    )
    return tk.render(
        "jilinopen_harvest/runs.html",
        {"source": source, "harvest_source": source, "runs": listing["results"], "page": pager},
    )


@jilinopen_harvest.route("/harvest/run/<run_id>")
def run(run_id: str) -> str:
    """One run: counts, fault, findings by code with examples."""
    try:
        shown = tk.get_action("jilinopen_harvest_run_show")({}, {"id": run_id})
        source = tk.get_action("harvest_source_show")({}, {"id": shown["source_id"]})
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not see the runs of this source"))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such harvest run"))
    return tk.render(
        "jilinopen_harvest/run.html", {"source": source, "harvest_source": source, "run": shown}
    )
