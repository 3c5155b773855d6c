"""Plugin ``jilinopen_harvest``: the harvester, its commands, actions and pages."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.harvest.interfaces import IHarvester

from ckanext.jilinopen.catalogue.cli import jilinopen
from ckanext.jilinopen.harvest.cli import harvest, source
from ckanext.jilinopen.harvest.harvester import MunicipalHarvester

__all__ = ["JilinopenHarvestPlugin"]


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.helpers
@tk.blanket.blueprints
@tk.blanket.config_declarations
class JilinopenHarvestPlugin(MunicipalHarvester, p.SingletonPlugin):
    """Keeps the portals of the prefectures in step with the provincial one."""

    p.implements(p.IConfigurer)
    p.implements(IHarvester)

    def update_config(self, config: CKANConfig) -> None:
        """Add templates and hang our commands under ``ckan jilinopen``."""
        tk.add_template_directory(config, "templates")
        for command in (harvest, source):
            jilinopen.add_command(command)
