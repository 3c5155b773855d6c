"""Fixtures of the tests that run on PostgreSQL, Redis and Solr.

The services' addresses come from ``test.ini``; CKAN_SQLALCHEMY_URL, CKAN_SOLR_URL and
CKAN_REDIS_URL move them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests import factories

from ckanext.jilinopen.catalogue.setup_tables import create_themes

WITH_TABLES = ("activity", "harvest", "jilinopen_harvest")


_TABLES_MADE = pytest.StashKey[bool]()


@pytest.fixture
def clean_db(reset_db: Callable[[], None], migrate_db_for: Callable[[str], None]) -> None:
    """An empty database with the tables of the plugins that are loaded."""
    reset_db()
    for name in WITH_TABLES:
        if p.plugin_loaded(name):
            migrate_db_for(name)


@pytest.fixture
def some_db(with_plugins: None, request: pytest.FixtureRequest) -> None:
    """A database with all tables; it may hold what other tests left there. Much faster."""
    if not request.config.stash.get(_TABLES_MADE, False):
        request.getfixturevalue("clean_db")
        request.config.stash[_TABLES_MADE] = True


@pytest.fixture
def themes(some_db: None) -> None:
    """The 24 themes."""
    create_themes()


@pytest.fixture
def act(some_db: None) -> Callable[..., Any]:
    """Runs an action as the portal itself does, without asking for permission."""

    def run(action: str, **fields: Any) -> Any:
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        return tk.get_action(action)({"user": user, "ignore_auth": True}, fields)

    return run


@pytest.fixture
def dataset_fields() -> Callable[..., dict[str, Any]]:
    """Makes the fields of a dataset that an editor may publish; keywords change them."""

    def make(**changes: Any) -> dict[str, Any]:
        fields = {
            "title": "长春市公交站点信息",
            "notes": "长春市城区公共汽车站点的名称、位置和途经线路，由运营单位每月整理。",
            "jl_themes": ["jtys"],
            "tag_string": "公交，站点",
            "contact": [{"name": "信息处", "phone": "0431-88888888"}],
            "jl_region": "220100",
            "frequency": "monthly",
            "jl_open_type": "unconditional",
            "license_id": "jilin-open-1.0",
            "jl_share_type": "1",
            "jl_share_method": "2",
            "jl_data_level": "general",
            "jl_sensitivity": "L1",
            "jl_pi_declaration": "none",
        }
        return {key: value for key, value in (fields | changes).items() if value is not None}

    return make


@pytest.fixture
def create_dataset(
    themes: None, act: Callable[..., Any], dataset_fields: Callable[..., dict[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """Creates a dataset by hand; keywords change its fields."""

    def create(**changes: Any) -> dict[str, Any]:
        if "owner_org" not in changes:
            changes["owner_org"] = factories.Organization(title="长春市交通运输局")["id"]
        return act("package_create", **dataset_fields(**changes))

    return create
