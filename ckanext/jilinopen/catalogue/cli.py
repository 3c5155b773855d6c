"""The command group ``ckan jilinopen``.

Another room hangs its commands here when its plugin is loaded: ``jilinopen.add_command(...)``.
"""

from __future__ import annotations

import click
from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan.common import _

from ckanext.jilinopen.catalogue.cli_i18n import i18n
from ckanext.jilinopen.catalogue.setup_tables import Counts, create_departments, create_themes

__all__ = ["jilinopen"]


@click.group(short_help="吉林公共信息资源开放平台")
def jilinopen() -> None:
    """吉林公共信息资源开放平台的管理命令。"""


jilinopen.add_command(i18n)


@jilinopen.command(short_help="创建主题和提供单位")
@click.option("--overwrite", is_flag=True, help="把被改动过的内容恢复为内置表的内容")
@click.pass_context
def init(ctx: click.Context, overwrite: bool) -> None:
    """创建开放主题和提供单位，可以重复执行。

    已有的主题和单位只补充缺少的内容，不改动管理员修改过的内容；行政区划由内置表提供，无需创建。
    """
    # Outside a request CKAN has no language; commands speak the portal's own.
    app = ctx.meta["flask_app"]
    with app.test_request_context(), force_locale(tk.config["ckan.locale_default"]):
        themes = create_themes(overwrite=overwrite)
        departments = create_departments(overwrite=overwrite)
        click.echo(_line(_("Themes"), themes) + _("; ") + _line(_("Departments"), departments))


def _line(name: str, counts: Counts) -> str:
    return _("{name} {total} ({created} created, {updated} updated, {same} unchanged)").format(
        name=name,
        total=counts.total,
        created=counts.created,
        updated=counts.updated,
        same=counts.same,
    )
