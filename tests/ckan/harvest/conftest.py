"""A site with departments and themes, and simulated portals to harvest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.jilinopen.harvest.sources import Source, get_source, save_source
from demo.catalogue import changchun, jilinshi
from demo.portals.server import PortalServer
from demo.records import Record

SMALL = 60


@pytest.fixture
def site(with_plugins: None, clean_db: None, clean_index: None, themes: None) -> str:
    """A clean site with the provincial themes; returns the organization that owns sources."""
    owner = tk.get_action("organization_create")(
        {
            "ignore_auth": True,
            "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"],
        },
        {"name": "source-owner", "title": "吉林省政务服务和数字化建设管理局测试"},
    )
    return owner["id"]


@pytest.fixture
def odweb() -> Iterator[PortalServer]:
    """A small odweb portal of 长春."""
    with PortalServer("odweb", spread(changchun(), SMALL)) as portal:
        yield portal


@pytest.fixture
def oportal() -> Iterator[PortalServer]:
    """A small oportal portal of 吉林市."""
    with PortalServer("oportal", spread(jilinshi(), SMALL)) as portal:
        yield portal


def spread(records: Any, size: int) -> list[Record]:
    """So many records from all over a catalogue, in its order."""
    step = len(records) / size
    return [records[int(number * step)] for number in range(size)]


@pytest.fixture
def add_source(site: str) -> Callable[..., Source]:
    """Make a harvest source for a running portal."""

    def add(portal: PortalServer | str, name: str = "city", **config: Any) -> Source:
        address = portal if isinstance(portal, str) else portal.url
        family = config.pop("family", getattr(portal, "family", "odweb"))
        division = config.pop("division", "220200" if family == "oportal" else "220100")
        save_source(
            {
                "name": name,
                "title": f"测试平台 {name}",
                "url": address,
                "owner_org": site,
                "config": {"family": family, "division": division, "pace": 0, **config},
            }
        )
        return get_source(name)

    return add


@pytest.fixture
def datasets(site: str) -> Callable[[], dict[str, dict[str, Any]]]:
    """All harvested datasets by remote id, as the search index shows them."""

    def read() -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        while True:
            answer = tk.get_action("package_search")(
                {"ignore_auth": True},
                {
                    "q": "*:*",
                    "rows": 500,
                    "start": len(found),
                    "sort": "id asc",
                    "include_private": True,
                },
            )
            found.update({item["jl_source_id"]: item for item in answer["results"]})
            if not answer["results"] or len(found) >= answer["count"]:
                return found

    return read


@pytest.fixture
def database_state(site: str) -> Callable[[], dict[str, tuple[int, str]]]:
    """Number and digest of the rows of every table."""

    def read() -> dict[str, tuple[int, str]]:
        model.Session.rollback()
        with model.meta.engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            state = {}
            for name in names:
                rows = connection.execute(sa.text(f'SELECT t::text FROM "{name}" t ORDER BY 1'))
                texts = [row[0] for row in rows]
                digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
                state[name] = (len(texts), digest)
            return state

    return read
