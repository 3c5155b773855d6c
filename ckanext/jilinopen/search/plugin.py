"""Plugin ``jilinopen_search``: enriches the index, names the filters."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.jilinopen.search import index

__all__ = ["JilinopenSearchPlugin"]


class JilinopenSearchPlugin(p.SingletonPlugin):
    """Finds datasets by theme, division, department and source, in words and as filters."""

    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IFacets)

    # IPackageController

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Add what the codes of a dataset mean."""
        if pkg_dict.get("type") != "dataset":
            return pkg_dict
        return index.enriched(pkg_dict)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        """Show the names of coded values in facets, in the reader's language."""
        for name, facet in search_results.get("search_facets", {}).items():
            for item in facet["items"]:
                label = tk.h.jl_facet_label(name, item["name"])
                item["display_name"] = label or item["display_name"]
        return search_results

    # IFacets

    def dataset_facets(
        self, facets_dict: OrderedDict[str, Any], package_type: str
    ) -> OrderedDict[str, Any]:
        """The filters of the dataset list."""
        return _facets() if package_type == "dataset" else facets_dict

    def group_facets(
        self, facets_dict: OrderedDict[str, Any], group_type: str, package_type: str | None
    ) -> OrderedDict[str, Any]:
        """The filters on a theme's page."""
        return _facets(without="groups") if group_type == "group" else facets_dict

    def organization_facets(
        self, facets_dict: OrderedDict[str, Any], organization_type: str, package_type: str | None
    ) -> OrderedDict[str, Any]:
        """The filters on a department's page."""
        return _facets(without="organization")


def _facets(without: str = "") -> OrderedDict[str, Any]:
    """All filters in their order on the page."""
    facets: OrderedDict[str, Any] = OrderedDict(
        [
            ("groups", tk._("Theme")),
            (index.REGION, tk._("Region")),
            ("organization", tk._("Department")),
            ("jl_open_type", tk._("Openness")),
            ("res_format", tk._("Format")),
            ("frequency", tk._("Update frequency")),
            ("jl_source_portal", tk._("Source portal")),
        ]
    )
    facets.pop(without, None)
    return facets
