"""Translation catalogues: extraction, merging, checking and counting.

CKAN merges catalogues by msgid alone and takes one (directory, domain) pair from a plugin. So the
readable sources lie apart (our own strings in ``zh_Hans_CN/LC_MESSAGES/``, what we fill and mend
in CKAN and its extensions in ``overlay/``), and one compiled ``.mo`` holds them all.

Nothing here needs a running CKAN: ``python -m ckanext.jilinopen.catalogue.localisation check``.
"""

from __future__ import annotations

from ckanext.jilinopen.catalogue.localisation.components import Catalogues, Component, components
from ckanext.jilinopen.catalogue.localisation.messages import (
    DOMAIN,
    LOCALE,
    Entry,
    extract,
    read_catalogue,
    write_catalogue,
)
from ckanext.jilinopen.catalogue.localisation.rules import Policy, broken_rules
from ckanext.jilinopen.catalogue.localisation.tool import (
    Coverage,
    Finding,
    build,
    check,
    coverage,
    main,
)

__all__ = [
    "DOMAIN",
    "LOCALE",
    "Catalogues",
    "Component",
    "Coverage",
    "Entry",
    "Finding",
    "Policy",
    "broken_rules",
    "build",
    "check",
    "components",
    "coverage",
    "extract",
    "main",
    "read_catalogue",
    "write_catalogue",
]
