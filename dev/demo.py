"""From a fresh machine to a running, filled portal."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from dev import environment, settings, stack, system
from dev.console import CommandError, say, step
from dev.layout import ADMIN_PASSWORD, INI, LOG, ROOT, VAR, venv_program
from dev.services import base, postgres, solr, web
from dev.services.simulators import addresses

_ADMIN = "admin"
_REGION = "vocab_jl_region"
_STAMPS = VAR / "done"


def run() -> None:
    """Install, start, fill and harvest; safe to repeat.

    Raises:
        CommandError: A step failed.
    """
    with stack.exclusive():
        # Before minutes are spent on installing.
        for service in stack.ALL:
            base.require_port(service)
        stack.provide_stores(system.DEMO)
        settings.write()
        _prepare_database()
        step("启动模拟的市级平台")
        stack.start(stack.PORTALS)
        _load()
        step("启动门户")
        _once(_STAMPS / "scripts", settings.version(), _translate_scripts)
        stack.start(stack.SITE)
    harvested = _harvest()
    _report()
    if harvested:
        raise CommandError(
            f"采集没有全部成功（退出码 {harvested}：1 表示部分记录失败，"
            "2 表示有采集源失败或被暂缓）；明细见上方输出"
        )


def _prepare_database() -> None:
    if not ADMIN_PASSWORD.exists():
        (_STAMPS / "database").unlink(missing_ok=True)
    _once(_STAMPS / "database", settings.version() + postgres.identity(), _make_database)
    step("载入主题、行政区划和部门")
    _ckan("jilinopen", "init", what="初始化")
    # What was indexed by another configuration or from another database is indexed anew.
    index = solr.configuration(solr.DEMO_CORE) + postgres.identity()
    _once(solr.index_stamp(solr.DEMO_CORE), index, _rebuild_index)


def _make_database() -> None:
    step("准备数据库")
    _ckan("db", "upgrade", what="数据库升级")
    _python("dev.administrator", str(INI), _ADMIN, str(ADMIN_PASSWORD), what="创建系统管理员")


def _rebuild_index() -> None:
    step("重建搜索索引")
    _ckan("search-index", "rebuild", "--quiet", what="重建搜索索引")


def _translate_scripts() -> None:
    step("生成页面脚本的译文")
    # CKAN compares time stamps, and would keep what it made without a plugin enabled since.
    shutil.rmtree(VAR / "storage" / "i18n", ignore_errors=True)
    _ckan("translation", "js", what="生成页面脚本的译文")


def _once(stamp: Path, made_from: str, work: Callable[[], None]) -> None:
    """Do some work unless it was done from the same things before.

    Args:
        stamp: The file that remembers.
        made_from: Fingerprint of what the work depends on.
        work: The work.
    """
    made_from = base.digest(made_from)
    if stamp.exists() and stamp.read_text(encoding="ascii") == made_from:
        return
    work()
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(made_from, encoding="ascii")


def _load() -> None:
    step("载入省级示例数据集")
    _python("demo.load", "--ini", str(INI), what="载入省级示例数据集")
    _ckan("jilinopen", "source", "load", "demo/sources.yaml", what="登记采集源")


def _harvest() -> int:
    step("采集市级平台")
    done = subprocess.run(
        [venv_program("ckan"), "-c", str(INI), "jilinopen", "harvest", "run", "--all"],
        cwd=ROOT,
        env=environment.variables(**addresses()),
        stdin=subprocess.DEVNULL,
        stderr=(LOG / "harvest.log").open("ab"),
        check=False,
    )
    return done.returncode


def _report() -> None:
    answer = web.call(f"package_search?rows=0&facet.limit=-1&facet.field=%5B%22{_REGION}%22%5D")
    found = answer["result"]
    counts = {
        "数据集": found["count"],
        "主题": len(web.call("group_list")["result"]),
        "部门": len(web.call("organization_list")["result"]),
        "有数据的行政区划": len(found["facets"][_REGION]),
    }
    say("")
    say("  ".join(f"{title} {count}" for title, count in counts.items()))
    say(f"门户已就绪：{web.address()}")
    say(f"系统管理员：{_ADMIN}　密码：{ADMIN_PASSWORD.read_text(encoding='ascii').strip()}")
    say("查看状态：make status　停止：make down")


def _ckan(*arguments: str, what: str) -> None:
    _run(
        [venv_program("ckan"), "-c", str(INI), *arguments], what, f"ckan-{'-'.join(arguments[:2])}"
    )


def _python(module: str, *arguments: str, what: str) -> None:
    _run([venv_program("python"), "-m", module, *arguments], what, module)


def _run(argv: list[str], what: str, log: str) -> None:
    env = environment.variables(**addresses())
    environment.run(argv, what, env, LOG / f"{log}.log")
