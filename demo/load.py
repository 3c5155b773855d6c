"""``python -m demo.load --ini INI``: put the province's own sample datasets into CKAN.

All files are uploaded to CKAN itself: the provincial portal publishes its own data, and the demo
needs no third server. A dataset that is there already, whatever has become of it, is left alone;
so a second call changes nothing.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib import search, uploader

from ckanext.jilinopen.catalogue.harvested import CONTEXT_FLAG
from demo.catalogue import province
from demo.files import build
from demo.package import file_name, package_dict, package_id, published, resource_id
from demo.records import Record

__all__ = ["LoadError", "load", "main"]

_BATCH = 40


class LoadError(Exception):
    """The sample data does not fit this portal; the message says why and what to do."""


def load(records: Sequence[Record]) -> int:
    """Create the datasets that are missing.

    Must run within a request context of CKAN.

    Args:
        records: of ``demo.catalogue.province``.

    Returns:
        How many datasets were created.

    Raises:
        LoadError: a department or theme is missing, or CKAN refuses a dataset.
    """
    there = _existing([package_id(record) for record in records])
    missing = [published(record) for record in records if package_id(record) not in there]
    if not missing:
        return 0
    packages = [package_dict(record) for record in missing]
    _check_groups(packages)
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for start in range(0, len(missing), _BATCH):
        batch = range(start, min(start + _BATCH, len(missing)))
        for index in batch:
            _create(missing[index], packages[index], user)
        model.repo.commit()
        ids = [packages[index]["id"] for index in batch]
        search.rebuild(package_ids=ids, defer_commit=True, quiet=True)
    search.commit()
    return len(missing)


def _existing(ids: Sequence[str]) -> set[str]:
    query = model.Session.query(model.Package.id).filter(model.Package.id.in_(ids))
    return {row.id for row in query}


def _check_groups(packages: Sequence[dict[str, Any]]) -> None:
    wanted = {package["owner_org"] for package in packages}
    wanted |= {group["name"] for package in packages for group in package["groups"]}
    query = model.Session.query(model.Group.name).filter(
        model.Group.name.in_(wanted), model.Group.state == "active"
    )
    absent = sorted(wanted - {row.name for row in query})
    if absent:
        raise LoadError(
            f"缺少 {len(absent)} 个部门或主题（如 {absent[0]}）；请先运行：ckan jilinopen init"
        )


def _create(record: Record, package: dict[str, Any], user: str) -> None:
    # Taken over with its dates, like a harvested one: else every dataset were issued today.
    context: Any = {
        CONTEXT_FLAG: True,
        "ignore_auth": True,
        "user": user,
        "defer_commit": True,
        "return_id_only": True,
    }
    try:
        tk.get_action("package_create")(context, package)
    except tk.ValidationError as error:
        model.Session.rollback()
        causes = "；".join(f"{field}：{cause}" for field, cause in error.error_summary.items())
        raise LoadError(f"数据集“{record.title}”未通过校验：{causes}") from error
    for file in record.files:
        stored = FileStorage(
            io.BytesIO(build(record, file)), filename=file_name(record, file), name="upload"
        )
        upload: Any = uploader.get_resource_uploader({"upload": stored, "url": stored.filename})
        upload.upload(resource_id(file), uploader.get_max_resource_size())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: of the command line; those of the process by default.

    Returns:
        Exit code: 0 loaded or nothing to do, 1 refused.
    """
    parser = argparse.ArgumentParser(
        prog="python -m demo.load", description="载入省级示例数据集；可重复运行。"
    )
    parser.add_argument("--ini", required=True, help="CKAN 配置文件")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    app: Any = make_app(load_config(options.ini))
    with app._wsgi_app.test_request_context():  # noqa: SLF001
        try:
            created = load(province())
        except LoadError as error:
            print(f"载入失败：{error}", file=sys.stderr)
            return 1
    seconds = time.monotonic() - started
    print(f"省级示例数据集 {len(province())} 个：新建 {created} 个，用时 {seconds:.1f} 秒")
    return 0


if __name__ == "__main__":
    sys.exit(main())
