"""The portal: its pages, its look and the helpers that its templates call."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.jilinopen.portal.figures import ORDERS

__all__ = ["JilinopenPortalPlugin"]

# What a fresh CKAN would do, and what a portal that asks no third party for anything does instead.
_OWN_DEFAULTS = {
    "ckan.gravatar_default": ("identicon", "disabled"),
    "ckan.favicon": ("/base/images/ckan.ico", "/jilinopen/logo.svg"),
    "ckan.search.default_package_sort": (
        "score desc, metadata_modified desc",
        ORDERS["relevance"],
    ),
}


@tk.blanket.helpers
@tk.blanket.blueprints
@tk.blanket.config_declarations
class JilinopenPortalPlugin(p.SingletonPlugin):
    """Templates, assets and pages of the provincial portal on CKAN's classic theme."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Register templates, files and assets; settle defaults that would leave the site."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "jilinopen")
        for key, (stock, ours) in _OWN_DEFAULTS.items():
            if config.get(key, stock) == stock:
                config[key] = ours
