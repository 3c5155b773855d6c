"""A portal with a handful of datasets, served for the browser tests.

Run as a program with the ini file as its argument. It empties the tests' database and index, fills
them, prints its address and serves until its input is closed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from werkzeug.serving import make_server

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.cli.db import _run_migrations
from ckan.config.middleware import make_app
from ckan.lib.search import clear_all

from ckanext.jilinopen.catalogue.setup_tables import create_themes

# What the pages promise to obey, enforced: a browser reports every breach on its console.
POLICY = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
TABLES = ("activity", "harvest", "jilinopen_harvest")

# title, themes, division, openness, frequency
DATASETS = (
    ("长春市公交站点信息", ["jtys"], "220100", "unconditional", "monthly"),
    ("长春市公交车辆到离站记录", ["jtys"], "220100", "conditional", "daily"),
    ("榆树市农产品批发价格", ["gyny", "smlt"], "220182", "unconditional", "weekly"),
    ("吉林市中小学校名录", ["jywh"], "220200", "unconditional", "annual"),
    ("延吉市滑雪场名录", ["shfw"], "222401", "unconditional", "annual"),
    ("梅河口市养老机构名录", ["shjz"], "220581", "unconditional", "quarterly"),
    ("吉林省空气质量监测站小时数据", ["sthj"], "220000", "unconditional", "realtime"),
)


def main(ini: str) -> None:
    """Fill the portal and serve it.

    Args:
        ini: path of CKAN's settings.
    """
    app = make_app(load_config(ini))
    with app.test_request_context():  # type: ignore[attr-defined]
        _empty()
        _fill()
    server = make_server("127.0.0.1", 0, _with_policy(app), threaded=True)
    # Absolute addresses in pages must lead back here, or every page would ask another host.
    tk.config["ckan.site_url"] = f"http://127.0.0.1:{server.server_port}"
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


def _with_policy(app: Any) -> Callable[..., Iterable[bytes]]:
    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Content-Security-Policy", POLICY)], *rest)

        return app(environ, start)

    return serve


def _empty() -> None:
    model.Session.remove()
    model.repo.rebuild_db()
    for name in TABLES:
        _run_migrations(name, forward=True)
    clear_all()


def _fill() -> None:
    create_themes()
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def act(action: str, **fields: Any) -> Any:
        return tk.get_action(action)({"user": site, "ignore_auth": True}, fields)

    owner = act("organization_create", name="ccjtj", title="长春市交通运输局", jl_region="220100")
    for title, themes, division, open_type, frequency in DATASETS:
        act("package_create", **_dataset(title, themes, division, open_type, frequency, owner))
    act(
        "harvest_source_create",
        name="changchun",
        title="长春市公共信息资源开放平台",
        notes="示例数据",
        url="http://127.0.0.1:9/odweb",
        source_type="jilinopen",
        owner_org=owner["id"],
        config='{"family": "odweb", "division": "220100"}',
    )


def _dataset(
    title: str,
    themes: list[str],
    division: str,
    open_type: str,
    frequency: str,
    owner: dict[str, Any],
) -> dict[str, Any]:
    conditional = open_type == "conditional"
    return {
        "title": title,
        "notes": f"{title}，包括名称、位置和更新时间等内容，由提供单位按周期整理后发布。",
        "owner_org": owner["id"],
        "jl_themes": themes,
        "groups": [{"name": slug} for slug in themes],
        "tags": [{"name": "示例数据"}],
        "contact": [{"name": "信息处", "phone": "0431-00000000", "email": "a@example.cn"}],
        "jl_region": division,
        "frequency": frequency,
        "jl_open_type": open_type,
        "jl_open_condition": "说明用途并签订利用协议" if conditional else "",
        "license_id": "jilin-conditional" if conditional else "jilin-open-1.0",
        "jl_source_portal": "长春市公共信息资源开放平台",
        "jl_source_url": "https://portal.invalid/catalog/1",
        "jl_source_id": title,
        "jl_source_values": {"themes": ["城市建管"]},
        "jl_items": [
            {"name": "name", "label_zh": "名称", "data_type": "C", "length": "100"},
            {"name": "addr", "label_zh": "所在道路和门牌号码", "data_type": "C"},
        ],
        "resources": [
            {"name": f"{title}.csv", "url": "https://portal.invalid/f/1.csv", "format": "csv"},
            {"name": "查询接口", "url": "https://portal.invalid/api/1", "format": "api"},
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1])
