"""Source portals: where harvested datasets come from, as the page of sources lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.jilinopen.portal import dates, figures, prose

__all__ = ["Source", "sources"]


@dataclass(frozen=True)
class Source:
    """A source portal, ready to show.

    Attributes:
        title: its name.
        page: its page here.
        notes: what is said about it.
        url: its address, if it is a web address.
        host: the host of that address.
        count: datasets here that came from it.
        last: when it was last harvested to the end.
    """

    title: str
    page: str
    notes: str
    url: str
    host: str
    count: int
    last: date | datetime | None


def sources(listed: Sequence[Mapping[str, Any]]) -> list[Source]:
    """The sources of a list.

    Args:
        listed: harvest sources as ``package_search`` gives them.
    """
    return [_source(item) for item in listed]


def _source(item: Mapping[str, Any]) -> Source:
    url = str(item.get("url") or "")
    here = prose.is_web_address(url)
    return Source(
        title=item.get("title") or item["name"],
        page=tk.h.url_for("harvest.read", id=item["name"]),
        notes=prose.brief(item.get("notes"), 200),
        url=url if here else "",
        host=prose.host_of(url) if here else "",
        count=_count(item["id"]),
        last=_last(item["id"]),
    )


def _count(source_id: str) -> int:
    try:
        return figures.count(f'+harvest_source_id:"{source_id}"')
    except figures.NO_ANSWER:
        return 0


def _last(source_id: str) -> date | datetime | None:
    context: Context = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    try:
        status = tk.get_action("harvest_source_show_status")(context, {"id": source_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    finished = dates.parse((status.get("last_job") or {}).get("finished"))
    return dates.localise(dates.from_utc(finished), tk.h.get_display_timezone())
