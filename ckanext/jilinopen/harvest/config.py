"""The harvest room's settings; the only place that reads them."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.harvest.client import Guard, Limits
from ckanext.jilinopen.harvest.config_model import SourceConfig
from ckanext.jilinopen.harvest.plan import Brake

__all__ = [
    "batch_size",
    "brake",
    "ca_bundle",
    "guard",
    "limits",
    "readers",
    "site_url",
    "stale_minutes",
    "user_agent",
]

_PREFIX = "ckanext.jilinopen.harvest"


def guard() -> Guard:
    """Which addresses sources may point to."""
    return Guard(allowed_hosts=frozenset(tk.config[f"{_PREFIX}.allowed_hosts"]))


def limits(source: SourceConfig) -> Limits:
    """Time and size limits for requests to a source; the source may set its own pace."""
    pace = tk.config[f"{_PREFIX}.pace_ms"] / 1000 if source.pace is None else source.pace
    return Limits(
        connect=tk.config[f"{_PREFIX}.connect_seconds"],
        read=tk.config[f"{_PREFIX}.read_seconds"],
        total=tk.config[f"{_PREFIX}.total_seconds"],
        max_bytes=tk.config[f"{_PREFIX}.max_megabytes"] << 20,
        retries=tk.config[f"{_PREFIX}.retries"],
        pace=pace,
    )


def user_agent() -> str:
    """The user agent that portals see."""
    return tk.config[f"{_PREFIX}.user_agent"]


def ca_bundle() -> str | None:
    """Extra certificates to trust, if any."""
    return tk.config.get(f"{_PREFIX}.ca_bundle") or None


def batch_size() -> int:
    """Records that are read, written and indexed together."""
    return max(1, tk.config[f"{_PREFIX}.batch_size"])


def readers() -> int:
    """Details read side by side during one run."""
    return max(1, tk.config[f"{_PREFIX}.readers"])


def stale_minutes() -> int:
    """Minutes without progress after which a run counts as dead."""
    return max(1, tk.config[f"{_PREFIX}.stale_minutes"])


def brake() -> Brake:
    """Limits on how much of a source may vanish in one run."""
    return Brake(
        count=tk.config[f"{_PREFIX}.removal.max_count"],
        share=tk.config[f"{_PREFIX}.removal.max_share"],
    )


def site_url() -> str:
    """Address of this portal."""
    return tk.config["ckan.site_url"]
