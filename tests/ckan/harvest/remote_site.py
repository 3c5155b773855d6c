"""A second, stock CKAN site with Chinese datasets: python remote_site.py INI PORT.

It runs in a process of its own, because CKAN's configuration and session are global to one. Its
database is its own; Solr is shared and kept apart by ``ckan.site_id``.
"""

from __future__ import annotations

import sys
from typing import Any

from werkzeug.serving import make_server

from ckan.cli import load_config
from ckan.config.middleware import make_app

TAGS = ("公交", "水", "轨道交通", "2026年")
THEMES = {"jiaotong": "交通运输", "weisheng": "医疗卫生"}
NUMBER = 130


def fill() -> None:
    """Datasets with Chinese titles, tags, groups, organizations and extras."""
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def act(action: str, **fields: Any) -> dict[str, Any]:
        return tk.get_action(action)({"ignore_auth": True, "user": user}, fields)

    owner = act("organization_create", name="jiaotongju", title="松原市交通运输局")
    for name, title in THEMES.items():
        act("group_create", name=name, title=title)
    for number in range(NUMBER):
        act(
            "package_create",
            name=f"shuju-{number}",
            title=f"松原市公交线路（第{number}批）",
            notes=f"第{number}批公交线路，含首末班时间。\n\n* 起点\n* 终点",
            owner_org=owner["id"],
            private=number % 50 == 49,
            tags=[{"name": tag} for tag in TAGS if len(tag) > 1],
            groups=[{"name": "jiaotong" if number % 2 else "weisheng"}],
            extras=[
                {"key": "更新频率", "value": "每月"},
                {"key": "开放类型", "value": "无条件开放"},
                {"key": "发布日期", "value": "2025年3月5日"},
            ],
            resources=[
                {
                    "url": f"http://data.example.cn/{number}.csv",
                    "name": "公交线路.csv",
                    "format": "CSV",
                },
            ],
        )


def main(ini: str, port: int) -> None:
    """Serve the site; fill it first if it is empty."""
    app = make_app(load_config(ini))
    with app._wsgi_app.test_request_context():
        import ckan.plugins.toolkit as tk

        if not tk.get_action("package_search")({"ignore_auth": True}, {"rows": 0})["count"]:
            fill()
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
