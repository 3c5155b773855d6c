"""Puts datasets into their themes.

CKAN saves a dataset's groups only where the user is a member of the group, and forgets the others
without a word. Themes are chosen by every provider's editors, so they are saved here.
"""

from __future__ import annotations

from collections.abc import Iterable

from ckan import model

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["save_themes"]


def save_themes(package_id: str, names: Iterable[str]) -> bool:
    """Make a dataset's themes exactly those named; other groups stay as they are.

    Args:
        package_id: a dataset that is written, but need not be committed.
        names: names of groups; those that are no themes are left out.

    Returns:
        Whether anything was changed.
    """
    wanted = {name for name in names if vocabulary.theme(name)}
    members = _members(package_id)
    current = {name for name, member in members.items() if member.state == "active"}
    for name in current - wanted:
        if vocabulary.theme(name):
            members[name].state = "deleted"
    for name in wanted - current:
        _join(package_id, name, members.get(name))
    changed = current != wanted
    if changed:
        model.Session.flush()
    return changed


def _members(package_id: str) -> dict[str, model.Member]:
    rows = (
        model.Session.query(model.Group.name, model.Member)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .filter(model.Member.table_id == package_id, model.Member.table_name == "package")
        .filter(model.Group.is_organization.is_(False))
    )
    return {row[0]: row[1] for row in rows if row[0]}


def _join(package_id: str, name: str, member: model.Member | None) -> None:
    if member is None:
        group = model.Group.get(name)
        if group is None:
            return
        member = model.Member(
            table_id=package_id, table_name="package", group=group, capacity="public"
        )
        model.Session.add(member)
    member.state = "active"
