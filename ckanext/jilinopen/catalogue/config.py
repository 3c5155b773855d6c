"""The catalogue room's settings; the only place that reads them."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.jilinopen.catalogue import vocabulary

__all__ = ["defaults", "site_url"]

_SCHEMAS = vocabulary.PACKAGE


def defaults() -> dict[str, str]:
    """Settings of CKAN and ckanext-scheming that the portal needs, for sites that leave them."""
    return {
        "scheming.dataset_schemas": f"{_SCHEMAS}:dataset.yaml",
        "scheming.organization_schemas": f"{_SCHEMAS}:organization.yaml",
        "scheming.group_schemas": f"{_SCHEMAS}:group.yaml",
        "scheming.presets": f"ckanext.scheming:presets.json {_SCHEMAS}:presets.yaml",
        "licenses_group_url": "file://" + vocabulary.vocabulary_path("licences.json"),
    }


def site_url() -> str:
    """The address of the portal without a slash at its end."""
    return tk.config["ckan.site_url"].rstrip("/")
