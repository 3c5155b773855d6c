"""Commands ``ckan jilinopen source`` and ``ckan jilinopen harvest``.

Their help and their output are Chinese: the contract of the commands says so, and the people who
run them read it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import yaml
from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.jilinopen.harvest import messages, portals
from ckanext.jilinopen.harvest.runs import (
    Preview,
    RunActiveError,
    RunResult,
    complete_counts,
    preview_source,
    run_source,
)
from ckanext.jilinopen.harvest.sources import (
    SourceError,
    active_sources,
    get_source,
    save_source,
)

__all__ = ["harvest", "source"]

log = logging.getLogger(__name__)

EXIT_SOURCE = 2
SHOWN_CHANGES = 20
SHOWN_FIELDS = 6
COUNT_NAMES = {
    "listed": "列出",
    "created": "新建",
    "updated": "更新",
    "same": "未变",
    "failed": "失败",
    "gone": "不再列出",
    "removed": "移除",
    "warnings": "提示",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@contextmanager
def _speaking_chinese() -> Iterator[None]:
    """Outside a request CKAN has no language; commands speak the portal's own."""
    app = click.get_current_context().meta["flask_app"]
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        yield


def _complain(text: str) -> None:
    click.secho(text, err=True, fg="red")


@click.group(short_help="管理采集源")
def source() -> None:
    """管理采集源：新增、批量载入、查看。"""


@source.command("list", short_help="列出全部采集源")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def source_list(as_json: bool) -> None:
    """列出全部启用的采集源：名称、类型、地址、标题。"""
    rows = []
    for name in active_sources():
        try:
            found = get_source(name)
        except SourceError as problem:
            rows.append({"name": name, "problem": problem.cause})
            continue
        rows.append(
            {
                "name": found.name,
                "family": found.config.family,
                "address": found.address,
                "title": found.title,
                "division": found.config.division,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("\t".join(row.values()))
    if not rows:
        click.echo("还没有采集源。新增：ckan jilinopen source add --help")


@source.command("add", short_help="新增或更新一个采集源")
@click.argument("name", metavar="名称")
@click.option("--address", required=True, metavar="URL", help="来源平台的地址")
@click.option("--family", required=True, metavar="类型", help="平台类型：odweb、oportal、ckan 等")
@click.option("--organization", required=True, metavar="单位", help="采集源归属单位（名称或标识）")
@click.option("--title", metavar="标题", help="采集源标题，默认与名称相同")
@click.option(
    "--division", default="220000", show_default=True, metavar="代码", help="行政区划代码"
)
@click.option("--set", "settings", multiple=True, metavar="键=值", help="其他设置，可重复")
def source_add(  # noqa: PLR0913, PLR0917 - one for each option
    name: str,
    address: str,
    family: str,
    organization: str,
    title: str | None,
    division: str,
    settings: tuple[str, ...],
) -> None:
    """新增名为 NAME 的采集源；同名的采集源改为这里给出的设置。

    例：ckan jilinopen source add changchun --address http://data.example.cn/odweb
    --family odweb --division 220100
    --organization jilinsheng-zhengwufuwuheshuzihuajiansheguanliju
    """
    config = {"family": family, "division": division, **_settings(settings)}
    fields = {
        "name": name,
        "title": title or name,
        "url": address,
        "owner_org": organization,
        "config": config,
    }
    with _speaking_chinese():
        ok = _save(fields)
    if not ok:
        raise SystemExit(EXIT_SOURCE)


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    """``key=value`` options; values that read as JSON are taken as such."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator:
            raise click.UsageError(f"--set 要写成 键=值，收到：{pair}")
        try:
            settings[key] = json.loads(value)
        except ValueError:
            settings[key] = value
    return settings


@source.command("load", short_help="从 YAML 文件载入采集源")
@click.argument(
    "path", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def source_load(path: Path) -> None:
    """从 YAML 文件载入采集源，可重复执行：没有变化的不写。

    文件内可用 ${变量:-默认值} 引用环境变量。
    """
    entries = _read_sources(path)
    with _speaking_chinese():
        results = [_save(entry) for entry in entries]
    if not all(results):
        raise SystemExit(EXIT_SOURCE)


def _read_sources(path: Path) -> list[dict[str, Any]]:
    text = _VARIABLE.sub(
        lambda found: os.environ.get(found[1], found[2] or ""), path.read_text(encoding="utf-8")
    )
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise click.ClickException(f"{path}：不是有效的 YAML：{error}") from error
    entries = content.get("sources") if isinstance(content, dict) else content
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise click.ClickException(f"{path}：应当是采集源的列表（sources: […]）")
    for entry in entries:
        missing = [key for key in ("name", "url", "owner_org", "config") if not entry.get(key)]
        if missing:
            name = entry.get("name", "?")
            raise click.ClickException(f"{path}：采集源“{name}”缺少 {'、'.join(missing)}")
    return entries


def _save(fields: dict[str, Any]) -> bool:
    try:
        _source_id, is_changed = save_source(fields)
    except SourceError as problem:
        model.Session.rollback()
        _complain(messages.source_problem(problem.code, problem.name, problem.cause))
        return False
    except tk.ValidationError as error:
        model.Session.rollback()
        causes = "；".join(f"{key}：{value}" for key, value in error.error_summary.items())
        _complain(f"采集源“{fields['name']}”没有保存：{causes}")
        return False
    click.echo(f"采集源“{fields['name']}”：{'已保存' if is_changed else '没有变化'}")
    return True


@source.command("families", short_help="列出可用的平台类型")
def source_families() -> None:
    """列出已安装的平台类型（--family 可用的值）。"""
    for name, title in portals.families().items():
        click.echo(f"{name}\t{title}")


@click.group(short_help="采集各市州平台的目录")
def harvest() -> None:
    """采集各市州平台的目录。"""


@harvest.command("run", short_help="采集一个或多个来源")
@click.argument("names", metavar="[采集源]...", nargs=-1)
@click.option("--all", "run_all", is_flag=True, help="采集全部启用的采集源")
@click.option("--dry-run", is_flag=True, help="只显示将要发生的变化，不写入任何内容")
@click.option("--full", is_flag=True, help="未变化的记录也重新读取详情")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果")
@click.option("--workers", type=click.IntRange(1, 16), help="同时读取详情的线程数")
def harvest_run(
    names: tuple[str, ...],
    run_all: bool,
    dry_run: bool,
    full: bool,
    as_json: bool,
    workers: int | None,
) -> None:
    """采集一个或多个来源（每晚由 cron 执行 --all）。

    退出码：0 一切正常；1 有记录失败；2 有来源失败或被暂停。
    """
    if bool(names) == run_all:
        raise click.UsageError("请写出采集源的名称，或用 --all 采集全部（二者选一）。")
    with _speaking_chinese():
        wanted = active_sources() if run_all else list(names)
        if not wanted:
            click.echo("没有启用的采集源。")
        reports = [
            _one(name, dry_run=dry_run, full=full, workers=workers, quiet=as_json)
            for name in wanted
        ]
    if as_json:
        click.echo(json.dumps(reports, ensure_ascii=False, indent=2))
    raise SystemExit(max((report["exit_code"] for report in reports), default=0))


def _one(
    name: str, *, dry_run: bool, full: bool, workers: int | None, quiet: bool
) -> dict[str, Any]:
    """Harvest or preview one source and report it; never raises for a source's fault."""
    try:
        found = get_source(name)
        if dry_run:
            preview = preview_source(found, always_detail=full, readers=workers)
            return _report_preview(preview, quiet)
        result = run_source(
            found, always_detail=full, readers=workers, progress=None if quiet else _progress
        )
        return _report_result(result, quiet)
    except SourceError as problem:
        text = messages.source_problem(problem.code, problem.name, problem.cause)
        code = problem.code
    except RunActiveError as active:
        text = messages.source_problem("run.active", active.source, f"{active.since:%F %T %Z}")
        code = "run.active"
    except Exception as fault:
        log.exception("Harvest of %s broke off", name)
        text = messages.source_problem("run.crashed", name, type(fault).__name__)
        code = "run.crashed"
    model.Session.rollback()
    _complain(text)
    return {
        "source": name,
        "status": "failed",
        "error": {"code": code, "text": text},
        "counts": complete_counts({}),
        "exit_code": EXIT_SOURCE,
    }


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r  {done} / {total}", err=True, nl=done == total)


def _counts_line(counts: Any) -> str:
    full = complete_counts(counts)
    return "，".join(f"{label} {full[name]}" for name, label in COUNT_NAMES.items())


def _report_result(result: RunResult, quiet: bool) -> dict[str, Any]:
    found = result.source
    error = None
    if result.error is not None:
        text = messages.portal_error(result.error, f"{found.title}（{found.name}）")
        error = {"code": result.error.code, "text": text}
        _complain(text)
    elif result.status == "held":
        text = messages.held(f"{found.title}（{found.name}）", result.counts["gone"])
        error = {"code": "run.held", "text": text}
        _complain(text)
    if not quiet:
        click.echo(
            f"{found.title}（{found.name}）：{_counts_line(result.counts)}；"
            f"{result.seconds:.1f} 秒，请求 {result.requests} 次"
        )
    return {
        "source": found.name,
        "title": found.title,
        "run_id": result.run_id,
        "status": result.status,
        "counts": dict(result.counts),
        "error": error,
        "seconds": round(result.seconds, 3),
        "requests": result.requests,
        "exit_code": result.exit_code,
    }


def _report_preview(preview: Preview, quiet: bool) -> dict[str, Any]:
    found = preview.source
    error = None
    if preview.error is not None:
        text = messages.portal_error(preview.error, f"{found.title}（{found.name}）")
        error = {"code": preview.error.code, "text": text}
        _complain(text)
    elif preview.is_held:
        text = messages.held(f"{found.title}（{found.name}）", preview.counts["gone"])
        error = {"code": "run.held", "text": text}
        _complain(text)
    if not quiet:
        _print_preview(preview)
    return {
        "source": found.name,
        "title": found.title,
        "status": "preview",
        "counts": complete_counts(preview.counts),
        "error": error,
        "changes": [
            {
                "remote_id": remote_id,
                "title": title,
                "change": change.value,
                "fields": {item.field: [item.before, item.after] for item in changed},
            }
            for remote_id, title, change, changed in preview.changes
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "field": finding.field,
                "value": finding.value,
                "remote_id": finding.remote_id,
            }
            for finding in preview.findings
        ],
        "exit_code": preview.exit_code,
    }


def _print_preview(preview: Preview) -> None:
    found = preview.source
    counts = _counts_line(preview.counts)
    click.echo(f"预演 {found.title}（{found.name}）：{counts}；没有写入任何内容")
    for remote_id, title, change, changed in preview.changes[:SHOWN_CHANGES]:
        click.echo(f"  {COUNT_NAMES[change.value]} {title} [{remote_id}]")
        if change.value != "updated":
            continue
        for item in changed[:SHOWN_FIELDS]:
            click.echo(f"    {item.field}：{_short(item.before)} → {_short(item.after)}")
    rest = len(preview.changes) - SHOWN_CHANGES
    if rest > 0:
        click.echo(f"  …… 另有 {rest} 条，用 --json 查看全部")
    codes: dict[str, int] = {}
    for finding in preview.findings:
        codes[finding.code] = codes.get(finding.code, 0) + 1
    for code, number in sorted(codes.items(), key=lambda pair: -pair[1]):
        click.echo(f"  {code}：{messages.describe(code)}（{number}）")


def _short(value: Any) -> str:
    text = "（空）" if value in (None, "", [], {}) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


@harvest.command("runs", short_help="列出最近的采集")
@click.argument("name", metavar="采集源")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000))
def harvest_runs(name: str, limit: int) -> None:
    """列出某个采集源最近的采集：时间、状态、数量。"""
    with _speaking_chinese():
        try:
            found = get_source(name)
        except SourceError as problem:
            _complain(messages.source_problem(problem.code, problem.name, problem.cause))
            raise SystemExit(EXIT_SOURCE) from problem
        context: Any = {"ignore_auth": True, "session": model.Session}
        listing = tk.get_action("jilinopen_harvest_run_list")(
            context, {"source_id": found.id, "limit": limit}
        )
        for run in listing["results"]:
            status = tk.h.jl_run_status_label(run["status"])
            click.echo(
                f"{run['started'][:19]}\t{status}\t{_counts_line(run['counts'])}\t{run['id']}"
            )
