"""Find or make the organization of a department that a source names."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.jilinopen.catalogue import naming, vocabulary

__all__ = ["Providers"]


class Providers:
    """Organizations by their title, read once a run.

    Args:
        user: name of the user who makes missing organizations.
    """

    def __init__(self, user: str) -> None:
        self._user = user
        self._ids: dict[str, str] = {}
        self.reload()

    def reload(self) -> None:
        """Read all active organizations again; needed after a rolled-back batch."""
        rows = (
            model.Session.query(model.Group.id, model.Group.title)
            .filter_by(is_organization=True, state="active")
            .order_by(model.Group.created.desc())
        )
        self._ids = {row.title: row.id for row in rows}

    def resolve(self, title: str, division: str) -> str:
        """Id of the organization of that title; makes it where it does not exist yet.

        Args:
            title: full name of the department.
            division: code of the division it belongs to.
        """
        if title not in self._ids:
            self._ids[title] = self._create(title, division)
        return self._ids[title]

    def _create(self, title: str, division: str) -> str:
        known = {department.name_zh: department for department in vocabulary.departments()}
        department = known.get(title)
        fields: dict[str, Any] = {
            "name": department.name if department else naming.organization_name(title),
            "title": title,
            "jl_region": department.division if department else division,
        }
        if department:
            fields |= {
                "jl_level": department.level,
                "jl_org_type": department.org_type,
                "jl_short_name": department.short_name,
            }
        context: Any = {"ignore_auth": True, "user": self._user, "defer_commit": True}
        existing = model.Group.get(fields["name"])
        if existing is not None:
            return _revived(existing)
        return tk.get_action("organization_create")(context, fields)["id"]


def _revived(group: model.Group) -> str:
    """An organization that was deleted once and is named by a source again."""
    group.state = "active"
    model.Session.flush()
    return group.id
