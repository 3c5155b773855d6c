"""Who may do what with datasets and themes."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["package_create", "package_update"]

# CKAN asks for membership in a group before a dataset may be put there. Themes are an official
# list that every provider's editors choose from.


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_create(
    next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    """CKAN's rule, without asking for membership in the themes."""
    return next_auth(context, _without_themes(data_dict))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_update(
    next_auth: AuthFunction, context: Context, data_dict: dict[str, Any] | None
) -> AuthResult:
    """CKAN's rule, without asking for membership in the themes."""
    return next_auth(context, _without_themes(data_dict))


def _without_themes(data_dict: dict[str, Any] | None) -> dict[str, Any]:
    data = dict(data_dict or {})
    groups = data.get("groups")
    if isinstance(groups, list):
        data["groups"] = [group for group in groups if not _is_theme(group)]
    return data


def _is_theme(group: Any) -> bool:
    name = group.get("name") if isinstance(group, dict) else group
    return isinstance(name, str) and vocabulary.theme(name) is not None
