"""The project's commands: ``python3 -m dev COMMAND``; ``dev/run`` and the Makefile call it."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable

from dev import checks, demo, settings, stack, system, testing
from dev.console import CommandError, report, say
from dev.layout import ROOT, VAR, make_dirs, venv_program
from dev.services import postgres


def _install(arguments: str) -> int:
    checks.install()
    return 0


def _up(arguments: str) -> int:
    with stack.exclusive():
        stack.provide_stores(system.DEMO)
        settings.write()
    return 0


def _demo(arguments: str) -> int:
    demo.run()
    return 0


def _bench(arguments: str) -> int:
    env = testing.prepare()
    command = [venv_program("python"), "-m", "bench.run", testing.INI, *arguments.split()]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def _status(arguments: str) -> int:
    return 0 if stack.status() else 1


def _down(arguments: str) -> int:
    with stack.exclusive():
        stack.stop_all()
    return 0


def _clean(arguments: str) -> int:
    make_dirs()
    stack.stop_all()
    postgres.remove()
    shutil.rmtree(VAR)
    say("已停止全部服务，并删除 var/ 和本目录的数据库")
    return 0


_COMMANDS: dict[str, tuple[str, Callable[[str], int]]] = {
    "demo": ("装好缺少的组件，启动并填充门户，采集模拟的市级平台", _demo),
    "up": ("只启动 PostgreSQL、Redis 和 Solr", _up),
    "install": ("只安装系统组件和 Python 依赖", _install),
    "test": ("准备环境并运行全部测试", testing.run),
    "lint": ("检查代码风格、格式、类型和译文", lambda arguments: checks.lint()),
    "bench": ("运行性能对比", _bench),
    "status": ("显示正在运行的服务", _status),
    "down": ("停止全部服务", _down),
    "clean": ("停止全部服务并删除 var/ 和数据库", _clean),
}


def main() -> int:
    """Run the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="dev/run", description="吉林公共信息资源开放平台：开发命令"
    )
    parser.add_argument(
        "command",
        choices=_COMMANDS,
        metavar="命令",
        help="；".join(f"{name}：{title}" for name, (title, _) in _COMMANDS.items()),
    )
    parser.add_argument("arguments", nargs="?", default="", help="传给 pytest 或性能对比的参数")
    given = parser.parse_args()
    try:
        return _COMMANDS[given.command][1](given.arguments)
    except CommandError as problem:
        report(problem)
        return 1
    except PermissionError as error:
        report(
            CommandError(
                f"没有权限访问 {error.filename}；"
                f"请用建立 {VAR} 的账户运行，或由该账户先执行 make clean"
            )
        )
        return 1
    except KeyboardInterrupt:
        print("\n已中断", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
