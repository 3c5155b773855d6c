"""Packaging of ckanext-jilinopen.

``schemas/`` and ``i18n/`` lie at the top level of the repository and are installed as
``ckanext.jilinopen.schemas`` and ``ckanext.jilinopen.i18n``.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
SOURCE = (HERE / "ckanext/jilinopen/__init__.py").read_text(encoding="utf-8")
VERSION = re.findall(r'^__version__ = "([^"]+)"', SOURCE, re.MULTILINE)[0]
README = HERE / "README.md"

setup(
    name="ckanext-jilinopen",
    version=VERSION,
    description="Public-data portal of Jilin Province on top of CKAN",
    long_description=README.read_text(encoding="utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    license="AGPL-3.0-or-later",
    keywords="CKAN open-data China Jilin harvester",
    classifiers=[
        "Development Status :: 4 - Beta",
        "License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+)",
        "Natural Language :: Chinese (Simplified)",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
    ],
    python_requires=">=3.10",
    install_requires=[
        "ckan>=2.12.0,<2.13",
        "ckanext-harvest>=1.6.3,<2",
        "ckanext-scheming>=3.1.0,<4",
        "httpcore>=1,<2",
        "httpx>=0.27,<1",
        "lxml>=5,<7",
        "msgspec>=0.19,<1",
        "openpyxl>=3.1,<4",
        "pypinyin>=0.53,<1",
    ],
    packages=[
        *find_packages(include=["ckanext", "ckanext.*"]),
        "ckanext.jilinopen.schemas",
        "ckanext.jilinopen.i18n",
    ],
    package_dir={
        "ckanext.jilinopen.schemas": "schemas",
        "ckanext.jilinopen.i18n": "i18n",
    },
    package_data={
        "ckanext.jilinopen": [
            "migration/**/*",
            "*/config_declaration.yaml",
            "*/assets/**/*",
            "*/public/**/*",
            "*/templates/**/*",
        ],
        "ckanext.jilinopen.schemas": ["*.yaml", "vocabularies/*.csv", "vocabularies/*.json"],
        "ckanext.jilinopen.i18n": ["*.csv", "*.pot", "*/*.po", "*/*/*.po", "*/*/*.mo"],
    },
    include_package_data=False,
    zip_safe=False,
    entry_points={
        "ckan.plugins": [
            "jilinopen = ckanext.jilinopen.catalogue.plugin:JilinopenPlugin",
            "jilinopen_search = ckanext.jilinopen.search.plugin:JilinopenSearchPlugin",
            "jilinopen_harvest = ckanext.jilinopen.harvest.plugin:JilinopenHarvestPlugin",
            "jilinopen_portal = ckanext.jilinopen.portal.plugin:JilinopenPortalPlugin",
        ],
        "ckanext.jilinopen.portals": [
            "odweb = ckanext.jilinopen.harvest.portals.odweb:Odweb",
            "oportal = ckanext.jilinopen.harvest.portals.oportal:Oportal",
            "ckan = ckanext.jilinopen.harvest.portals.ckan:Ckan",
        ],
    },
    message_extractors={
        "ckanext/jilinopen": [
            ("**.py", "python", None),
            ("**.js", "javascript", None),
            ("**/templates/**.html", "ckan", None),
        ],
    },
)
