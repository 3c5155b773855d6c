"""Plugin ``jilinopen``: schemas, vocabularies, validators, commands and translations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import CKANConfig
from ckan.types import Context

import ckanext.jilinopen.i18n as catalogues
from ckanext.jilinopen.catalogue import config as settings
from ckanext.jilinopen.catalogue.memberships import save_themes

__all__ = ["JilinopenPlugin"]


@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class JilinopenPlugin(p.SingletonPlugin):
    """What every other room of the portal stands on; it comes first in ``ckan.plugins``."""

    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)
    p.implements(p.IPackageController, inherit=True)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets; point CKAN and scheming to our schemas and licences."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "jilinopen-catalogue")
        for key, value in settings.defaults().items():
            if key not in config or not config[key]:
                config[key] = value

    # ITranslation

    def i18n_directory(self) -> str:
        """Where the compiled catalogue lies; it is a package of its own."""
        return str(Path(catalogues.__file__ or "").parent)

    def i18n_locales(self) -> list[str]:
        """Languages that have a catalogue; the folder holds other things too."""
        found = Path(self.i18n_directory()).glob("*/LC_MESSAGES")
        return sorted(folder.parent.name for folder in found)

    def i18n_domain(self) -> str:
        """The name of the compiled catalogue."""
        return "ckanext-jilinopen"

    # IPackageController

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Give a new dataset its identifier and put it into its themes."""
        package = model.Package.get(pkg_dict["id"])
        if package and package.type == "dataset" and not package.extras.get("identifier"):
            package.extras["identifier"] = f"{settings.site_url()}/dataset/{package.id}"
        _save_themes(pkg_dict)

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Put a changed dataset into its themes."""
        _save_themes(pkg_dict)


def _save_themes(pkg_dict: dict[str, Any]) -> None:
    groups = pkg_dict.get("groups")
    if pkg_dict.get("type", "dataset") == "dataset" and groups is not None:
        save_themes(pkg_dict["id"], [group["name"] for group in groups if group.get("name")])
