"""Harvest sources of ours: look them up, make them, read their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource

from ckanext.jilinopen.harvest import portals
from ckanext.jilinopen.harvest.config_model import SourceConfig, parse_config
from ckanext.jilinopen.harvest.mapping import SourceContext

__all__ = [
    "SOURCE_TYPE",
    "Source",
    "SourceError",
    "active_sources",
    "get_source",
    "save_source",
    "validated_config",
]

SOURCE_TYPE = "jilinopen"


class SourceError(Exception):
    """A source does not exist or its settings are wrong.

    Args:
        code: stable slug: ``source.unknown``, ``source.inactive`` or ``source.config``.
        name: how the source was named.
        cause: what is wrong with it.
    """

    def __init__(self, code: str, name: str, cause: str = "") -> None:
        super().__init__(code, name, cause)
        self.code = code
        self.name = name
        self.cause = cause


@dataclass(frozen=True)
class Source:
    """A harvest source with its settings read.

    Attributes:
        id: id of the source and of its ``harvest`` dataset.
        name: its slug.
        owner_org: id of the organization that owns the source.
    """

    id: str
    name: str
    title: str
    address: str
    owner_org: str
    config: SourceConfig

    @property
    def context(self) -> SourceContext:
        """What the mapping has to know of this source."""
        return SourceContext(self.id, self.config.portal_title or self.title, self.config)


def validated_config(text: str | None, name: str = "") -> SourceConfig:
    """Read settings and check that their family is installed.

    Raises:
        SourceError: ``source.config`` with the cause in the words of the checker.
    """
    try:
        config = parse_config(text)
    except msgspec.DecodeError as error:
        raise SourceError("source.config", name, str(error)) from error
    if config.family not in portals.families():
        known = ", ".join(portals.families())
        raise SourceError("source.config", name, f"family: {config.family} ({known})")
    return config


def get_source(name_or_id: str) -> Source:
    """The source of that name, title or id.

    Raises:
        SourceError: there is none, it is switched off, or its settings are wrong.
    """
    package = model.Package.get(name_or_id) or _by_title(name_or_id)
    row = HarvestSource.get(package.id) if package and package.type == "harvest" else None
    if package is None or row is None or row.type != SOURCE_TYPE or package.state != "active":
        raise SourceError("source.unknown", name_or_id)
    if not row.active:
        raise SourceError("source.inactive", package.name)
    return _source(row, package)


def _by_title(title: str) -> model.Package | None:
    query = model.Session.query(model.Package).filter_by(type="harvest", title=title)
    return query.filter_by(state="active").first()


def active_sources() -> list[str]:
    """Names of all active sources of ours, in the order of their names."""
    rows = (
        model.Session.query(model.Package.name)
        .join(HarvestSource, HarvestSource.id == model.Package.id)
        .filter(HarvestSource.active.is_(True), HarvestSource.type == SOURCE_TYPE)
        .filter(model.Package.state == "active")
        .order_by(model.Package.name)
    )
    return [row.name for row in rows]


def _source(row: HarvestSource, package: model.Package) -> Source:
    return Source(
        id=row.id,
        name=package.name,
        title=package.title or package.name,
        address=row.url,
        owner_org=package.owner_org or "",
        config=validated_config(row.config, package.name),
    )


def save_source(fields: dict[str, Any]) -> tuple[str, bool]:
    """Create a source, or bring an existing one of the same name in line.

    Args:
        fields: ``name title url owner_org config`` (a mapping) and optionally ``notes``.

    Returns:
        The source's id and whether anything was written.

    Raises:
        SourceError: the settings are wrong.
        tk.ValidationError: a field is refused, e.g. an address that another source has.
    """
    config_text = msgspec.json.encode(fields.get("config") or {}, order="sorted").decode()
    validated_config(config_text, fields["name"])
    wanted = {
        "name": fields["name"],
        "title": fields.get("title") or fields["name"],
        "url": fields["url"],
        "owner_org": fields["owner_org"],
        "notes": fields.get("notes") or "",
        "source_type": SOURCE_TYPE,
        "config": config_text,
        "frequency": fields.get("frequency") or "MANUAL",
    }
    existing = model.Package.get(fields["name"])
    if existing is not None and _is_same(existing, wanted):
        return existing.id, False
    context: Any = {"ignore_auth": True, "user": site_user()}
    if existing is None:
        created = tk.get_action("harvest_source_create")(context, wanted)
        return created["id"], True
    tk.get_action("harvest_source_update")(context, {**wanted, "id": existing.id})
    return existing.id, True


def _is_same(package: model.Package, wanted: dict[str, Any]) -> bool:
    row = HarvestSource.get(package.id)
    owner = model.Group.get(wanted["owner_org"])
    return (
        row is not None
        and row.active
        and package.state == "active"
        and row.url == wanted["url"]
        and package.title == wanted["title"]
        and (package.notes or "") == wanted["notes"]
        and owner is not None
        and package.owner_org == owner.id
        and msgspec.json.decode(row.config or "{}") == msgspec.json.decode(wanted["config"])
    )


def site_user() -> str:
    """Name of CKAN's own user, in whose name harvests write."""
    context: Any = {"ignore_auth": True, "defer_commit": True}
    return tk.get_action("get_site_user")(context, {})["name"]
