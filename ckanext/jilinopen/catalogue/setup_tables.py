"""Creates what the portal's tables describe: themes as groups, departments as organizations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.jilinopen.catalogue import vocabulary
from ckanext.jilinopen.catalogue.harvested import group_extras

__all__ = ["Counts", "create_departments", "create_themes"]

Fields = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one table."""

    created: int = 0
    updated: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        """All rows of the table."""
        return self.created + self.updated + self.same


def create_themes(*, overwrite: bool = False) -> Counts:
    """Create the themes, and give existing ones what they lack.

    Args:
        overwrite: also bring back values that somebody changed, and deleted themes.
    """
    wanted = (_theme_fields(item) for item in vocabulary.themes())
    return _bring("group", wanted, overwrite=overwrite)


def create_departments(*, overwrite: bool = False) -> Counts:
    """Create the departments, and give existing ones what they lack.

    Args:
        overwrite: also bring back values that somebody changed, and deleted departments.
    """
    wanted = (_department_fields(item) for item in vocabulary.departments())
    return _bring("organization", wanted, overwrite=overwrite)


def _theme_fields(item: vocabulary.Theme) -> Fields:
    return {
        "name": item.slug,
        "title": item.name_zh,
        "title_en": item.name_en,
        "jl_theme_code": item.slug,
        "jl_order": str(item.order),
        "jl_icon": item.icon,
        "jl_gbt21063": list(item.gbt21063_4),
        "jl_gbt4754": list(item.gbt4754),
        "jl_eu_theme": list(item.eu_data_theme),
    }


def _department_fields(item: vocabulary.Department) -> Fields:
    fields = {
        "name": item.name,
        "title": item.name_zh,
        "jl_short_name": item.short_name,
        "jl_region": item.division,
        "jl_level": item.level,
        "jl_org_type": item.org_type,
        "parent": item.parent,
        "jl_uscc": item.jl_uscc,
    }
    return {key: value for key, value in fields.items() if value}


def _bring(kind: str, wanted: Iterable[Fields], *, overwrite: bool) -> Counts:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    existing = _existing(is_organization=kind == "organization")
    counts = {"created": 0, "updated": 0, "same": 0}
    for fields in wanted:
        stored = existing.get(fields["name"])
        if stored is None:
            _act(f"{kind}_create", user, fields)
            counts["created"] += 1
            continue
        changes = _changes(fields, stored, overwrite=overwrite)
        if changes:
            _act(f"{kind}_patch", user, {"id": stored.id, **changes})
        counts["updated" if changes else "same"] += 1
    return Counts(**counts)


def _existing(*, is_organization: bool) -> dict[str, model.Group]:
    query = model.Session.query(model.Group).filter_by(is_organization=is_organization)
    return {group.name: group for group in query}


def _changes(fields: Fields, stored: model.Group, *, overwrite: bool) -> Fields:
    """Values to write: those missing, and with ``overwrite`` those that differ."""
    if stored.state != "active":
        return {**fields, "state": "active"} if overwrite else {}
    return {
        key: value
        for key, value in fields.items()
        if key != "name" and _differs(value, _stored_value(stored, key), overwrite=overwrite)
    }


def _stored_value(stored: model.Group, key: str) -> str:
    return (stored.title if key == "title" else group_extras(stored).get(key)) or ""


def _differs(value: str | list[str], stored: str, *, overwrite: bool) -> bool:
    if not stored or not overwrite:
        return not stored
    if isinstance(value, list):
        return sorted(json.loads(stored)) != sorted(value)
    return stored != value


def _act(action: str, user: str, fields: Fields) -> None:
    context: Context = {"ignore_auth": True, "user": user}
    run: Callable[[Context, Fields], Any] = tk.get_action(action)
    run(context, dict(fields))
