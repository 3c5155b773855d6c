"""Measures the harvest beside CKAN's own way of writing, in one run: ``make bench``.

The peer writes the same datasets one after the other through ``package_create``, with a commit and
an index request each, as ckanext-harvest's own harvesters do; reading and mapping are left out of
the peer's time and not out of ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ckan.cli import load_config
from ckan.config.middleware import make_app

NUMBER = 300
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(ini: str) -> None:
    """Run every measurement and write ``RESULTS.md``.

    Args:
        ini: CKAN's configuration file; its database is emptied.
    """
    app = make_app(load_config(ini))
    flask_app = app._wsgi_app  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]
    with flask_app.test_request_context():
        lines = _measure()
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _measure() -> list[str]:
    from ckanext.jilinopen.harvest.runs import run_source
    from demo.catalogue import changchun
    from demo.portals.server import PortalServer

    with PortalServer("odweb", changchun()[:NUMBER]) as portal:
        _empty()
        source = _source(portal.url)
        first, result = _timed(lambda: run_source(source))
        second, again = _timed(lambda: run_source(source))
        if (result.counts["created"], again.counts["same"]) != (NUMBER, NUMBER):
            raise SystemExit(f"采集没有完整完成：{dict(result.counts)} {dict(again.counts)}")
        written = _written(source)
    _empty()
    peer, _ = _timed(lambda: _one_by_one(written))
    return [
        "# 测量结果",
        "",
        f"`make bench`，{NUMBER} 个数据集，同一次运行、同一台机器。",
        "",
        "| 项目 | 秒 | 数据集/秒 | 与逐个 package_create 相比 |",
        "| --- | --- | --- | --- |",
        _row("逐个 `package_create`（只写入）", peer, peer),
        _row("首次采集（读取、对照、写入、建索引）", first, peer),
        _row("再次采集（没有变化）", second, peer),
    ]


def _row(name: str, seconds: float, peer: float) -> str:
    return f"| {name} | {seconds:.1f} | {NUMBER / seconds:.0f} | {peer / seconds:.1f} 倍 |"


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _empty() -> None:
    from ckan.cli.db import _run_migrations
    from ckan.lib import search
    from ckan.tests.helpers import reset_db

    from ckanext.jilinopen.catalogue.setup_tables import create_departments, create_themes

    reset_db()
    for plugin in ("activity", "harvest", "jilinopen_harvest"):
        _run_migrations(plugin)
    search.clear_all()
    create_themes()
    create_departments()


def _source(address: str) -> Any:
    from ckanext.jilinopen.catalogue import vocabulary
    from ckanext.jilinopen.harvest.sources import get_source, save_source

    save_source(
        {
            "name": "bench",
            "title": "测量用平台",
            "url": address,
            "owner_org": vocabulary.departments()[0].name,
            "config": {"family": "odweb", "division": "220100", "pace": 0},
        }
    )
    return get_source("bench")


def _written(source: Any) -> list[dict[str, Any]]:
    """The datasets of the first harvest, as dictionaries for ``package_create``."""
    import msgspec
    import sqlalchemy as sa

    from ckan import model

    from ckanext.jilinopen.harvest.model import HarvestRecord
    from ckanext.jilinopen.harvest.packages import package_dict
    from ckanext.jilinopen.harvest.records import Dataset

    rows = model.Session.execute(
        sa.select(HarvestRecord.mapped, model.Package.id, model.Package.name, model.Group.name)
        .join(model.Package, model.Package.id == HarvestRecord.package_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .where(HarvestRecord.source_id == source.id)
    )
    return [
        package_dict(
            msgspec.convert(mapped, Dataset), package_id=package_id, name=name, owner_org=owner
        )
        for mapped, package_id, name, owner in rows
    ]


def _one_by_one(datasets: Sequence[dict[str, Any]]) -> None:
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for fields in datasets:
        tk.get_action("package_create")({"ignore_auth": True, "user": user}, fields)


if __name__ == "__main__":
    main(sys.argv[1])
